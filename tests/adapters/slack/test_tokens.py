"""Tokens that rotate: exchanged once by whoever needs them, kept encrypted, read with old keys."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import select

from adapters.slack.send import SlackPlatform
from adapters.slack.tokens import PURPOSE, Tokens
from adapters.slack.vault import Unreadable, Vault
from bot.core.errors import RetryLater, Undeliverable
from bot.core.ports import Outgoing
from bot.db.engine import Database
from bot.people import installations as table
from bot.people.installations import Installation, NewInstallation
from bot.testing.world import make_view
from tests.fakes.slack import Channel, FakeSlack
from tests.fakes.slack.users import give_token
from tests.harness import ManualClock
from tests.installing import KEY

HOUR = timedelta(hours=1)
NEW = "a newer key of thirty-two letters"


@dataclass
class Stage:
    """A workspace whose token lives twelve hours, and processes that know it."""

    slack: FakeSlack
    database: Database
    clock: ManualClock
    channel: Channel

    def process(self, *keys: str, patience: float = 2.0) -> Tokens:
        return Tokens(
            self.database,
            AsyncWebClient(base_url=self.slack.api_url, retry_handlers=[]),
            Vault(keys or (KEY,), purpose=PURPOSE),
            clock=self.clock,
            client_id=self.slack.world.client_id,
            client_secret=self.slack.world.client_secret,
            patience=patience,
        )

    async def opened(self, *keys: str, patience: float = 2.0) -> Tokens:
        made = self.process(*keys, patience=patience)
        await made.open()
        return made

    def advance(self, by: timedelta) -> None:
        self.clock.advance(by)
        self.slack.advance(by.total_seconds())

    def exchanges(self) -> int:
        return len([c for c in self.slack.calls("oauth.v2.access") if c.error is None])

    def kept(self) -> Installation:
        with self.database.read() as session:
            return session.exec(select(Installation)).one()

    async def says(self, tokens: Tokens, *, within: float = 2.0) -> str:
        """Post through a process; the token that Slack took."""
        platform = SlackPlatform(tokens._client, request_timeout=within, tokens=tokens)
        await platform.send(
            Outgoing(
                key="k",
                workspace=self.channel.team.id,
                channel=self.channel.id,
                user=None,
                thread=None,
                view=make_view("Hello"),
            )
        )
        return self.slack.messages(self.channel)[-1].text


@pytest.fixture
def stage(database: Database, clock: ManualClock) -> Iterator[Stage]:
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        ana = slack.user("Ana", team=acme)
        channel = slack.channel("steering", team=acme, members=[ana])
        slack.world.rotates_tokens = True
        made = Stage(slack, database, clock, channel)
        yield made
        assert slack.strict_errors == []


@pytest.fixture
async def one(stage: Stage) -> Tokens:
    """The process that has installed Entente."""
    tokens = stage.process()
    installed = stage.slack.installation
    give_token(stage.slack.world, installed)
    new = NewInstallation(
        platform="slack",
        external_id=installed.team.id,
        workspace=installed.team.id,
        name="Acme",
        is_organisation=False,
        bot_user=installed.bot.id,
        bot_id=installed.bot_id,
        scopes="chat:write",
        secret=tokens.close(installed.token, installed.refresh),
        expires_at=stage.clock() + 12 * HOUR,
        granted_at=stage.clock(),
    )
    await stage.database.in_write(lambda session: table.save(session, new, now=stage.clock()))
    await tokens.open()
    return tokens


async def test_a_process_that_stops_begins_no_exchange(stage: Stage, one: Tokens) -> None:
    one.stop()
    stage.advance(11.5 * HOUR)
    assert await stage.says(one) == "Hello"
    stage.advance(HOUR)
    with pytest.raises(RetryLater):
        await stage.says(one)
    assert stage.exchanges() == 0


async def test_a_token_that_lasts_is_used_as_it_is(stage: Stage, one: Tokens) -> None:
    stage.advance(10 * HOUR)
    assert await stage.says(one) == "Hello"
    assert stage.exchanges() == 0


async def test_a_token_is_exchanged_before_it_ends(stage: Stage, one: Tokens) -> None:
    before = stage.kept()
    stage.advance(11 * HOUR + HOUR / 2)
    assert await stage.says(one) == "Hello"
    assert stage.exchanges() == 1
    after = stage.kept()
    assert after.secret != before.secret
    assert after.refreshing_until is None
    assert after.expires_at == stage.clock() + 12 * HOUR


async def test_one_that_ended_long_ago_is_exchanged_too(stage: Stage, one: Tokens) -> None:
    stage.advance(200 * HOUR)
    assert await stage.says(one) == "Hello"


async def test_of_many_processes_that_need_it_at_once_one_exchanges_it(
    stage: Stage, one: Tokens
) -> None:
    others = [one, *[await stage.opened() for _ in range(3)]]
    stage.advance(13 * HOUR)
    said = await asyncio.gather(*(stage.says(each) for each in others for _ in range(3)))
    assert said == ["Hello"] * 12
    assert stage.exchanges() == 1
    assert len({next(iter(each.installations)).token for each in others}) == 1


async def test_while_one_exchanges_the_others_go_on_with_the_old_one(
    stage: Stage, one: Tokens
) -> None:
    other = await stage.opened()
    stage.advance(11 * HOUR + HOUR / 2)
    gate = stage.slack.hangs("oauth.v2.access")
    slow = asyncio.create_task(stage.says(one))
    await asyncio.to_thread(gate.entered.wait, 5)
    assert await stage.says(other) == "Hello"
    gate.release()
    assert await slow == "Hello"
    assert stage.exchanges() == 1


async def test_one_that_died_while_exchanging_holds_nobody_up_for_long(
    stage: Stage, one: Tokens
) -> None:
    await stage.database.in_write(
        lambda session: table.claim_refresh(
            session, stage.kept().id, stage.kept().secret, now=stage.clock(), lease=30 * HOUR / 3600
        )
    )
    stage.advance(HOUR)
    stage.advance(11 * HOUR)
    assert await stage.says(one) == "Hello"


async def test_slack_out_of_reach_is_no_trouble_while_the_old_one_lasts(
    stage: Stage, one: Tokens
) -> None:
    stage.advance(11 * HOUR + HOUR / 2)
    stage.slack.drops("oauth.v2.access", recorded=False)
    assert await stage.says(one) == "Hello"
    assert stage.kept().refreshing_until is None
    stage.slack.fails("oauth.v2.access", status=503)
    stage.advance(HOUR)
    with pytest.raises(RetryLater, match="not exchanged"):
        await stage.says(one)
    assert await stage.says(one) == "Hello"


async def test_a_removed_one_is_exchanged_for_nothing(stage: Stage, one: Tokens) -> None:
    await stage.database.in_write(
        lambda session: table.remove(session, "slack", stage.channel.team.id)
    )
    stage.advance(13 * HOUR)
    with pytest.raises(Undeliverable, match="app_removed"):
        await stage.says(one)
    assert stage.exchanges() == 0
    assert len(one.installations) == 0


async def test_a_token_that_slack_refuses_is_looked_for_anew(stage: Stage, one: Tokens) -> None:
    """Another process has it by now: installed anew, or exchanged."""
    other = await stage.opened()
    stage.advance(11 * HOUR + HOUR / 2)
    await stage.says(one)
    assert stage.exchanges() == 1
    stage.slack.world.former_tokens.clear()
    assert await stage.says(other) == "Hello"


async def test_the_text_of_a_token_is_in_no_row_and_no_repr(stage: Stage, one: Tokens) -> None:
    token = stage.slack.installation.token
    known = next(iter(one.installations))
    assert known.token == token
    assert token not in repr(known)
    assert token not in stage.kept().secret


async def test_a_new_key_in_front_takes_over_what_the_old_one_closed(
    stage: Stage, one: Tokens
) -> None:
    both = await stage.opened(NEW, KEY)
    assert await stage.says(both) == "Hello"
    alone = await stage.opened(NEW)
    assert await stage.says(alone) == "Hello"
    lost = await stage.opened("a key that nobody had in use before")
    assert len(lost.installations) == 0


async def test_other_processes_learn_of_tokens_that_were_closed_anew(
    stage: Stage, one: Tokens
) -> None:
    other = await stage.opened(KEY, NEW)
    await stage.opened(NEW, KEY)
    stage.advance(13 * HOUR)
    assert await stage.says(other) == "Hello"


async def test_a_token_that_is_being_exchanged_is_not_closed_anew(
    stage: Stage, one: Tokens
) -> None:
    stage.advance(13 * HOUR)
    gate = stage.slack.hangs("oauth.v2.access")
    slow = asyncio.create_task(stage.says(one))
    await asyncio.to_thread(gate.entered.wait, 5)
    other = await stage.opened(NEW, KEY)
    gate.release()
    assert await slow == "Hello"
    assert await stage.says(other) == "Hello"
    assert stage.exchanges() == 1


async def test_whoever_can_wait_no_longer_leaves_the_exchange_to_its_end(
    stage: Stage, one: Tokens
) -> None:
    patient = await stage.opened(patience=60.0)
    stage.advance(13 * HOUR)
    gate = stage.slack.hangs("oauth.v2.access")
    with pytest.raises(RetryLater, match="being exchanged"):
        await stage.says(patient, within=0.3)
    gate.release()
    assert await stage.says(patient) == "Hello"
    assert stage.exchanges() == 1


def test_a_vault_opens_nothing_that_was_altered_or_closed_for_another_purpose(
    clock: ManualClock,
) -> None:
    vault = Vault([KEY], purpose="one")
    closed = vault.close("text", now=clock())
    assert vault.open(closed) == "text"
    for other in (
        Vault([KEY], purpose="another").close("text", now=clock()),
        closed[:-4] + "AAA=",
        "",
        "ä",
    ):
        with pytest.raises(Unreadable):
            vault.open(other)
