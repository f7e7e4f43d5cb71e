"""Two organisations with Entente at both, from the invitation to the day one leaves; the people of
the other side need no slash command for any of it. In Slack, and in Teams."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.teams import FakeTeams, TeamsUser
from tests.fakes.teams.world import Team
from tests.harness import ManualClock
from tests.scenarios.casts import (
    Cast,
    ask_partners,
    found_alliance,
    in_teams,
    join,
    set_up_committee,
    settled,
    watched,
)
from tests.scenarios.conftest import STAR
from tests.scenarios.people_in_slack import InSlack
from tests.scenarios.persons import Person
from tests.scenarios.stored import chain_holds, dump
from tests.scenarios.test_two_workspaces import make_both

CHARTER = "kubernetes+community__sig-cloud-provider__charter.md"
WORDS = "cloud provider"
"""What its scope is about."""

HELLO = "Acme · Borealis Bio"


@dataclass
class Way:
    """The two, and Mia, a member of Borealis. `remove`: Borealis removes Entente."""

    cast: Cast
    mia: Person
    remove: Callable[[], object]


def in_two_workspaces(url: str, clock: ManualClock) -> Iterator[Way]:
    with make_both(url, clock) as both:
        until = settled(both.bot)
        ana, jonas, mia = (
            InSlack(user, both.shared, both.slack, until)
            for user in (both.ana, both.jonas, both.mia)
        )
        cast = Cast(ana, jonas, both.bot, clock, "acme-borealis", lambda name: mia, [both.slack])
        yield Way(cast, mia, lambda: both.uninstall(both.borealis, revoked_first=True))


def in_two_tenants(url: str, clock: ManualClock) -> Iterator[Way]:
    for cast in watched(in_teams(url, clock)):
        (teams,) = cast.fakes
        mia = cast.hire("Mia")
        people = [teams.users[who.known_as()["user"]] for who in (cast.jonas, mia)]
        theirs = next(team for team in teams.world.teams if team.name == "Borealis at home")
        theirs.channels[0].members += [user.member for user in people]
        teams.adds_bot(theirs)
        yield Way(cast, mia, partial(_remove, teams, theirs, people))


def _remove(teams: FakeTeams, team: Team, people: list[TeamsUser]) -> None:
    """From their team and from their own chats."""
    for user in people:
        assert user.removes_bot().status == 200
    assert teams.removes_bot(team).status == 200


@pytest.fixture(params=[in_two_workspaces, in_two_tenants])
def way(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Way]:
    yield from request.param(database_url, clock)


def agree_both(cast: Cast) -> None:
    cast.ana.says("link")
    cast.agree(cast.ana)
    assert cast.ana.posts() == []
    cast.agree(cast.jonas)
    (hello,) = cast.ana.posts()
    assert HELLO in hello


def seat_both(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    set_up_committee(ana, "JSC", ana, decides="What we build together.")
    assert "Jonas sits on JSC" in jonas.asks("seat @Jonas on JSC", jonas)


def bring_charter(cast: Cast, document: Path) -> None:
    ana = cast.ana
    ana.sends(document.name, document.read_bytes(), "JSC")
    shown = ana.hears("JSC would get these clauses")
    label, *_ = re.findall(r"Put \d+ clauses in force", shown)
    ana.presses(label, on="JSC would get these clauses")
    assert WORDS in ana.asks("charter JSC scope").casefold()
    assert WORDS not in cast.jonas.asks("charter JSC scope").casefold()


def confirm_scope(way: Way) -> None:
    ask_partners(way.cast.ana, "charter JSC scope")
    way.cast.jonas.presses("Confirm for Borealis Bio", on="for Borealis Bio")
    assert "Confirmed by Acme, Borealis Bio" in way.mia.asks("charter JSC scope")


def remind_of_scope(cast: Cast) -> None:
    before = len(cast.ana.posts())
    cast.ana.asks("remind add charter JSC scope every monday 09:00")
    cast.ana.presses("Set up a reminder", on="Set up a reminder")
    cast.advance(timedelta(days=7))
    (post,) = cast.ana.posts()[before:]
    assert WORDS in post.casefold()
    assert "Is this how we work at the moment?" in post


def do_all_that_concerns_mia(mia: Person) -> None:
    """A member of the other side asks, talks privately, has her say and has her peace, by mention,
    button and direct message."""
    assert "Acme–Borealis" in mia.asks("status")
    assert WORDS in mia.asks("charter JSC scope").casefold()
    assert "Borealis Bio" in mia.asks("am I a member?")
    assert "Jonas" in mia.asks("who decides what we build?")
    assert STAR not in mia.asks("north star")
    assert "Jonas" in mia.asks("members")
    mia.presses("Talk privately", on=HELLO)
    assert any("nobody else reading" in letter for letter in mia.letters())
    assert "You get nothing unasked" in mia.asks("away until 2027-05-01")
    assert "Welcome back" in mia.asks("undo")
    mia.presses("Mute", on=HELLO)
    assert "again" in mia.asks("unmute")


def test_from_the_invitation_to_the_day_one_side_removes_entente(
    way: Way, data_folder: Path
) -> None:
    cast, ana = way.cast, way.cast.ana
    found_alliance(ana)
    assert "in force at Acme only" in ana.asks(f'north star set "{STAR}"')
    join(ana, cast.jonas)
    agree_both(cast)
    seat_both(cast)
    bring_charter(cast, data_folder / "charters" / CHARTER)
    confirm_scope(way)
    remind_of_scope(cast)
    do_all_that_concerns_mia(way.mia)

    way.remove()
    ana.hears("has removed Entente")
    before = len(ana.posts())
    cast.advance(timedelta(days=7))
    assert len(ana.posts()) == before + 1, "Acme's part goes on"
    cast.advance(timedelta(days=10))
    held = dump(cast.bot)
    gone = [who.known_as()["user"] for who in (cast.jonas, way.mia)]
    assert not [each for each in (*gone, "Jonas", "Mia") if each in held]
    assert WORDS in ana.asks("charter JSC scope").casefold()
    assert "silent" in ana.asks("status")
    assert chain_holds(cast.bot)
