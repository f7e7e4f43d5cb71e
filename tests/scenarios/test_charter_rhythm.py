"""A charter comes up again: on its day, when people change, and a clause at a time."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.people.models import Alliance, AudienceKind, Channel, Committee
from tests.harness import Bot
from tests.scenarios.casts import ask_partners, set_up_committee, write_clause
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person

HOLDS = "It still holds"


def make_jsc(home: Home, *people: Person) -> None:
    home.tom.says("charter")
    set_up_committee(home.ana, "JSC", home.tom, *people)


def proposals(home: Home) -> list[str]:
    return [t for t in home.ana.letters() if "looked at again" in t or "seats in" in t]


def test_on_its_day_a_charter_is_proposed_once_in_one_message(home: Home) -> None:
    ana = home.ana
    write_clause(ana, "scope", "Phase 2 only.", review_on="2027-06-01")
    write_clause(ana, "focus", "The registry.", review_on="2027-06-01")
    home.advance(timedelta(days=90))
    assert proposals(home) == []
    home.advance(timedelta(days=6))
    (asked,) = proposals(home)
    assert "Scope" in asked
    assert "Focus" in asked
    assert "asked" not in ana.presses(HOLDS, on=HOLDS)
    assert any("holds on as it is" in text for text in ana.letters())
    assert "Version 2" in ana.asks("charter history scope")
    assert "2 clauses are as they were" in ana.asks("undo")
    home.advance(timedelta(days=30))
    assert len(proposals(home)) <= 1


def test_what_the_partners_confirmed_holds_on_as_it_is(home: Home) -> None:
    ana, jonas = home.ana, home.join()
    write_clause(ana, "scope", "Phase 2 only.", review_on="2027-03-10")
    ask_partners(ana, "charter scope")
    jonas.presses("Confirm for Borealis Bio", on="Phase 2 only.")
    home.advance(timedelta(days=10))
    ana.presses(HOLDS, on=HOLDS)
    assert any("goes on counting as it is" in text for text in ana.letters())
    shown = ana.asks("charter scope")
    assert "Confirmed by Acme, Borealis Bio" in shown
    assert "another wording" not in shown


def test_a_third_of_the_seats_taken_by_others_proposes_it_too(home: Home) -> None:
    ana, team = home.ana, [home.hire(name) for name in ("Bo", "Cy", "Di")]
    for person in team:
        person.says("charter")
    make_jsc(home, *team)
    write_clause(ana, "JSC scope", "Phase 2 only.")
    home.advance(timedelta(days=2))
    ana.says("seat @Bo on JSC as none", team[0])
    home.advance(timedelta(days=2))
    assert proposals(home) == []
    ana.says("seat @Cy on JSC as none", team[1])
    home.advance(timedelta(days=4))
    (asked,) = proposals(home)
    assert "third of the seats in JSC" in asked
    home.advance(timedelta(days=10))
    assert len(proposals(home)) == 1


def test_a_reminder_brings_the_clause_that_was_named(home: Home) -> None:
    make_jsc(home)
    write_clause(home.ana, "scope", "Phase 2 only.")
    write_clause(home.ana, "focus", "The registry.")
    write_clause(home.ana, "JSC scope", "Budgets and sites.")
    assert "Scope (the alliance)" in home.remind("charter scope every wednesday 09:00")
    home.remind("charter JSC every thursday 09:00")
    home.advance(timedelta(days=15))
    posts = home.posts()
    assert sum("Phase 2 only." in post for post in posts) == 2
    assert sum("Budgets and sites." in post for post in posts) == 2
    assert not any("registry" in post for post in posts)


def test_the_form_offers_the_clauses_in_force_and_never_the_approvals(home: Home) -> None:
    ana = home.ana
    write_clause(ana, "scope", "Phase 2 only.")
    write_clause(ana, "approvals", "Our board decides on budgets.")
    ana.opens("remind add", "Set up a reminder")
    shown = ana.previews(kind="charter")
    assert "Scope (the alliance)" in shown
    assert "Internal approvals (" not in shown
    ana.close_form()
    assert "Set up" not in ana.asks("remind add charter approvals every monday 09:00")
    value = '{"alliance":"%s","kind":"charter","cadence":"every monday 09:00","channels":%s,'
    value += '"members":[],"text":"","zone":"","on_holiday":"shift","options":{"choice":"/%s"}}'
    channels = home.cast.bot.read(read_channels)
    for clause in ("approvals", "nonsense"):
        forged = value % (channels[0][0], f'["{channels[0][1]}"]', clause)
        assert "There is no such clause in force" in ana.forges("remind.add", forged)
    home.advance(timedelta(days=8))
    assert not any("board" in post for post in home.posts())


def read_channels(session: Session) -> list[tuple[str | None, str]]:
    return [(c.alliance_id, c.id) for c in session.exec(select(Channel)).all()]


def count(who: Person) -> int:
    """The reminders that somebody got (a newcomer's notes bring the clause up too)."""
    return sum("Budgets and sites." in t and "From the charter" in t for t in who.letters())


def test_a_committee_gets_it_directly_each_in_their_own_zone(home: Home) -> None:
    ana, tom, jonas = home.ana, home.tom, home.join()
    nia = home.hire("Nia", zone="Asia/Tokyo")
    nia.says("charter")
    make_jsc(home)
    write_clause(ana, "JSC scope", "Budgets and sites.")
    said = home.remind("charter JSC scope every wednesday 09:00 for JSC")
    assert "JSC (Acme)" in said
    home.advance(timedelta(days=3))
    assert (count(tom), count(ana)) == (1, 0)
    assert "sits on JSC" in ana.asks("seat @Nia on JSC", nia)
    home.advance(timedelta(days=7))
    assert (count(tom), count(nia)) == (2, 1)
    assert "no longer sits" in ana.asks("seat @Tom on JSC as none", tom)
    home.advance(timedelta(days=7))
    assert (count(tom), count(nia)) == (2, 2)
    assert count(jonas) == 0
    assert "JSC (Acme)" in ana.asks("remind list")


def test_what_only_a_committee_reads_is_brought_to_its_members_alone(home: Home) -> None:
    ana, tom, jonas = home.ana, home.tom, home.join()
    make_jsc(home, ana)
    assert "sits on JSC" in jonas.asks("seat @Jonas on JSC", jonas)
    write_clause(ana, "JSC scope", "Budgets and sites.")
    form = ask_partners(ana, "charter JSC scope", audience="committee")
    assert "Only those who sit on JSC" in form
    jonas.presses("Confirm for Borealis Bio", on="Budgets and sites.")
    assert "Budgets and sites." in tom.asks("charter JSC scope")
    assert "not written yet" in home.hire("Olga").asks("charter JSC scope")
    home.remind("charter JSC scope every wednesday 09:00 for JSC")
    home.remind("charter JSC every wednesday 10:00")
    home.advance(timedelta(days=3))
    assert (count(tom), count(ana), count(jonas)) == (1, 1, 0)
    assert not any("Budgets" in post for post in home.posts())


def test_a_seat_that_ends_on_a_day_ends_the_reminders_too(home: Home) -> None:
    ana, tom = home.ana, home.tom
    make_jsc(home)
    ana.says("seat @Tom on JSC as none", tom)
    ana.says("seat @Tom on JSC from 2027-03-08 until 2027-03-20", tom)
    write_clause(ana, "JSC scope", "Budgets and sites.")
    home.remind("charter JSC scope every wednesday 09:00 for JSC")
    home.advance(timedelta(days=5))
    assert count(tom) == 0
    home.advance(timedelta(days=30))
    assert count(tom) == 2


def test_a_long_clause_is_cut_in_a_reminder_and_read_by_a_button(home: Home) -> None:
    write_clause(home.ana, "scope", "We meet. " * 300)
    home.remind("charter scope every wednesday 09:00")
    home.advance(timedelta(days=3))
    (post,) = home.posts()
    assert len(post) < 1200
    home.tom.says("help")
    assert "We meet. " * 250 in home.tom.presses("Read all of it", on="We meet. ")


def test_charters_of_many_bodies_are_paged(home: Home) -> None:
    write_clause(home.ana, "scope", "Phase 2 only.")
    bot = home.cast.bot
    assert isinstance(bot, Bot)
    with bot.entente.database.write() as session:
        alliance = session.exec(select(Alliance)).one()
        for number in range(46):
            session.add(
                Committee(
                    alliance_id=alliance.id,
                    name=f"Team {number:02} <!here> *x*",
                    created_at=bot.clock(),
                    audience_kind=AudienceKind.ALLIANCE,
                )
            )
    shown = home.tom.asks("charters")
    assert "1 of 11 clauses: Scope" in shown
    assert "Page 1 of 4" in shown
    assert "Page 2 of 4" in home.tom.presses("Next", on="Page 1 of 4")


@pytest.mark.parametrize("value", ["", "x", ":", "a:b", "a:-1", "a:99999999"])
def test_forged_values_are_answered_in_words(home: Home, value: str) -> None:
    for action in ("charter.page", "charter.browse", "charter.keep", "charter.history"):
        said = home.ana.forges(action, value)
        assert said
        assert "Something went wrong" not in said
