"""A partner leaves, an alliance ends: nothing opens up or is lost, and it can be taken back."""

from datetime import timedelta

import pytest

from tests.fakes.slack import Channel, Message, User
from tests.scenarios.conftest import STAR, World
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    """Acme and Borealis, both heard in their shared channel."""
    world.start()
    both = Two(world)
    both.open()
    return both


def asked(two: Two, text: str) -> str:
    """What Jonas is told for a direct message."""
    slack = two.world.slack
    before = len(slack.dms(two.jonas))
    two.jonas.dm(text)
    two.world.bot.settle()
    return "\n".join(slack.text_of(m) for m in slack.dms(two.jonas)[before:])


def press_dm(two: Two, label: str) -> str:
    """Jonas presses a button of the last direct message that has it."""
    slack, before = two.world.slack, len(two.world.slack.dms(two.jonas))
    found = next(m for m in reversed(slack.dms(two.jonas)) if label in str(m.blocks))
    said = two.world.press(two.jonas, found, label)
    return said + "\n".join(slack.text_of(m) for m in slack.dms(two.jonas)[before:])


def home(two: Two, who: object) -> str:
    world = two.world
    who.opens_home()  # type: ignore[attr-defined]
    world.bot.settle()
    return world.slack.text_of(world.slack.home(who))  # type: ignore[arg-type]


def told(two: Two) -> Message:
    return two.world.slack.dms(two.world.ana)[-1]


def leave(two: Two) -> str:
    assert "would leave" in asked(two, "leave")
    return press_dm(two, "Leave Acme–Borealis")


def test_nothing_happens_before_the_button(two: Two) -> None:
    before = len(two.world.dms(two.world.ana))
    shown = asked(two, "leave")
    assert "I would tell Ana" in shown
    assert "Nothing has happened yet" in shown
    assert len(two.world.dms(two.world.ana)) == before
    assert "All partners have joined" in two.world.say(two.world.ana, "status")


