"""Who comes to a company's channels in Teams, who goes, and how they are known and reached."""

import pytest
from sqlmodel import col, select

from bot.features.onboarding.models import Attendance, Journey, JourneyState
from bot.people.models import Account, Channel, Member
from tests.fakes.teams import TeamsUser
from tests.scenarios.teams import TeamsWorld
from tests.scenarios.test_teams import start


def names(world: TeamsWorld) -> list[tuple[str, bool]]:
    """The members, and whether they are placed."""
    return world.bot.read(
        lambda s: [(m.name, m.partner_id is not None) for m in s.exec(select(Member))]
    )


def journeys(world: TeamsWorld, name: str) -> list[str]:
    """How far a newcomer is."""
    of_them = (
        select(Journey.state)
        .join(Member, col(Member.id) == col(Journey.member_id))
        .where(col(Member.name) == name)
    )
    return world.bot.read(lambda s: list(s.exec(of_them)))


@pytest.mark.parametrize("names_directory", [True, False])
def test_a_newcomer_is_one_member_however_teams_names_them(
    teams_world: TeamsWorld, names_directory: bool
) -> None:
    world = teams_world
    start(world)
    world.bot.work()
    kim = world.teams.user("Kim", tenant=world.borealis)
    world.teams.joins(kim, world.steering, names_directory=names_directory)
    world.bot.settle()
    world.bot.work()
    world.mention(kim, "help")
    assert sorted(names(world)) == [("Kim", True), ("Leo", True), ("Mei", True)]
    assert journeys(world, "Kim") == [JourneyState.ACTIVE]
    world.teams.leaves(kim, world.steering, names_directory=names_directory)
    world.bot.settle()
    assert journeys(world, "Kim") == [JourneyState.LEFT]


def test_nobody_is_made_of_an_account_that_cannot_be_told(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    gone = [{"id": "29:1nobody"}]
    assert world.teams.update(world.steering, "channelMemberRemoved", removed=gone).status == 200
    assert world.teams.update(world.steering, "channelMemberAdded", added=gone).status == 200
    world.bot.settle()
    assert names(world) == [("Mei", True)]


def test_who_joins_or_leaves_a_team_does_so_in_its_channels(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    closed = world.teams.channel("closed", team=world.team, members=[world.mei], kind="private")
    world.mention(world.mei, "link", place=closed)
    world.bot.work()
    kim = world.teams.user("Kim", tenant=world.borealis)
    account = {"id": kim.member.account, "aadObjectId": kim.member.aad}
    general = world.team.channels[0]
    for place in (general, world.steering):
        place.members.append(kim.member)
    assert world.teams.update(general, "teamMemberAdded", added=[account]).status == 200
    world.bot.settle()
    assert attendance(world, kim.id) == ["steering"]
    world.bot.work()
    assert journeys(world, "Kim") == [JourneyState.ACTIVE]
    for place in (general, world.steering):
        place.members.remove(kim.member)
    assert world.teams.update(general, "teamMemberRemoved", removed=[account]).status == 200
    world.bot.settle()
    assert attendance(world, kim.id) == []
    assert journeys(world, "Kim") == [JourneyState.LEFT]


def zones(world: TeamsWorld, who: TeamsUser) -> list[str | None]:
    """The time zone that is known of somebody."""
    return world.bot.read(
        lambda s: list(s.exec(select(Account.zone).where(col(Account.external_id) == who.id)))
    )


def test_a_time_zone_counts_as_soon_as_somebody_acts_in_it(teams_world: TeamsWorld) -> None:
    world = teams_world
    start(world)
    world.bot.work()
    assert zones(world, world.leo) == [None], "they were looked up where Teams tells no zone"
    for zone in ("America/New_York", "Asia/Tokyo"):
        world.leo.member.zone = zone
        world.mention(world.leo, "help")
        assert zones(world, world.leo) == [zone]


def test_who_joins_the_tenant_is_not_promised_to_be_brought_in(teams_world: TeamsWorld) -> None:
    start(teams_world)
    shown = teams_world.write(teams_world.mei, "onboarding")
    assert "Show no names" in shown
    assert "joins the workspace" not in shown


def attendance(world: TeamsWorld, user: str) -> list[str]:
    """The linked channels in which somebody is known to be."""
    there = (
        select(Channel.name)
        .join(Attendance, col(Attendance.channel_id) == col(Channel.id))
        .where(col(Attendance.person) == user)
    )
    return world.bot.read(lambda s: list(s.exec(there)))
