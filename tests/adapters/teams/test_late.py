"""Invokes that take longer than Teams waits: answered in time all the same, and finished after."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.adapters.teams.conftest import Scene
from tests.fakes.teams import Response
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import CAPTURE

STILL = "Still at it"


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Ana has an alliance and a channel; her profile is to be read anew."""
    scene.ana.writes("setup")
    scene.bot.settle()
    scene.ana.presses(scene.teams.private(scene.ana)[-1], "Set up an alliance")
    scene.ana.submits(name="Acme–Borealis", own_partner="Acme", other_partners="Borealis")
    scene.ana.mentions(scene.steering, "link")
    scene.bot.settle()
    return scene


def while_teams_hangs(scene: Scene, act: Callable[[], Response]) -> Response:
    """Do something that needs to read, and let Teams answer only after Entente has."""
    app = scene.bot.entente.teams
    assert app is not None
    app.app.patience, app.app.longest = {}, 0.05
    scene.bot.clock.advance(timedelta(days=60))  # type: ignore[attr-defined]
    scene.teams.hangs_reading()
    response = act()
    assert response.status == 200
    app.app.longest = 10.0
    return response


def last_of(scene: Scene) -> str:
    """What Ana was told last, once Teams answers again."""
    scene.teams.works_again()
    scene.bot.settle()
    return scene.teams.text_of(scene.teams.private(scene.ana)[-1])


def test_teams_is_answered_before_it_sends_again_or_gives_up(scene: Scene) -> None:
    teams = scene.bot.entente.teams
    assert teams is not None
    assert teams.app.longest < 15
    for name in ("composeExtension/fetchTask", "composeExtension/submitAction"):
        assert teams.app.patience[name] < 5


def test_a_form_that_takes_long_is_answered_by_message(scene: Scene) -> None:
    scene.ana.writes("north star set")
    scene.bot.settle()
    scene.ana.presses(scene.teams.private(scene.ana)[-1], "Write the North Star")
    before = len(scene.teams.private(scene.ana))
    while_teams_hangs(scene, lambda: scene.ana.submits(text=STAR))
    assert scene.ana.dialog is not None
    assert STILL in scene.ana.dialog.text
    assert len(scene.teams.private(scene.ana)) == before
    assert "in force at Acme only" in last_of(scene)
    scene.ana.writes("north star")
    assert STAR in last_of(scene)


def test_a_button_that_takes_long_changes_its_card_later(scene: Scene) -> None:
    scene.ana.mentions(scene.steering, "remind add “Mind the gap” every monday 09:00")
    scene.bot.settle()
    offered = scene.teams.private(scene.ana)[-1]
    answer = while_teams_hangs(scene, lambda: scene.ana.presses(offered, "Set up a reminder"))
    assert STILL in answer.json["value"]
    assert "Mind the gap" in last_of(scene)
    assert "Nothing is set up" not in last_of(scene)
    scene.ana.writes("remind")
    assert "Mind the gap" in last_of(scene)


def test_a_form_that_could_not_open_in_time_is_said_to_be_late(scene: Scene) -> None:
    message, _ = scene.ana.says(scene.steering, "We use the Basel site.")
    while_teams_hangs(scene, lambda: scene.ana.uses_shortcut(CAPTURE, message))
    assert scene.ana.dialog is not None
    assert STILL in scene.ana.dialog.text
    assert "took too long, so the form did not open" in last_of(scene)


def test_what_is_wrong_in_a_form_is_said_by_message_with_what_was_written(scene: Scene) -> None:
    scene.ana.writes("north star set")
    scene.bot.settle()
    scene.ana.presses(scene.teams.private(scene.ana)[-1], "Write the North Star")
    while_teams_hangs(scene, lambda: scene.ana.submits(text=STAR, review_on="2001-01-01"))
    said = last_of(scene)
    assert "Nothing was saved yet.\nPlease choose a day in the future." in said
    assert STAR in said
    scene.ana.presses(scene.teams.private(scene.ana)[-1], "Open the form")
    scene.ana.submits(text=STAR)
    scene.bot.settle()
    scene.ana.writes("north star")
    assert STAR in last_of(scene)
