"""What Entente says unasked about decisions, and how people have less of it."""

import pytest
from sqlmodel import select

from bot.features.decisions.models import Ear
from tests.scenarios.casts import Cast, note, switch_on

SUGGEST, POINT = "Suggest to note decisions down", "Point at what was decided"
HINT = "Shall I note it down?"
BASEL = '"Use the Basel site for phase 2" because "it can start in May"'


@pytest.fixture
def suggesting(partners: Cast) -> Cast:
    switch_on(SUGGEST, partners.ana, partners.jonas)
    return partners


@pytest.fixture
def pointing(partners: Cast) -> Cast:
    """With two decisions on record."""
    note(partners.ana, BASEL)
    note(partners.ana, '"Choose Labcorp as central laboratory" because "they are near"')
    switch_on(POINT, partners.ana, partners.jonas)
    return partners


def close(cast: Cast) -> object:
    """They talk in the channel, and Ana says what is decided."""
    cast.jonas.chats("Which site, Basel or Zurich? Basel can start in May.")
    return cast.ana.chats("ok, let's go with Basel")


def agree(cast: Cast) -> list[str]:
    """Jonas agrees; what Ana then gets to read."""
    return cast.ana.learns(lambda: cast.jonas.chats("great, agreed"))


def ask_why(cast: Cast, text: str) -> list[str]:
    """Jonas says something; what he then gets to read."""
    return cast.jonas.learns(lambda: cast.jonas.chats(text))


def test_what_was_just_captured_is_not_suggested_again(suggesting: Cast) -> None:
    ana = suggesting.ana
    ana.captures(close(suggesting))
    assert "Noted as D-1" in ana.fills(weight="noted", audience="alliance")
    assert agree(suggesting) == []


def test_a_discussion_that_was_none_raises_the_bar_once_and_a_manager_puts_it_back(
    suggesting: Cast,
) -> None:
    ana, jonas = suggesting.ana, suggesting.jonas
    close(suggesting)
    assert len(agree(suggesting)) == 1
    (value,) = ana.carries("decisions.not_one", on=HINT)
    for _ in range(3):
        ana.forges("decisions.not_one", value)
    ana.close_form()
    bar = suggesting.bot.read(lambda session: session.exec(select(Ear.bar)).one())
    assert bar == pytest.approx(0.815)
    close(suggesting)
    assert len(agree(suggesting)) == 1
    assert "from a likelihood of 82 % on. It was 80 %" in ana.asks("decisions listen")
    assert "from a likelihood of 80 % on." in ana.asks("decisions listen reset")
    assert "from a likelihood of 95 % on." in jonas.asks("decisions listen 95")
    assert "from a likelihood of 80 % on." in jonas.asks("undo")
    assert "from 50 to 99 %" in jonas.asks("decisions listen 20")


def test_a_discussion_is_followed_while_managers_switch_on_something_else(suggesting: Cast) -> None:
    close(suggesting)
    switch_on(POINT, suggesting.ana, suggesting.jonas)
    assert len(agree(suggesting)) == 1


def test_what_was_heard_is_forgotten_once_a_manager_wants_no_suggestions(suggesting: Cast) -> None:
    close(suggesting)
    jonas = suggesting.jonas
    jonas.says("decisions listen")
    jonas.presses(f"Off: {SUGGEST}", on="once the managers")
    switch_on(SUGGEST, jonas)
    assert agree(suggesting) == []


def test_only_managers_say_how_sure_to_be(partners: Cast) -> None:
    assert "managers" in partners.make_colleague("Tom").asks("decisions listen 95")


def test_suggestions_stop_for_whoever_wants_none_until_they_unmute(suggesting: Cast) -> None:
    ana = suggesting.ana
    close(suggesting)
    assert len(agree(suggesting)) == 1
    assert "any more" in ana.presses("Never", on=HINT)
    close(suggesting)
    assert agree(suggesting) == []
    assert "Hints come to you again" in ana.asks("unmute")
    assert "nothing has changed" in ana.asks("unmute")
    close(suggesting)
    assert len(agree(suggesting)) == 1


def test_less_of_pointers_is_one_a_week(pointing: Cast) -> None:
    jonas = pointing.jonas
    (pointer,) = ask_why(pointing, "Why did we choose Basel?")
    assert "Acme noted this down on 1 March 2027 (D-1)" in pointer
    assert "Because: it can start in May" in pointer
    assert "once a week" in jonas.presses("Less of this", on="(D-1)")
    assert ask_why(pointing, "Why Labcorp as the central laboratory?") == []
    assert "as before" in jonas.presses("As before", on="once a week")
    assert len(ask_why(pointing, "Why Labcorp as the central laboratory?")) == 1


def test_a_request_that_only_uses_the_words_is_left_alone(pointing: Cast) -> None:
    request = "Can somebody send me the phase 2 slides for the site visit?"
    assert ask_why(pointing, request) == []
    assert len(ask_why(pointing, "I still think Zurich is better than Basel for phase 2")) == 1
