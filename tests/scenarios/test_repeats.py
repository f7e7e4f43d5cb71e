"""Slack sends a thing again when it is not sure: it acts once, and what failed is made good."""

import time
from collections.abc import MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from tests.fakes.slack import Channel, FakeSlack, Response, User
from tests.fakes.slack.courier import encode
from tests.fakes.slack.records import Delivery
from tests.harness import Bot
from tests.scenarios.forging import make_press
from tests.scenarios.probe import Probe, rename

STAR = "An ordinary school day."


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    ana: User
    channel: Channel
    probe: Probe
    logged: Sequence[MutableMapping[str, Any]]

    def versions(self) -> list[str]:
        rows = text("SELECT text FROM versions ORDER BY number")
        return self.bot.read(lambda session: list(session.execute(rows).scalars()))

    def counted(self, outcome: str) -> int:
        counts = self.bot.entente.dispatcher.counts.by_outcome
        return sum(number for (_, came), number in counts.items() if came == outcome)

    def direct_message(self, words: str) -> dict[str, object]:
        ts = self.slack.world.new_ts()
        return {
            "type": "message",
            "user": self.ana.id,
            "channel": self.ana.dm_channel.id,
            "channel_type": "im",
            "text": words,
            "ts": ts,
            "event_ts": ts,
        }

    def twice(self, delivery: Delivery) -> list[Response]:
        """The very same request two times over: same body, same signature."""
        body, kind = encode(delivery)
        # Of another second than whatever was sent before, so that this signature is a new one.
        headers = {**self.slack.sign(body, time.time() - 60), "Content-Type": kind}
        return [self.slack.post_raw(body, headers) for _ in range(2)]

    def pressing(self, action: str, value: str = "") -> Delivery:
        """A press on a button that stands in the channel."""
        payload = make_press(self.slack, self.ana, action, value, self.channel)
        return Delivery("interactive", payload)


@pytest.fixture
def stage(database_url, clock):
    probe = Probe()
    with capture_logs() as logged, FakeSlack() as slack:
        acme = slack.team("Acme")
        with Bot(database_url, slack, clock, features=(probe.feature(),)) as bot:
            ana = slack.user("Ana", team=acme)
            channel = slack.channel("general", team=acme, members=[ana])
            ana.slash("/alliance", "setup", channel=channel)
            (form,) = slack.views(ana)
            ana.submits(form, name="Pact", own_partner="Acme", other_partners="Borealis")
            ana.closes(form)
            ana.slash("/alliance", "link", channel=channel)
            bot.settle()
            yield Stage(slack, bot, ana, channel, probe, logged)
            probe.release.set()
            assert slack.strict_errors == []


def test_a_mention_its_twin_and_their_retries_act_once(stage):
    said = stage.ana.says(stage.channel, f"<@BOT> north star set “{STAR}”")
    assert [answer.status for answer in said.responses] == [200, 200]
    for number in (1, 2):
        for answer in said.responses:
            assert stage.slack.redelivers(answer, retry_num=number).status == 200
    stage.bot.settle()
    assert stage.versions() == [STAR]
    answers = [m for m in stage.slack.ephemerals(user=stage.ana) if STAR in stage.slack.text_of(m)]
    assert len(answers) == 1
    assert stage.counted("repeated") == 5


def test_a_direct_message_delivered_three_times_is_answered_once(stage):
    said = stage.ana.dm("help")
    stage.slack.redelivers(said, retry_num=1)
    stage.slack.redelivers(said, retry_num=2)
    stage.bot.settle()
    assert len(stage.slack.dms(stage.ana)) == 1


def test_a_mistake_delivered_three_times_is_explained_once(stage):
    said = stage.ana.dm("probe wrong")
    stage.slack.redelivers(said, retry_num=1)
    stage.slack.redelivers(said, retry_num=2)
    stage.bot.settle()
    assert len(stage.slack.dms(stage.ana)) == 1


def test_a_retry_while_the_first_attempt_still_runs_acts_once(stage):
    event = stage.direct_message("probe slow")
    passed = stage.bot.entente.slack.door.counts.passed

    def send() -> int:
        return stage.slack.sends_event(event, event_id="Ev0SLOW").status

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(send)
        assert stage.probe.entered.wait(timeout=20)
        retries = [pool.submit(send) for _ in range(2)]
        stage.slack.wait_for(lambda: stage.bot.entente.slack.door.counts.passed == passed + 3)
        stage.probe.release.set()
        assert [task.result() for task in (first, *retries)] == [200, 200, 200]
    stage.bot.settle()
    assert stage.probe.runs == 1
    assert len(stage.slack.dms(stage.ana)) == 1


