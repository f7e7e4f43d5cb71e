"""Two sides of one alliance in Teams: the other side's manager and member try every private thing
of the first with every button, form and command there is."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.teams import fields
from tests.fakes.teams import Response, TeamsUser
from tests.fakes.teams.cards import initial_values, walk
from tests.harness import ManualClock
from tests.installing import PUBLIC, Browser
from tests.scenarios.casts import begun, in_teams, write_clause
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.private_things import (
    ON_PRIVATE_THINGS,
    SECRETS,
    collect_private,
    furnish_private,
    name_private,
    read_private,
)
from tests.scenarios.test_other_alliances import MANIFOLD, OPENED_BY_A_CODE, Rows, collect_notes
from tests.scenarios.test_other_tenants import Side, Stage

Json = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """A form as its rightful owner sees it, and what it sends."""

    name: str
    value: str
    data: Json


@dataclass
class Sides(Stage):
    """Acme has what Borealis' manager and member must not see."""

    tom: TeamsUser | None = None
    notes: list[str] = field(default_factory=list)
    seen: dict[str, set[str]] = field(default_factory=dict)

    def values_for(self, action: str) -> list[str]:
        seen = self.seen.get(action, ())
        return self.bot.read(lambda session: name_private(session, self.ids, self.notes, seen))

    def private_rows(self) -> Rows:
        return self.bot.read(lambda session: read_private(session, self.ids))

    def asks_for(self, who: TeamsUser, action: str, value: str) -> Response:
        """As a button that opens a dialog; what is said stands in the answer."""
        return self.send(who, "task/fetch", {"data": fields.opening(action, value)})

    def presses(self, who: TeamsUser, action: str, value: str, way: int) -> None:
        """As a button that opens a dialog, as one of a message, or as one within a dialog."""
        data = fields.press(action, value)
        if way % 3 == 0:
            self.asks_for(who, action, value)
        elif way % 3 == 1:
            given = {"action": {"verb": action, "data": data}}
            self.send(who, "adaptiveCard/action", given)
        else:
            self.send(who, "task/submit", {"data": data})


@pytest.fixture
def stage(sqlite_url: str, clock: ManualClock) -> Iterator[Sides]:
    for cast in begun(in_teams(sqlite_url, clock, ENTENTE_PUBLIC_URL=PUBLIC)):
        ana, jonas = cast.ana, cast.jonas
        assert isinstance(ana, InTeams)
        tom, bea = cast.make_colleague("Tom", "America/New_York"), cast.hire("Bea")
        back = cast.make_room("zephyr-backroom", ana, tom, kind="private")
        ana, tom = ana.at(back), tom.at(back)
        assert "now belongs to" in ana.asks("link")
        ana.asks('north star set "a lantern in every harbour"')
        write_clause(ana, "approvals", "our board above two million")
        write_clause(ana, "scope", "only wide sails")
        ana.asks('remind add "bring the blue ledger" every monday 09:00')
        ana.presses("Set up a reminder", on="Set up a reminder")
        tom.asks("help")
        bea.asks("help")
        with cast.bot.entente.database.write() as session:
            furnish_private(session, now=clock())
        made = Sides(
            ana.fake,
            cast.bot,
            theirs=Side(ana.user, back),
            ours=Side(jonas.user, jonas.room),
            outsider=bea.user,
            tom=tom.user,
        )
        made.ids, made.notes = cast.bot.read(collect_private), cast.bot.read(collect_notes)
        for line in ("status", "roster", "remind", "charter", "north star", "charter edit"):
            ana.asks(line)
        ana.opens_start()
        made.seen = read_values(made)
        yield made
        cast.bot.settle()
        counts = cast.bot.entente.dispatcher.counts.by_outcome
        assert [key for key, n in counts.items() if key[1] == "failed" and n] == []


def read_values(stage: Sides) -> dict[str, set[str]]:
    """What the buttons and menus in front of Acme's manager carry that names a private thing."""
    private = {each for ids in stage.ids.values() for each in ids}
    seen: dict[str, set[str]] = {}
    for message in stage.teams.private(stage.theirs.manager):
        elements = list(walk(message.card))
        offered = [choice["value"] for each in elements for choice in each.get("choices", ())]
        chosen = [fields.decode_option(value) for value in offered]
        for mark in (fields.read_mark(each.get("data")) for each in elements):
            action = str(mark.get(fields.ACTION) or mark.get(fields.FORM) or "")
            values = chosen if fields.MENU in mark else [str(mark.get(fields.VALUE) or "")]
            named = {v for v in values if any(each in v for each in private)}
            seen.setdefault(action, set()).update(named)
    return seen


