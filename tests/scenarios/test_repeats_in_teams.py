"""Teams, too, sends a thing again when it is not sure: it acts once, and failures are made good."""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.fakes.teams import Channel, FakeTeams, Response, TeamsUser
from tests.harness import Bot, ManualClock
from tests.scenarios.probe import Probe, rename

STAR = "An ordinary school day."
SAID = "The probe is back."


@dataclass
class Stage:
    teams: FakeTeams
    bot: Bot
    ana: TeamsUser
    channel: Channel
    probe: Probe
    logged: Sequence[MutableMapping[str, Any]]

    def versions(self) -> list[str]:
        rows = text("SELECT text FROM versions ORDER BY number")
        return self.bot.read(lambda session: list(session.execute(rows).scalars()))

    def counted(self, outcome: str) -> int:
        counts = self.bot.entente.dispatcher.counts.by_outcome
        return sum(number for (_, came), number in counts.items() if came == outcome)

    def told(self, words: str) -> int:
        """How many messages to Ana alone say this."""
        self.bot.settle()
        return sum(words in self.teams.text_of(m) for m in self.teams.private(self.ana))

    def thrice(self, act: Callable[[], Response]) -> None:
        """The very same activity three times over."""
        assert act().status == 200
        for _ in range(2):
            assert self.teams.sends_again().status == 200

    def slowly(self) -> dict[str, Any]:
        """What Teams sends for a message in Ana's own chat that takes long."""
        chat = self.ana.direct
        return {**self.ana._activity("message", chat, "1700000000001"), "text": "probe slow"}


@pytest.fixture
def stage(database_url: str, clock: ManualClock) -> Iterator[Stage]:
    probe = Probe()
    with capture_logs() as logged, FakeTeams() as teams:
        ana = teams.user("Ana", tenant=teams.tenant("Acme"))
        team = teams.team("Alliance", tenant=ana.tenant)
        channel = teams.channel("general", team=team, members=[ana])
        with Bot(database_url, None, clock, teams=teams, features=(probe.feature(),)) as bot:
            ana.mentions(channel, "setup")
            bot.settle()
            ana.presses(teams.private(ana)[-1], "Set up an alliance")
            ana.submits(name="Pact", own_partner="Acme", other_partners="Borealis")
            ana.closes()
            ana.mentions(channel, "link")
            bot.settle()
            yield Stage(teams, bot, ana, channel, probe, logged)
            probe.release.set()
        assert teams.strict_errors == []


def test_a_mention_that_comes_three_times_acts_once(stage: Stage) -> None:
    stage.thrice(lambda: stage.ana.mentions(stage.channel, f"north star set “{STAR}”"))
    assert stage.told(STAR) == 1
    assert stage.versions() == [STAR]
    assert stage.counted("repeated") == 2


@pytest.mark.parametrize(
    ("line", "answer"), [("probe", SAID), ("probe wrong", "I don't know “probe”")]
)
def test_a_direct_message_that_comes_three_times_is_answered_once(
    stage: Stage, line: str, answer: str
) -> None:
    stage.thrice(lambda: stage.ana.writes(line))
    assert stage.told(answer) == 1


def test_a_retry_while_the_first_attempt_still_runs_acts_once(stage: Stage) -> None:
    payload = stage.slowly()

    def send() -> int:
        return stage.teams.sends_again(payload).status

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(send)
        assert stage.probe.entered.wait(timeout=20)
        retries = [pool.submit(send) for _ in range(2)]
        stage.probe.release.set()
        assert [task.result() for task in (first, *retries)] == [200, 200, 200]
    assert stage.told(SAID) == 1
    assert stage.probe.runs == 1


def test_a_retry_beside_a_first_attempt_that_fails_makes_it_good(stage: Stage) -> None:
    payload = stage.slowly()
    stage.probe.failures = 1

    def send() -> int:
        return stage.teams.sends_again(payload).status

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send)
        assert stage.probe.entered.wait(timeout=20)
        retry = pool.submit(send)
        stage.probe.release.set()
        assert sorted([first.result(), retry.result()]) == [200, 500]
    assert stage.told(SAID) == 1
    assert stage.probe.runs == 2


def test_a_press_that_comes_twice_acts_once(stage: Stage) -> None:
    stage.ana.writes("probe button")
    stage.bot.settle()
    assert stage.ana.presses(stage.teams.private(stage.ana)[-1], "Press").status == 200
    assert stage.teams.sends_again().status == 200
    assert stage.told(SAID) == 1
    assert stage.probe.runs == 1


def test_a_form_that_is_sent_off_twice_acts_once(stage: Stage) -> None:
    open_form(stage)
    assert stage.ana.submits(text="x").status == 200
    assert stage.teams.sends_again().status == 200
    assert stage.probe.runs == 1


def open_form(stage: Stage) -> None:
    stage.ana.writes("probe form")
    stage.bot.settle()
    assert stage.ana.presses(stage.teams.private(stage.ana)[-1], "Open the form").status == 200


def test_an_event_whose_handler_fails_is_refused_and_its_retry_succeeds(stage: Stage) -> None:
    stage.probe.failures = 2
    assert stage.ana.writes("probe").status == 500
    assert stage.teams.sends_again().status == 500
    assert stage.told(SAID) == 0
    for _ in range(2):
        assert stage.teams.sends_again().status == 200
    assert stage.told(SAID) == 1
    assert stage.probe.runs == 3
    assert stage.counted("failed") == 2


@pytest.mark.parametrize("table", ["seen_events", "versions", "deliveries"])
def test_an_event_that_the_database_does_not_take_is_made_good_by_its_retry(
    stage: Stage, table: str
) -> None:
    rename(stage.bot, table, "away")
    assert stage.ana.mentions(stage.channel, f"north star set “{STAR}”").status == 500
    rename(stage.bot, "away", table)
    assert stage.versions() == []
    assert stage.teams.sends_again().status == 200
    assert stage.told(STAR) == 1
    assert stage.versions() == [STAR]


@pytest.mark.parametrize("way", ["button", "form"])
def test_a_failure_that_teams_does_not_retry_is_told_with_a_reference(
    stage: Stage, way: str
) -> None:
    if way == "form":
        open_form(stage)
        stage.probe.failures = 1
        assert stage.ana.submits(text="x").status == 200
        assert stage.ana.dialog is not None
        told = stage.ana.dialog.text
    else:
        stage.ana.writes("probe button")
        stage.bot.settle()
        stage.probe.failures = 1
        assert stage.ana.presses(stage.teams.private(stage.ana)[-1], "Press").status == 200
        stage.bot.settle()
        told = stage.teams.text_of(stage.teams.private(stage.ana)[-1])
    (reference,) = [line["reference"] for line in stage.logged if line["event"] == "event failed"]
    assert f"reference: {reference}" in told
    assert "RuntimeError" not in told
    assert stage.counted("failed") == 1
