"""What the playground's alliance has agreed on before anybody opens it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from adapters.local import cast
from adapters.local.cast import BOT, LINES, PEOPLE
from adapters.local.sample import NORTH_STAR
from bot.delivery.models import Delivery, Lane
from bot.features.decisions import log
from bot.features.decisions.models import Decision
from bot.features.glossary.models import Term, TermStatus
from bot.statements.models import Voice
from tests.adapters.local.served import Served


def notes(served: Served, person: str) -> list[str]:
    """What Entente has written to somebody."""
    found = served.messages(person, f"D-{person}")
    return [m.view.plain_text() for m in found if m.author == BOT and m.view is not None]


def test_words_are_agreed_or_contested(served: Served) -> None:
    with Session(served.playground.database.engine) as session:
        found = {term.name: term.status for term in session.exec(select(Term))}
        contested = {name for name, status in found.items() if status == TermStatus.CONTESTED}
        agreed = {name for name, status in found.items() if status == TermStatus.AGREED}
    assert contested == {"API", "baseline", "site", "approved"}
    assert len(agreed) == len(found) - 4 == 8


@pytest.mark.parametrize("person", ["U-TOM", "U-PRIYA"])
def test_both_sides_read_both_meanings(served: Served, person: str) -> None:
    served.say(person, "dm", "what is API?")
    said = served.text(person, f"D-{person}")
    assert "The active pharmaceutical ingredient" in said
    assert "The interface through which the registry hands data" in said
    served.say(person, "dm", "define joint steering committee")
    assert "two voices, one for each partner" in served.text(person, f"D-{person}")


def test_decisions_are_numbered_in_the_order_in_which_they_were_taken(served: Served) -> None:
    with Session(served.playground.database.engine) as session:
        rows = session.exec(select(Decision).order_by(col(Decision.number))).all()
        entries = log.get_entries(session, rows)
        said = [(entry.name, str(entry.state)) for entry in entries]
        taken = [entry.decision.created_at for entry in entries]
        voices = session.exec(select(Voice)).all()
        assert all(voice.at <= served.clock() for voice in voices)
    assert said == [
        ("D-1", "confirmed"),
        ("D-2", "confirmed"),
        ("D-3", "confirmed"),
        ("D-4", "proposed"),
    ]
    assert taken == sorted(taken)
    assert taken[-1] == served.clock()


def test_jonas_alone_is_asked_and_his_yes_settles_it(served: Served) -> None:
    served.settle()
    for person in PEOPLE:
        assert len(notes(served, person.id)) == (person.id == "U-JONAS"), person.name
    asked = served.last("U-JONAS", "D-U-JONAS")
    assert "Test the small pump with school nurses" in asked.view.plain_text()
    served.press("U-JONAS", asked.id, "Confirm for Borealis")
    assert "confirm" in served.playground.tour.get_done()
    assert "D-4" in notes(served, "U-HELEN")[-1]
    with Session(served.playground.database.engine) as session:
        last = session.exec(select(Decision).where(col(Decision.number) == 4)).one()
        assert log.get_entry(session, last).state == log.State.CONFIRMED


def test_the_north_star_and_the_committees_charter_count_at_both_partners(served: Served) -> None:
    for person in ("U-ANA", "U-JONAS"):
        served.say(person, "dm", "north star")
        said = served.text(person, f"D-{person}")
        assert NORTH_STAR in said
        assert "Confirmed by Acme, Borealis" in said
        assert "only" not in said
        served.say(person, "dm", "charter JSC")
        assert "By consensus, one voice for each partner" in served.text(person, f"D-{person}")
    for person, own, other in (
        ("U-TOM", "portfolio board", "ethics board"),
        ("U-PRIYA", "ethics board", "portfolio board"),
    ):
        served.say(person, "dm", "charter JSC approvals")
        said = served.text(person, f"D-{person}")
        assert own in said
        assert other not in said


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2027, 3, 3, 16, 37, tzinfo=UTC), date(2027, 3, 3)),
        (datetime(2027, 3, 3, 5, tzinfo=UTC), date(2027, 3, 2)),
        (datetime(2027, 3, 1, 7, tzinfo=UTC), date(2027, 2, 26)),
        (datetime(2027, 3, 7, 20, tzinfo=UTC), date(2027, 3, 5)),
    ],
)
def test_people_said_good_morning_on_a_working_morning_that_is_over(
    now: datetime, day: date
) -> None:
    berlin = [
        cast.get_moment(line, now=now).astimezone(ZoneInfo("Europe/Berlin")) for line in LINES
    ]
    assert {moment.date() for moment in berlin} == {day}
    assert all(time(8) <= moment.time() < time(10) and moment < now for moment in berlin)


def test_nothing_else_is_left_over(served: Served) -> None:
    with Session(served.playground.database.engine) as session:
        assert [d.topic for d in session.exec(select(Delivery))] == ["confirmations.request"]
        woken = session.exec(select(Lane).where(col(Lane.next_at).is_not(None))).all()
        assert [lane.user for lane in woken] == ["U-JONAS"]


def test_a_hint_at_a_word_that_misleads_ticks_the_tour(served: Served) -> None:
    served.say("U-TOM", "C-SHARED", "We file the protocol on Friday.")
    assert "word" not in served.playground.tour.get_done()
    served.say("U-TOM", "C-SHARED", "We file the API section on Friday.")
    hint = served.text("U-TOM", "C-SHARED")
    assert "At Acme: The active pharmaceutical ingredient" in hint
    assert "word" in served.playground.tour.get_done()
    seen = served.messages("U-PRIYA", "C-SHARED")
    assert not any(m.view and "means different things" in m.view.plain_text() for m in seen)
