"""Words that the glossary knows without being told (see `words.toml`)."""

import tomllib
from importlib.resources import files
from typing import Final

_LISTS = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))

EVERYDAY: Final = {
    word: int(share) for share, words in _LISTS["everyday"].items() for word in words.split()
}
"""Words of every day, in small letters, and in how many of a thousand messages each stands."""

LETTER: Final = 5
"""The same of a letter that stands alone, whichever it is."""

ACRONYMS: Final = frozenset(_LISTS["acronyms"].split())
"""Acronyms that nobody needs to define."""

SMALL: Final = frozenset(_LISTS["small"].split())
"""Words that carry no meaning of their own."""

_UNCOUNTED: Final = 100
"""In how many of a thousand messages a small word of a language stands that was not counted: those
that are counted stand in 100 to 400."""

COMMON: Final = {**dict.fromkeys(SMALL, _UNCOUNTED), **EVERYDAY}
"""Words that are found far too often if a term is written so, with such a share."""
