"""Two partners of an alliance in Slack, in Teams, and one in each; and what they do together."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlmodel import Session, col, select

from adapters.local import cast as local
from adapters.local import records
from adapters.local.cast import ACME, BOREALIS, BOT
from bot.delivery.models import Lane
from tests.adapters.local.served import Served
from tests.fakes.slack import Channel, FakeSlack, Team
from tests.fakes.teams import FakeTeams, Tenant
from tests.harness import Bot, ManualClock
from tests.scenarios.people_in_slack import InSlack
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person, Until
from tests.scenarios.playground import InPlayground

BASEL = "Use the Basel site for phase 2"
CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


class Timed(Protocol):
    """Has the moment it is in the story."""

    @property
    def now(self) -> datetime: ...


@dataclass
class Cast:
    """Ana manages Acme, Jonas manages Borealis. `shared`: they meet in one channel; otherwise each
    has one. `hire`: makes somebody new of Borealis; `engage`: of Acme. `open_room`: makes a channel
    of Acme's with these people of Acme in it, where that can be; `admit`: makes a guest of
    Acme's; `intrude`: somebody of an organisation that is in no alliance, in the channel where both
    meet; `let_in`: opens a channel of Acme's to Borealis; `archive`: a channel, which is not told
    to Entente."""

    ana: Person
    jonas: Person
    bot: Bot | Served
    clock: Timed
    shared: str
    hire: Callable[..., Person]
    fakes: list[Any] = field(default_factory=list)
    engage: Callable[..., Person] | None = None
    open_room: Callable[..., Any] | None = None
    admit: Callable[..., Person] | None = None
    intrude: Callable[..., Person] | None = None
    let_in: Callable[[Any], Any] | None = None
    archive: Callable[[Any], Any] | None = None

    def make_colleague(self, name: str, zone: str = "Europe/Berlin", **known: str) -> Person:
        """Somebody new of Acme, in the channel; `known` of them, such as their `email`."""
        assert self.engage is not None
        return self.engage(name, zone, **known)

    def make_guest(self, name: str, **known: str) -> Person:
        """Somebody from outside whom Acme let in as a guest, in the channel."""
        assert self.admit is not None
        return self.admit(name, **known)

    def make_stranger(self, name: str, *, is_told: bool = True) -> Person:
        """Somebody of an organisation that is in no alliance, in the channel where both meet;
        `is_told`: Entente hears of it."""
        assert self.intrude is not None
        return self.intrude(name, is_told=is_told)

    def make_room(self, name: str, *people: Person, kind: str = "standard") -> Any:
        """Another channel, with Entente and these people of Acme in it; `person.at(room)` works
        there. `kind`: in one that is `private`, whoever is not in it doesn't see it; into one that
        is `shared`, others could be let."""
        assert self.open_room is not None
        return self.open_room(name, *people, kind=kind)

    def open_to_others(self, room: Any) -> None:
        """Borealis is let into a channel of Acme's."""
        assert self.let_in is not None
        self.let_in(room)
        self.bot.settle()

    def advance(self, by: timedelta) -> None:
        """Let time pass; what is due is done."""
        self.bot.advance(by)

    def make_successor(self) -> Bot:
        """Another process on the same database, as after a crash."""
        assert isinstance(self.bot, Bot)
        bot = self.bot
        url = bot.entente.database.url.render_as_string(hide_password=False)
        return Bot(url, bot.slack, bot.clock, teams=bot.teams)

    def begin(self) -> None:
        """Ana sets up, Jonas joins; their channels are linked, and agreed to where they share."""
        found_alliance(self.ana)
        join(self.ana, self.jonas)
        if self.shared:
            self.share()
            return
        for who in (self.ana, self.jonas):
            who.says("link")
            who.hears("now belongs to")

    def share(self) -> None:
        """The channel where they meet is linked, and both agree to it."""
        self.ana.says("link")
        for who in (self.ana, self.jonas):
            self.agree(who)

    def agree(self, who: Person) -> str:
        """Somebody reads what is read and kept in that channel, and agrees; what they read then."""
        who.presses(f"Read and agree: #{self.shared}", on=f"#{self.shared}")
        said = who.fills()
        who.close_form()
        return said


