"""How agreement is counted, and when it is shown."""

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.core.ports import UserProfile
from bot.db.engine import Database
from bot.features.glossary import changing
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import CheckAnswer
from bot.features.glossary.understanding import (
    FEWEST,
    OTHER,
    SAMPLE,
    SUBJECT,
    agree_across,
    agree_inside,
    begin,
    read_own_words,
)
from bot.people import identity, optouts
from bot.people.models import AudienceKind, Committee, Member, MemberAccount, Seat, SeatKind
from bot.people.viewer import Viewer
from tests.bot.statements.test_proposals import join
from tests.builders import make_alliance
from tests.harness import MONDAY

ANSWERS = st.lists(st.sampled_from(["a", "b", OTHER]), max_size=12)


def test_pairs_are_counted() -> None:
    assert agree_inside(["a"] * 4) == 100
    assert agree_inside(["a", "a", "b", "b"]) == 33
    assert agree_inside(["a", "b", OTHER, OTHER]) == 0
    assert agree_across(["a"] * 4, ["a", "b", "b", "b"]) == 25
    assert agree_across(["a"] * 4, [OTHER] * 4) == 0


@given(ANSWERS, ANSWERS)
def test_no_figure_where_too_few_answered(one: list[str], other: list[str]) -> None:
    inside, across = agree_inside(one), agree_across(one, other)
    assert (inside is None) == (len(one) < FEWEST)
    assert (across is None) == (min(len(one), len(other)) < FEWEST)
    assert across == agree_across(other, one)
    assert all(figure is None or 0 <= figure <= 100 for figure in (inside, across))


def test_own_words_go_to_the_nearest_meaning_or_to_none() -> None:
    choices = [("acme", "The drug substance."), ("borealis", "A software interface.")]
    assert read_own_words("the substance of the drug", choices) == "acme"
    assert read_own_words("some interface in software", choices) == "borealis"
    assert read_own_words("a kind of bird", choices) == OTHER
    assert read_own_words("anything", []) == OTHER


def test_the_ids_of_answers_do_not_tell_when_they_were_given() -> None:
    given = [
        CheckAnswer(check_id="c", partner_id="p", is_seated=False, choice=OTHER).id
        for _ in range(20)
    ]
    assert {len(each) for each in given} == {24}
    assert len({each[:8] for each in given}) == len(given)


def employ(session: Session, ana: Viewer, partner_id: str, name: str) -> str:
    """Somebody of a partner whom Entente can write to."""
    profile = UserProfile(user=f"U{name}", workspace="TACME", name=name, zone="Europe/Berlin")
    account = identity.save_account(session, "slack", profile, now=MONDAY)
    member = Member(alliance_id=ana.alliance_id, partner_id=partner_id, name=name, joined_at=MONDAY)
    session.add(member)
    session.flush()
    session.add(MemberAccount(member_id=member.id, account_id=account.id))
    session.flush()
    return member.id


def test_those_who_sit_on_committees_and_the_others_are_drawn_in_like_numbers(
    database: Database,
) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        jonas = join(session, ana)["Borealis"]
        ours, theirs = ana.partner_id or "", jonas.partner_id or ""
        seated = {employ(session, ana, ours, f"SEATED{n}") for n in range(5)}
        others = {employ(session, ana, ours, f"OTHER{n}") for n in range(9)}
        elsewhere = {employ(session, ana, theirs, f"THEIR{n}") for n in range(9)}
        committee = make_committee(session, ana)
        for member_id in seated:
            session.add(
                Seat(
                    alliance_id=ana.alliance_id,
                    committee_id=committee.id,
                    partner_id=ours,
                    member_id=member_id,
                    kind=SeatKind.MEMBER,
                    since=MONDAY,
                )
            )
        unwilling = sorted(elsewhere)[0]
        optouts.opt_out(session, unwilling, SUBJECT, now=MONDAY)
        entry = changing.add(session, ana, Wording(name="API", meaning="Drug"), now=MONDAY)
        check, chosen = begin(session, entry.term, member_id=ana.member_id, now=MONDAY)
        drawn = set(chosen)
        assert len(drawn & seated) == FEWEST
        assert len(drawn - seated - elsewhere) == FEWEST
        assert len(drawn & others) >= FEWEST - 1  # Ana is one of those without a seat
        assert len(drawn & elsewhere) == SAMPLE
        assert unwilling not in drawn
        assert not check.is_reported
        again, nobody = begin(session, entry.term, member_id=ana.member_id, now=MONDAY)
        assert nobody == []
        assert again.is_reported


def make_committee(session: Session, ana: Viewer) -> Committee:
    committee = Committee(
        alliance_id=ana.alliance_id,
        name="JSC",
        created_at=MONDAY,
        audience_kind=AudienceKind.ALLIANCE,
    )
    session.add(committee)
    session.flush()
    return committee
