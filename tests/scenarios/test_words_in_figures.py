"""How the common language stands, in figures: check by check, in `status` and in the digest; and
what two sides do at the same moment, at any hour."""

from collections.abc import Sequence
from datetime import timedelta

from tests.scenarios.casts import Cast, set_up_committee
from tests.scenarios.meanings import DRUG, SOFTWARE, allow, contest
from tests.scenarios.persons import Person
from tests.scenarios.test_checks import CONTESTED, told
from tests.scenarios.test_common_language import ANSWER, QUESTION, gather


def check(cast: Cast, people: Sequence[Person], meanings: Sequence[str]) -> str:
    """What the managers read once these people have said what API means to them."""
    assert f"I ask {len(people)} people" in cast.ana.asks("term check API")
    cast.advance(timedelta(days=1))
    for person, meaning in zip(people, meanings, strict=True):
        person.presses(ANSWER, on=QUESTION)
        person.fills(choice=meaning)
        person.close_form()
    cast.advance(timedelta(days=4))
    return [text for text in cast.ana.letters() if "100 pairs" in text][-1]


def test_a_check_compares_committee_and_partner_and_shows_how_it_goes_on(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    contest(ana, jonas)
    acme, borealis = gather(partners)
    seated = [partners.make_colleague(f"S{number}") for number in range(4)]
    set_up_committee(ana, "JSC", *seated)
    people = [*acme, *seated, *borealis]
    said = check(partners, people, [DRUG] * 4 + [DRUG, DRUG, DRUG, SOFTWARE] + [SOFTWARE] * 4)
    committee = "Acme's people and those of them who sit on committees: 75 of 100 pairs"
    assert committee in said
    assert "Borealis Bio's people and those" not in said
    assert "check by check" not in said
    partners.advance(timedelta(days=30))
    said = check(partners, people, [DRUG] * 12)
    assert "Between the partners, check by check: 12 → 100." in said

    start = jonas.text_of(jonas.opens_start())
    for said in (jonas.asks("status"), jonas.asks("digest"), start):
        assert "Contested the longest: “API”, for 40 days" in said
        assert "what “API” means, 100 of 100 pairs" in said


def test_each_side_writes_its_own_meaning_at_the_same_moment(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    contest(ana, jonas)
    ana.opens("term edit API", "Term")
    assert "is saved" in jonas.asks("term edit API = A way into a program.")
    assert "is saved" in ana.fills(meaning="The active substance.")
    ana.close_form()
    said = jonas.asks("define API")
    assert "A way into a program." in said
    assert "The active substance." in said


def test_a_hint_comes_at_night_since_its_reader_is_writing(partners: Cast) -> None:
    ana = partners.ana
    contest(ana, partners.jonas)
    for who in (ana, partners.jonas):
        allow(who, "private")
    tom = partners.make_colleague("Tom")
    partners.advance(timedelta(hours=18))
    assert CONTESTED in told(tom, "we file the API section on Friday")
