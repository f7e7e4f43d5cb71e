"""Who belongs where: one person with several accounts, people who go and come back, departments."""

import re
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from adapters.cli import managers
from bot.core.errors import SettingsError
from bot.people.models import Account, Member, MemberAccount
from tests.fakes.slack import User
from tests.scenarios.conftest import STAR, World
from tests.scenarios.forging import forge_press
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def members_of(world: World, user: User) -> list[Member]:
    def read(session: Session) -> list[Member]:
        return list(
            session.exec(
                select(Member)
                .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
                .join(Account, col(Account.id) == col(MemberAccount.account_id))
                .where(col(Account.external_id) == user.id)
            )
        )

    return world.bot.read(read)


def dm(world: World, who: User, text: str) -> str:
    before = len(world.slack.dms(who))
    who.dm(text)
    world.bot.settle()
    return "\n".join(world.slack.text_of(m) for m in world.slack.dms(who)[before:])


def press_dm(world: World, who: User, label: str) -> str:
    before = len(world.slack.dms(who))
    found = next(m for m in reversed(world.slack.dms(who)) if label in str(m.blocks))
    said = world.press(who, found, label)
    return said + "\n".join(world.slack.text_of(m) for m in world.slack.dms(who)[before:])


# -- one address, two accounts ---------------------------------------------------------------------


def test_one_confirmed_address_joins_accounts_of_one_partner(two: Two) -> None:
    world = two.world
    first = world.slack.user("Mei", team=world.acme, email="Mei@acme.example")
    second = world.slack.user("Mei Lin", team=world.acme, email="mei@acme.example")
    for user in (first, second):
        user.joins(world.steering)
        world.bot.settle()
    assert [m.id for m in members_of(world, first)] == [m.id for m in members_of(world, second)]


def test_an_address_joins_nobody_across_partners_or_unconfirmed_or_unplaced(two: Two) -> None:
    world = two.world
    tom = world.slack.user("Tom B", team=world.acme, email="t@x.example")
    same = {
        "the other side": world.slack.user("Tom C", team=two.jonas.team, email="t@x.example"),
        "a guest": world.slack.user(
            "Tom D", team=world.acme, email="t@x.example", is_restricted=True
        ),
        "unconfirmed": world.slack.user("Tom E", team=world.acme, email="t@x.example"),
    }
    same["unconfirmed"].member.is_email_confirmed = False
    two.mention(two.jonas, f"seat <@{same['the other side'].id}> on JSC")
    for user in (tom, same["a guest"], same["unconfirmed"]):
        user.joins(world.steering)
    world.bot.settle()
    for why, user in same.items():
        (one,) = members_of(world, user)
        assert one.id not in {m.id for m in members_of(world, tom)}, why


def test_the_address_itself_is_not_kept(two: Two) -> None:
    world = two.world
    mei = world.slack.user("Mei", team=world.acme, email="mei@acme.example")
    mei.joins(world.steering)
    world.bot.settle()
    kept = world.bot.read(lambda session: list(session.exec(select(Account.email))))
    assert any(kept)
    assert not any("acme" in (address or "") for address in kept)


# -- both accounts say so --------------------------------------------------------------------------


def test_across_partners_both_accounts_confirm_and_both_sides_hear_of_it(two: Two) -> None:
    world = two.world
    tim = world.slack.user("Tim", team=two.jonas.team)
    tim.joins(two.shared)
    two.mention(two.jonas, f"seat <@{tim.id}> on JSC")
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    assert "I have asked that account" in world.say(world.tom, f"same person <@{tim.id}>")
    assert STAR not in dm(world, tim, "north star")
    assert "one person of Acme" in press_dm(world, tim, "Yes, that is me")
    assert STAR in dm(world, tim, "north star")
    for manager in (world.ana, two.jonas):
        assert "Tom (Acme) and Tim (Borealis Bio until now)" in world.dms(manager)[-1]
    assert "two people again" in press_dm(world, two.jonas, "Part them")
    assert STAR not in dm(world, tim, "north star")


def test_an_account_is_asked_once_and_few_are(two: Two) -> None:
    world = two.world
    others = [world.slack.user(name, team=two.jonas.team) for name in ("Tim", "Una", "Vic", "Wim")]
    for other in others:
        other.joins(two.shared)
        two.mention(two.jonas, f"seat <@{other.id}> on JSC")
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    for other in others[:3]:
        assert "I have asked that account" in world.say(world.tom, f"same person <@{other.id}>")
    for other in (others[0], others[3]):
        said = world.say(world.tom, f"same person <@{other.id}>")
        assert "asked only once in that time" in said
    assert [len(world.dms(other)) for other in (others[0], others[3])] == [1, 0]


