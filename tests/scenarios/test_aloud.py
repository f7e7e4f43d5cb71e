"""Answers are for the one who asks; `aloud` has one read by all, and shows them nothing more."""

import pytest

from tests.scenarios.casts import Cast, note
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import Person


@pytest.fixture
def cast(partners: Cast) -> Cast:
    """Acme and Borealis, both heard in their shared channel; the North Star is Acme's alone."""
    assert "in force at Acme only" in partners.ana.asks(f'north star set "{STAR}"')
    return partners


def go_home(cast: Cast) -> Person:
    """Ana in a channel of Acme's own."""
    ana = cast.ana.at(cast.make_room("steering", cast.ana))
    assert "now belongs to" in ana.asks("link")
    return ana


def post(who: Person) -> str:
    """Somebody has what they were shown posted; what everybody then reads."""
    before = len(who.posts())
    who.presses("Post it here", on="Nothing is posted yet")
    (posted,) = who.posts()[before:]
    return posted


def test_everybody_reads_it_once_it_was_seen_and_posted(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    ana.says("north star share")
    ana.presses("Share with everybody", on="Share with everybody")
    before = len(jonas.posts())
    shown = jonas.asks("north star aloud")
    assert "Nothing is posted yet" in shown
    assert STAR in shown
    assert len(jonas.posts()) == before
    posted = post(jonas)
    assert STAR in posted
    assert "Jonas (Borealis Bio) asked me" in posted


def test_what_is_ones_own_sides_alone_is_not_said_to_all(cast: Cast) -> None:
    ana = cast.ana
    assert STAR in ana.asks("north star")
    assert STAR not in ana.asks("north star aloud")
    assert STAR not in post(ana)


def test_in_a_sides_own_channel_its_own_may_be_said(cast: Cast) -> None:
    ana = go_home(cast)
    assert STAR in ana.asks("north star aloud")
    assert STAR in post(ana)


def test_where_it_is_silent_nothing_is_said_aloud(cast: Cast) -> None:
    assert "I have stopped in" in cast.jonas.asks("unlink")
    before = len(cast.ana.posts())
    assert "only in a channel that is linked" in cast.ana.asks("roster aloud")
    assert len(cast.ana.posts()) == before


@pytest.mark.parametrize("line", ["roster aloud", "who decides budgets? aloud", "charter aloud"])
def test_each_of_these_can_be_said_aloud(cast: Cast, line: str) -> None:
    assert "Nothing is posted yet" in cast.jonas.asks(line)


SHOWN = (
    "decisions aloud",
    "decisions D-1 aloud",
    "decisions show D-1 aloud",
    "decisions search basel aloud",
    "decisions pending aloud",
    "decisions coming up aloud",
    "define batch aloud",
    "what is a batch? aloud",
    "what does batch mean aloud?",
    "term aloud",
    "terms aloud",
    "terms quantity aloud",
    "members aloud",
)
"""What is shown to one person, and can be to all."""

SECRETS = ("Basel", "produced together", "Batch", "batch (")
"""What Acme keeps to itself: a decision, a term and what it means."""


def keep_to_acme(ana: Person) -> None:
    """Acme notes a decision and a term, for its own side alone."""
    note(ana, '"Use the Basel site" because "it can start in May"')
    ana.asks("term add Batch = a quantity produced together")


def test_nothing_a_side_keeps_to_itself_is_said_to_all(cast: Cast) -> None:
    ana, at_home = cast.ana, go_home(cast)
    keep_to_acme(at_home)
    assert "Use the Basel site" in at_home.asks("decisions D-1")
    assert "produced together" in at_home.asks("define batch")
    for line in SHOWN:
        said = ana.asks(line)
        posted = post(ana) if "Post it here" in said else ""
        for secret in SECRETS:
            assert secret not in said, line
            assert secret not in posted, line


def test_what_all_may_read_is_said_to_all(cast: Cast) -> None:
    ana, jonas = go_home(cast), cast.jonas
    keep_to_acme(ana)
    ana.says("decisions share D-1")
    ana.presses("Share with everybody", on="Share with everybody")
    assert "Use the Basel site" in jonas.asks("decisions search basel aloud")
    assert "D-1" in post(jonas)
    assert "Nothing is posted yet" in jonas.asks("what are members? aloud")
    assert "Jonas" in post(jonas)


def test_each_of_them_is_said_in_a_sides_own_channel(cast: Cast) -> None:
    ana = go_home(cast)
    keep_to_acme(ana)
    posted = []
    for line in SHOWN:
        assert "Nothing is posted yet" in ana.asks(line), line
        posted.append(post(ana))
    assert any("Use the Basel site" in text for text in posted)
    assert any("produced together" in text for text in posted)


def test_what_is_ones_own_is_not(cast: Cast) -> None:
    jonas = cast.jonas
    before = len(jonas.posts())
    for line in ("status aloud", "what is the status? aloud", "decisions mine aloud"):
        assert "Post it here" not in jonas.asks(line), line
    for line in ("status aloud", "briefing aloud", "confirm aloud!"):
        assert "That answer is for you alone" in jonas.asks(line), line
    assert len(jonas.posts()) == before
