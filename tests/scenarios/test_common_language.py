"""The weekly list, and testing one another's understanding."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import Cast
from tests.scenarios.meanings import DRUG, SOFTWARE, allow, contest
from tests.scenarios.persons import Person
from tests.scenarios.test_checks import CONTESTED, told
from tests.scenarios.test_glossary import write_term

LIST = "Words of the week"
QUESTION = "Two taps"
RESULT = "What people mean by"
ANSWER = "Answer in private"


@pytest.fixture
def two(partners: Cast) -> Cast:
    """Both sides agreed to counting in the shared channel, and to nothing more."""
    allow(partners.ana, "count")
    allow(partners.jonas, "private")
    return partners


@pytest.fixture
def tom(two: Cast) -> Person:
    """A colleague of Ana's, in the channel too."""
    return two.make_colleague("Tom")


def chat(who: Person, *texts: str) -> None:
    for text in texts:
        assert told(who, text) == ""


def count(words: str, texts: list[str]) -> int:
    """How many of the texts say this."""
    return sum(words in text for text in texts)


def test_the_weekly_list_is_cleared_by_buttons(two: Cast) -> None:
    ana, jonas = two.ana, two.jonas
    chat(ana, "the DSMB meets", "ask the DSMB", "a PDF for the CEO", "use `QQQ` QQQ")
    chat(jonas, "DSMB again", "our SUSAR list", "the SUSAR list", "WE ALL SHOUT ZZZ NOW")
    two.advance(timedelta(days=1))
    chat(jonas, "and the DSMB")
    said = ana.asks("term weekly")
    assert "DSMB · partners: 2 · days: 2" in said
    assert "SUSAR · partners: 1" in said
    for word in ("PDF", "CEO", "QQQ", "ZZZ", "Ana", "Jonas"):
        assert word not in said
    assert "every Monday, in your working hours" in ana.presses(
        "Send me this every Monday", on=LIST
    )
    two.advance(timedelta(days=7))
    (listed,) = [text for text in ana.letters() if LIST in text]
    assert "DSMB" in listed
    ana.presses_below("SUSAR", "Ignore", on=LIST)
    ana.presses_below("DSMB", "Define", on=LIST)
    ana.fills(meaning="Data safety monitoring board.")
    ana.close_form()
    said = ana.asks("term weekly")
    assert "DSMB" not in said
    assert "SUSAR" not in said
    assert "SUSAR" in jonas.asks("term weekly")
    ana.presses("Stop sending this", on=LIST)
    two.advance(timedelta(days=8))
    assert count(LIST, ana.letters()) == 1


def test_what_one_side_writes_among_itself_is_its_own(two: Cast, tom: Person) -> None:
    room = two.make_room("steering", two.ana, tom)
    ana = two.ana.at(room)
    ana.asks("link")
    allow(ana, "count", "steering")
    chat(tom.at(room), *["the XQZ project"] * 3)
    assert "XQZ" in ana.asks("term weekly")
    assert "XQZ" not in two.jonas.asks("term weekly")


def test_a_word_is_asked_of_ones_own_people_alone(two: Cast, tom: Person) -> None:
    ana = two.ana
    chat(ana, "the DSMB meets", "ask the DSMB")
    tom.asks("term")
    ana.asks("term weekly")
    ana.presses("Ask a member", on=LIST)
    said = ana.fills(people=[two.jonas.known_as()["user"]])
    assert "at least one person of your own side" in said
    ana.fills(people=[tom.known_as()["user"]])
    tom.hears("what does “DSMB” mean?")
    assert not count("DSMB", two.jonas.texts())


def gather(two: Cast, each: int = 4) -> tuple[list[Person], list[Person]]:
    """So many people of either side whom Entente knows, the managers first."""
    acme = [two.ana, *(two.make_colleague(f"A{n}") for n in range(each - 1))]
    borealis = [two.jonas, *(two.hire(f"B{n}") for n in range(each - 1))]
    for person in (*acme, *borealis):
        person.asks("what is API?")
    return acme, borealis


def test_eight_people_show_where_partners_differ(two: Cast) -> None:
    ana, jonas = two.ana, two.jonas
    contest(ana, jonas)
    acme, borealis = gather(two)
    assert "I ask 8 people" in ana.asks("term check API")
    assert "already" in ana.asks("term check API")
    two.advance(timedelta(hours=8))
    meanings = [DRUG] * 4 + [SOFTWARE] * 3
    for person, meaning in zip((*acme, *borealis), meanings, strict=False):
        person.presses(ANSWER, on=QUESTION)
        person.fills(choice=meaning)
        person.close_form()
    ana.presses(ANSWER, on=QUESTION)
    assert "answered this already" in ana.fills(choice="other")
    ana.close_form()
    assert not count("100 pairs", ana.texts())
    borealis[-1].presses(ANSWER, on=QUESTION)
    borealis[-1].fills(words="It is the substance that is the drug")
    two.advance(timedelta(days=1))
    assert "are closed" in jonas.presses(ANSWER, on=QUESTION)
    (result,) = [text for text in ana.letters() if "100 pairs" in text]
    assert "8 people answered" in result
    assert "Inside Acme: 100 of 100" in result
    assert "Inside Borealis Bio: 50 of 100" in result
    assert "Between the partners: 25 of 100" in result
    assert count("100 pairs", jonas.letters())
    assert not count("100 pairs", acme[1].texts())


