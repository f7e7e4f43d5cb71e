"""From an event to a handler and its answer: features, commands, texts, transactions."""
