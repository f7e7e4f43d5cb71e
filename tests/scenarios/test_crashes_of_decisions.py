"""A process is killed between a confirmation and its announcement: neither is lost, and neither is
there twice where a platform can be asked what arrived."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.statements.models import Version, Voice
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.process import Process, make_environment, name_teams, serving, wait_until
from tests.scenarios.casts import found_alliance, join, note
from tests.scenarios.people_in_slack import InSlack
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person

pytestmark = pytest.mark.process

REQUEST = "can you confirm D-1"


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for what another process does."""
    found: list[Any] = []

    def look() -> Any:
        found.append(condition())
        return found[-1]

    wait_until(look, what)
    return found[-1]


@dataclass
class Stage:
    """Ana of Acme and Jonas, who speaks for Borealis, in one channel. `serve`: a process at work;
    `hang`: from now on whatever is sent gets no answer, whether it arrives or not; `count_sent`:
    how often sending was tried; `is_asked`: whether what arrived can be found out."""

    ana: Person
    jonas: Person
    fake: FakeSlack | FakeTeams
    database: Database
    serve: Callable[[Path], AbstractContextManager[Process]]
    hang: Callable[[bool], object]
    count_sent: Callable[[], int]
    is_asked: bool

    def begin(self) -> None:
        """An alliance of two, in the channel where both are."""
        found_alliance(self.ana)
        join(self.ana, self.jonas)
        self.ana.says("link")
        for who in (self.ana, self.jonas):
            who.presses("Read and agree: #joint", on="#joint")
            who.fills()
            who.close_form()

    def is_idle(self) -> bool:
        """Whether nothing is left to do in the outbox."""
        with self.database.read() as session:
            left = col(Delivery.state).in_(("queued", "sending"))
            return session.exec(select(Delivery.id).where(left)).first() is None

    def read_states(self) -> list[str]:
        with self.database.read() as session:
            return list(session.exec(select(Version.state)))

    def count_voices(self) -> int:
        with self.database.read() as session:
            return session.exec(select(func.count()).select_from(Voice)).one()

    def count_told(self) -> tuple[int, int]:
        """How often it was announced, and how often Ana, who had asked, was told."""
        announced = [text for text in self.ana.posts() if "D-1 is confirmed by" in text]
        return len(announced), sum("Confirmed: D-1" in text for text in self.ana.letters())


def in_slack(url: str, database: Database) -> Iterator[Stage]:
    with FakeSlack() as slack:
        acme, borealis = slack.team("Acme"), slack.team("Borealis")
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        jonas = slack.user("Jonas", team=borealis, tz="Europe/Zurich")
        room = slack.channel("joint", team=acme, shared_with=[borealis], members=[ana, jonas])
        environment = make_environment(url, slack)
        yield Stage(
            InSlack(ana, room, slack, until),
            InSlack(jonas, room, slack, until),
            slack,
            database,
            lambda folder: serving(folder, environment, slack, "run"),
            lambda arrives: slack.hangs("chat.postMessage", recorded=arrives, times=None),
            lambda: len(slack.calls("chat.postMessage")),
            is_asked=True,
        )


def in_teams(url: str, database: Database) -> Iterator[Stage]:
    with FakeTeams() as teams:
        acme, borealis = teams.tenant("Acme"), teams.tenant("Borealis")
        ana, jonas = teams.user("Ana", tenant=acme), teams.user("Jonas", tenant=borealis)
        teams.team("Borealis at home", tenant=borealis)
        team = teams.team("Alliance", tenant=acme)
        room = teams.channel("joint", team=team, members=[ana, jonas], kind="shared")
        environment = make_environment(url, None, **name_teams(teams))
        yield Stage(
            InTeams(ana, room, teams, until),
            InTeams(jonas, room, teams, until),
            teams,
            database,
            lambda folder: serving(folder, environment, None, "run", teams=teams),
            lambda arrives: teams.hangs(arrives=arrives, times=20),
            lambda: sum(1 for call in teams.world.calls if call.method == "POST"),
            is_asked=False,
        )


@pytest.fixture(params=[in_slack, in_teams])
def stage(request: pytest.FixtureRequest, database_url: str, database: Database) -> Iterator[Stage]:
    for made in request.param(database_url, database):
        yield made
        assert made.fake.strict_errors == []


@pytest.mark.parametrize("arrived", [False, True], ids=["nothing was sent", "all was sent"])
def test_killed_between_confirmation_and_announcement(
    stage: Stage, tmp_path: Path, *, arrived: bool
) -> None:
    ana, jonas = stage.ana, stage.jonas
    with stage.serve(tmp_path / "first") as process:
        stage.begin()
        note(ana, '"Use the Basel site"', "Ask the partners to confirm")
        (version,) = jonas.carries("confirmations.confirm", on=REQUEST)
        wait_until(stage.is_idle, "the request's receipt")
        before = stage.count_sent()
        stage.hang(arrived)
        jonas.press_on(jonas.direct()[-1], "Confirm for Borealis Bio")
        wait_until(lambda: stage.count_sent() >= before + 2, "both to be under way")
        if arrived:
            wait_until(lambda: stage.count_told() == (1, 1), "both to have arrived")
        process.kill()
    assert stage.read_states() == ["confirmed"]
    assert not stage.is_idle()
    assert stage.count_told() == (arrived, arrived)
    stage.fake.works_again()
    told = (1, 1) if stage.is_asked or not arrived else (2, 2)
    with stage.serve(tmp_path / "second"):
        wait_until(stage.is_idle, "an empty outbox")
        assert stage.count_told() == told
        seen = len(jonas.private())
        jonas.forge_press("confirmations.confirm", version)
        until(lambda: jonas.read_form() or jonas.private()[seen:], "an answer to the second press")
        wait_until(stage.is_idle, "an empty outbox")
    assert stage.read_states() == ["confirmed"]
    assert stage.count_told() == told
    assert stage.count_voices() == 2
