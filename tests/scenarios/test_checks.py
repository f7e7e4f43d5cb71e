"""Quiet checks while people chat: who is told what, who is not, and what becomes of it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from adapters import running
from bot.features.glossary.models import Term
from tests.fakes.teams import FakeTeams
from tests.harness import Bot, ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, begun
from tests.scenarios.conftest import Home
from tests.scenarios.meanings import DRUG, SOFTWARE, allow, bring, contest
from tests.scenarios.persons import Person
from tests.scenarios.test_glossary import write_term

CONTESTED = "“API” means different things here."
CLARIFY = "Preview a clarification"
SPELLED_OUT = "active pharmaceutical ingredient"


@pytest.fixture
def two(partners: Cast) -> Cast:
    """Both sides say what API means to them."""
    contest(partners.ana, partners.jonas)
    return partners


@pytest.fixture
def tom(two: Cast) -> Person:
    """A colleague of Ana's, in the channel too."""
    return two.make_colleague("Tom")


@pytest.fixture
def checked(two: Cast) -> Cast:
    """The same, with hints to the author that both sides agreed to."""
    for who in (two.ana, two.jonas):
        allow(who, "private")
    return two


def told(who: Person, text: str, thread: Any = None) -> str:
    """What somebody is told, unasked, for a message in the channel."""
    return "\n".join(who.learns(lambda: who.chats(text, thread)))


def test_nothing_is_checked_before_every_side_agreed(two: Cast, tom: Person) -> None:
    ana, jonas = two.ana, two.jonas
    assert told(ana, "we file the API section on Friday") == ""
    assert "It waits for Borealis Bio" in allow(ana, "private")
    jonas.hears("Your side's yes is missing")
    assert told(ana, "the API section again") == ""
    assert "hints that only the author sees" in allow(jonas, "thread")
    assert CONTESTED in told(ana, "the API section, once more")
    allow(jonas, "off")
    assert told(tom, "the API section") == ""


def test_the_author_alone_is_told_once_and_clarifies(checked: Cast) -> None:
    ana = checked.ana
    message = ana.chats("we'll file the API section on Friday")
    said = ana.hears(CONTESTED)
    assert "At Acme: The drug substance; at Borealis Bio: A software interface" in said
    assert "Ana (Acme), Jonas (Borealis Bio) agreed to it" in said
    assert "Your message isn't stored." in said
    form = ana.presses(CLARIFY, on=CONTESTED)
    assert "Entente for Ana: “API” here means: The drug substance" in form
    assert not any("Entente for" in text for text in ana.posts())
    ana.fills()
    ana.close_form()
    (post,) = ana.reads_below(message)
    assert "Entente for" in post
    assert "“API” here means: The drug substance" in post
    assert told(ana, "and the API again") == ""
    checked.advance(timedelta(days=15))
    assert CONTESTED in told(ana, "the API after two weeks")
    assert "Clarified" in ana.asks("term checks")


def test_what_is_changed_in_one_process_is_found_by_another_at_its_next_look(
    partners: Cast,
) -> None:
    ana, first = partners.ana, partners.bot
    assert isinstance(first, Bot)
    with partners.make_successor() as second:
        first.be_called()
        for who in (ana, partners.jonas):
            allow(who, "private")
        contest(ana, partners.jonas)
        second.call(running.follow(second.entente, serves=True))
        second.be_called()
        ana.chats("we file the API section on Friday")
        second.call(second.entente.dispatcher.finish())
        ana.hears(CONTESTED)
        first.be_called()
    assert running.REFRESH <= 1, "seconds between two looks"


@pytest.mark.parametrize(
    "text",
    [
        "the api section",
        "see `API` and https://example.com/API",
        "> the API\nquoted",
        "API (active pharmaceutical ingredient) is due",
        "We file the API section. By API (active pharmaceutical ingredient) I mean the substance.",
        "the active pharmaceutical ingredient (API) is due",
        "rapid APIary",
        "what does “API” mean?",
    ],
)
def test_no_hint_where_the_word_is_explained_quoted_or_another(checked: Cast, text: str) -> None:
    assert told(checked.ana, text) == ""


