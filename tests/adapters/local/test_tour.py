"""The tour ticks itself off by what it asks for, whenever somebody begins it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.cli.demo import DATABASE
from adapters.local.steps import arrives, newcomer, reminder
from tests.adapters.local.served import Served

STARTS = (
    datetime(2027, 3, 1, 8, tzinfo=UTC),
    datetime(2026, 12, 16, 16, 37, tzinfo=UTC),  # the charter comes first, elsewhere
    datetime(2026, 12, 31, 22, 59, tzinfo=UTC),  # holidays in both countries
    datetime(2027, 3, 27, 12, tzinfo=UTC),  # the Saturday before clocks go forward
    datetime(2027, 5, 5, 4, tzinfo=UTC),
)
MOST = 12
"""Presses on “To the next event”."""


@pytest.fixture(params=STARTS, ids=lambda start: f"{start:%Y-%m-%d}")
def begun(sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Served:
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    return Served(tmp_path, start=request.param)


def test_a_reminder_has_arrived_when_it_stands_in_steering(begun: Served) -> None:
    with begun as served:
        served.say("U-ANA", reminder.STEP.place, reminder.STEP.fill)
        served.press("U-ANA", served.last("U-ANA", "C-STEERING").id, "Set up a reminder")
        served.settle()
        for _ in range(MOST):
            has_come = bool(served.posts("C-STEERING"))
            assert (arrives.STEP.name in served.playground.tour.get_done()) == has_come
            if has_come:
                break
            assert served.post("/step", {"by": "next"}).status == 200
        assert "What we set out to do" in served.posts("C-STEERING")[0]


def test_the_newcomer_is_welcomed_within_a_few_presses(begun: Served) -> None:
    with begun as served:
        joins = {"person": "U-MEI", "at": newcomer.STEP.place, "joins": True}
        assert served.post("/membership", joins).status == 200
        served.settle()
        for _ in range(MOST):
            if notes := served.messages("U-MEI", "D-U-MEI"):
                served.press("U-MEI", notes[-1].id, "Open")
                break
            assert served.post("/step", {"by": "next"}).status == 200
        assert newcomer.STEP.name in served.playground.tour.get_done()
