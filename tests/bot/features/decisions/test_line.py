"""What one line says."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotUnderstood
from bot.dispatch.grammar import Arguments, tokenize
from bot.features.decisions.line import Line, TaskLine, read_line, read_tasks
from bot.features.decisions.log import read_number


def read(text: str) -> Line:
    return read_line(Arguments(text, tokenize(text)), ["JSC", "Site team"])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            '"Use the Basel site" because "it can start in May" for JSC',
            Line(what="Use the Basel site", why="it can start in May", committee="JSC"),
        ),
        (
            "use the Basel site because it can start in May for the site team",
            Line(what="use the Basel site", why="it can start in May", committee="Site team"),
        ),
        (
            "“Use the Basel site” because it is ready",
            Line(what="Use the Basel site", why="it is ready"),
        ),
        ("hire somebody for sales", Line(what="hire somebody for sales")),
        ('say "no" to both', Line(what='say "no" to both')),
    ],
)
def test_one_line_says_what_why_and_for_whom(text: str, line: Line) -> None:
    assert read(text) == line


@given(st.text(max_size=300))
def test_no_line_breaks_it(text: str) -> None:
    read(text)
    with contextlib.suppress(NotUnderstood):
        read_tasks(text, field="actions")


def test_tasks_are_read_line_by_line() -> None:
    assert read_tasks("Budget; Priya; 2027-03-12\n\nBook it; 2027-04-01\nCall", field="x") == [
        TaskLine(what="Budget", owner="Priya", due_on=date(2027, 3, 12)),
        TaskLine(what="Book it", due_on=date(2027, 4, 1)),
        TaskLine(what="Call"),
    ]
    for wrong in ("Budget; Priya; 12.3.2027", "; Priya", "a; b; c; d"):
        with pytest.raises(NotUnderstood):
            read_tasks(wrong, field="x")


@pytest.mark.parametrize(("said", "number"), [("D-12", 12), ("d12", 12), ("12", 12), ("D-x", None)])
def test_numbers_as_people_say_them(said: str, number: int | None) -> None:
    assert read_number(said) == number