def test_a_thread_that_knows_the_word_hears_no_more_of_it(checked: Cast, tom: Person) -> None:
    ana, jonas = checked.ana, checked.jonas
    first = ana.chats(f"API ({SPELLED_OUT}) is due")
    assert told(tom, "is the API ready?", first) == ""
    quoted = ana.chats("By “API” I mean the drug substance")
    assert told(tom, "is the API ready?", quoted) == ""
    assert CONTESTED in told(tom, "is the API ready?")
    second = jonas.chats("hello")
    assert CONTESTED in told(jonas, "our API is down", second)
    assert told(ana, "your API?", second) == ""


def test_dismissing_silences_for_one_for_a_channel_for_all(checked: Cast, tom: Person) -> None:
    ana = checked.ana
    told(ana, "the API")
    ana.presses("Never", on=CONTESTED)
    checked.advance(timedelta(days=15))
    assert told(ana, "the API") == ""
    assert CONTESTED in told(tom, "the API")
    tom.presses("Known here", on=CONTESTED)
    assert told(checked.jonas, "our API") == ""


def test_nobody_presses_what_another_was_told(checked: Cast, tom: Person) -> None:
    told(checked.ana, "the API")
    (value,) = checked.ana.carries("checks.known", on=CONTESTED)
    assert "not yours to answer" in tom.forges("checks.known", value)
    tom.close_form()
    assert CONTESTED in told(checked.jonas, "our API")


def test_an_agreed_meaning_ends_the_hints(checked: Cast) -> None:
    ana = checked.ana
    ana.asks("define API")
    ana.presses("Propose a meaning for all", on="API")
    ana.fills(meaning="The interface; write drug substance.")
    ana.close_form()
    checked.jonas.presses("Confirm for Borealis Bio", on="the meaning of “API”")
    assert told(ana, "we file the API section") == ""


def test_a_discouraged_word_gets_the_agreed_one(checked: Cast, tom: Person) -> None:
    write_term(
        checked.ana,
        name="drug product",
        meaning="What patients take.",
        discouraged="the pill",
        audience="alliance",
    )
    assert "Acme prefers “drug product”" in told(tom, "we ship the pills soon")


def test_within_one_side_nobody_is_told(two: Cast, tom: Person) -> None:
    room = two.make_room("steering", two.ana, tom)
    ana = two.ana.at(room)
    ana.asks("link")
    allow(ana, "private", "steering")
    assert told(tom.at(room), "the API section") == ""


def test_a_word_of_one_side_is_said_to_its_author_alone(home: Home) -> None:
    ana, tom = home.ana, home.tom
    allow(ana, "thread", "steering")
    for name, audience in (("Project Falcon", "partner"), ("drug product", "alliance")):
        write_term(
            ana,
            name=name,
            meaning="What patients take.",
            discouraged=f"{name[0]}-thing",
            audience=audience,
        )
    assert "Acme prefers “Project Falcon”" in told(tom, "we ship the P-thing soon")
    assert "Acme prefers “drug product”" in told(tom, "we ship the d-thing soon")
    assert "Falcon" not in "\n".join(home.posts())


def test_a_clarification_does_not_offer_a_name_of_one_side(checked: Cast, tom: Person) -> None:
    write_term(
        checked.ana,
        name="Project Falcon",
        meaning="What patients take.",
        discouraged="the pill",
        audience="partner",
    )
    assert "Project Falcon" in told(tom, "we ship the pill soon")
    tom.presses(CLARIFY, on="Project Falcon")
    form = tom.read_form()
    assert form is not None
    assert "Falcon" not in form