def test_too_few_answers_show_no_figure_and_the_check_ends(two: Cast) -> None:
    ana, jonas = two.ana, two.jonas
    contest(ana, jonas)
    gather(two)
    ana.asks("term check API")
    two.advance(timedelta(hours=2))
    ana.presses(ANSWER, on=QUESTION)
    ana.fills(choice=DRUG)
    ana.close_form()
    two.advance(timedelta(days=9))
    (result,) = [text for text in ana.letters() if RESULT in text]
    assert "1 person answered" in result
    assert "Inside Acme: too few" in result
    assert "Between the partners: too few" in result
    assert "of 100 pairs chose" not in result
    answered = count(RESULT, jonas.letters())
    assert "are closed" in jonas.presses(ANSWER, on=QUESTION)
    two.advance(timedelta(days=9))
    assert count(RESULT, jonas.letters()) == answered


def test_nobody_is_asked_where_no_figure_could_come_of_it(two: Cast) -> None:
    ana, jonas = two.ana, two.jonas
    contest(ana, jonas)
    assert "Nobody was asked" in ana.asks("term check API")
    gather(two)
    contest(ana, jonas, "DBL")
    assert "I ask 8 people" in ana.asks("term check API")
    assert "Nobody was asked" in ana.asks("term check DBL")


def test_the_reminder_kind_asks_a_sample_of_each_partner_and_posts_nothing(two: Cast) -> None:
    ana = two.ana
    for word in ("API", "DBL"):
        contest(ana, two.jonas, word)
    acme, borealis = gather(two, 5)
    ana.opens("remind add", "Set up a reminder")
    assert "takes no channel and no people" in ana.previews(kind="meaning_check")
    ana.fills(cadence="every monday 09:00")
    ana.close_form()
    before = ana.posts()
    two.advance(timedelta(days=9))
    assert ana.posts() == before
    assert [count(QUESTION, who.letters()) for who in (*acme, *borealis)] == [1] * 10
    ana.hears("I ask 10 people about “API”")
    two.advance(timedelta(days=7))
    ana.hears("I can't ask about “DBL” now")


def test_a_reminder_that_asks_people_refuses_places(two: Cast) -> None:
    ana = two.ana
    contest(ana, two.jonas)
    line = "remind add meaning check every monday 09:00"
    assert "takes no channel and no people" in ana.asks(f"{line} in #joint")
    assert "what “API” means here" in ana.asks(line)


def test_a_row_is_gone_from_the_list_once_it_is_dealt_with(two: Cast) -> None:
    jonas = two.jonas
    chat(jonas, *["our SUSAR list"] * 3, *["the XQZ"] * 2)
    jonas.asks("term weekly")
    said = jonas.presses_below("SUSAR", "Ignore", on=LIST)
    assert "does not come up in your list any more" in said
    assert "SUSAR · partners" not in said
    assert "XQZ · partners" in said
    assert "comes up in your list again" in jonas.asks("undo")
    assert "SUSAR · partners" in jonas.asks("term weekly")
    jonas.presses_below("SUSAR · partners", "Ignore", on=LIST)
    assert "no explanation of these: SUSAR" in jonas.presses("Ignored words: 1", on=LIST)
    jonas.chooses("SUSAR", in_menu="Bring back", on="no explanation of these")
    assert "SUSAR · partners" in jonas.asks("term weekly")


def test_terms_that_need_a_look_are_put_right_by_their_buttons(two: Cast) -> None:
    ana = two.ana
    contest(ana, two.jonas)
    write_term(ana, name="DBL", meaning="Lock", review_on="2027-03-05")
    two.advance(timedelta(days=20))
    said = ana.asks("term weekly")
    assert "API" in said
    assert "DBL is due" in said
    said = ana.presses("It still fits", on=LIST)
    assert "DBL is due" not in said
    assert "21 March 2028" in said
    assert "stays away from your list" in ana.presses("Not now", on=LIST)
    assert "API" not in ana.asks("term weekly")
    assert "API" in two.jonas.asks("term weekly")
    two.advance(timedelta(days=29))
    assert "API" in ana.asks("term weekly")


def test_a_term_that_most_dismiss_is_told_again_when_a_manager_wants_it(
    two: Cast, tom: Person
) -> None:
    ana = two.ana
    contest(ana, two.jonas)
    allow(ana, "private")
    for number in range(5):
        person = two.make_colleague(f"A{number}")
        person.asks("what is API?")
        assert CONTESTED in told(person, "the API section")
        person.presses("Less of this", on=CONTESTED)
    assert "told 5 times, dismissed 5 times" in ana.asks("term weekly")
    ana.presses("Tell people again", on="dismissed 5 times")
    assert "dismissed 5 times" not in ana.asks("term weekly")
    assert CONTESTED in told(tom, "the API section")
