"""One alliance in one process tree: Acme in Slack, Borealis in Teams, and nothing in between."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.engine import Database
from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams
from tests.process import START_WITHIN, Process, make_environment, name_teams, run, serving
from tests.scenarios.casts import BASEL, capture, found_alliance, get_code, join
from tests.scenarios.meanings import DRUG, SOFTWARE, contest
from tests.scenarios.people_in_slack import InSlack
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person

pytestmark = pytest.mark.process

NOTE = "Thursday's agenda is open."


class Stage:
    """Ana works in #steering in Slack; she also visits #joint in Teams, where Jonas works."""

    def __init__(self, slack: FakeSlack, teams: FakeTeams, url: str) -> None:
        self.slack, self.teams = slack, teams
        self.database = Database(url)
        acme = slack.team("Acme")
        user = slack.user("Ana", team=acme, tz="Europe/Berlin")
        steering = slack.channel("steering", team=acme, members=[user])
        self.tenant = teams.tenant("Borealis")
        jonas = teams.user("Jonas", tenant=self.tenant)
        visitor = teams.user("Ana", tenant=teams.tenant("Acme"))
        team = teams.team("Alliance", tenant=self.tenant)
        self.joint = teams.channel("joint", team=team, members=[jonas, visitor], kind="shared")
        self.ana = InSlack(user, steering, slack, self.until)
        self.jonas = InTeams(jonas, self.joint, teams, self.until)
        self.visitor = InTeams(visitor, self.joint, teams, self.until)

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """Wait for what other processes do."""
        return self.slack.wait_for(condition, START_WITHIN, what)

    def hire(self, name: str) -> Person:
        """Somebody new joins Borealis' side of the channel."""
        user = self.teams.user(name, tenant=self.tenant)
        self.teams.joins(user, self.joint)
        return InTeams(user, self.joint, self.teams, self.until)

    def execute(self, statement: str) -> int:
        """How many rows it changed."""
        with self.database.write() as session:
            return int(session.connection().execute(text(statement)).rowcount)

    def make_due(self, table: str) -> None:
        """Move the next moments into the past, once there are any."""
        moment = "datetime('now', '-5 seconds')" if self.database.is_sqlite else "now()"
        statement = f"UPDATE {table} SET next_at = {moment} WHERE next_at IS NOT NULL"
        self.until(lambda: self.execute(statement), f"something in {table}")

    def work_round_the_clock(self) -> None:
        """Whatever day it is, somebody can be written to."""
        self.execute(
            "UPDATE alliances SET hours_start = '00:00', hours_end = '23:59', "
            "days = '[0, 1, 2, 3, 4, 5, 6]'"
        )
        self.execute("UPDATE partners SET countries = '[]'")


@pytest.fixture(params=["web and worker on postgresql", "run on sqlite"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """The processes, at work, before both platforms; they end when told to."""
    is_split = request.param.startswith("web")
    with FakeSlack() as slack, FakeTeams() as teams, ExitStack() as stack:
        url = f"sqlite:///{tmp_path}/entente.db"
        if is_split:
            url = request.getfixturevalue("empty_postgres_url")
        made = Stage(slack, teams, url)
        stack.callback(made.database.close)
        environment = make_environment(url, slack, **name_teams(teams))
        assert run(tmp_path, environment, "db", "upgrade").wait() == 0
        command = "web" if is_split else "run"
        tree = [stack.enter_context(serving(tmp_path, environment, slack, command, teams=teams))]
        if is_split:
            worker = stack.enter_context(Process(tmp_path, environment, "worker"))
            tree.append(worker.wait_until_started())
        yield made
        for process in tree:
            process.terminate()
            assert process.wait() == 0
            assert "Traceback" not in process.said
        assert slack.strict_errors == []
        assert teams.strict_errors == []


def test_an_alliance_lives_in_both(stage: Stage) -> None:
    ana, jonas = stage.ana, stage.jonas
    found_alliance(ana)
    ana.says("link")
    ana.hears("now belongs to")
    join(ana, jonas)
    visit(stage)

    # A decision captured in Slack is confirmed in Teams.
    capture(ana)
    asked = "can you confirm D-1 for Borealis Bio"
    assert BASEL in jonas.hears(asked)
    jonas.presses("Confirm for Borealis Bio", on=asked)
    ana.sees("D-1 is confirmed by the partners")
    for who in (ana, jonas):
        who.says("decisions show D-1")
        assert BASEL in who.hears("Confirmed by Acme, Borealis Bio")

    # A term contested between them is explained on both sides.
    contest(ana, jonas)
    for who in (ana, jonas):
        who.says("what is API?")
        said = who.hears("Contested")
        assert DRUG in said
        assert SOFTWARE in said

    # The same reminder reaches both.
    ana.opens("remind add", "Set up a reminder")
    ana.fills(
        kind="A text of your own",
        text=NOTE,
        cadence="every monday 09:00",
        channels=["#steering", "#joint (in partner workspace)"],
    )
    ana.close_form()
    stage.make_due("reminder_clocks")
    for who in (ana, jonas):
        assert "set up by Ana (Acme)" in who.sees(NOTE)

    # A newcomer in Teams is brought in.
    stage.work_round_the_clock()
    mei = stage.hire("Mei")
    stage.make_due("onboarding_journeys")
    assert "Your alliance manager is Jonas" in mei.hears("Welcome, Mei")

    # Nothing was copied across, and nothing in Teams names the other platform.
    for who in (jonas, mei, stage.visitor):
        said = "\n".join([*who.texts(), *who.posts()])
        assert "Which site for phase 2, Basel or Zurich?" not in said
        assert "slack" not in said.casefold()


def visit(stage: Stage) -> None:
    """Ana's account in Teams becomes hers, and both sides agree to the channel they share."""
    ana, jonas, visitor = stage.ana, stage.jonas, stage.visitor
    visitor.writes(f"join {get_code(ana, 'invite me')}")
    visitor.hears("This account is now yours")
    jonas.says("link")
    for who in (jonas, visitor):
        who.presses("Read and agree: #joint", on="#joint")
        who.fills()
        who.close_form()
    jonas.sees("Hello. I am Entente.")