def test_a_retry_beside_a_first_attempt_that_fails_makes_it_good(stage):
    event = stage.direct_message("probe slow")
    stage.probe.failures = 1

    def send() -> int:
        return stage.slack.sends_event(event, event_id="Ev0SLOW").status

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send)
        assert stage.probe.entered.wait(timeout=20)
        retry = pool.submit(send)
        stage.probe.release.set()
        assert sorted([first.result(), retry.result()]) == [200, 500]
    stage.bot.settle()
    assert stage.probe.runs == 2
    assert len(stage.slack.dms(stage.ana)) == 1


@pytest.mark.parametrize("together", [False, True])
def test_a_press_that_is_replayed_acts_once(stage, together):
    delivery = stage.pressing("probe.press")
    if together:
        body, kind = encode(delivery)
        headers = {**stage.slack.sign(body), "Content-Type": kind}
        with ThreadPoolExecutor(3) as pool:
            answers = list(pool.map(lambda _: stage.slack.post_raw(body, headers).status, range(3)))
        assert answers == [200, 200, 200]
    else:
        assert [answer.status for answer in stage.twice(delivery)] == [200, 200]
    stage.bot.settle()
    assert stage.probe.runs == 1
    assert len(stage.slack.calls("response_url")) == 1


def test_a_form_that_is_sent_off_twice_acts_once(stage):
    stage.ana.slash("/alliance", "probe form", channel=stage.channel)
    (form,) = stage.slack.views(stage.ana)
    sent = stage.ana.submits(form, text="x")
    assert sent.json["response_action"] == "update"
    runs = stage.probe.runs
    answers = stage.twice(sent.delivery)
    assert [answer.status for answer in answers] == [200, 200]
    assert stage.probe.runs == runs + 1


def test_an_event_whose_handler_fails_is_refused_and_its_retry_succeeds(stage):
    stage.probe.failures = 2
    said = stage.ana.dm("probe")
    assert said.responses[0].status == 500
    assert stage.slack.redelivers(said, retry_num=1).status == 500
    stage.bot.settle()
    assert stage.slack.dms(stage.ana) == []
    assert stage.slack.redelivers(said, retry_num=2).status == 200
    assert stage.slack.redelivers(said, retry_num=3).status == 200
    stage.bot.settle()
    assert stage.probe.runs == 3
    assert len(stage.slack.dms(stage.ana)) == 1
    assert stage.counted("failed") == 2


@pytest.mark.parametrize("table", ["seen_events", "versions", "deliveries"])
def test_an_event_that_the_database_does_not_take_is_made_good_by_its_retry(stage, table):
    rename(stage.bot, table, "away")
    said = stage.ana.says(stage.channel, f"<@BOT> north star set “{STAR}”")
    assert {answer.status for answer in said.responses} == {500}
    rename(stage.bot, "away", table)
    assert stage.versions() == []
    for answer in said.responses:
        assert stage.slack.redelivers(answer).status == 200
    stage.bot.settle()
    assert stage.versions() == [STAR]
    answers = [m for m in stage.slack.ephemerals(user=stage.ana) if STAR in stage.slack.text_of(m)]
    assert len(answers) == 1


@pytest.mark.parametrize("way", ["command", "button", "form"])
def test_a_failure_that_slack_does_not_retry_is_told_with_a_reference(stage, way):
    stage.ana.slash("/alliance", "probe form", channel=stage.channel)
    (form,) = stage.slack.views(stage.ana)
    stage.probe.failures = 1
    if way == "command":
        answer = stage.ana.slash("/alliance", "probe", channel=stage.channel)
    elif way == "form":
        answer = stage.ana.submits(form, text="x")
    else:
        answer = stage.slack._courier.deliver(stage.pressing("probe.press"))
    assert answer.status == 200
    stage.bot.settle()
    if way == "form":
        told = f"{stage.slack.text_of(form)} {form.errors}"
    else:
        told = stage.slack.text_of(stage.slack.ephemerals(user=stage.ana)[-1])
    (reference,) = [line["reference"] for line in stage.logged if line["event"] == "event failed"]
    assert f"reference: {reference}" in told
    assert "RuntimeError" not in told
    assert stage.counted("failed") == 1
