"""Who changed what: the trail that managers read, and taking one's last change back."""

import pytest

from tests.scenarios.conftest import STAR, World
from tests.scenarios.test_roster import make_jsc
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.accept(both.code())
    return both


def test_a_manager_reads_who_changed_what_and_nothing_that_is_the_others(two: Two) -> None:
    world = two.world
    make_jsc(world)
    assert "Tom sits on JSC" in world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.say(world.ana, "undo")
    own = world.say(world.ana, "changes")
    for line in ("Channel linked: steering", "North star set", "Alliance created"):
        assert line in own
    assert "Seat given" in own
    assert "(taken back)" in own
    assert "Partner joined: Borealis Bio" in own
    assert "Ana (Acme)" in own
    theirs = two.mention(two.jonas, "changes")
    assert "Alliance created" in theirs
    assert "Partner joined: Borealis Bio" in theirs
    for word in ("steering", "North star", "Seat"):
        assert word not in theirs
    assert "Only alliance managers" in world.say(world.tom, "changes")


def test_the_trail_goes_on_page_by_page(two: Two) -> None:
    world, slack = two.world, two.world.slack
    make_jsc(world)
    for _ in range(12):
        world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
        world.say(world.ana, f"seat <@{world.tom.id}> on JSC as none")
    assert "Alliance created" not in world.say(world.ana, "changes")
    shown = slack.ephemerals(user=world.ana)[-1]
    world.ana.presses(shown, "Earlier")
    world.bot.settle()
    assert "Alliance created" in slack.text_of(slack.ephemerals(user=world.ana)[-1])


def test_an_invitation_is_taken_back(two: Two) -> None:
    world = two.world
    world.say(world.ana, "setup new")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, name="Second", own_partner="Acme", other_partners="Cora")
    world.bot.settle()
    for each in reversed(world.slack.views(world.ana)):
        world.ana.closes(each)
    lobby = world.slack.channel("lobby", team=world.acme, members=[world.ana], with_bot=True)
    world.say(world.ana, "use Second", channel=lobby)
    said = world.say(world.ana, "invite Cora", channel=lobby)
    code = next(word for word in said.split() if word.count("-") == 2).strip(".`")
    undone = world.say(world.ana, "undo", channel=lobby)
    assert "invitation for Cora no longer works" in undone
    assert "does not work" in two.mention(two.jonas, f"join {code}")


def test_a_yes_is_taken_back_and_the_channel_falls_silent(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    two.agree(world.ana, slack.ephemerals(user=world.ana)[-1])
    two.agree(two.jonas, slack.dms(two.jonas)[-1])
    assert "silent" not in world.say(world.ana, "status")
    assert "I am silent in #acme-borealis" in two.mention(two.jonas, "undo")
    assert "silent" in world.say(world.ana, "status")


def test_a_deputy_is_taken_back(two: Two) -> None:
    world = two.world
    make_jsc(world)
    world.say(world.ana, f"seat <@{world.ana.id}> on JSC")
    line = f"deputy <@{world.tom.id}> for <@{world.ana.id}> on JSC"
    assert "Tom stands in for Ana" in world.say(world.ana, line)
    assert "as it was" in world.say(world.ana, "undo")
    assert "no seat" in world.say(world.tom, "am I a member?")


@pytest.mark.parametrize(
    ("line", "back"), [("away until 2027-04-01", "Welcome back"), ("mute", "get direct messages")]
)
def test_a_member_takes_back_what_they_asked_for_themselves_and_nobody_reads_of_it(
    two: Two, line: str, back: str
) -> None:
    world = two.world
    world.say(world.tom, "status")
    world.say(world.tom, line)
    assert "Member" not in world.say(world.ana, "changes")
    assert back in world.say(world.tom, "undo")
    assert STAR in world.say(world.tom, "north star")
