"""What cards are made of: single elements of Adaptive Cards, and no more than they take."""

from collections.abc import Sequence
from typing import Any, Final

from adapters.teams import fields, markup
from adapters.teams.markup import Json
from bot.core import views

PRIMARY: Final = 6
"""Buttons in a row; more stand behind three dots."""

EMPTY: Final = "—"
LINES: Final = 40
"""Lines of a text that stand by themselves; of longer ones each paragraph is one element, since an
element takes more room than a short line."""


def text_block(text: str, **more: Any) -> Json:
    """A text block of our own plain words."""
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def rich(runs: Sequence[Json], **more: Any) -> Json:
    """A line of rich text."""
    return {"type": "RichTextBlock", "inlines": list(runs), **more}


def exact(text: str, **more: Any) -> Json:
    """A run of exactly these characters."""
    return {"type": "TextRun", "text": text, **more}


def note_block(text: str) -> list[Json]:
    """Small print of our own plain words."""
    return [rich([exact(text, size="Small", isSubtle=True)], spacing="Small")]


def make_choice(option: views.Option) -> Json:
    """One of several choices; its hint stands behind its name."""
    label = markup.one_line(option.label)
    hint = markup.one_line(option.hint)
    title = f"{label} ({hint})" if hint else label
    return {
        "title": markup.shorten(title, 150) or EMPTY,
        "value": fields.encode_option(option.value),
    }


def action_set(actions: Sequence[Json]) -> Json:
    """Buttons side by side; what is more than Teams shows stands behind three dots."""
    shown = [
        action if number < PRIMARY else {**action, "mode": "secondary"}
        for number, action in enumerate(actions)
    ]
    return {"type": "ActionSet", "actions": shown}


def text_lines(text: str) -> list[tuple[str, bool]]:
    """People's words line by line, without empty ones, and whether there was one before. Of many
    lines those of a paragraph stay together."""
    paragraphs: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    if sum(len(lines) for lines in paragraphs) > LINES:
        paragraphs = [["\n".join(lines)] for lines in paragraphs if lines]
    return [
        (line, number == 0 and first > 0)
        for first, lines in enumerate(paragraphs)
        for number, line in enumerate(lines)
    ]
