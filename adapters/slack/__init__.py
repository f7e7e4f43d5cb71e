"""Slack: payloads in; messages, forms and the home tab out. Knows of no other platform."""
