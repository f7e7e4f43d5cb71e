"""An alliance of five: three of them are enough, as they agreed. Told alike in Slack and in the
playground."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import Session, select

from adapters.local import cast as local
from adapters.local import records
from bot.db.engine import Database
from bot.people.committees import add_committee, make_rule, seat, set_rule
from bot.people.models import Account, Member
from bot.people.viewer import get_viewers
from tests.adapters.local.served import Served
from tests.builders import OTHERS
from tests.fakes.slack import FakeSlack
from tests.harness import Bot, ManualClock
from tests.scenarios.casts import Timed, get_code, settled
from tests.scenarios.people_in_slack import InSlack
from tests.scenarios.persons import Person
from tests.scenarios.playground import InPlayground

ALL = ("Acme", *OTHERS)


@dataclass
class Five:
    """Acme and four partners, each with a manager, in one channel that all of them share."""

    managers: dict[str, Person]
    database: Database
    clock: Timed

    @property
    def ana(self) -> Person:
        return self.managers["Acme"]

    def begin(self) -> None:
        """Ana sets up, the others join, and all of them sit on the committee."""
        self.ana.opens("setup", "Set up an alliance")
        self.ana.fills(
            name="The five",
            own_partner="Acme",
            other_partners="\n".join(OTHERS),
            zone="Europe/Berlin",
            countries="DE",
        )
        self.ana.close_form()
        for name in OTHERS:
            who = self.managers[name]
            who.opens(f"join {get_code(self.ana, f'invite {name}')}", "Accept the invitation")
            who.fills(name=name, countries="DE")
            who.close_form()
            self.ana.hears(f"{who.name} has joined")
        with self.database.write() as session:
            self._seat_all(session)

    def _seat_all(self, session: Session) -> None:
        """Each partner's manager sits on the committee, and agrees that three are enough."""
        viewers = [v for one in session.exec(select(Account.id)) for v in get_viewers(session, one)]
        assert len(viewers) == len(ALL)
        jsc = add_committee(session, viewers[0], "JSC", now=self.clock.now)
        for viewer in viewers:
            member = session.get_one(Member, viewer.member_id)
            seat(session, viewer, jsc, member, kind="member", since=self.clock.now)
        for viewer in viewers:
            set_rule(session, viewer, jsc, make_rule("count", count=3, days=0))

    def ask(self) -> None:
        """Ana asks all partners to confirm a decision."""
        self.ana.says('decide "Use the Basel site" for JSC')
        self.ana.presses("Ask the partners to confirm", on="Nothing is saved until you press")

    def confirm(self, partner: str) -> str:
        """One manager confirms for their partner; answers what they read by then."""
        who = self.managers[partner]
        who.presses(f"Confirm for {partner}", on="confirm D-1")
        who.until(lambda: True, "the answer")
        return "\n".join(who.texts())


def in_slack(url: str, clock: ManualClock) -> Iterator[Five]:
    with FakeSlack() as slack:
        teams = {name: slack.team(name) for name in ALL}
        users = {name: slack.user(f"{name[:3]}", team=team) for name, team in teams.items()}
        room = slack.channel(
            "five",
            team=teams["Acme"],
            shared_with=[teams[name] for name in OTHERS],
            members=list(users.values()),
            with_bot=True,
        )
        with Bot(url, slack, clock) as bot:
            until = settled(bot)
            managers: dict[str, Person] = {
                name: InSlack(user, room, slack, until) for name, user in users.items()
            }
            yield Five(managers, bot.entente.database, clock)
        assert slack.strict_errors == []


def in_playground(url: str, clock: ManualClock) -> Iterator[Five]:
    """With five workspaces, on the files beside the SQLite database at `url`."""
    if not url.startswith("sqlite"):
        pytest.skip("the playground has a database of its own")
    workspaces = [records.Workspace(id=f"T-{name.upper()}", name=name) for name in ALL]
    people = [
        records.Person(
            id=f"U-{at.name.upper()}", workspace=at.id, name=at.name[:3], role="", zone="UTC"
        )
        for at in workspaces
    ]
    room = records.Channel(id="C-FIVE", workspace=workspaces[0].id, name="five", is_shared=True)
    cast = local.Cast(
        people=people,
        channels=[room],
        members={room.id: [*(person.id for person in people), local.BOT]},
        workspaces=workspaces,
    )
    with Served(Path(url.removeprefix("sqlite:///")).parent, start=clock.now, cast=cast) as served:
        until = settled(served)
        managers: dict[str, Person] = {
            at.name: InPlayground(person, room, served, until)
            for at, person in zip(workspaces, people, strict=True)
        }
        yield Five(managers, served.playground.database, served)


ARRANGEMENTS = {"slack": in_slack, "playground": in_playground}


@pytest.fixture(params=ARRANGEMENTS)
def five(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Five]:
    """The alliance, as its partners have joined it."""
    for made in ARRANGEMENTS[request.param](database_url, clock):
        made.begin()
        yield made


def test_three_of_five_confirm_a_decision_and_all_hear_of_it(five: Five) -> None:
    five.ask()
    assert "It now waits for Cirrus, Delta, Epsilon" in five.confirm("Borealis")
    assert "With that it is confirmed by Acme, Borealis, Delta" in five.confirm("Delta")
    for name in OTHERS:
        five.managers[name].hears("Confirmed: D-1")
    assert "not waiting for an answer any more" in five.confirm("Cirrus")
    assert "Confirmed by Acme, Borealis, Delta" in five.ana.asks("decisions show D-1")


def test_two_objections_of_five_leave_three_and_a_third_ends_it(five: Five) -> None:
    five.ask()
    for name in ("Borealis", "Cirrus", "Delta"):
        who = five.managers[name]
        assert "waits for the partners" in five.ana.asks("decisions show D-1")
        who.presses("Object", on="confirm D-1")
        who.fills(reason="Too early.")
        who.close_form()
    assert "objected to" in five.ana.asks("decisions show D-1")
