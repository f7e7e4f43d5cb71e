"""What waits for answers, and what those who left read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from bot.core.errors import NotFound
from bot.db.engine import Database
from bot.people import committees
from bot.people.models import Alliance, Member, Partner
from bot.people.viewer import Viewer
from bot.schedules.models import SystemFiring
from bot.statements import proposals, versions, voices, waiting
from bot.statements.models import Request, Statement, Version, VersionState
from tests.bot.statements.test_proposals import confirm, propose
from tests.builders import MONDAY, OTHERS, join, make_alliance

LATER = MONDAY + timedelta(days=7)


@pytest.fixture
def ana(database: Database) -> Viewer:
    return make_alliance(database, others=OTHERS)


def take(session: Session, *, most: int = 20) -> list[Version]:
    found = waiting.take_open(session, before=MONDAY, now=MONDAY, most=most)
    return [version for version, _ in found]


def test_each_open_version_is_looked_at_once_a_period(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        join(session, ana)
        one, two = (propose(session, ana, subject=subject) for subject in ("a", "b"))
        assert take(session, most=1) == [one]
        assert take(session) == [two]
        assert take(session) == []
        again = waiting.take_open(
            session, before=MONDAY + timedelta(hours=1), now=MONDAY + timedelta(hours=1), most=9
        )
        assert [version for version, _ in again] == [one, two]
        assert session.exec(select(func.count()).select_from(SystemFiring)).one() == 0


def test_once_an_alliance_has_ended_nothing_waits(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        propose(session, ana)
        assert len(waiting.get_waiting(session, sides["Borealis"], now=MONDAY)) == 1
        alliance = session.get_one(Alliance, ana.alliance_id)
        alliance.ended_at = MONDAY
        session.add(alliance)
        session.flush()
        assert take(session) == []
        assert waiting.get_waiting(session, sides["Borealis"], now=MONDAY) == []


def test_who_left_reads_no_wording_that_was_proposed_later(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        first = propose(session, ana)
        gone = _leave(session, sides["Delta"])
        assert versions.get_proposed(session, gone, "north_star") == first
        found, _ = voices.get_version_or_raise(session, gone, first.id)
        assert found == first
        second = proposals.propose(session, ana, "north_star", text="Two.", now=LATER)
        assert versions.get_proposed(session, ana, "north_star") == second
        assert versions.get_proposed(session, gone, "north_star") is None
        with pytest.raises(NotFound):
            voices.get_version_or_raise(session, gone, second.id)


def _leave(session: Session, viewer: Viewer) -> Viewer:
    """Their partner leaves a few hours after Monday's nine o'clock."""
    moment = MONDAY + timedelta(hours=2)
    partner = session.get_one(Partner, viewer.partner_id)
    partner.left_at = moment
    session.add(partner)
    session.flush()
    return replace(viewer, left_at=moment, is_manager=False)


@pytest.mark.parametrize("counted", ["confirmed", "shared"])
def test_who_left_goes_on_reading_what_counted_then(
    database: Database, ana: Viewer, counted: str
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        if counted == "confirmed":
            first = propose(session, ana)
            for name in OTHERS:
                confirm(session, sides[name], first)
        else:
            first = versions.put_in_force(session, ana, "north_star", text="One.", now=MONDAY)
            statement = session.get_one(Statement, first.statement_id)
            statement.audience_kind, statement.audience_id = "alliance", None
            statement.shared_at = MONDAY
            session.add(statement)
        gone = _leave(session, sides["Delta"])
        draft = proposals.propose(session, ana, "north_star", text="Draft.", now=MONDAY)
        second = proposals.propose(session, ana, "north_star", text="Two.", now=LATER)
        statement = session.get_one(Statement, second.statement_id)
        for name in set(OTHERS) - {"Delta"}:
            voices.confirm(session, sides[name], second, statement, now=LATER)
        assert draft.state == first.state == VersionState.SUPERSEDED
        assert versions.get_in_force(session, ana, "north_star") == second
        assert versions.get_in_force(session, gone, "north_star") == first
        assert versions.get_subjects(session, gone, "north_star") == {"": first}


def test_a_manager_who_fills_their_own_empty_seat_is_asked(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = committees.add_committee(session, ana, "JSC", now=MONDAY)
        jonas = sides["Borealis"]
        for viewer in (ana, jonas):
            member = session.get_one(Member, viewer.member_id)
            committees.seat(session, viewer, jsc, member, kind="member", since=MONDAY)
        own = session.get_one(Member, jonas.member_id)
        committees.leave_seat(session, jonas, jsc, own, now=MONDAY)
        version = propose(session, ana, committee=jsc)
        statement = session.get_one(Statement, version.statement_id)
        asked = select(Request.member_id).where(col(Request.version_id) == version.id)
        assert session.exec(asked).all() == []
        committees.seat(session, jonas, jsc, own, kind="member", since=LATER)
        proposals.ask(session, version, statement, now=LATER)
        assert session.exec(asked).all() == [jonas.member_id]
