"""Fitting what is said into what Teams takes: by bytes, and never without saying so.

A message may have 28 KB, whatever is written in it: a character takes one byte or four.
Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from adapters.teams import markup
from adapters.teams.elements import note_block
from adapters.teams.markup import Json
from bot.core import views
from bot.dispatch.messages import words

MOST_MESSAGE: Final = 27_000
"""Bytes of a message with all that goes around its card."""

AROUND: Final = 900
"""Bytes around a card: its frame, the message's, and whom a message is targeted at."""

MOST_DIALOG: Final = 60_000
"""Bytes of a dialog's card: it is no message."""

MOST_FALLBACK: Final = 3_000
MOST_SUMMARY: Final = 800
MOST_CARD: Final = MOST_MESSAGE - MOST_SUMMARY - AROUND
SHORTEST: Final = 1_500
"""Characters below which no quote is cut: rather what comes last is left out."""


def weigh(part: Any) -> int:
    """Bytes of a part on its way."""
    return len(orjson.dumps(part))


def shorten(text: str, limit: int, most: int) -> str:
    """`text` in at most `limit` characters and `most` bytes; a cut is told."""
    said = markup.shorten(text, limit)
    while weigh(said) > most:
        limit = min(limit, len(said)) * most // weigh(said) - 1
        said = markup.shorten(text, max(limit, 1))
    return said


def cut_longest(view: views.View, excess: int) -> views.View | None:
    """The view with its longest quote cut by about `excess` bytes; None if none can be cut."""
    texts = {
        number: block.text
        for number, block in enumerate(view.blocks)
        if isinstance(block, views.Quote) and len(block.text) > SHORTEST
    }
    if not texts:
        return None
    weight, number = max((weigh(text), number) for number, text in texts.items())
    said = texts[number]
    limit = len(said) * (weight - excess) // weight - len(markup.SHORTENED)
    cut = views.Quote(text=markup.shorten(said, max(limit, SHORTEST)))
    blocks = (*view.blocks[:number], cut, *view.blocks[number + 1 :])
    return view.model_copy(update={"blocks": blocks})


def fit(groups: Sequence[list[Json]], most: int, *, tail: int = 0) -> list[Json]:
    """As many parts as Teams takes, with a line for those left out; the last `tail` parts stay."""
    weights = [weigh(group) for group in groups]
    if sum(weights) <= most:
        return [element for group in groups for element in group]
    first = len(groups) - tail
    body: list[Json] = []
    room, kept = most - 300 - sum(weights[first:]), 0
    for group, weight in zip(groups[:first], weights, strict=False):
        if weight > room:
            break
        body += group
        room, kept = room - weight, kept + 1
    left = words("teams.left_out", count=str(first - kept))
    return [*body, *note_block(left), *(each for group in groups[first:] for each in group)]


def count_tail(blocks: Sequence[views.Block]) -> int:
    """How many parts at the end have to stay: the buttons, and what stands below them. Where each
    part has buttons of its own, none: they would stand below another part."""
    places = [n for n, block in enumerate(blocks) if isinstance(block, views.Actions)]
    return len(blocks) - places[0] if len(places) == 1 else 0
