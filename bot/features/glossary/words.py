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
