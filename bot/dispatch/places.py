"""How a channel is named to a reader, who may be on another platform than it is."""

from collections.abc import Sequence

from bot.dispatch.messages import words
from bot.people.models import Channel


def name_channel(channel: Channel, platform: str, among: Sequence[Channel] = ()) -> str:
    """`#name`; with its team's, if another one `among` these is called the same; to a reader on
    another platform with a word that it is not here."""
    is_one_of_several = any(c.name == channel.name and c.id != channel.id for c in among)
    name = f"#{channel.name}"
    if is_one_of_several and channel.within:
        name = f"{name} ({channel.within})"
    return mark_elsewhere(name, channel, platform)


def mark_elsewhere(text: str, channel: Channel | None, platform: str) -> str:
    """What leads to a channel; to a reader on another platform with a word that it is not here."""
    if channel is None or channel.platform == platform:
        return text
    return f"{text} ({words('links.elsewhere')})"
