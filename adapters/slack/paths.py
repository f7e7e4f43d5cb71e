"""Where Slack finds Entente, under the public address."""

PATH = "/slack/events"
"""Where events, commands and interactions arrive, under the public address."""

INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
"""Where people install Entente in their workspace, and where Slack sends them back to."""