def found_alliance(ana: Person, command: str = "setup", **values: Any) -> str:
    """Ana sets up Acme–Borealis, or what she fills in instead; what she reads then."""
    ana.opens(command, "Set up an alliance")
    given = {
        "name": "Acme–Borealis",
        "own_partner": "Acme",
        "other_partners": "Borealis",
        "zone": "Europe/Berlin",
        "countries": "DE",
    }
    said = ana.fills(**(given | values))
    ana.close_form()
    return said


def change_settings(who: Person, **values: Any) -> str:
    """A manager changes the alliance; what they read then."""
    who.opens("setup", "Change settings")
    said = who.fills(**values)
    who.close_form()
    return said


def get_code(who: Person, text: str) -> str:
    """The code that Entente answers with."""

    def read() -> list[str]:
        return [code for said in who.texts() for code in CODE.findall(said)]

    before = len(read())
    who.says(text)
    return str(who.until(lambda: read()[before:], "a code")[0])


def join(ana: Person, jonas: Person) -> None:
    """Jonas brings Borealis in."""
    accept(jonas, get_code(ana, "invite Borealis"))
    ana.hears("Jonas has joined")


def accept(jonas: Person, code: str) -> None:
    """Jonas accepts an invitation for Borealis."""
    jonas.opens(f"join {code}", "Accept the invitation")
    jonas.fills(name="Borealis Bio", countries="CH")
    jonas.close_form()


def settled(bot: Bot | Served) -> Until:
    """Nothing is waited for: all that was set off has come to its end."""

    def is_busy(session: Session) -> bool:
        soon = bot.clock() + timedelta(seconds=2)
        return session.exec(select(Lane.id).where(col(Lane.next_at) <= soon)).first() is not None

    def look(condition: Callable[[], Any], what: str) -> Any:
        bot.settle()
        while bot.read(is_busy):
            bot.settle()
        found = condition()
        assert found, f"waited for {what}"
        return found

    return look


def in_slack(url: str, clock: ManualClock) -> Iterator[Cast]:
    with FakeSlack() as slack:
        acme, borealis = slack.team("Acme"), slack.team("Borealis")
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        jonas = slack.user("Jonas", team=borealis, tz="Europe/Zurich")
        room = slack.channel("joint", team=acme, shared_with=[borealis], members=[ana, jonas])
        with Bot(url, slack, clock) as bot:
            until = settled(bot)

            def add(name: str, team: Team, zone: str = "Europe/Berlin", **known: Any) -> Person:
                user = slack.user(name, team=team, tz=zone, **known)
                user.joins(room)
                return InSlack(user, room, slack, until)

            def intrude(name: str, *, is_told: bool) -> Person:
                other = slack.team(f"{name}'s company")
                if is_told:
                    slack.share(room, other)
                    return add(name, other)
                user = slack.user(name, team=other)
                room.shared_with.append(other)
                room.members.append(user.id)
                return InSlack(user, room, slack, until)

            def open_room(name: str, *people: InSlack, kind: str) -> Channel:
                members = [person.user for person in people]
                is_private = kind == "private"
                return slack.channel(name, team=acme, members=members, is_private=is_private)

            yield Cast(
                InSlack(ana, room, slack, until),
                InSlack(jonas, room, slack, until),
                bot,
                clock,
                "joint",
                lambda name, **known: add(name, borealis, **known),
                [slack],
                engage=lambda name, zone, **known: add(name, acme, zone, **known),
                open_room=open_room,
                admit=lambda name, **known: add(name, acme, is_restricted=True, **known),
                intrude=intrude,
                let_in=lambda channel: slack.share(channel, borealis),
                archive=slack.archive,
            )


