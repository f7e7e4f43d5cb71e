"""Who reads a channel: a third organisation, departments of one workspace, guests of a partner."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fakes.slack import Channel, Message, User
from tests.scenarios.conftest import STAR, World
from tests.scenarios.test_two_partners import Two

CODE = re.compile(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}")


def agree(world: World, who: User, message: Message, channel: Channel) -> str:
    """A manager agrees; answers what the form says then."""
    slack = world.slack
    world.press(who, message, f"Read and agree: #{channel.name}")
    who.submits(slack.views(who)[-1])
    world.bot.settle()
    told = [slack.text_of(form) for form in slack.views(who)]
    for form in reversed(slack.views(who)):
        who.closes(form)
    return "\n".join(told)


def ask_to_agree(world: World, who: User, channel: Channel) -> list[Message]:
    """The direct messages that ask somebody to agree, oldest first."""
    return [m for m in world.slack.dms(who) if f"agree: #{channel.name}" in str(m.blocks)]


def posts(world: World, channel: Channel) -> list[str]:
    return [world.slack.text_of(m) for m in world.slack.messages(channel) if m.by_bot]


# -- a third organisation ------------------------------------------------------------------------


@pytest.fixture
def two(world: World) -> Two:
    """Acme and Borealis, both heard in their shared channel."""
    world.start()
    both, slack = Two(world), world.slack
    world.say(world.ana, "link", channel=both.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    both.accept(both.code())
    agree(world, world.ana, linked, both.shared)
    agree(world, both.jonas, slack.dms(both.jonas)[-1], both.shared)
    for form in reversed(slack.views(both.jonas)):
        both.jonas.closes(form)
    assert len(both.posts()) == 1
    return both


def test_with_a_third_organisation_in_it_a_channel_stays_silent(two: Two) -> None:
    world, slack = two.world, two.world.slack
    delta = slack.team("Delta")
    slack.share(two.shared, delta)
    world.bot.settle()
    dan = slack.user("Dan", team=delta)
    dan.joins(two.shared)
    world.bot.settle()
    for who in (world.ana, two.jonas):
        (asked,) = [m for m in ask_to_agree(world, who, two.shared) if "I am silent" in m.text]
        said = agree(world, who, asked, two.shared)
        assert "an organisation that is in no alliance here" in said
    assert "silent" in world.say(world.ana, "status")
    assert len(two.posts()) == 1
    dan.says(two.shared, f"<@{slack.bot_user}> members")
    world.bot.settle()
    assert "Ana" not in "".join(slack.text_of(m) for m in slack.ephemerals(user=dan))


def test_a_yes_counts_for_those_who_are_there_when_it_is_given(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "unlink", channel=two.shared)
    world.say(world.ana, "link", channel=two.shared)
    agree(world, world.ana, slack.ephemerals(user=world.ana)[-1], two.shared)
    asked = ask_to_agree(world, two.jonas, two.shared)[-1]
    # Nobody was told of it: the event was lost.
    two.shared.shared_with.append(slack.team("Delta"))
    agree(world, two.jonas, asked, two.shared)
    assert len(two.posts()) == 1
    assert "silent" in world.say(world.ana, "status")


def test_where_nobody_can_look_a_yes_opens_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "unlink", channel=two.shared)
    world.say(world.ana, "link", channel=two.shared)
    agree(world, world.ana, slack.ephemerals(user=world.ana)[-1], two.shared)
    asked = ask_to_agree(world, two.jonas, two.shared)[-1]
    slack.fails("conversations.info", error="internal_error", times=None)
    assert "could not look up who is in that channel" in agree(world, two.jonas, asked, two.shared)
    assert len(two.posts()) == 1
    assert "silent" in world.say(world.ana, "status")


def test_a_button_for_all_to_press_is_no_good_where_strangers_are(world: World) -> None:
    """Of two strange organisations, either could accept for the one that is meant."""
    world.start()
    both, slack = Two(world), world.slack
    world.say(world.ana, "link", channel=both.shared)
    label = "Invite in #acme-borealis instead"
    world.say(world.ana, "invite")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], label)
    (post,) = [m for m in slack.messages(both.shared) if m.by_bot]
    delta = slack.team("Delta")
    slack.share(both.shared, delta)
    world.bot.settle()
    dan = slack.user("Dan", team=delta)
    dan.joins(both.shared)
    world.bot.settle()
    assert "can't tell which of them is" in world.press(dan, post, "Accept for Borealis")
    world.say(world.ana, "invite")
    asked = slack.ephemerals(user=world.ana)[-1]
    assert "can't tell which of them is" in world.press(world.ana, asked, label)


def test_the_managers_hear_where_their_counterpart_comes_from(two: Two) -> None:
    (told,) = [text for text in two.world.dms(two.world.ana) if "Jonas has joined" in text]
    assert f"an account of the workspace {two.jonas.team.id}" in told


# -- departments of one workspace ----------------------------------------------------------------


def found_departments(world: World) -> None:
    """Ana's Drugs and Tom's Devices, in one workspace."""
    world.set_up(own_partner="Acme Drugs", other_partners="Acme Devices")
    world.say(world.ana, f'north star set "{STAR}"')
    join_department(world)


def join_department(world: World) -> None:
    slack = world.slack
    found = CODE.search(world.say(world.ana, "invite"))
    assert found is not None
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "They are in our own workspace")
    world.say(world.tom, f"join {found.group()}")
    world.tom.submits(slack.views(world.tom)[-1], name="Acme Devices")
    world.bot.settle()
    world.tom.closes(slack.views(world.tom)[-1])


def remind_weekly(world: World, who: User, channel: Channel) -> None:
    world.say(who, "remind add north star every monday 09:00", channel=channel)
    world.press(who, world.slack.ephemerals(user=who)[-1], "Set up a reminder")


def test_a_channel_of_a_workspace_that_two_departments_share_asks_both(world: World) -> None:
    found_departments(world)
    said = world.say(world.ana, "link")
    assert "Acme Drugs: not yet" in said
    assert "Acme Devices: not yet" in said
    linked = world.slack.ephemerals(user=world.ana)[-1]
    remind_weekly(world, world.ana, world.steering)
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    assert "#steering" in world.say(world.tom, "status")
    agree(world, world.ana, linked, world.steering)
    agree(world, world.tom, ask_to_agree(world, world.tom, world.steering)[-1], world.steering)
    assert "Acme Devices" in world.posts()[0]


def test_a_departments_private_channel_is_its_own_until_others_come(world: World) -> None:
    found_departments(world)
    slack = world.slack
    lab = slack.channel("lab", team=world.acme, members=[world.ana], with_bot=True, is_private=True)
    assert "now belongs to" in world.say(world.ana, "link", channel=lab)
    assert "#lab" not in world.say(world.tom, "status")
    remind_weekly(world, world.ana, lab)
    world.tom.joins(lab)
    world.bot.settle()
    world.bot.advance(timedelta(days=8))
    assert posts(world, lab) == []
    assert ask_to_agree(world, world.tom, lab)
    assert ask_to_agree(world, world.ana, lab)


def test_a_department_that_joins_later_is_asked_for_the_channels_it_reads(world: World) -> None:
    world.set_up(own_partner="Acme Drugs", other_partners="Acme Devices")
    world.say(world.ana, f'north star set "{STAR}"')
    assert "now belongs to" in world.say(world.ana, "link")
    remind_weekly(world, world.ana, world.steering)
    mei = world.slack.user("Mei", team=world.acme)
    mei.joins(world.steering)
    world.bot.settle()
    join_department(world)
    (told,) = [text for text in world.dms(world.ana) if "is in the same workspace" in text]
    assert "Ana, Mei" in told
    world.bot.work()
    assert ask_to_agree(world, world.tom, world.steering)
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []


# -- guests --------------------------------------------------------------------------------------


def join_as_guest(world: World) -> User:
    """Borealis' manager is a guest in Acme's workspace."""
    slack = world.slack
    jonas = slack.user("Jonas", team=world.acme, is_restricted=True)
    world.steering.members.append(jonas.id)
    found = CODE.search(world.say(world.ana, "invite"))
    assert found is not None
    world.say(jonas, f"join {found.group()}")
    jonas.submits(slack.views(jonas)[-1], name="Borealis")
    world.bot.settle()
    jonas.closes(slack.views(jonas)[-1])
    return jonas


def _link_after(world: World) -> None:
    join_as_guest(world)
    assert "Borealis: not yet" in world.say(world.ana, "link")


def _link_before(world: World) -> None:
    assert "now belongs to" in world.say(world.ana, "link")
    jonas = join_as_guest(world)
    world.bot.work()
    assert ask_to_agree(world, jonas, world.steering)


def _place_later(world: World) -> None:
    """He joined from elsewhere; the guest is a colleague of his, placed while in the channel."""
    two = Two(world)
    two.accept(two.code())
    gil = world.slack.user("Gil", team=world.acme, is_restricted=True)
    gil.joins(world.steering)
    assert "now belongs to" in world.say(world.ana, "link")
    gil.joins(two.shared)
    world.say(gil, "help")
    two.mention(two.jonas, f"place <@{gil.id}>")
    world.bot.work()
    assert ask_to_agree(world, two.jonas, world.steering)


@pytest.mark.parametrize("way", [_link_after, _link_before, _place_later])
def test_a_channel_with_guests_of_another_partner_asks_that_partner(
    world: World, way: Callable[[World], None]
) -> None:
    world.set_up()
    world.say(world.ana, f'north star set "{STAR}"')
    way(world)
    remind_weekly(world, world.ana, world.steering)
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    assert "silent" in world.say(world.ana, "status")
