"""Two organisations with Entente in both their tenants, and a channel that they share in one: one
removes it, and the other goes on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.harness import ManualClock
from tests.installing import PUBLIC
from tests.scenarios.casts import Cast, begun, found_alliance, in_teams, join
from tests.scenarios.conftest import STAR
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import Person
from tests.scenarios.stored import chain_holds, dump

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
    assert lab.user.id in dump(cast.bot)
    cast.advance(timedelta(days=2))
    kept = dump(cast.bot)
    person, tenant = lab.user, lab.user.tenant
    for gone in (person.id, person.member.account, "Jonas", lab.room.id, tenant.id, OURS):
        assert gone not in kept, gone
    assert chain_holds(cast.bot)
    members = ana.asks("members")
    assert "Ana" in members
    assert "Jonas" not in members
    assert STAR in ana.asks("north star")
    assert "silent" in ana.asks("status"), "whoever agreed for Borealis is gone"


def test_another_process_learns_of_what_was_added_and_removed(cast: Cast) -> None:
    ana, lab = cast.ana, make_lab(cast)
    teams, heard = lab.fake, lab.fake.messages_url
    remind(ana)
    with cast.make_successor() as worker:
        teams.messages_url = heard
        worker.advance(WEEK)
        assert len(lab.posts()) == 1, "it knows of a channel that another has met"
        shared, calls = len(ana.posts()), len(teams.world.calls)
        remove(lab)
        worker.advance(WEEK)
        assert len(lab.posts()) == 1
        assert len(ana.posts()) == shared + 1
        assert {call.status for call in teams.world.calls[calls:]} <= {200, 201}
        teams.adds_bot(own_team(lab))
        worker.advance(WEEK)
        assert len(lab.posts()) == 2


def test_a_lone_organisation_that_leaves_takes_everything_along(
    sqlite_url: str, clock: ManualClock
) -> None:
    for cast in in_teams(sqlite_url, clock):
        ana = cast.ana
        assert isinstance(ana, InTeams)
        found_alliance(ana)
        ana.asks(f'north star set "{STAR}"')
        ana.asks("link")
        remind(ana)
        assert ana.user.id in dump(cast.bot)
        remove(ana)
        cast.advance(timedelta(days=16))
        kept = dump(cast.bot)
        person, tenant = ana.user, ana.user.tenant
        for gone in (STAR, person.id, person.member.account, "Ana", ana.room.id, tenant.id):
            assert gone not in kept, gone


def test_a_partner_that_left_takes_its_own_channels_along(cast: Cast) -> None:
    lab = make_lab(cast)
    lab.asks("leave")
    assert "has left" in lab.presses("Leave Acme–Borealis", on="would leave")
    names = {"name": "Borealis–Cora", "own_partner": "Borealis", "other_partners": "Cora"}
    found_alliance(lab, "setup new", **names)
    assert "now belongs to Borealis–Cora" in lab.asks("link")
    assert "belongs to another alliance" in lab.at(cast.jonas.room).asks("link")


@pytest.mark.parametrize("operator", ["Hosting Ltd", None])
def test_both_sides_read_the_same_of_who_runs_the_installation(
    sqlite_url: str, clock: ManualClock, operator: str | None
) -> None:
    settings = {"ENTENTE_PUBLIC_URL": PUBLIC, "ENTENTE_OPERATOR": operator}
    for cast in in_teams(sqlite_url, clock, **settings):
        found_alliance(cast.ana)
        join(cast.ana, cast.jonas)
        cast.ana.says("link")
        for who in (cast.ana, cast.jonas):
            shown = who.presses("Read and agree: #joint", on="#joint")
            assert f"{operator or f'whoever runs {PUBLIC}'}, who can read the database" in shown
            who.fills()
            who.close_form()
