"""The outbox: messages on their way, in lanes; and what makes an inbound event count once."""
