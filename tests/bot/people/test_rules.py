"""How committees decide, and that no side makes it easier for itself."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.db.engine import Database
from bot.people import committees
from bot.people.committees import Rule, make_rule
from bot.people.models import Committee, Member, Partner, RuleKind, Seat
from bot.people.viewer import Viewer
from tests.builders import MONDAY, make_alliance


def _committee(session: Session, ana: Viewer) -> Committee:
    return committees.add_committee(session, ana, "JSC", now=MONDAY)


def _borealis(session: Session, ana: Viewer) -> Viewer:
    return _join(session, ana, "Borealis", "Jonas")


def _join(session: Session, ana: Viewer, partner_name: str, name: str) -> Viewer:
    partner = session.exec(
        select(Partner).where(
            col(Partner.alliance_id) == ana.alliance_id, col(Partner.name) == partner_name
        )
    ).one()
    partner.joined_at = MONDAY
    member = Member(
        alliance_id=partner.alliance_id, partner_id=partner.id, name=name, joined_at=MONDAY
    )
    session.add_all([partner, member])
    session.flush()
    return Viewer(
        account_id="",
        alliance_id=partner.alliance_id,
        member_id=member.id,
        member_name=name,
        partner_id=partner.id,
        partner_name=partner.name,
        is_manager=True,
    )


def test_a_new_committee_and_the_alliance_need_all_partners(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        assert committees.get_rule(session, None) == Rule()
        assert committees.get_rule(session, _committee(session, ana)) == Rule()


def test_an_easier_rule_counts_once_every_side_agreed(database: Database) -> None:
    ana = make_alliance(database)
    one = make_rule("count", count=1, days=0)
    with database.write() as session:
        jsc, jonas = _committee(session, ana), _borealis(session, ana)
        committees.set_rule(session, ana, jsc, one)
        assert committees.get_rule(session, jsc) == Rule()
        assert [p.id for p in committees.get_waited_for(session, jsc)] == [jonas.partner_id]
        committees.set_rule(session, jonas, jsc, one)
        assert committees.get_rule(session, jsc) == one
        committees.set_rule(session, ana, jsc, make_rule("silence", count=0, days=1))
        assert committees.get_rule(session, jsc) == Rule()
        committees.set_rule(session, jonas, jsc, Rule())
        assert committees.get_rule(session, jsc) == Rule()
        assert committees.get_waited_for(session, jsc) == ()


def test_a_side_seated_later_is_asked_before_an_easier_rule_goes_on(database: Database) -> None:
    ana = make_alliance(database, others=("Borealis", "Cirrus"))
    with database.write() as session:
        jsc, jonas = _committee(session, ana), _borealis(session, ana)
        cirrus = _join(session, ana, "Cirrus", "Cleo")
        for viewer in (ana, jonas):
            own = session.get_one(Member, viewer.member_id)
            committees.seat(session, viewer, jsc, own, kind="member", since=MONDAY)
            committees.set_rule(session, viewer, jsc, make_rule("silence", count=0, days=5))
        assert committees.get_rule(session, jsc).kind == RuleKind.SILENCE
        theirs = session.get_one(Member, cirrus.member_id)
        committees.seat(session, cirrus, jsc, theirs, kind="observer", since=MONDAY)
        assert committees.get_rule(session, jsc) == Rule()


@pytest.mark.parametrize(
    "rule", [make_rule("silence", count=0, days=1), make_rule("count", count=1, days=0)]
)
def test_a_side_that_seats_only_itself_makes_nothing_easier(database: Database, rule: Rule) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        jsc, jonas = _committee(session, ana), _borealis(session, ana)
        own = session.get_one(Member, ana.member_id)
        committees.seat(session, ana, jsc, own, kind="member", since=MONDAY)
        committees.set_rule(session, ana, jsc, rule)
        assert committees.get_rule(session, jsc) == Rule()
        assert [p.id for p in committees.get_waited_for(session, jsc)] == [jonas.partner_id]


def test_observers_have_no_voice(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        jsc, jonas = _committee(session, ana), _borealis(session, ana)
        own = session.get_one(Member, ana.member_id)
        theirs = session.get_one(Member, jonas.member_id)
        committees.seat(session, ana, jsc, own, kind="co_chair", since=MONDAY)
        committees.seat(session, jonas, jsc, theirs, kind="observer", since=MONDAY)
        assert committees.get_voices(session, jsc, now=MONDAY) == (ana.partner_id,)
        later = MONDAY + timedelta(days=1)
        for seat in session.exec(select(Seat)).all():
            seat.until = later
        session.flush()
        assert committees.get_voices(session, jsc, now=later) == ()


@given(st.text(max_size=10) | st.sampled_from(RuleKind), st.integers(), st.integers())
def test_a_rule_is_sound_or_refused(kind: str, count: int, days: int) -> None:
    try:
        rule = make_rule(kind, count=count, days=days)
    except NotUnderstood:
        assert kind not in set(RuleKind) or kind != RuleKind.ALL
        return
    assert rule.kind == kind
    assert (rule.count > 0) == (rule.kind == RuleKind.COUNT)
    assert (rule.days > 0) == (rule.kind == RuleKind.SILENCE)


@given(st.sampled_from(RuleKind), st.integers(1, 99), st.integers(1, 60), st.integers(0, 20))
def test_no_rule_needs_more_partners_than_are_seated(
    kind: RuleKind, count: int, days: int, seated: int
) -> None:
    needed = make_rule(kind, count=count, days=days).needs(seated)
    assert 0 <= needed <= seated
    assert kind != RuleKind.ALL or needed == seated


@pytest.mark.parametrize(("kind", "field"), [("count", "rule_count"), ("silence", "rule_days")])
def test_a_rule_without_its_number_is_refused_at_its_field(kind: str, field: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        make_rule(kind, count=0, days=0)
    assert refused.value.field == field
