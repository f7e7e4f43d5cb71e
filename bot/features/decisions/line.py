"""Decisions in one line, and the lines in which approvals and actions are written."""

import re
from dataclasses import dataclass
from datetime import date

from bot.core.errors import NotUnderstood
from bot.dispatch.grammar import Arguments, TokenKind

_BECAUSE = re.compile(r"\bbecause\b\s*", re.IGNORECASE)
_QUOTES = '"“”„ '
MOST_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one line said: `committee` is a name that was looked up."""

    what: str
    why: str = ""
    committee: str = ""


def read_line(arguments: Arguments, committees: list[str]) -> Line:
    """`"Use the Basel site" because "…" for JSC`, with or without quotation marks; the committee
    only if there is one of that name."""
    quoted = arguments.of_kind(TokenKind.QUOTED)
    text = arguments.text.strip()
    committee = ""
    for name in sorted(committees, key=len, reverse=True):
        found = re.search(rf"\s+for\s+(?:the\s+)?{re.escape(name)}\s*[.!]?$", text, re.IGNORECASE)
        if found:
            committee, text = name, text[: found.start()]
            break
    if quoted and text[:1] in _QUOTES:
        why = quoted[1] if len(quoted) > 1 and _BECAUSE.search(_between(text, quoted)) else ""
        if not why:
            rest = text[text.find(quoted[0]) + len(quoted[0]) :].strip(_QUOTES)
            why = _BECAUSE.sub("", rest, count=1) if _BECAUSE.match(rest) else ""
        return Line(what=quoted[0].strip(), why=why.strip(_QUOTES), committee=committee)
    parts = _BECAUSE.split(text, maxsplit=1)
    why = parts[1].strip() if len(parts) > 1 else ""
    return Line(what=parts[0].strip(" ,"), why=why, committee=committee)


def _between(text: str, quoted: list[str]) -> str:
    begin = text.find(quoted[0]) + len(quoted[0])
    return text[begin : text.find(quoted[1], begin)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """What is needed, whose it is (a name, or nobody yet), and by when."""

    what: str
    owner: str = ""
    due_on: date | None = None


def read_tasks(text: str, *, field: str) -> list[TaskLine]:
    """One a line: `Budget approval; Priya; 2027-03-12`. Raises NotUnderstood."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_LINES:
        raise NotUnderstood("decisions.too_many_lines", field=field, most=MOST_LINES)
    return [_read_task(line, field=field) for line in lines]


def _read_task(line: str, *, field: str) -> TaskLine:
    parts = [part.strip() for part in line.split(";")]
    if len(parts) > 3 or not parts[0]:
        raise NotUnderstood("decisions.task_line", field=field, line=line[:80])
    due_on: date | None = None
    owner = ""
    for part in filter(None, parts[1:]):
        try:
            due_on = date.fromisoformat(part)
        except ValueError:
            if owner or part[:1].isdigit():
                raise NotUnderstood("decisions.task_line", field=field, line=line[:80]) from None
            owner = part.removeprefix("@")
    return TaskLine(what=parts[0], owner=owner, due_on=due_on)
