"""An alliance's record as plain data: what is read from a file remembers its lines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.core.errors import EntenteError


class Item(dict[str, Any]):
    """A mapping of a record. `line` is where it stands in its file (0: in none); `lines` says the
    same of its values, by key."""

    __slots__ = ("line", "lines")

    def __init__(self, values: Mapping[str, Any] | None = None, *, line: int = 0) -> None:
        super().__init__(values or {})
        self.line = line
        self.lines: dict[str, int] = {}

    def line_of(self, key: str) -> int:
        """The line of a value, or of the whole where that has none."""
        return self.lines.get(key, self.line)


class Listed(list[Any]):
    """A list of a record, with the lines of its items."""

    __slots__ = ("lines",)

    def __init__(self, values: Sequence[Any] = (), *, lines: Sequence[int] = ()) -> None:
        super().__init__(values)
        self.lines = list(lines)


class Problem(EntenteError):
    """Something in a record that can't be so: what is expected, at which line (0: unknown)."""

    def __init__(self, expected: str, *, line: int = 0) -> None:
        super().__init__(expected)
        self.expected = expected
        self.line = line


def problem_at(item: Mapping[str, Any], key: str, expected: str) -> Problem:
    """The problem with one value of an item."""
    line = item.line_of(key) if isinstance(item, Item) else 0
    return Problem(f"{key}: {expected}", line=line)


def items_of(found: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list; nothing for anything else."""
    if isinstance(found, list | tuple):
        yield from (item for item in found if isinstance(item, Mapping))


def text_of(item: Mapping[str, Any], key: str, default: str = "") -> str:
    """A text of an item, without what no database keeps."""
    value = item.get(key)
    return str(value).replace("\0", "").strip() if value is not None else default