def test_a_partner_leaves_and_everything_it_set_off_stops(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.mention(two.jonas, 'remind add "Basel notes" every monday 09:00')
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Set up a reminder")
    assert "has left" in leave(two)
    assert "Jonas has ended Borealis Bio's part" in world.dms(world.ana)[-1]
    before = len(two.posts())
    world.bot.advance(timedelta(days=8))
    assert len(two.posts()) == before
    status = world.say(world.ana, "status")
    assert "Acme is the only partner now" in status
    assert "Jonas" not in world.say(world.ana, "members")


def test_those_who_left_read_what_they_could_read_and_nothing_newer(two: Two) -> None:
    world = two.world
    world.press(world.ana, _shared(two), "Share with everybody")
    assert STAR in asked(two, "north star")
    leave(two)
    assert STAR in asked(two, "north star")
    world.clock.advance(timedelta(minutes=1))
    world.say(world.ana, 'north star set "A wholly new and secret aim."')
    world.say(world.ana, f"seat <@{world.tom.id}> on Afterwards")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up Afterwards")
    world.ana.submits(world.slack.views(world.ana)[-1], decides="What comes after.")
    world.bot.settle()
    for line in ("north star", "north star history", "roster", "status", "members", "charter"):
        said = asked(two, line)
        assert "secret aim" not in said
        assert "Afterwards" not in said
        assert "Tom" not in said
    assert "Jonas" in asked(two, "members")
    assert STAR in asked(two, "north star history")


def _shared(two: Two) -> Message:
    world = two.world
    world.say(world.ana, "north star share")
    return world.slack.ephemerals(user=world.ana)[-1]


def test_those_who_left_change_nothing(two: Two) -> None:
    leave(two)
    for line in (
        'north star set "Ours alone"',
        "remind add",
        "invite",
        "leave",
        f"place <@{two.world.tom.id}> in Borealis Bio",
    ):
        said = asked(two, line)
        assert "change nothing" in said, (line, said)
    assert "change nothing" in asked(two, "status")


def test_those_who_left_are_offered_only_what_they_can_do(two: Two) -> None:
    before = home(two, two.jonas)
    assert "Write down a decision" in before
    leave(two)
    shown = home(two, two.jonas)
    assert "Ask to come back" in shown
    for label in ("Write down a decision", "Write the North Star", "Import a charter"):
        assert label not in shown
    said = asked(two, "help")
    for phrase in ("export", "north star", "undo", "mute", "setup"):
        assert f"`{phrase}" in said, phrase
    for phrase in ("decide`", "remind add", "invite PARTNER", "seat @person", "north star set"):
        assert phrase not in said, phrase


def test_undo_brings_back_all_of_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.mention(two.jonas, 'remind add "Basel notes" every monday 09:00')
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Set up a reminder")
    leave(two)
    assert "is in Acme–Borealis again" in asked(two, "undo")
    assert "that it left is taken back" in world.dms(world.ana)[-1]
    world.bot.advance(timedelta(days=8))
    assert any("Basel notes" in post for post in two.posts())


def test_later_a_partner_comes_back_only_if_the_others_let_it(two: Two) -> None:
    world = two.world
    leave(two)
    world.bot.advance(timedelta(days=3))
    assert "nothing of yours to take back" in asked(two, "undo")
    shown = home(two, two.jonas)
    assert "left Acme–Borealis" in shown
    two.jonas.presses(world.slack.home(two.jonas), "Ask to come back")
    world.bot.settle()
    assert "left" in home(two, two.jonas)
    assert "asks for Borealis Bio" in world.dms(world.ana)[-1]
    assert "is in Acme–Borealis again" in world.press(
        world.ana, told(two), "Let Borealis Bio come back"
    )
    assert "Jonas (alliance manager)" in world.say(world.ana, "members")
    assert "silent" in world.say(world.ana, "status")


def test_the_days_of_grace_end(two: Two) -> None:
    world = two.world
    leave(two)
    old_home = home(two, two.jonas)
    assert "Ask to come back" in old_home
    surface = world.slack.home(two.jonas)
    world.bot.advance(timedelta(days=31))
    two.jonas.presses(surface, "Ask to come back")
    world.bot.settle()
    assert not any("asks for Borealis Bio" in text for text in world.dms(world.ana))
    assert "Ask to come back" not in home(two, two.jonas)
    assert STAR not in asked(two, "north star")


def test_an_alliance_ends_and_either_side_can_go_on_with_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.remind("north star every monday 09:00")
    world.say(world.tom, "help")
    world.tom.says(world.steering, "<@BOT> status")
    world.bot.settle()
    world.say(world.ana, "end alliance")
    shown = slack.ephemerals(user=world.ana)[-1]
    assert "1 reminder" in slack.text_of(shown)
    assert "has ended" in world.press(world.ana, shown, "End Acme–Borealis")
    assert "Ana (Acme) has ended" in world.dms(two.jonas)[-1]
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    assert STAR in world.say(world.ana, "north star")
    assert "change nothing" in world.say(world.ana, 'north star set "Another"')
    assert "change nothing" in world.say(world.tom, "status")
    assert "goes on" in press_dm(two, "Go on with it")
    world.bot.advance(timedelta(days=8))
    assert any(STAR in post for post in world.posts())


def test_a_member_neither_leaves_nor_ends(two: Two) -> None:
    world = two.world
    for line in ("leave", "end alliance"):
        assert "Only alliance managers" in world.say(world.tom, line)


def test_a_pilot_has_nobody_to_leave(world: World) -> None:
    world.start()
    assert "nobody to leave" in world.say(world.ana, "leave")


def test_a_newcomer_in_a_channel_of_an_ended_alliance_does_not_join_it(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "end alliance")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "End Acme–Borealis")
    eve = slack.user("Eve", team=world.acme)
    eve.joins(world.steering)
    world.bot.settle()
    assert "not in an alliance here yet" in world.say(eve, "members")


def begin_another(world: World, who: User, channel: Channel, partner: str) -> None:
    """Somebody sets up another alliance, with Cora."""
    world.say(who, "setup new", channel=channel)
    form = world.slack.views(who)[-1]
    who.submits(form, name=f"{partner}–Cora", own_partner=partner, other_partners="Cora")
    world.bot.settle()
    for each in reversed(world.slack.views(who)):
        who.closes(each)


@pytest.mark.parametrize("is_private", [True, False])
def test_a_channel_of_an_ended_alliance_can_be_another_ones(two: Two, is_private: bool) -> None:
    world, slack = two.world, two.world.slack
    lab = slack.channel(
        "lab", team=world.acme, members=[world.ana], with_bot=True, is_private=is_private
    )
    assert "now belongs to" in world.say(world.ana, "link", channel=lab)
    world.say(world.ana, "end alliance")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "End Acme–Borealis")
    begin_another(world, world.ana, lab, "Acme")
    assert "now belongs to Acme–Cora" in world.say(world.ana, "link", channel=lab)
    assert "Acme–Cora" in world.say(world.ana, "status", channel=lab)
