"""Microsoft Teams: activities in; messages, cards and dialogs out. Knows of no other platform."""
