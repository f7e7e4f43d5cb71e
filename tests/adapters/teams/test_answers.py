"""Answers that Teams refuses for now come all the same."""

from collections.abc import Callable
from datetime import timedelta

from tests.adapters.teams.conftest import Scene
from tests.fakes.teams import FakeTeams
from tests.harness import Bot, ManualClock

OWN_CHAT = {"ENTENTE_TEAMS_TARGETED": False}


def comes_after(scene: Scene, act: Callable[[], object], words: str) -> None:
    """What is said by message while Teams refuses everything comes once it does not."""

    def told() -> int:
        said = "".join(scene.teams.text_of(m) for m in scene.teams.private(scene.ana))
        return said.count(words)

    assert isinstance(scene.bot.clock, ManualClock)
    scene.teams.refuses_all()
    act()
    scene.bot.settle()
    assert told() == 0
    scene.teams.works_again()
    scene.bot.clock.advance(timedelta(seconds=40))
    scene.bot.work()
    assert told() == 1


def test_the_start_page_comes_a_little_later(scene: Scene) -> None:
    comes_after(scene, lambda: scene.ana.writes("home"), "Welcome")


def test_the_welcome_comes_a_little_later(scene: Scene) -> None:
    comes_after(scene, scene.ana.adds_bot, "Welcome")


def test_what_is_asked_for_all_at_once_keeps_to_the_limits_and_is_all_answered(
    scene: Scene,
) -> None:
    for _ in range(10):
        scene.ana.writes("home")
    scene.bot.settle()
    at_once = len(scene.teams.dms(scene.ana))
    assert at_once < 10
    scene.bot.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert len(scene.teams.dms(scene.ana)) == 10


def test_nothing_is_shown_within_a_channel_where_the_operator_wants_that(
    sqlite_url: str, clock: ManualClock
) -> None:
    with FakeTeams() as teams, Bot(sqlite_url, None, clock, teams=teams, **OWN_CHAT) as bot:
        ana = teams.user("Ana", tenant=teams.tenant("Acme"))
        room = teams.channel("steering", team=teams.team("A", tenant=ana.tenant), members=[ana])
        ana.mentions(room, "help")
        bot.settle()
        (answer,) = teams.private(ana)
        assert answer in teams.dms(ana)
        assert teams.posts(room) == []
    assert teams.strict_errors == []
