"""The bot's scopes in Slack: the least that the features need.

Source: https://docs.slack.dev/reference/scopes.
"""

SCOPES: dict[str, str] = {
    "app_mentions:read": "Hear what people ask by mentioning Entente in a channel.",
    "channels:history": (
        "In linked public channels, notice words that partners use differently and decisions worth"
        " noting, where their managers switched that on; look after a breakdown whether a post"
        " already arrived, so that it is not posted twice."
    ),
    "channels:read": (
        "Know the name, the members and the partners of the public channels Entente is in."
    ),
    "chat:write": "Post reminders, answers and questions.",
    "commands": "Offer the command /alliance.",
    "files:read": "Read a file that somebody sends to Entente directly, such as a charter in Word.",
    "groups:history": ("The same in linked private channels, where the managers agreed."),
    "groups:read": (
        "Know the name, the members and the partners of the private channels Entente is in."
    ),
    "im:history": (
        "Read what people write to Entente directly, and whether a direct message to them arrived."
    ),
    "im:write": "Open a direct conversation with a member of an alliance.",
    "reactions:read": "Let people act by reacting to a message, where commands do not work.",
    "users:read": "Tell which organisation a person belongs to, their name and their time zone.",
    "users:read.email": (
        "Tell by a confirmed address that two accounts of one partner are one person's, of which"
        " only a hash is kept (optional)."
    ),
}
"""Bot scopes, each with its reason."""