def in_teams(
    url: str, clock: ManualClock, *, has_own_app: bool = True, **settings: object
) -> Iterator[Cast]:
    """`has_own_app`: Entente is in a team of Borealis too, so that it can write to its people."""
    with FakeTeams() as teams, Bot(url, None, clock, teams=teams, **settings) as bot:
        teams.hears_all = True
        acme, borealis = teams.tenant("Acme"), teams.tenant("Borealis")
        ana, jonas = teams.user("Ana", tenant=acme), teams.user("Jonas", tenant=borealis)
        if has_own_app:
            teams.team("Borealis at home", tenant=borealis)
        team = teams.team("Alliance", tenant=acme)
        room = teams.channel("joint", team=team, members=[ana, jonas], kind="shared")
        until = settled(bot)

        def add(name: str, tenant: Tenant, zone: str = "Europe/Berlin", **known: Any) -> Person:
            user = teams.user(name, tenant=tenant, tz=zone, **known)
            teams.joins(user, room)
            return InTeams(user, room, teams, until)

        def intrude(name: str, *, is_told: bool) -> Person:
            other = teams.tenant(f"{name}'s company")
            if is_told:
                return add(name, other)
            user = teams.user(name, tenant=other)
            room.members.append(user.member)
            return InTeams(user, room, teams, until)

        def admit(name: str, **known: str) -> Person:
            return add(name, teams.tenant("Elsewhere"), is_guest=True, **known)

        def open_room(name: str, *people: InTeams, kind: str) -> Any:
            members = [person.user for person in people]
            return teams.channel(name, team=team, members=members, kind=kind)

        yield Cast(
            InTeams(ana, room, teams, until),
            InTeams(jonas, room, teams, until),
            bot,
            clock,
            "joint",
            lambda name, **known: add(name, borealis, **known),
            [teams],
            engage=lambda name, zone, **known: add(name, acme, zone, **known),
            open_room=open_room,
            admit=admit,
            intrude=intrude,
            let_in=lambda channel: teams.joins(jonas, channel),
            archive=teams.archive,
        )


def in_teams_of_the_host(url: str, clock: ManualClock) -> Iterator[Cast]:
    """Borealis' people are guests of a shared channel: nothing can be written to them directly."""
    return in_teams(url, clock, has_own_app=False)


def in_both(url: str, clock: ManualClock) -> Iterator[Cast]:
    with ExitStack() as stack:
        slack, teams = stack.enter_context(FakeSlack()), stack.enter_context(FakeTeams())
        acme, borealis = slack.team("Acme"), teams.tenant("Borealis")
        bot = stack.enter_context(Bot(url, slack, clock, teams=teams))
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        jonas = teams.user("Jonas", tenant=borealis)
        theirs = slack.channel("steering", team=acme, members=[ana])
        team = teams.team("Alliance", tenant=borealis)
        ours = teams.channel("pilot", team=team, members=[jonas])
        until = settled(bot)

        def hire(name: str) -> Person:
            user = teams.user(name, tenant=borealis)
            teams.joins(user, ours)
            return InTeams(user, ours, teams, until)

        yield Cast(
            InSlack(ana, theirs, slack, until),
            InTeams(jonas, ours, teams, until),
            bot,
            clock,
            "",
            hire,
            [slack, teams],
        )