def assert_kept(stage: Sides, before: Rows) -> None:
    stage.bot.settle()
    assert stage.private_rows() == before
    for who in stage.intruders:
        shown = stage.shown_to(who)
        assert [secret for secret in SECRETS if secret in shown] == [], who.name


def open_private_forms(stage: Sides) -> list[Opened]:
    """Every form that Acme's manager can open for one of Acme's own things."""
    private = {each for ids in stage.ids.values() for each in ids} | set(stage.notes)
    opened: list[Opened] = []
    for name in set(stage.bot.entente.dispatcher.registry.forms) - OPENED_BY_A_CODE:
        for value in stage.values_for(name):
            answer = stage.asks_for(stage.theirs.manager, name, value)
            opened += [Opened(name, value, data) for data in read_submissions(answer)]
    return [
        form
        for form in opened
        if any(each in form.value or each in json.dumps(form.data) for each in private)
    ]


def read_submissions(answer: Response) -> list[Json]:
    """What the buttons of an opened form send, with all that it begins with."""
    task = (answer.json or {}).get("task") or {}
    if task.get("type") != "continue":
        return []
    card = task["value"]["card"]["content"]
    sent = [each["data"] for each in walk(card) if each["type"] == "Action.Submit"]
    return [data | initial_values(card) for data in sent if fields.OPENED in fields.read_mark(data)]


def test_there_is_something_to_hide_and_its_owners_see_it(stage: Sides) -> None:
    assert set(stage.ids) >= {"channels", "statements", "reminders", "committees", "changes"}
    shown = stage.shown_to(stage.theirs.manager)
    assert [secret for secret in SECRETS if secret not in shown] == []


def test_no_button_of_the_other_side_reaches_a_private_thing(stage: Sides) -> None:
    registry, before = stage.bot.entente.dispatcher.registry, stage.private_rows()
    for who in stage.intruders:
        for action in (*registry.buttons, *registry.forms):
            for way, value in enumerate(stage.values_for(action)):
                stage.presses(who, action, value, way)
    assert_kept(stage, before)
    assert stage.bot.entente.dispatcher.counts.by_outcome[("ButtonPressed", "refused")] > 1_000


def test_no_form_of_the_other_side_reaches_a_private_thing(stage: Sides) -> None:
    before, opened = stage.private_rows(), open_private_forms(stage)
    assert {form.name for form in opened} >= ON_PRIVATE_THINGS
    for who in stage.intruders:
        for form in opened:
            stage.send(who, "task/submit", {"data": form.data})
    assert_kept(stage, before)


def test_no_command_of_the_other_side_reaches_a_private_thing(stage: Sides) -> None:
    registry, before = stage.bot.entente.dispatcher.registry, stage.private_rows()
    assert stage.tom is not None
    named = ["", "1", stage.ids["reminders"][0], "#zephyr-backroom", "Quillon"]
    for who in stage.intruders:
        for phrase in registry.commands:
            for name in named:
                who.mentions(stage.ours.channel, f"{phrase} {name}")
            who.mentions(stage.ours.channel, f"{phrase} @Tom in Borealis Bio", stage.tom)
            who.mentions(stage.ours.channel, f"{phrase} @Ana none", stage.theirs.manager)
        who.writes("home")
    stage.bot.settle()
    assert stage.private_rows() == before
    typed = {"zephyr-backroom"}  # What somebody named themselves is no leak.
    for who in stage.intruders:
        shown = stage.shown_to(who)
        assert [secret for secret in set(SECRETS) - typed if secret in shown] == [], who.name


def take_along(stage: Sides, who: TeamsUser) -> str:
    """The files that a manager's links lead to."""
    who.writes("export")
    stage.bot.settle()
    links = re.findall(rf"{PUBLIC}/documents/[\w-]+", json.dumps(stage.teams.dms(who)[-1].card))
    assert links
    return "".join(Browser(stage.bot).get(link).html for link in links)


def test_what_the_other_side_takes_along_holds_no_private_thing(stage: Sides) -> None:
    taken = take_along(stage, stage.ours.manager)
    assert [secret for secret in SECRETS if secret in taken] == []
    own = take_along(stage, stage.theirs.manager)
    assert [secret for secret in SECRETS if secret not in own] == []


def test_what_is_private_and_what_is_nowhere_are_told_alike(stage: Sides) -> None:
    registry, jonas = stage.bot.entente.dispatcher.registry, stage.ours.manager
    for action in (*registry.buttons, *registry.forms):
        expected = stage.asks_for(jonas, action, "f" * 24).text
        for table, ids in stage.ids.items():
            for each in ids if table in MANIFOLD else ids[:1]:
                told = stage.asks_for(jonas, action, each).text
                assert told == expected, f"{action} tells that {table} exist"
