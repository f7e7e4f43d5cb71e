"""`entente doctor`, `purge` and `slack manifest` with many workspaces."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlmodel import Session, select
from typer.testing import CliRunner

from adapters.cli.main import app
from bot.core.errors import EntenteError
from bot.people.identity import save_workspace
from bot.people.models import Account, Workspace
from tests.fakes.slack import FakeSlack, User
from tests.harness import Bot, ManualClock
from tests.installing import KEY, install, many_workspaces


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    ana: User
    jonas: User
    settings: dict[str, str]

    def run(self, *words: str, typed: str = "", **more: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, list(words), input=typed, env=self.settings | more)
        failed = isinstance(done.exception, EntenteError)
        said = done.output + (str(done.exception) if failed else "")
        return (1 if failed else done.exit_code), said

    def workspaces(self) -> set[str]:
        return self.bot.read(lambda session: set(session.exec(select(Workspace.external_id)).all()))


@pytest.fixture
def stage(sqlite_url: str, clock: ManualClock) -> Iterator[Stage]:
    with FakeSlack() as slack:
        ana = slack.user("Ana", team=slack.team("Acme"))
        jonas = slack.user("Jonas", team=slack.team("Borealis"))
        given = many_workspaces(slack)
        with Bot(sqlite_url, slack, clock, **given) as bot:
            for who in (ana, jonas):
                install(bot, slack, who)
                who.slash("/alliance", "help")
            env = {name: str(value) for name, value in given.items() if value}
            env |= {
                "DATABASE_URL": sqlite_url,
                "SLACK_SIGNING_SECRET": slack.signing_secret,
                "SLACK_API_URL": slack.api_url,
            }
            yield Stage(slack, bot, ana, jonas, env)


def test_the_doctor_tries_each_token_and_says_where_to_install(stage: Stage) -> None:
    code, said = stage.run("doctor")
    assert code == 0, said
    assert "Installed in 2 workspaces" in said
    assert "https://entente.example.com/slack/install" in said
    stage.slack.revoke_token(stage.jonas.team)
    code, said = stage.run("doctor")
    assert code == 1
    assert f"the token of {stage.jonas.team.id} (token_revoked)" in said


@pytest.mark.parametrize("trouble", ["drops", "limits", "breaks"])
def test_the_doctor_tells_a_slack_that_does_not_answer_from_a_bad_token(
    stage: Stage, trouble: str
) -> None:
    if trouble == "drops":
        stage.slack.drops("auth.test", recorded=False)
    else:
        status = 429 if trouble == "limits" else 503
        stage.slack.fails("auth.test", status=status, retry_after=30 if status == 429 else None)
    code, said = stage.run("doctor")
    assert code == 1
    assert "Slack can't be reached at the moment" in said
    assert "does not accept" not in said


def test_the_doctor_notices_another_key_and_lost_scopes(stage: Stage) -> None:
    code, said = stage.run("doctor", ENTENTE_SECRET_KEY="x" * 40)
    assert code == 1
    assert said.count("ENTENTE_SECRET_KEY does not open the token") == 2
    code, said = stage.run("doctor", ENTENTE_SECRET_KEY=f"{'x' * 40},{KEY}")
    assert code == 0, said


def test_a_purge_shows_what_goes_and_wants_the_id(stage: Stage) -> None:
    team = stage.jonas.team
    for typed in ("no\n", "Borealis\n", "\n\n", f"{stage.ana.team.id}\n"):
        code, said = stage.run("purge", "Borealis", typed=typed)
        assert code == 1
    assert "1 people" in said
    assert "still installed there" in said
    assert team.id in stage.workspaces()
    code, said = stage.run("purge", "Borealis", typed=f"{team.id}\n")
    assert (code, "Deleted." in said) == (0, True)
    assert stage.workspaces() == {stage.ana.team.id}
    assert stage.bot.read(_names) == {"Ana", "a former member"}
    # The processes that run forget the token too.
    stage.bot.settle()
    tokens = stage.bot.entente.slack and stage.bot.entente.slack.app.tokens
    assert tokens is not None
    assert {each.external_id for each in tokens.installations} == {stage.ana.team.id}


def _names(session: Session) -> set[str]:
    return set(session.exec(select(Account.name)).all())


def test_a_purge_names_the_platform_from_which_to_remove_it(stage: Stage) -> None:
    with stage.bot.entente.database.write() as session:
        save_workspace(session, "teams", "tenant", bot_user="28:entente")
    said = stage.run("purge", "tenant", typed="no\n")[1]
    assert "Remove the app in Teams as well" in said
    assert "Slack" not in said


def test_a_purge_of_what_is_not_there_names_what_is(stage: Stage) -> None:
    code, said = stage.run("purge", "Nobody", "--yes")
    assert code == 1
    assert stage.ana.team.id in said
    assert stage.jonas.team.id in said


def test_the_manifest_for_many_workspaces_needs_an_address(stage: Stage) -> None:
    code, said = stage.run("slack", "manifest", "--many-workspaces")
    assert (code, "--url" in said) == (1, True)
    code, said = stage.run(
        "slack", "manifest", "--many-workspaces", "--url", "https://entente.example.com"
    )
    assert code == 0
    assert json.loads(said)["settings"]["token_rotation_enabled"] is True