def test_nobody_answers_for_the_other_account(two: Two) -> None:
    world = two.world
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    world.say(world.tom, f"same person <@{two.jonas.id}>")
    asked = world.slack.dms(two.jonas)[-1]
    assert "says that this account is theirs too" in world.slack.text_of(asked)
    value = next(
        element["value"]
        for block in asked.blocks
        for element in block.get("elements", ())
        if element.get("action_id", "").startswith("belonging.confirm")
    )
    forge_press(world.slack, world.tom, "belonging.confirm", value, world.steering)
    world.bot.settle()
    last = world.slack.text_of(world.slack.ephemerals(user=world.tom)[-1])
    assert "not for this account" in last
    # And a side's only manager is not lost by it.
    assert "only alliance manager" in press_dm(world, two.jonas, "Yes, that is me")


# -- going and coming back -------------------------------------------------------------------------


def test_leaving_a_channel_is_no_leaving_of_the_alliance(two: Two) -> None:
    world = two.world
    world.tom.says(world.steering, "<@BOT> status")
    world.tom.leaves(world.steering)
    world.bot.settle()
    assert "You belong to Acme" in dm(world, world.tom, "am I a member?")


def test_an_account_that_is_switched_off_ends_the_membership_until_it_is_on_again(
    two: Two,
) -> None:
    world = two.world
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    world.remind(f'"A note" every monday 09:00 for <@{world.tom.id}>')
    world.slack.deactivate(world.tom.member)
    world.bot.settle()
    assert "Tom" not in world.say(world.ana, "members")
    world.bot.advance(timedelta(days=8))
    assert not any("A note" in text for text in world.dms(world.tom))
    world.slack.deactivate(world.tom.member, active=True)
    world.bot.settle()
    assert "Tom (alliance manager)" in world.say(world.ana, "members")


def test_who_acts_is_back_though_nobody_told_us(two: Two) -> None:
    world = two.world
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    world.slack.deactivate(world.tom.member)
    world.bot.settle()
    world.tom.member.deleted = False
    assert "You belong to Acme" in dm(world, world.tom, "am I a member?")


def test_who_cannot_be_looked_up_for_a_moment_stays_who_they_are(two: Two) -> None:
    world = two.world
    world.say(world.tom, "help")
    world.bot.advance(timedelta(days=8))
    world.slack.fails("users.info", error="internal_error", times=None)
    assert "You belong to Acme" in world.say(world.tom, "am I a member?")
    assert "Tom" in world.say(world.ana, "members")


def test_other_changes_of_people_are_turned_away_at_the_door(two: Two) -> None:
    world = two.world
    before = world.bot.entente.slack.door.counts.turned_away  # type: ignore[union-attr]
    world.slack.changes(world.tom.member)
    assert world.bot.entente.slack.door.counts.turned_away == before + 1  # type: ignore[union-attr]


def test_the_last_manager_goes_and_nothing_opens_up(two: Two) -> None:
    world, slack = two.world, two.world.slack
    ida = slack.user("Ida", team=two.jonas.team)
    ida.joins(two.shared)
    world.bot.settle()
    two.mention(two.jonas, f"seat <@{ida.id}> on JSC")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Set up JSC")
    two.jonas.submits(slack.views(two.jonas)[-1])
    world.bot.settle()
    two.mention(two.jonas, f"seat <@{ida.id}> on JSC")
    with capture_logs() as logged:
        slack.deactivate(two.jonas.member)
        world.bot.settle()
    assert any(line["event"] == "a partner has no manager" for line in logged)
    assert not any("Jonas" in str(line) for line in logged)
    assert "only alliance manager of Borealis Bio" in world.dms(world.ana)[-1]
    assert "your side's only alliance manager" in world.dms(ida)[-1]
    for line in (f"place <@{ida.id}> in Acme", f"role <@{ida.id}> manager"):
        assert "Only their own side's manager" in world.say(world.ana, line)
    database, now = world.bot.entente.database, world.clock.now
    alliance = ("Acme–Borealis", "Borealis Bio")
    shown = managers.run(database, None, None, None, platform="slack", now=now)
    assert shown == ["Acme–Borealis: Borealis Bio has no manager"]
    with pytest.raises(SettingsError, match="not one of Borealis Bio's people"):
        managers.run(database, *alliance, world.ana.id, platform="slack", now=now)
    with pytest.raises(SettingsError, match="has a manager"):
        managers.run(database, "Acme–Borealis", "Acme", world.tom.id, platform="slack", now=now)
    managers.run(database, *alliance, ida.id, platform="slack", now=now)
    world.bot.settle()
    assert "has made Ida an alliance manager" in world.dms(world.ana)[-1]
    assert "Ida (alliance manager)" in world.say(world.ana, "members")


