"""Reminders in a channel that both partners read: nothing of one side's own is shown by itself."""

from datetime import timedelta

import pytest

from tests.scenarios.casts import Cast, found_alliance
from tests.scenarios.conftest import STAR

NEW = "A wording that only Acme knows."
SAVED = "The reminder in #joint is read by the other partners, too"
SHOW = "Show it there"


@pytest.fixture
def two(partners: Cast) -> Cast:
    """Both have agreed to the shared channel, and Acme has a North Star."""
    partners.ana.asks(f'north star set "{STAR}"')
    return partners


def remind(two: Cast, what: str = "north star") -> str:
    """Ana lets something come to the shared channel every Monday; what she reads."""
    offer = two.ana.asks(f"remind add {what} every monday 09:00")
    return offer + two.ana.presses("Set up a reminder", on="Set up a reminder")


def reword(two: Cast, text: str = NEW) -> str:
    """Later, Ana writes another North Star; what she reads."""
    two.advance(timedelta(minutes=5))
    return two.ana.asks(f'north star set "{text}"')


def test_whoever_sets_it_up_reads_that_the_others_read_it(two: Cast) -> None:
    assert "In #joint the other partners read this, too" in remind(two)


@pytest.mark.parametrize("command", ["remind preview 1", "remind test 1"])
def test_the_others_get_no_look_at_a_wording_before_it_comes(two: Cast, command: str) -> None:
    remind(two)
    assert STAR in two.ana.asks(command)
    theirs = two.jonas.asks(command)
    assert STAR not in theirs
    assert "still Acme's own" in theirs


def test_a_new_wording_waits_until_its_side_agrees_to_show_it(two: Cast) -> None:
    ana = two.ana
    remind(two)
    two.advance(timedelta(days=7))
    assert STAR in ana.posts()[-1]
    posted = len(ana.posts())
    assert SAVED in reword(two)
    two.advance(timedelta(days=7))
    assert len(ana.posts()) == posted
    assert "leaves out what is new" in ana.asks("remind list")
    assert "Done" in ana.presses(SHOW, on=SAVED)
    assert "leaves out what is new" not in ana.asks("remind list")
    two.advance(timedelta(days=7))
    assert NEW in ana.posts()[-1]


def test_a_yes_counts_for_what_was_read_and_for_nothing_newer(two: Cast) -> None:
    remind(two)
    second = "The second wording of Acme."
    assert SAVED in reword(two, second)
    reword(two)
    two.ana.presses(SHOW, on=second)
    before = len(two.ana.posts())
    two.advance(timedelta(days=7))
    assert len(two.ana.posts()) == before


def test_a_yes_can_be_taken_back(two: Cast) -> None:
    remind(two)
    reword(two)
    two.ana.presses(SHOW, on=SAVED)
    assert "waits until your side agrees" in two.ana.asks("undo")
    before = len(two.ana.posts())
    two.advance(timedelta(days=7))
    assert len(two.ana.posts()) == before


def test_only_a_manager_of_the_side_itself_agrees(two: Cast) -> None:
    remind(two)
    reword(two)
    (value,) = two.ana.carries("remind.agree", on=SAVED)
    assert "Ask Ana" in two.jonas.forges("remind.agree", value)
    reminder = value.partition("@")[0]
    assert "older message" in two.jonas.forges("remind.agree", reminder)
    two.advance(timedelta(days=7))
    assert not any(NEW in post for post in two.ana.posts())


def test_ones_own_channel_and_people_read_the_new_wording_at_once(two: Cast) -> None:
    ana = two.ana.at(two.make_room("steering", two.ana))
    ana.asks("link")
    ana.asks("remind add north star every monday 09:00")
    ana.presses("Set up a reminder", on="Set up a reminder")
    assert "read by the other partners" not in reword(two)
    two.advance(timedelta(days=7))
    assert NEW in ana.posts()[-1]


def write_scope(two: Cast, text: str) -> str:
    """Ana writes the first clause; what she reads then."""
    two.ana.opens("charter edit scope", "Write it")
    said = two.ana.fills(text=text)
    two.ana.close_form()
    return said


def test_a_new_clause_waits_in_the_charter_too(two: Cast) -> None:
    write_scope(two, "What both know.")
    remind(two, "charter scope")
    two.advance(timedelta(minutes=5))
    assert "read by the other partners, too" in write_scope(two, NEW)
    assert NEW not in two.jonas.asks("remind preview 1")
    before = two.ana.posts()
    two.advance(timedelta(days=7))
    assert two.ana.posts() == before


def test_the_others_see_no_buttons_that_would_be_refused(two: Cast) -> None:
    remind(two)
    theirs = two.jonas.asks("remind list")
    assert "north star" in theirs.casefold()
    assert "Remove" not in theirs
    assert "Remove" in two.ana.asks("remind list")


def test_where_entente_is_still_silent_no_day_is_promised(strangers: Cast) -> None:
    ana = strangers.ana
    found_alliance(ana)
    ana.asks(f'north star set "{STAR}"')
    ana.asks("link")
    said = remind(strangers)
    assert "I am silent in #joint until each side's manager has agreed" in said
    assert "The first one comes on" not in said
    assert "Waits: I am silent there" in ana.asks("remind list")


def test_another_day_for_its_review_is_no_new_wording(two: Cast) -> None:
    ana = two.ana
    remind(two)
    two.advance(timedelta(minutes=5))
    ana.opens("north star set", "Write the North Star")
    assert "read by the other partners" not in ana.fills(review_on="2027-09-01")
    ana.close_form()
    assert "1 September 2027" in ana.asks("north star")
    two.advance(timedelta(days=7))
    assert STAR in ana.posts()[-1]
