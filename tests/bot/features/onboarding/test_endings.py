"""What one side wrote for its people never follows them, and what is over comes to its end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.core.errors import Undeliverable
from bot.db.engine import Database
from bot.features.onboarding.models import JourneyState
from bot.features.onboarding.tracks import TrackKind, save_track
from bot.people import channels, committees, roles
from bot.people.models import Channel, ChannelState, Member, Partner
from tests.bot.features.onboarding.stage import NOTES, Stage

WEEK = timedelta(days=7)


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    made = Stage(database)
    yield made
    assert made.platform.objections == []


def get_member(session: Session, name: str) -> Member:
    return session.exec(select(Member).where(col(Member.name) == name)).one()


def move(stage: Stage, name: str, partner_id: str | None) -> None:
    """Somebody belongs to another side from now on."""
    with stage.database.write() as session:
        member = get_member(session, name)
        member.partner_id = partner_id
        session.add(member)


def add_borealis(stage: Stage) -> str:
    with stage.database.write() as session:
        name = select(Partner).where(col(Partner.name) == "Borealis")
        partner = session.exec(name).first() or Partner(
            alliance_id=stage.viewer.alliance_id, name="Borealis", created_at=stage.clock()
        )
        partner.joined_at = stage.clock()
        session.add(partner)
        session.flush()
        return partner.id


def own_texts(stage: Stage, user: str = "U-MEI") -> list[str]:
    return [m.text for m in stage.sent(user) if "text-" in m.text or "Note" in m.text]


@pytest.mark.parametrize("joins_borealis", [True, False])
def test_notes_of_the_side_she_left_stop_at_once(stage: Stage, joins_borealis: bool) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    first = str(stage.given()[0].id)
    move(stage, "U-MEI", add_borealis(stage) if joins_borealis else None)
    answer = stage.press("U-MEI", "open", first)
    assert answer is not None
    assert "can't find that" in str(answer.view)
    stage.advance(timedelta(days=3))
    stage.run_jobs()
    assert len(own_texts(stage)) == 1
    assert JourneyState.ACTIVE not in {journey.state for journey in stage.journeys()}


def test_whoever_came_to_another_side_waits_for_its_managers(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(days=1))
    borealis = add_borealis(stage)
    move(stage, "U-MEI", borealis)
    stage.run_jobs()
    stage.tick()
    old, new = sorted(stage.journeys(), key=lambda journey: journey.edition)
    assert (old.state, old.cause) == (JourneyState.ENDED, "join#0")
    assert (new.state, new.cause, new.edition) == (JourneyState.ASKED, "join", 1)


def test_her_new_manager_is_not_told_what_the_old_side_wrote(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.clock.advance(timedelta(minutes=15))
    stage.platform.refuses(Undeliverable("account_inactive"))
    move(stage, "U-MEI", add_borealis(stage))
    stage.advance(timedelta(hours=3))
    stage.run_jobs()
    assert not any("text-0" in m.text for m in stage.platform.sent)


def test_the_notes_on_a_seat_end_with_it(stage: Stage) -> None:
    with stage.database.write() as session:
        save_track(session, stage.viewer, TrackKind.COMMITTEE, NOTES, now=stage.clock())
    stage.join("U-MEI")
    stage.advance(timedelta(days=1))
    stage.run_jobs()
    with stage.database.write() as session:
        jsc = committees.add_committee(session, stage.viewer, "JSC", now=stage.clock())
        mei = get_member(session, "U-MEI")
        committees.seat(session, stage.viewer, jsc, mei, kind="member", since=stage.clock())
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()
    with stage.database.write() as session:
        jsc = committees.get_committees(session, stage.viewer)[0]
        mei = get_member(session, "U-MEI")
        committees.leave_seat(session, stage.viewer, jsc, mei, now=stage.clock())
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()
    states = {journey.kind: journey.state for journey in stage.journeys()}
    assert states == {"member": JourneyState.ACTIVE, "committee": JourneyState.ENDED}


def test_the_notes_for_a_manager_end_with_the_role(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.run_jobs()
    stage.clock.advance(timedelta(minutes=1))
    with stage.database.write() as session:
        roles.give_manager(session, stage.viewer, get_member(session, "U-MEI"), now=stage.clock())
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()
    assert {j.kind: j.state for j in stage.journeys()}["manager"] == JourneyState.ACTIVE
    with stage.database.write() as session:
        roles.take_manager(session, stage.viewer, get_member(session, "U-MEI"), now=stage.clock())
    stage.advance(timedelta(days=8), every=timedelta(hours=6))
    assert not any("look after" in m.text for m in stage.sent("U-MEI"))
    assert {j.kind: j.state for j in stage.journeys()}["manager"] == JourneyState.ENDED


def test_leaving_stops_the_notes_on_a_seat_too(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.tick()
    stage.run_jobs()
    stage.clock.advance(timedelta(minutes=1))
    with stage.database.write() as session:
        jsc = committees.add_committee(session, stage.viewer, "JSC", now=stage.clock())
        mei = get_member(session, "U-MEI")
        committees.seat(session, stage.viewer, jsc, mei, kind="member", since=stage.clock())
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()
    stage.leave("U-MEI")
    assert {journey.state for journey in stage.journeys()} == {JourneyState.LEFT}
    stage.join("U-MEI")
    stage.tick()
    assert {journey.state for journey in stage.journeys()} == {JourneyState.ACTIVE}


def test_who_was_only_in_a_channel_that_is_linked_no_more_gets_nothing(stage: Stage) -> None:
    stage.join("U-MEI")
    stage.advance(timedelta(hours=4))
    _set_state(stage, ChannelState.UNLINKED)
    stage.clock.advance(timedelta(minutes=30))
    stage.run_jobs()
    stage.advance(WEEK)
    assert len(stage.sent("U-MEI")) == 1
    _set_state(stage, ChannelState.LINKED)
    stage.compare(["U-MEI"])
    stage.advance(timedelta(hours=2))
    assert "text-1" in stage.sent("U-MEI")[-1].text


def _set_state(stage: Stage, state: ChannelState) -> None:
    with stage.database.write() as session:
        channel = session.exec(select(Channel).where(col(Channel.external_id) == "C0")).one()
        channels.set_state(session, channel, state)


@pytest.mark.parametrize("days", [10, 100])
def test_who_was_through_and_comes_back_after_long_catches_up(stage: Stage, days: int) -> None:
    stage.join("U-MEI")
    stage.advance(WEEK, every=timedelta(hours=4))
    before = len(stage.sent("U-MEI"))
    stage.leave("U-MEI")
    stage.clock.advance(timedelta(days=days))
    stage.join("U-MEI")
    stage.advance(timedelta(days=4), every=timedelta(hours=4))
    new = [m.text for m in stage.sent("U-MEI")[before:]]
    assert len(new) == (days > 60)
    assert all("Good to have you back" in text and "are back in" in text for text in new)