def in_playground(url: str, clock: ManualClock) -> Iterator[Cast]:
    """On the files beside the SQLite database at `url`; the playground knows no other."""
    if not url.startswith("sqlite"):
        pytest.skip("the playground has a database of its own")
    folder = Path(url.removeprefix("sqlite:///")).parent
    ana, jonas = (
        records.Person(id=f"U-{name.upper()}", workspace=at, name=name, role="", zone=zone)
        for name, at, zone in (("Ana", ACME, "Europe/Berlin"), ("Jonas", BOREALIS, "Europe/Zurich"))
    )
    room = records.Channel(id="C-JOINT", workspace=ACME, name="joint", is_shared=True)
    home = records.Channel(id="C-HOME", workspace=BOREALIS, name="home")
    members = {room.id: (ana.id, jonas.id, BOT), home.id: (jonas.id,)}
    cast = local.Cast(people=(ana, jonas), channels=(room, home), members=members)
    with Served(folder, start=clock.now, cast=cast) as served:
        until = settled(served)

        def add(name: str, like: records.Person, zone: str = "Europe/Berlin") -> Person:
            user = replace(like, id=f"U-{name.upper()}", name=name, zone=zone)
            served.world.add_person(user)
            person = InPlayground(user, room, served, until)
            person.joins()
            return person

        yield Cast(
            InPlayground(ana, room, served, until),
            InPlayground(jonas, room, served, until),
            served,
            served,
            "joint",
            lambda name: add(name, jonas),
            engage=lambda name, zone: add(name, ana, zone),
        )


ARRANGEMENTS = {
    "slack": in_slack,
    "teams": in_teams,
    "teams of the host": in_teams_of_the_host,
    "one in each": in_both,
    "playground": in_playground,
}


# What they do


def talk(ana: Person, jonas: Person | None = None) -> Any:
    """A discussion (with Jonas, if he can hear her) that ends in a decision; answers its last
    message."""
    first = ana.chats("Which site for phase 2, Basel or Zurich?")
    if jonas is not None:
        jonas.chats("Basel can start in May.", first)
    return ana.chats(BASEL, first)


def capture(ana: Person, jonas: Person | None = None, **values: Any) -> str:
    """Ana captures the end of a discussion (with Jonas, if he can hear her), for both partners to
    confirm; what she reads then."""
    ana.captures(talk(ana, jonas))
    ana.hears(BASEL)
    given = {"why": "It can start in May.", "weight": "asked", "audience": "alliance"}
    ana.fills(**(given | values))
    if jonas is None:
        ana.hears("Only people of Acme spoke in this thread")
        ana.fills()
    said = ana.hears(" as D-")
    ana.close_form()
    return said


def switch_on(label: str, *managers: Person) -> None:
    """Every partner's manager wants Entente to listen in their channel."""
    for who in managers:
        who.says("decisions listen")
        who.presses(f"On: {label}", on="once the managers")


def note(who: Person, line: str, button: str = "Note it down") -> None:
    """Somebody writes a decision down in one line."""
    who.says(f"decide {line}")
    who.presses(button, on="Nothing is saved until you press")


def write_clause(who: Person, clause: str, text: str, **more: str) -> None:
    """Somebody puts a clause of the charter in force at their side; `more` that they fill in."""
    who.opens(f"charter edit {clause}", "Write it")
    who.fills(text=text, **more)
    who.close_form()


def ask_partners(who: Person, line: str, **values: str) -> str:
    """Somebody puts what this shows to the partners, for them to confirm; what the form says."""
    who.says(line)
    who.presses("Ask the partners to confirm", on="Ask the partners to confirm")
    said = who.hears("does not amend the agreement")
    who.fills(**values)
    who.close_form()
    return said


def set_up_committee(who: Person, name: str, *people: Person, **values: str) -> None:
    """Somebody sets up a committee, on the way to the first seat there; these people sit on it."""
    first = (*people, who)[0]
    who.says(f"seat @{first.name} on {name}", first)
    who.presses(f"Set up {name}", on=f"Set up {name}")
    who.fills(**values)
    who.close_form()
    for person in people:
        assert f"sits on {name}" in who.asks(f"seat @{person.name} on {name}", person)


def watched(making: Iterator[Cast]) -> Iterator[Cast]:
    """The cast; at the end, no platform has had anything to object to."""
    for cast in making:
        yield cast
        assert [fake.strict_errors for fake in cast.fakes] == [[] for _ in cast.fakes]


def begun(making: Iterator[Cast]) -> Iterator[Cast]:
    """The same, of an alliance that has begun."""
    for cast in watched(making):
        cast.begin()
        yield cast
