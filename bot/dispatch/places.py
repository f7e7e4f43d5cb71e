"""How a channel is named to a reader, who may be on another platform than it is."""

from bot.dispatch.messages import words
from bot.people.models import Channel


def name_channel(channel: Channel, platform: str) -> str:
    """`#name`; to a reader on another platform with a word that it is not here."""
    name = f"#{channel.name}"
    return name if channel.platform == platform else f"{name} ({words('links.elsewhere')})"