# -- departments, guests, one person in several alliances ------------------------------------------


def test_two_departments_of_one_workspace_are_two_partners(world: World) -> None:
    slack = world.slack
    world.set_up(own_partner="Acme Drugs", other_partners="Acme Devices")
    world.say(world.ana, "link")
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    invited = world.say(world.ana, "invite")
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", invited)
    assert found, invited
    assert "can't accept" in world.say(world.tom, f"join {found.group()}")
    offered = slack.ephemerals(user=world.ana)[-1]
    said = world.press(world.ana, offered, "They are in our own workspace")
    assert "works for somebody of your own workspace too" in said
    assert "can't accept" in world.say(world.ana, f"join {found.group()}")


def test_the_second_departments_manager_accepts_and_their_people_start_unplaced(
    world: World,
) -> None:
    slack = world.slack
    world.set_up(own_partner="Acme Drugs", other_partners="Acme Devices")
    world.say(world.ana, "link")
    world.say(world.ana, f'north star set "{STAR}"')
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", world.say(world.ana, "invite"))
    assert found
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "They are in our own workspace")
    world.say(world.tom, f"join {found.group()}")
    world.tom.submits(slack.views(world.tom)[-1], name="Acme Devices")
    world.bot.settle()
    world.tom.closes(slack.views(world.tom)[-1])
    assert "Acme Drugs (same workspace as Acme Devices)" in world.say(world.ana, "status")
    assert STAR not in world.say(world.tom, "north star")
    mei = slack.user("Mei", team=world.acme)
    mei.joins(world.steering)
    world.bot.settle()
    assert "not yet placed" in world.say(mei, "status")
    assert STAR not in world.say(mei, "north star")
    assert "Mei now belongs to Acme Devices" in world.say(
        world.tom, f"place <@{mei.id}> in Acme Devices"
    )
    assert "Only their own side's manager" in world.say(
        world.ana, f"place <@{mei.id}> in Acme Drugs"
    )
    assert "Mei belongs to no side now" in world.say(world.tom, f"place <@{mei.id}> in nobody")
    assert "belongs to Acme Devices again" in world.say(world.tom, "undo")
    assert "only alliance manager" in world.say(world.tom, f"place <@{world.tom.id}> in nobody")


def test_ones_own_role_can_be_taken_back_within_ten_minutes(two: Two) -> None:
    world = two.world
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    assert "no longer" in world.say(world.ana, f"role <@{world.ana.id}> none")
    assert "Only alliance managers" in world.say(world.ana, "remind add")
    assert "is as it was" in world.say(world.ana, "undo")
    assert "Ana (alliance manager)" in world.say(world.ana, "members")


def test_whoever_lost_the_role_takes_nothing_else_back(two: Two) -> None:
    world = two.world
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    world.say(world.ana, 'north star set "Another star for everybody."')
    world.say(world.tom, f"role <@{world.ana.id}> none")
    assert "Only alliance managers" in world.say(world.ana, "undo")


def test_a_company_in_two_alliances_keeps_them_apart(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "setup new")
    world.ana.submits(
        slack.views(world.ana)[-1], name="Acme–Cora", own_partner="Acme", other_partners="Cora"
    )
    world.bot.settle()
    world.ana.closes(slack.views(world.ana)[-1])
    assert "Acme–Cora" in dm(world, world.ana, "status")
    assert STAR not in dm(world, world.ana, "north star")
    assert "Acme–Borealis" in dm(world, world.ana, "use Borealis")
    assert STAR in dm(world, world.ana, "north star")


def test_twenty_partners_fit(world: World) -> None:
    others = "\n".join(f"Partner number {n}" for n in range(2, 21))
    world.set_up(other_partners=others)
    for line in ("status", "members", "invite", "roster", "help"):
        said = world.say(world.ana, line)
        assert said, line
    assert "Partner number 20" in world.say(world.ana, "status")
    assert "Partner number 20" in world.say(world.ana, "members")
