"""Whatever order people come and go in, whatever breaks and however time jumps: nobody gets a step
twice, and nobody two on one day."""

import re
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.db.engine import Database
from tests.bot.features.onboarding.stage import Stage, day_of

PEOPLE = ("U-MEI", "U-BEN", "U-ZOE")
CHANNELS = ("C0", "C1")

people, channels = st.sampled_from(PEOPLE), st.sampled_from(CHANNELS)
happenings = st.one_of(
    st.tuples(st.just("join"), people, channels),
    st.tuples(st.just("leave"), people, channels),
    st.tuples(st.just("compare"), st.sets(people), channels),
    st.tuples(st.just("tick")),
    st.tuples(st.just("crash_in_transaction")),
    st.tuples(st.just("crash_after_claim")),
    st.tuples(st.just("lose"), st.booleans()),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("jump"), st.integers(-30, 240)),
    st.tuples(st.just("days"), st.integers(1, 4)),
)


def play(stage: Stage, happening: tuple[object, ...]) -> None:
    match happening:
        case ("join", str(user), str(channel)):
            stage.join(user, channel)
        case ("leave", str(user), str(channel)):
            stage.leave(user, channel)
        case ("compare", set(users), str(channel)):
            stage.compare(sorted(users), channel)
        case ("crash_in_transaction",):
            stage.crash_in_transaction()
        case ("crash_after_claim",):
            stage.crash_after_claim()
        case ("lose", bool(arrives)):
            stage.platform.loses(arrives=arrives)
        case ("refuse",):
            stage.unreachable()
        case ("jump", int(hours)):
            stage.clock.advance(timedelta(hours=hours))
            stage.tick()
        case ("days", int(days)):
            stage.advance(timedelta(days=days), every=timedelta(hours=5))
        case _:
            stage.tick()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(happenings, min_size=4, max_size=22))
def test_nobody_gets_a_step_twice_nor_two_on_one_day(
    sqlite_template: Path, story: list[tuple[object, ...]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "entente.db")
        database = Database(f"sqlite:///{folder}/entente.db")
        try:
            stage = Stage(database, channels=2)
            for happening in story:
                play(stage, happening)
            stage.advance(timedelta(days=3), every=timedelta(hours=3))
            check(stage)
        finally:
            database.close()


def check(stage: Stage) -> None:
    for user in PEOPLE:
        notes = [m for m in stage.sent(user) if "onboard" not in m.text[:8]]
        names = Counter(name for m in notes for name in _names(m.text))
        assert [name for name, times in names.items() if times > 1] == [], names
        days = Counter(day_of(m.at) for m in notes if _names(m.text))
        assert [day for day, times in days.items() if times > 1] == [], days


def _names(text: str) -> list[str]:
    """Which of the track's notes a message is."""
    found = re.findall(r"text-\d", text)
    if text.startswith("Welcome"):
        return ["welcome"]
    return found or (["question"] if "last note" in text else [])