def test_the_clarification_begins_with_what_ones_own_side_means(checked: Cast) -> None:
    jonas = checked.jonas
    told(jonas, "our API is down")
    assert f"“API” here means: {SOFTWARE}" in jonas.presses(CLARIFY, on=CONTESTED)
    assert f"“API” here means: {DRUG}" in jonas.previews(meaning=f"Acme: {DRUG}")
    jonas.fills(text="our web interface")
    jonas.close_form()
    assert "our web interface" in jonas.sees("Entente for")


def test_the_clear_form_draws_no_hint_and_explains_its_thread(checked: Cast, tom: Person) -> None:
    ana = checked.ana
    ana.opens("term edit API", "Term")
    ana.fills(spelled_out=SPELLED_OUT)
    ana.close_form()
    first = ana.chats(f"we file the {SPELLED_OUT}s section")
    assert told(ana, f"and the {SPELLED_OUT} again") == ""
    assert told(tom, "is the API ready?", first) == ""
    assert CONTESTED in told(tom, "is the API ready?")


def test_what_nobody_confirmed_is_told_to_nobody_as_a_fact(checked: Cast) -> None:
    ana, jonas = checked.ana, checked.jonas
    text = "term,meaning,partner\nDSR,Drug safety report,Acme\nDSR,A nuisance,Borealis Bio\n"
    bring(ana, "both.csv", text)
    assert "Contested" in ana.asks("define DSR")
    assert told(ana, "the DSR is late") == ""
    checked.advance(timedelta(days=1))
    imported = "imported a glossary"
    assert "One meaning in it is said to be your side's" in jonas.hears(imported)
    assert "A nuisance" in jonas.presses("What waits for you", on=imported)
    jonas.asks("define DSR")
    jonas.presses("Confirm for Borealis Bio", on="A nuisance")
    assert "at Borealis Bio: A nuisance" in told(ana, "the DSR is late")


def test_all_senses_of_a_word_are_shown(checked: Cast) -> None:
    ana, jonas = checked.ana, checked.jonas
    bring(ana, "acme.csv", "term,meaning\nAC,Audit committee\nAC,Air conditioning\n")
    bring(jonas, "b.csv", "term,meaning\nAC,Advisory council\nAC,Alternating\n")
    said = told(ana, "the AC for March is over budget")
    for meaning in ("Audit committee", "Air conditioning", "Advisory council", "Alternating"):
        assert meaning in said
    assert "Air conditioning" in ana.presses(CLARIFY, on="Advisory council")
    ana.close_form()
    ana.presses("Known here", on="Advisory council")
    assert told(jonas, "which AC?") == ""


@pytest.mark.parametrize("label", ["Known here", "Not this meaning"])
def test_what_was_said_of_a_hint_can_be_taken_back(checked: Cast, label: str) -> None:
    ana = checked.ana
    told(ana, "the API")
    assert "I won't bring up" in ana.presses(label, on=CONTESTED)
    ana.presses("Take it back", on="I won't bring up")
    checked.advance(timedelta(days=15))
    assert CONTESTED in told(ana, "the API")


def test_a_manager_has_people_told_again_in_a_channel_that_knew(checked: Cast, tom: Person) -> None:
    ana, jonas = checked.ana, checked.jonas
    assert "Known in" not in ana.asks("term checks")
    told(tom, "the API")
    assert "Managers see that in" in tom.presses("Known here", on=CONTESTED)
    assert told(jonas, "our API") == ""
    said = tom.asks("term checks")
    assert "Known in #joint, so that nobody is told: “API”." in said
    assert "Tell again" not in said
    assert "Known in #joint" in jonas.asks("term checks")
    again = jonas.chooses("API", in_menu="Tell again", on="Known in #joint")
    assert "People in #joint are told about “API” again" in again
    assert "Known in" not in again
    assert CONTESTED in told(jonas, "our API")


def test_what_a_channel_knew_it_hears_of_again_in_another_meaning(checked: Cast) -> None:
    ana, jonas = checked.ana, checked.jonas
    told(ana, "the API")
    ana.presses("Known here", on=CONTESTED)
    ana.asks("term edit API = The drug substances")
    assert told(jonas, "our API") == ""
    ana.asks("term edit API = What we owe every year.")
    assert "What we owe every year" in told(jonas, "our API")


