"""Words that the glossary knows without being told (see `words.toml`)."""

import tomllib
from importlib.resources import files
from typing import Final

_LISTS = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))

EVERYDAY: Final = frozenset(_LISTS["everyday"].split())
"""Words that stand in every other message, in small letters."""

ACRONYMS: Final = frozenset(_LISTS["acronyms"].split())
"""Acronyms that nobody needs to define."""

SMALL: Final = frozenset(_LISTS["small"].split())
"""Words that carry no meaning of their own."""
