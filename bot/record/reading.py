"""Reading the file that moves an alliance: YAML without its traps, each value with its line.

Aliases, anchors and tags are refused, so no file unfolds into more than it holds. A plain value is
read by YAML 1.2's core schema: `NO` is Norway and `09:00` a time, not false and 540.
"""

import re
from typing import Any, Final

import yaml
from yaml import events

from bot.core.errors import EntenteError
from bot.core.records import Item, Listed, Problem

LARGEST: Final = 5_000_000
"""Bytes of a file."""

DEEPEST: Final = 24
MOST: Final = 400_000
"""Values of a file."""

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?[0-9]{1,18}\.[0-9]{1,18}")
_WORDS: Final[dict[str, bool | None]] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
    "null": None,
    "~": None,
    "": None,
}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FileProblems(EntenteError):
    """A file that can't be taken; every line names the file, the place and what is expected."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        lines = [f"{name}, line {p.line}: {p.expected}" for p in self.problems]
        super().__init__("\n".join(lines))


def read(raw: bytes, name: str) -> Item:
    """The file's content. Raises FileProblems, naming it as `name`."""
    try:
        return _Reader().read(raw)
    except Problem as problem:
        raise FileProblems(name, [problem]) from None


class _Reader:
    """Builds values from the parser's events, on a stack of its own."""

    def __init__(self) -> None:
        self._open: list[Item | Listed] = []
        self._keys: list[str | None] = []
        self._root: Any = None
        self._count = 0
        self._is_done = False

    def read(self, raw: bytes) -> Item:
        if len(raw) > LARGEST:
            raise Problem(f"a file of at most {LARGEST:,} bytes; this has {len(raw):,}", line=1)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise Problem("text in UTF-8", line=line) from None
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            raise Problem(f"YAML; {error.problem or error.context}", line=line) from None
        except yaml.YAMLError as error:
            position = getattr(error, "position", 0)
            line = text[: position if isinstance(position, int) else 0].count("\n") + 1
            raise Problem("YAML; a character is here that YAML does not allow", line=line) from None
        if not isinstance(self._root, Item):
            raise Problem("names and values, beginning with `entente: 1`", line=1)
        return self._root

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None):
            raise Problem("the value itself; aliases (* and &) are not taken", line=line)
        if getattr(event, "tag", None) not in (None, "!"):
            raise Problem("a plain value; tags (!) are not taken", line=line)
        if isinstance(event, events.DocumentStartEvent) and self._is_done:
            raise Problem("one document; a second one begins here", line=line)
        if isinstance(event, events.DocumentEndEvent):
            self._is_done = True
        if isinstance(event, events.ScalarEvent):
            self._add(_read_scalar(event), line)
        elif isinstance(event, events.MappingStartEvent):
            self._begin(Item(line=line), line)
        elif isinstance(event, events.SequenceStartEvent):
            self._begin(Listed(), line)
        elif isinstance(event, events.MappingEndEvent | events.SequenceEndEvent):
            self._open.pop()
            self._keys.pop()

    def _begin(self, found: Item | Listed, line: int) -> None:
        self._add(found, line)
        self._open.append(found)
        self._keys.append(None)
        if len(self._open) > DEEPEST:
            raise Problem(f"at most {DEEPEST} levels", line=line)

    def _add(self, value: Any, line: int) -> None:
        self._count += 1
        if self._count > MOST:
            raise Problem(f"at most {MOST:,} values", line=line)
        if not self._open:
            self._root = value
            return
        owner, key = self._open[-1], self._keys[-1]
        if isinstance(owner, Listed):
            owner.append(value)
            owner.lines.append(line)
        elif key is None:
            self._keys[-1] = name = self._read_key(owner, value, line)
            owner.lines[name] = line
        else:
            owner[key] = value
            self._keys[-1] = None

    def _read_key(self, owner: Item, value: Any, line: int) -> str:
        if isinstance(value, Item | Listed):
            raise Problem("a name before the colon", line=line)
        key = str(value)
        if key in owner:
            raise Problem(f"each name once; {key[:40]} stands here again", line=line)
        return key


def _read_scalar(event: Any) -> Any:
    value: str = event.value
    if not event.implicit[0]:
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    if _DECIMAL.fullmatch(value):
        return float(value)
    return value
