"""Whom direct messages don't reach gets every note another way, on its day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from bot.core.errors import Undeliverable
from bot.db.engine import Database
from bot.features.onboarding.models import JourneyState
from tests.bot.features.onboarding.stage import Stage, day_of


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    made = Stage(database)
    made.join("U-MEI")
    made.tick()
    made.clock.advance(timedelta(minutes=15))
    yield made
    assert made.platform.objections == []


def lines(stage: Stage) -> list[str]:
    """The days on which a line was posted in the channel."""
    return [day_of(m.at) for m in stage.platform.sent if m.channel == "C0"]


def close(stage: Stage, why: str = "cannot_dm_bot") -> None:
    """Her direct messages are closed; others', and the channel, are open."""
    stage.platform.closed["U-MEI"] = Undeliverable(why)


def opened(stage: Stage) -> str:
    answer = stage.press("U-MEI", "mine", stage.viewer.alliance_id)
    assert answer is not None
    assert answer.view is not None
    return answer.view.plain_text()


def test_what_vanished_comes_again_as_often_as_she_asks(stage: Stage) -> None:
    close(stage)
    stage.advance(timedelta(hours=3))
    first = opened(stage)
    assert "Welcome, U-MEI" in first
    assert "text-0" in first
    assert opened(stage) == first
    stage.clock.advance(timedelta(hours=3))
    assert opened(stage) == first
    stage.press("U-MEI", "next", str(stage.given()[0].id))
    assert "text-1" in opened(stage)
    assert "text-1" in opened(stage)


def test_what_she_skipped_is_not_shown_again_and_she_hears_when_the_next_comes(
    stage: Stage,
) -> None:
    close(stage)
    stage.advance(timedelta(hours=3))
    opened(stage)
    stage.press("U-MEI", "skip", str(stage.given()[0].id))
    stage.tick()
    assert "The next one comes on 2 March 2027" in opened(stage)


def test_each_later_note_is_offered_on_its_day(stage: Stage) -> None:
    close(stage)
    stage.advance(timedelta(hours=3))
    opened(stage)
    stage.advance(timedelta(days=1))
    assert lines(stage) == ["2027-03-01", "2027-03-02"]
    assert "text-1" in opened(stage)
    stage.advance(timedelta(days=1))
    assert "text-2" in opened(stage)


def test_whoever_never_presses_is_offered_it_on_the_days_of_the_notes_and_no_more(
    stage: Stage,
) -> None:
    close(stage)
    stage.advance(timedelta(days=21), every=timedelta(hours=4))
    assert lines(stage) == [f"2027-03-0{day}" for day in (1, 2, 3, 4)]
    assert "text-0" in opened(stage)


def test_her_manager_gets_each_note_on_its_day(stage: Stage) -> None:
    with stage.database.write() as session:
        stage._channel(session, "C0").trouble = "is_archived"
    close(stage)
    stage.advance(timedelta(days=14), every=timedelta(hours=2))
    told = [m for m in stage.sent(stage.ana) if "can't reach U-MEI" in m.text]
    assert [day_of(m.at) for m in told] == [f"2027-03-0{day}" for day in (1, 2, 3, 4)]
    assert [f"text-{number}" in m.text for number, m in enumerate(told)] == [True] * 4
    (journey,) = stage.journeys()
    assert journey.state == JourneyState.DONE


def test_about_somebody_who_is_gone_their_manager_hears_once(stage: Stage) -> None:
    close(stage, "account_inactive")
    stage.advance(timedelta(days=14), every=timedelta(hours=4))
    assert len([m for m in stage.sent(stage.ana) if "can't reach U-MEI" in m.text]) == 1
