"""The message catalogue: every text that people read stands in `messages.toml`, by key.

Placeholders are named. In `say` the text is Markdown and values are shown exactly as they are, in
code spans too; pass `Markdown` for a value that is markup already. In `words` everything is plain
text.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from bot.core.views import escape


class Markdown(str):
    """A value that is Markdown already, such as a mention."""

    __slots__ = ()


_CODE = re.compile(r"(`[^`]*`)")


def say(key: str, **values: object) -> str:
    """The text as Markdown, with plain values escaped. Raises KeyError for an unknown key."""
    safe = {name: _escaped(value) for name, value in values.items()}
    template = get_template(key, values)
    if "`" not in template:
        return template.format(**safe)
    typed = {name: _typed(value) for name, value in values.items()}
    parts = _CODE.split(template)
    return "".join(part.format(**(typed if part[:1] == "`" else safe)) for part in parts)


def _typed(value: object) -> str:
    """As it stands in a code span, where nothing is escaped, and only a backtick would end it."""
    return " ".join(_plain(value).split()).replace("`", "'")


def _escaped(value: object) -> object:
    return value if isinstance(value, Markdown | int) else escape(_plain(value))


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)


def words(key: str, **values: object) -> str:
    """The text as plain text. Raises KeyError for an unknown key."""
    plain = {name: _plain(value) for name, value in values.items()}
    return get_template(key, values).format(**plain)


def get_template(key: str, values: dict[str, Any]) -> str:
    """The text with its placeholders; `count` chooses between `one` and `other`."""
    found = _catalogue()[key]
    if isinstance(found, str):
        return found
    return str(found["one" if values.get("count") == 1 else "other"])


def get_placeholders(key: str) -> set[str]:
    """The names that a text wants filled."""
    found = _catalogue()[key]
    texts = [found] if isinstance(found, str) else list(found.values())
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def get_keys() -> frozenset[str]:
    """All keys of the catalogue."""
    return frozenset(_catalogue())


@lru_cache
def _catalogue() -> dict[str, Any]:
    tree = tomllib.loads((files(__package__) / "messages.toml").read_text("utf-8"))
    return {
        f"{section}.{name}": text for section, texts in tree.items() for name, text in texts.items()
    }
