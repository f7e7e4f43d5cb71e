"""Two organisations with Entente in both their tenants, and a channel that they share in one: one
removes it, and the other goes on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from bot.people.models import Workspace
from bot.statements.models import Version
from bot.statements.versions import compute_hash
from tests.harness import ManualClock
from tests.scenarios.casts import Cast, begun, in_teams
from tests.scenarios.conftest import STAR
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person

WEEK = timedelta(days=7)
OURS = "Only ours to know."
REMOVED = "has removed Entente"


@pytest.fixture
def cast(sqlite_url: str, clock: ManualClock) -> Iterator[Cast]:
    """Both have agreed to the channel where they meet, which is in a team of Acme's."""
    for made in begun(in_teams(sqlite_url, clock)):
        made.ana.asks(f'north star set "{STAR}"')
        yield made


def remind(who: Person) -> None:
    who.asks("remind add north star every monday 09:00")
    who.presses("Set up a reminder", on="Set up a reminder")


def make_lab(cast: Cast) -> InTeams:
    """Jonas in a linked channel of Borealis' own, with a North Star and a reminder of their own."""
    jonas = cast.jonas
    assert isinstance(jonas, InTeams)
    lab = jonas.at(jonas.fake.channel("lab", team=own_team(jonas), members=[jonas.user]))
    lab.asks(f'north star set "{OURS}"')
    assert "now belongs to" in lab.asks("link")
    remind(lab)
    return lab


def own_team(who: InTeams) -> Any:
    (team,) = (each for each in who.fake.world.teams if each.tenant is who.user.tenant)
    return team


def remove(who: InTeams) -> None:
    """Their tenant removes Entente: they from their own chat, and an owner from the team."""
    assert who.user.removes_bot().status == 200
    assert who.fake.removes_bot(own_team(who)).status == 200


def told(who: Person, words: str) -> list[str]:
    return [text for text in who.letters() if words in text]


def dump(cast: Cast) -> str:
    """All that the database holds, in one text."""

    def read(session: Session) -> str:
        tables = Workspace.metadata.sorted_tables
        return "\n".join(str(tuple(row)) for t in tables for row in session.execute(select(t)))

    return cast.bot.read(read)


def test_one_side_removes_it_and_the_other_goes_on(cast: Cast) -> None:
    ana, lab = cast.ana, make_lab(cast)
    remind(ana)
    cast.advance(WEEK)
    assert len(lab.posts()) == 1
    shared = len(ana.posts())
    remove(lab)
    cast.advance(timedelta(hours=1))
    (said,) = told(ana, REMOVED)
    assert "22 March 2027" in said
    cast.advance(WEEK)
    assert len(lab.posts()) == 1, "reminders there stop"
    assert len(ana.posts()) == shared + 1


def test_back_within_the_days_of_grace_everything_goes_on(cast: Cast) -> None:
    ana, lab = cast.ana, make_lab(cast)
    remove(lab)
    cast.advance(WEEK)
    assert lab.posts() == []
    lab.fake.adds_bot(own_team(lab))
    cast.advance(timedelta(hours=1))
    assert len(told(ana, "has Entente in its workspace again")) == 1
    cast.advance(4 * WEEK)
    assert len(lab.posts()) == 4
    assert "Jonas (alliance manager)" in lab.asks("members")


def test_after_the_days_of_grace_the_people_are_gone_and_the_record_stays(cast: Cast) -> None:
    ana, lab = cast.ana, make_lab(cast)
    remove(lab)
    cast.advance(timedelta(days=13))
    assert lab.user.id in dump(cast)
    cast.advance(timedelta(days=2))
    kept = dump(cast)
    person, tenant = lab.user, lab.user.tenant
    for gone in (person.id, person.member.account, "Jonas", lab.room.id, tenant.id, OURS):
        assert gone not in kept, gone
    versions = cast.bot.read(lambda session: session.exec(select(Version)).all())
    assert versions
    assert all(version.hash == compute_hash(version) for version in versions)
    members = ana.asks("members")
    assert "Ana" in members
    assert "Jonas" not in members
    assert STAR in ana.asks("north star")
    assert "silent" in ana.asks("status"), "whoever agreed for Borealis is gone"
