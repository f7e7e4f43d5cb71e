"""Whatever order people come and go in, whatever breaks and however time jumps: nobody gets a step
twice, and nobody two on one day."""

import re
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from bot.db.engine import Database
from bot.features.onboarding.models import Given
from bot.people.models import Member
from tests.bot.features.onboarding.stage import Stage, day_of

PEOPLE = ("U-MEI", "U-BEN", "U-ZOE")
CHANNELS = ("C0", "C1")

people, channels = st.sampled_from(PEOPLE), st.sampled_from(CHANNELS)
presses = st.sampled_from(("open", "read", "next", "skip", "stop", "go_on", "mine"))
happenings = st.one_of(
    st.tuples(st.just("join"), people, channels),
    st.tuples(st.just("leave"), people, channels),
    st.tuples(st.just("compare"), st.sets(people), channels),
    st.tuples(st.just("tick")),
    st.tuples(st.just("crash_in_transaction")),
    st.tuples(st.just("crash_after_claim")),
    st.tuples(st.just("lose"), st.booleans()),
    st.tuples(st.just("refuse")),
    st.tuples(st.just("press"), people, presses),
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
        case ("press", str(user), str(action)):
            press(stage, user, action)
        case ("jump", int(hours)):
            stage.clock.advance(timedelta(hours=hours))
            stage.tick()
        case ("days", int(days)):
            stage.advance(timedelta(days=days), every=timedelta(hours=5))
        case _:
            stage.tick()


def press(stage: Stage, user: str, action: str) -> None:
    """Somebody presses a button of the note they got last, or *Open mine*."""
    if action == "mine":
        stage.press(user, action, stage.viewer.alliance_id)
        return
    number = stage.read(
        lambda s: s.exec(
            select(Given.id)
            .join(Member, col(Member.id) == col(Given.member_id))
            .where(col(Member.name) == user, col(Given.sent_at).is_not(None))
            .order_by(col(Given.id).desc())
            .limit(1)
        ).first()
    )
    if number is not None:
        stage.press(user, action, str(number))


STORIES: tuple[tuple[tuple[object, ...], ...], ...] = (
    (
        ("join", "U-MEI", "C0"),
        ("days", 1),
        ("press", "U-MEI", "next"),
        ("crash_after_claim",),
        ("press", "U-MEI", "next"),
        ("days", 2),
        ("leave", "U-MEI", "C0"),
        ("jump", 100),
        ("join", "U-MEI", "C1"),
        ("lose", True),
        ("days", 3),
    ),
    (
        ("join", "U-BEN", "C0"),
        ("join", "U-BEN", "C1"),
        ("refuse",),
        ("days", 1),
        ("press", "U-BEN", "mine"),
        ("press", "U-BEN", "mine"),
        ("crash_in_transaction",),
        ("press", "U-BEN", "skip"),
        ("jump", -20),
        ("days", 4),
        ("press", "U-BEN", "stop"),
        ("press", "U-BEN", "mine"),
        ("press", "U-BEN", "go_on"),
        ("days", 4),
    ),
)


@pytest.mark.parametrize("story", STORIES, ids=("pressing next", "out of reach"))
def test_on_both_databases_nobody_gets_a_step_twice(
    database: Database, story: tuple[tuple[object, ...], ...]
) -> None:
    stage = Stage(database, channels=2)
    for happening in story:
        play(stage, happening)
    stage.advance(timedelta(days=3), every=timedelta(hours=3))
    check(stage, hurried={str(h[1]) for h in story if h[0] == "press" and h[2] in HURRYING})


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
            hurried = {str(h[1]) for h in story if h[0] == "press" and h[2] in HURRYING}
            check(stage, hurried=hurried)
        finally:
            database.close()


HURRYING = frozenset({"next", "mine"})
"""What brings a note before its day, since its person wants it."""


def check(stage: Stage, *, hurried: set[str]) -> None:
    for user in PEOPLE:
        notes = [m for m in stage.sent(user) if "onboard" not in m.text[:8]]
        names = Counter(name for m in notes for name in _names(m.text))
        assert [name for name, times in names.items() if times > 1] == [], names
        if user in hurried:
            continue
        days = Counter(day_of(m.at) for m in notes if _names(m.text))
        assert [day for day, times in days.items() if times > 1] == [], days


def _names(text: str) -> list[str]:
    """Which of the track's notes a message is."""
    found = re.findall(r"text-\d", text)
    if text.startswith("Welcome"):
        return ["welcome"]
    return found or (["question"] if "last note" in text else [])
