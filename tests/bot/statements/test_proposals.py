"""Wordings put to five partners, at the level of the database."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from bot.core.errors import Conflict, NotAllowed, NotFound, UserError
from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.people import committees
from bot.people.committees import Rule, make_rule
from bot.people.models import Member, Partner
from bot.people.viewer import Viewer
from bot.statements import proposals, versions, voices
from bot.statements.models import Request, Statement, Version, VersionState, Voice
from tests.builders import OTHERS, join, make_alliance, make_voting_committee
from tests.harness import MONDAY


def propose(session: Session, ana: Viewer, text: str = "One.", **more: object) -> Version:
    return proposals.propose(session, ana, "north_star", text=text, now=MONDAY, **more)  # type: ignore[arg-type]


def confirm(session: Session, viewer: Viewer, version: Version) -> Voice:
    statement = session.get_one(Statement, version.statement_id)
    return voices.confirm(session, viewer, version, statement, now=MONDAY + timedelta(hours=1))


@pytest.fixture
def ana(database: Database) -> Viewer:
    return make_alliance(database, others=OTHERS)


def test_n_of_m_with_five_partners(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = make_voting_committee(session, sides, count=3)
        version = propose(session, ana, committee=jsc)
        assert session.exec(select(func.count(col(Request.id)))).one() == 4
        confirm(session, sides["Borealis"], version)
        assert version.state == VersionState.PROPOSED
        confirm(session, sides["Cirrus"], version)
        assert version.state == VersionState.CONFIRMED
        assert version.settled_at == MONDAY + timedelta(hours=1)
        with pytest.raises(Conflict):
            confirm(session, sides["Delta"], version)


def test_what_is_confirmed_replaces_what_was_in_force(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        own = versions.put_in_force(session, ana, "north_star", text="One.", now=MONDAY)
        version = propose(session, ana)
        for name in OTHERS:
            assert versions.get_in_force(session, ana, "north_star") == own
            confirm(session, sides[name], version)
        assert own.state == VersionState.SUPERSEDED
        for viewer in sides.values():
            assert versions.get_in_force(session, viewer, "north_star") == version
        found = versions.get_in_force_at(
            session, ana.alliance_id, sides["Delta"].partner_id or "", "north_star"
        )
        assert found == {"": version}


def test_one_partner_alone_can_seat_itself_and_still_not_confirm(
    database: Database, ana: Viewer
) -> None:
    with database.write() as session:
        join(session, ana)
        jsc = committees.add_committee(session, ana, "JSC", now=MONDAY)
        member = session.get_one(Member, ana.member_id)
        committees.seat(session, ana, jsc, member, kind="member", since=MONDAY)
        version = propose(session, ana, committee=jsc)
        assert version.state == VersionState.PROPOSED
        statement = session.get_one(Statement, version.statement_id)
        sides = proposals.get_version_sides(session, version, statement, now=MONDAY)
        assert {side.name for side in sides} == {"Acme", *OTHERS}


@pytest.mark.parametrize(
    "easier", [make_rule("silence", count=0, days=1), make_rule("count", count=1, days=0)]
)
def test_no_side_makes_it_easier_by_seating_itself_alone(
    database: Database, ana: Viewer, easier: Rule
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = committees.add_committee(session, ana, "JSC", now=MONDAY)
        member = session.get_one(Member, ana.member_id)
        committees.seat(session, ana, jsc, member, kind="member", since=MONDAY)
        theirs = session.get_one(Member, sides["Borealis"].member_id)
        committees.seat(session, sides["Borealis"], jsc, theirs, kind="observer", since=MONDAY)
        for viewer in (ana, sides["Borealis"]):
            committees.set_rule(session, viewer, jsc, easier)
        version = propose(session, ana, committee=jsc)
        assert version.rule_kind == "all"
        assert proposals.reconsider(session, version, now=MONDAY + timedelta(days=60))
        assert version.state == VersionState.LAPSED


@pytest.mark.parametrize("emptied", ["before", "after"])
def test_silence_is_no_yes_where_nobody_could_object(
    database: Database, ana: Viewer, emptied: str
) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = committees.add_committee(session, ana, "JSC", now=MONDAY)
        for name in ("Acme", "Borealis"):
            member = session.get_one(Member, sides[name].member_id)
            committees.seat(session, sides[name], jsc, member, kind="member", since=MONDAY)
            committees.set_rule(session, sides[name], jsc, make_rule("silence", count=0, days=5))
        borealis = sides["Borealis"]

        def leave() -> None:
            own = session.get_one(Member, borealis.member_id)
            committees.leave_seat(session, borealis, jsc, own, now=MONDAY)

        if emptied == "before":
            leave()
        version = propose(session, ana, committee=jsc)
        assert version.rule_kind == ("all" if emptied == "before" else "silence")
        if emptied == "after":
            leave()
        assert version.answer_by is not None
        assert proposals.reconsider(session, version, now=version.answer_by)
        assert version.state == VersionState.LAPSED


def test_a_partner_that_leaves_is_waited_for_no_longer(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        version = propose(session, ana)
        for name in OTHERS[:3]:
            confirm(session, sides[name], version)
        gone = session.get_one(Partner, sides["Epsilon"].partner_id)
        gone.left_at = MONDAY
        session.add(gone)
        session.flush()
        assert proposals.reconsider(session, version, now=MONDAY)
        assert version.state == VersionState.CONFIRMED


def test_a_new_wording_ends_the_old_and_the_chain_holds(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        first = propose(session, ana)
        confirm(session, sides["Borealis"], first)
        second = propose(session, ana, "Two.")
        assert first.state == VersionState.SUPERSEDED
        assert (second.number, second.previous_hash) == (2, first.hash)
        assert second.hash == versions.compute_hash(second)
        with pytest.raises(Conflict):
            confirm(session, sides["Cirrus"], first)
        with pytest.raises(Conflict):
            propose(session, ana, "Two.")


def test_silence_counts_after_working_days_alone(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        jsc = committees.add_committee(session, ana, "JSC", now=MONDAY)
        for viewer in sides.values():
            member = session.get_one(Member, viewer.member_id)
            committees.seat(session, viewer, jsc, member, kind="member", since=MONDAY)
            committees.set_rule(session, viewer, jsc, make_rule("silence", count=0, days=5))
        version = propose(session, ana, committee=jsc)
        # Five working days from Monday, 1 March: the end of Monday the 8th, 17:00 in Berlin.
        assert version.answer_by is not None
        assert version.answer_by.isoformat() == "2027-03-08T16:00:00+00:00"
        assert not proposals.reconsider(session, version, now=MONDAY + timedelta(days=6))
        assert proposals.reconsider(session, version, now=version.answer_by)
        assert version.state == VersionState.CONFIRMED


def test_the_unplaced_and_other_alliances_can_do_nothing(database: Database, ana: Viewer) -> None:
    stranger = make_alliance(
        database, name="Other", own_partner="Evil", user="UEVE", workspace="TEVIL"
    )
    with database.write() as session:
        join(session, ana)
        version = propose(session, ana)
        with pytest.raises(NotFound):
            voices.get_version_or_raise(session, stranger, version.id)
        with pytest.raises(NotAllowed):
            confirm(session, stranger, version)
        nobody = Viewer(
            account_id="",
            alliance_id=ana.alliance_id,
            member_id=ana.member_id,
            member_name="?",
            partner_id=None,
            partner_name=None,
            is_manager=False,
        )
        with pytest.raises(NotAllowed):
            propose(session, nobody, "Three.")


def test_two_answers_of_one_partner_at_once_count_once(database: Database, ana: Viewer) -> None:
    with database.write() as session:
        sides = join(session, ana)
        version_id = propose(session, ana).id
    borealis = sides["Borealis"]
    outcomes: list[str] = []

    def answer() -> None:
        try:
            with database.write() as session:
                confirm(session, borealis, session.get_one(Version, version_id))
            outcomes.append("confirmed")
        except UserError as error:
            outcomes.append(error.key)

    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["confirm.already"] * 3 + ["confirmed"]


def need_two_writers(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: nothing happens meanwhile")


def test_what_was_settled_meanwhile_is_not_settled_again(database: Database, ana: Viewer) -> None:
    need_two_writers(database)
    with database.write() as session:
        sides = join(session, ana)
        version_id = propose(session, ana).id
        for name in OTHERS[:3]:
            confirm(session, sides[name], session.get_one(Version, version_id))
    with database.write() as slow:
        seen = slow.get_one(Version, version_id)
        with database.write() as quick:
            confirm(quick, sides["Epsilon"], quick.get_one(Version, version_id))
        assert not proposals.reconsider(slow, seen, now=MONDAY + timedelta(days=90))
        assert seen.state == VersionState.CONFIRMED


def test_what_was_confirmed_meanwhile_is_not_ended_by_another_wording(
    database: Database, ana: Viewer
) -> None:
    need_two_writers(database)
    with database.write() as session:
        sides = join(session, ana)
        version_id = propose(session, ana).id
        for name in OTHERS[:3]:
            confirm(session, sides[name], session.get_one(Version, version_id))
    with database.write() as slow:
        seen = slow.get_one(Version, version_id)
        with database.write() as quick:
            confirm(quick, sides["Epsilon"], quick.get_one(Version, version_id))
        propose(slow, ana, "Two.")
        assert seen.state == VersionState.CONFIRMED


def test_a_request_and_its_message_are_one(database: Database, ana: Viewer) -> None:
    """A crash loses neither and doubles neither: both are written in one transaction."""
    with database.write() as session:
        join(session, ana)
    with pytest.raises(RuntimeError), database.write() as session:
        propose(session, ana)
        raise RuntimeError("the process dies here")
    with database.read() as session:
        for table in (Version, Request, Delivery):
            assert session.exec(select(func.count()).select_from(table)).one() == 0
