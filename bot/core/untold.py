"""What a platform keeps to itself, by the names of the platforms: where features must know it, so
that nothing is offered that could not be done."""

from typing import Final

NEWCOMERS: Final = frozenset({"teams", "local"})
"""Who is new in a workspace; only who joins a channel is told."""

REACTIONS: Final = frozenset({"teams"})
"""Reactions, but for those to Entente's own messages."""

THREADS: Final = frozenset({"teams"})
"""What was said in a thread: bots are given its address alone."""

MESSAGES: Final = frozenset({"teams"})
"""Messages in a channel that don't mention Entente, until an owner there allows it."""
