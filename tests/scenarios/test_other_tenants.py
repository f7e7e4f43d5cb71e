"""Two alliances in Teams, in tenants of their own or in one: what a card or a dialog sends back
comes from the client, so whoever sends it gets at nothing of the other alliance.

Everything that features register is tried, with the values and forms of its rightful owner.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlmodel import Session, col, select

from adapters.teams import fields
from bot.core.views import Text, view
from bot.people.models import Account, MemberAccount
from bot.people.viewer import Viewer, get_viewers
from tests.fakes.teams import Channel, FakeTeams, Response, TeamsUser
from tests.fakes.teams.cards import walk
from tests.harness import Bot, ManualClock
from tests.scenarios.furnishing import furnish
from tests.scenarios.test_other_alliances import (
    MANIFOLD,
    OPENED_BY_A_CODE,
    SECRETS,
    Rows,
    collect_ids,
    read_rows,
)

Json = dict[str, Any]

TRIED = ("alliances", "statements", "versions", "reminders", "decisions", "terms", "channels")
"""Tables of whose rows one each is tried with every button."""


@dataclass
class Side:
    """One alliance: its manager, and the channel of it."""

    manager: TeamsUser
    channel: Channel


@dataclass
class Stage:
    """Zephyr Pact has what Marlow Ring, and somebody of no alliance, must not see."""

    teams: FakeTeams
    bot: Bot
    theirs: Side
    ours: Side
    outsider: TeamsUser
    ids: dict[str, list[str]] = field(default_factory=dict)
    answers: list[tuple[TeamsUser, Response]] = field(default_factory=list)

    @property
    def intruders(self) -> tuple[TeamsUser, TeamsUser]:
        return self.ours.manager, self.outsider

    def send(self, who: TeamsUser, name: str, value: Json) -> Response:
        """An invoke that no card of theirs would send, from their own chat."""
        response = who._invoke(name, who.direct, value, None, None)
        self.answers.append((who, response))
        assert response.status == 200
        return response

    def press(self, who: TeamsUser, action: str, value: str) -> None:
        """As a button of a message, of a dialog, and as one that opens a dialog."""
        data = fields.press(action, value)
        self.send(who, "adaptiveCard/action", {"action": {"verb": action, "data": data}})
        self.send(who, "task/submit", {"data": data})
        self.send(who, "task/fetch", {"data": fields.opening(action, value)})

    def shown_to(self, who: TeamsUser) -> str:
        """Everything that the bot ever let a person see."""
        places = [c for team in self.teams.world.teams for c in team.channels]
        mine = [c for c in places if who.member in c.members]
        messages = [
            *self.teams.private(who),
            *(m for place in mine for m in self.teams.posts(place)),
        ]
        said = [self.teams.text_of(m) + json.dumps(m.card, ensure_ascii=False) for m in messages]
        return "\n".join([*said, *(r.text for user, r in self.answers if user is who)])

    def their_rows(self) -> Rows:
        ids = {each for found in self.ids.values() for each in found}
        return self.bot.read(lambda session: read_rows(session, ids))

    def values(self) -> list[str]:
        """What could name a thing of theirs in a button."""
        (alliance,) = self.ids["alliances"]
        named = [self.ids[table][0] for table in TRIED]
        named += [each for table in MANIFOLD for each in self.ids[table][1:]]
        return [*named, f"new:{alliance}", json.dumps({"alliance": alliance})]


def set_up(bot: Bot, side: Side, name: str, partners: tuple[str, str]) -> None:
    manager = side.manager
    manager.writes("setup")
    bot.settle()
    manager.presses(manager.teams.private(manager)[-1], "Set up an alliance")
    manager.submits(
        name=name, own_partner=partners[0], other_partners=partners[1], zone="Europe/Berlin"
    )
    manager.dialog = None
    manager.mentions(side.channel, "link")
    bot.settle()


def get_viewer(session: Session, user: str) -> Viewer:
    account = session.exec(select(Account).where(col(Account.external_id) == user)).one()
    assert session.exec(
        select(MemberAccount).where(col(MemberAccount.account_id) == account.id)
    ).first()
    return get_viewers(session, account.id)[0]


@pytest.fixture(params=["tenants of their own", "one tenant"])
def stage(request: pytest.FixtureRequest, sqlite_url: str, clock: ManualClock) -> Iterator[Stage]:
    with FakeTeams() as teams, Bot(sqlite_url, None, clock, teams=teams) as bot:
        zephyr = teams.tenant("Zephyr North")
        marlow = zephyr if request.param == "one tenant" else teams.tenant("Marlow East")
        ottilie, hesper = (teams.user(name, tenant=zephyr) for name in ("Ottilie", "Hesper"))
        ben = teams.user("Ben", tenant=marlow)
        olga = teams.user("Olga", tenant=teams.tenant("Elsewhere"))
        team = teams.team("Pact", tenant=zephyr)
        steering = teams.channel("zephyr-steering", team=team, members=[ottilie, hesper])
        ring = teams.channel(
            "marlow-steering", team=teams.team("Ring", tenant=marlow), members=[ben]
        )
        theirs, ours = Side(ottilie, steering), Side(ben, ring)
        set_up(bot, theirs, "Zephyr Pact", ("Zephyr North", "Quillon"))
        set_up(bot, ours, "Marlow Ring", ("Marlow East", "Marlow West"))
        hesper.mentions(steering, "help")
        ottilie.writes("north star set “a lantern in every harbour”")
        ottilie.mentions(steering, "remind add “bring the blue ledger” every monday 09:00")
        bot.settle()
        ottilie.presses(teams.private(ottilie)[-1], "Set up a reminder")
        olga.writes("help")
        bot.settle()
        with bot.entente.database.write() as session:
            furnish(
                session,
                get_viewer(session, ottilie.id),
                colleague="Hesper",
                text="bring the blue ledger",
                now=clock(),
            )
        made = Stage(teams, bot, theirs, ours, olga)
        made.ids = bot.read(collect_ids)
        yield made
        bot.settle()
        assert teams.strict_errors == []
        counts = bot.entente.dispatcher.counts.by_outcome
        assert [key for key, n in counts.items() if key[1] == "failed" and n] == []


def assert_kept(stage: Stage, before: Rows, typed: Sequence[str] = ()) -> None:
    """Nothing was shown that was not `typed`, and nothing changed."""
    stage.bot.settle()
    for who in stage.intruders:
        shown = stage.shown_to(who)
        leaked = [secret for secret in SECRETS if secret in shown and secret not in typed]
        where = [line[:300] for line in shown.splitlines() if leaked and leaked[0] in line]
        assert leaked == [], f"{who.name} has seen {leaked}: {where[:3]}"
    assert stage.their_rows() == before


def test_the_stage_has_something_to_hide(stage: Stage) -> None:
    shown = stage.shown_to(stage.theirs.manager)
    assert "a lantern in every harbour" in shown
    assert set(TRIED) <= set(stage.ids)


@pytest.mark.parametrize("stage", ["one tenant"], indirect=True)
def test_no_button_or_opening_reaches_into_another_alliance(stage: Stage) -> None:
    registry = stage.bot.entente.dispatcher.registry
    before = stage.their_rows()
    for name in (*registry.buttons, *registry.forms):
        for number, value in enumerate(stage.values()):
            stage.press(stage.intruders[number % 2], name, value)
    assert_kept(stage, before)


def test_no_form_of_another_alliance_can_be_sent_off(stage: Stage) -> None:
    registry = stage.bot.entente.dispatcher.registry
    before = stage.their_rows()
    sent = 0
    for name in set(registry.forms) - OPENED_BY_A_CODE:
        for value in ["", *stage.values()]:
            answer = stage.theirs.manager._invoke(
                "task/fetch",
                stage.theirs.manager.direct,
                {"data": fields.opening(name, value)},
                None,
                None,
            )
            for data in _read_submissions(answer):
                for who in stage.intruders:
                    stage.send(who, "task/submit", {"data": data | {"t:text": "x", "t:name": "x"}})
                    sent += 1
    assert sent > 40
    assert_kept(stage, before)


def _read_submissions(answer: Response) -> list[Json]:
    """What the buttons of an opened form send."""
    task = (answer.json or {}).get("task") or {}
    if task.get("type") != "continue":
        return []
    actions = [e for e in walk(task["value"]["card"]["content"]) if e["type"] == "Action.Submit"]
    return [a["data"] for a in actions if fields.OPENED in fields.read_mark(a.get("data"))]


def test_no_command_reaches_into_another_alliance(stage: Stage) -> None:
    registry = stage.bot.entente.dispatcher.registry
    before = stage.their_rows()
    named = [stage.ids["reminders"][0], stage.ids["partners"][0], "“Zephyr Pact”"]
    for number, command in enumerate(registry.commands.values()):
        for who in stage.intruders:
            if command.reads:
                who.writes(command.phrase)
            who.writes(f"{command.phrase} {named[number % len(named)]}")
    assert_kept(stage, before, typed=("Zephyr",))


def test_what_waits_for_somebody_opens_for_nobody_else(stage: Stage) -> None:
    before = stage.their_rows()
    teams = stage.bot.entente.teams
    assert teams is not None
    kept = teams.platform.kept
    line = kept.name_day(stage.theirs.channel.id)
    shown = view(Text(text="a lantern in every harbour"))
    stage.bot.call(kept.put(line, stage.theirs.manager.id, shown))
    for who in stage.intruders:
        stage.send(who, "task/fetch", {"data": fields.opening("teams.kept", line)})
    assert_kept(stage, before)