def test_what_others_do_not_read_does_not_bring_a_dismissed_word_back(
    checked: Cast, tom: Person
) -> None:
    def count() -> tuple[int, int]:
        term = checked.bot.read(
            lambda session: session.exec(select(Term).where(Term.name == "drug product")).one()
        )
        return term.shown, term.dismissed

    ana, jonas = checked.ana, checked.jonas
    write_term(
        ana,
        name="drug product",
        meaning="What patients take.",
        discouraged="the pill",
        audience="alliance",
    )
    told(tom, "we ship the pill soon")
    tom.presses("Known here", on="prefers “drug product”")
    assert count() == (1, 1)
    checked.hire("Mia").asks("term add drug product = What a chemist sells")
    assert count() == (1, 1)
    jonas.asks("term edit drug product = What a doctor prescribes")
    assert count() == (1, 1)
    assert told(ana, "we ship the pill soon") == ""
    jonas.asks("define drug product")
    jonas.presses("Share with the alliance", on="What a doctor prescribes")
    assert count() == (0, 0)
    assert "prefers “drug product”" in told(ana, "we ship the pill soon")


# Where an author can't be told alone


@pytest.fixture(params=["slack", "teams of the host"])
def apart(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Both sides say what API means to them; a hint comes to Jonas in the channel or not at all."""
    for cast in begun(ARRANGEMENTS[request.param](database_url, clock)):
        contest(cast.ana, cast.jonas)
        yield cast


def refuse_next(cast: Cast) -> None:
    """What is shown to one person alone next, the platform does not take."""
    (fake,) = cast.fakes
    if isinstance(fake, FakeTeams):
        fake.fails(400, "InvalidRecipient")
    else:
        fake.fails("chat.postEphemeral", error="user_not_in_channel")


def test_a_hint_that_reached_nobody_counts_for_nothing(apart: Cast) -> None:
    for who in (apart.ana, apart.jonas):
        allow(who, "private")
    refuse_next(apart)
    assert told(apart.jonas, "the API section") == ""
    assert not any(CONTESTED in text for text in apart.ana.posts())
    assert "Clarified" not in apart.ana.asks("term checks")
    assert CONTESTED in told(apart.jonas, "the API section, once more")


def test_the_thread_is_told_where_the_author_cannot_be_told_alone(apart: Cast) -> None:
    ana, jonas = apart.ana, apart.jonas
    for who in (ana, jonas):
        allow(who, "thread")
    refuse_next(apart)
    message = jonas.chats("the API section")
    apart.advance(timedelta(minutes=1))
    (post,) = jonas.reads_below(message)
    assert CONTESTED in post
    assert "Ana (Acme), Jonas (Borealis Bio) agreed to it for #joint" in post
    assert "Managers change that with" in post
    assert "Clarified" in ana.asks("term checks")


def test_the_thread_is_told_no_more_often_than_its_author_would_be(apart: Cast) -> None:
    ana, jonas = apart.ana, apart.jonas
    for name in ("DSR", "IND", "CTA"):
        contest(ana, jonas, name)
    for who in (ana, jonas):
        allow(who, "thread")
    names = ("API", "API", "DSR", "API", "IND", "CTA")
    for name, is_told in zip(names, (True, False, True, False, True, False), strict=True):
        if is_told:
            refuse_next(apart)
        messages: list[Any] = []
        alone = jonas.learns(lambda name=name, to=messages: to.append(jonas.chats(f"the {name}")))
        apart.advance(timedelta(minutes=1))
        assert alone == []
        assert bool(jonas.reads_below(messages[0])) is is_told
    apart.advance(timedelta(days=15))
    refuse_next(apart)
    message = jonas.chats("the API section")
    apart.advance(timedelta(minutes=1))
    assert jonas.reads_below(message)
