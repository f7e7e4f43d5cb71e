"""How a channel is named to a reader, who may be on another platform than it is."""

from bot.dispatch.messages import words
from bot.people.models import Channel


def name_channel(channel: Channel, platform: str) -> str:
    """`#name`; to a reader on another platform with a word that it is not here."""
    return mark_elsewhere(f"#{channel.name}", channel, platform)


def mark_elsewhere(text: str, channel: Channel | None, platform: str) -> str:
    """What leads to a channel; to a reader on another platform with a word that it is not here."""
    if channel is None or channel.platform == platform:
        return text
    return f"{text} ({words('links.elsewhere')})"
