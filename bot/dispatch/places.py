"""How a channel is named: to a reader, who may be on another platform than it is; and by people."""

from collections.abc import Sequence

from bot.core.errors import NotFound
from bot.dispatch.grammar import Arguments, Token, TokenKind, fold
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


def settle_channels(arguments: Arguments, known: Sequence[Channel]) -> Arguments:
    """What was said, with channels typed by name (`#steering`) settled among those `known`. Where
    a platform has no way to name a channel in a line, or did not turn it into one, that is how.

    Raises NotFound for a name that is none of theirs, or that of several.
    """
    by_length = sorted(known, key=lambda channel: -len(channel.name.split()))
    settled: list[Token] = []
    rest = list(arguments.tokens)
    while rest:
        if (
            rest[0].kind != TokenKind.WORD
            or not rest[0].text.startswith("#")
            or not rest[0].text[1:]
        ):
            settled.append(rest.pop(0))
            continue
        channel, used = _find_named(rest, by_length)
        settled.append(Token(TokenKind.CHANNEL, channel.external_id, rest[0].start))
        del rest[:used]
    return Arguments(arguments.text, tuple(settled))


def _find_named(tokens: Sequence[Token], known: Sequence[Channel]) -> tuple[Channel, int]:
    said = [fold(token.text.lstrip("#")) for token in tokens]
    for channel in known:
        name = [fold(word) for word in channel.name.split()]
        if name and said[: len(name)] == name:
            same = [c for c in known if c.name.casefold() == channel.name.casefold()]
            if len(same) > 1:
                raise NotFound("places.ambiguous", name=f"#{channel.name}")
            return channel, len(name)
    raise NotFound("places.unknown", name=tokens[0].text[:80])
