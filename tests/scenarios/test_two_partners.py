"""Two organisations in one alliance, meeting in a Slack Connect channel."""

import re
from datetime import timedelta

import pytest

from tests.fakes.slack import Channel, User
from tests.scenarios.conftest import STAR, World


class Two:
    """Acme's world, with Jonas of Borealis in a shared channel."""

    def __init__(self, world: World) -> None:
        self.world = world
        borealis = world.slack.team("Borealis")
        self.jonas: User = world.slack.user("Jonas", team=borealis, tz="Europe/Zurich")
        self.shared: Channel = world.slack.channel(
            "acme-borealis",
            team=world.acme,
            shared_with=[borealis],
            members=[world.ana, self.jonas],
            with_bot=True,
        )

    def mention(self, who: User, text: str) -> str:
        """What a person of either side is told for a mention in the shared channel."""
        slack = self.world.slack
        before = len(slack.ephemerals(user=who))
        who.says(self.shared, f"<@{slack.bot_user}> {text}")
        self.world.bot.settle()
        return "\n".join(slack.text_of(m) for m in slack.ephemerals(user=who)[before:])

    def code(self) -> str:
        """Ana's invitation."""
        said = self.world.say(self.world.ana, "invite Borealis")
        found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
        assert found, said
        return found.group()

    def accept(self, code: str) -> None:
        """Jonas joins by code, without a slash command."""
        slack = self.world.slack
        self.mention(self.jonas, f"join {code}")
        self.world.press(self.jonas, slack.ephemerals(user=self.jonas)[-1], "Accept the invitation")
        answer = self.jonas.submits(
            slack.views(self.jonas)[-1], name="Borealis Bio", countries="CH"
        )
        assert answer.status == 200, answer.text
        self.world.bot.settle()

    def agree(self, who: User, message: object) -> None:
        """A manager reads what is read and kept, and agrees."""
        self.world.press(who, message, "Read and agree: #acme-borealis")
        form = self.world.slack.views(who)[-1]
        assert "Other messages are turned away unread" in self.world.slack.text_of(form)
        who.submits(form)
        self.world.bot.settle()

    def open(self) -> None:
        """Jonas joins, and both managers agree that Entente may be in the shared channel."""
        world, slack = self.world, self.world.slack
        world.say(world.ana, "link", channel=self.shared)
        linked = slack.ephemerals(user=world.ana)[-1]
        self.accept(self.code())
        self.agree(world.ana, linked)
        self.agree(self.jonas, slack.dms(self.jonas)[-1])

    def posts(self) -> list[str]:
        """What Entente has posted in the shared channel."""
        slack = self.world.slack
        return [slack.text_of(m) for m in slack.messages(self.shared) if m.by_bot]


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    return Two(world)


def test_invited_agreed_introduced_and_only_then_heard(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    two.accept(two.code())
    assert any("Jonas has joined" in text for text in world.dms(world.ana))
    assert "Borealis Bio" in world.say(world.ana, "status")
    two.agree(world.ana, linked)
    assert two.posts() == []
    told = slack.dms(two.jonas)[-1]
    assert "Your side's yes is missing" in slack.text_of(told)
    two.agree(two.jonas, told)
    (hello,) = two.posts()
    assert "Acme" in hello
    assert "Borealis Bio" in hello
    post = next(m for m in slack.messages(two.shared) if m.by_bot)
    world.press(two.jonas, post, "Talk privately")
    assert any("nobody else reading" in text for text in world.dms(two.jonas))
    assert any("Whoever runs this installation" in text for text in world.dms(two.jonas))
    world.say(world.ana, "remind add north star every monday 09:00", channel=two.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    world.bot.advance(timedelta(days=7))
    assert STAR in two.posts()[-1]


def test_unlink_by_either_side_silences_at_once(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.open()
    world.say(world.ana, "remind add north star every monday 09:00", channel=two.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    before = len(two.posts())
    assert "I have stopped in" in two.mention(two.jonas, "unlink")
    world.bot.advance(timedelta(days=8))
    assert len(two.posts()) == before


def test_a_button_in_the_shared_channel_invites_too(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    world.say(world.ana, "invite")
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Invite in #acme-borealis instead")
    (post,) = [m for m in slack.messages(two.shared) if m.by_bot]
    assert "Ana (Acme) invites Borealis" in slack.text_of(post)
    refused = world.press(world.ana, post, "Accept for Borealis")
    assert "can't accept" in refused
    world.press(two.jonas, post, "Accept for Borealis")
    two.jonas.submits(slack.views(two.jonas)[-1], name="Borealis")
    world.bot.settle()
    assert "Jonas (alliance manager)" in world.say(world.ana, "members")


def test_a_code_works_once_and_not_for_ones_own_side(two: Two) -> None:
    world = two.world
    code = two.code()
    assert "can't accept" in world.say(world.tom, f"join {code}")
    two.accept(code)
    other = world.slack.user("Eve", team=world.slack.team("Evil"))
    two.world.slack.share(two.shared, other.team)
    other.joins(two.shared)
    assert "does not work" in two.mention(other, f"join {code}")


def test_a_code_that_is_too_old_or_replaced_does_not_work(two: Two) -> None:
    first = two.code()
    second = two.code()
    assert "does not work" in two.mention(two.jonas, f"join {first}")
    two.world.clock.advance(timedelta(days=15))
    assert "does not work" in two.mention(two.jonas, f"join {second}")


def test_whoever_guesses_codes_has_to_wait(two: Two) -> None:
    code = two.code()
    for guess in range(5):
        assert "does not work" in two.mention(two.jonas, f"join AAAA-AAAA-AAA{guess + 2}")
    assert "wait an hour" in two.mention(two.jonas, f"join {code}")
    two.world.clock.advance(timedelta(hours=2))
    assert "only you see it" in two.mention(two.jonas, f"join {code}").lower()


def test_the_wrong_counterpart_can_be_turned_out_again(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.accept(two.code())
    (told,) = [m for m in slack.dms(world.ana) if "Jonas has joined" in slack.text_of(m)]
    world.press(world.ana, told, "That is not our counterpart")
    assert "Only alliance managers" in two.mention(two.jonas, "invite")
    assert "(not joined)" in world.say(world.ana, "status")


def test_each_side_sees_only_what_is_meant_for_it(two: Two) -> None:
    two.accept(two.code())
    assert STAR not in two.mention(two.jonas, "north star")
    shown = two.mention(two.jonas, "status")
    assert "#steering" not in shown
    assert "Acme" in shown


def test_neither_side_agrees_for_the_other(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    two.agree(world.ana, linked)
    two.agree(world.ana, linked)
    assert two.posts() == []
    assert "silent" in world.say(world.ana, "status")


def test_a_pilot_without_its_partner_stays_silent_in_the_shared_channel(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    two.agree(world.ana, slack.ephemerals(user=world.ana)[-1])
    world.say(world.ana, "remind add north star every monday 09:00", channel=two.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    world.bot.advance(timedelta(days=30))
    assert two.posts() == []
    assert "one-sided pilot" in world.say(world.ana, "status")


def test_a_yes_ends_with_unlinking_and_old_buttons_open_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    two.accept(two.code())
    two.agree(world.ana, linked)
    old = slack.dms(two.jonas)[-1]
    world.say(world.ana, "unlink", channel=two.shared)
    world.press(two.jonas, old, "Read and agree: #acme-borealis")
    two.jonas.submits(slack.views(two.jonas)[-1])
    world.bot.settle()
    assert two.posts() == []
    world.say(world.ana, "link", channel=two.shared)
    assert "Acme: not yet" in slack.text_of(slack.ephemerals(user=world.ana)[-1])


def test_what_happened_while_unlinked_counts_when_an_unlink_is_taken_back(two: Two) -> None:
    world = two.world
    world.remind("north star every monday 09:00")
    world.say(world.ana, "unlink")
    world.slack.share(world.steering, two.jonas.team)
    world.bot.settle()
    assert "stay silent" in world.say(world.ana, "undo")
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []


def test_one_yes_is_not_enough_for_a_channel_that_was_shared_later(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.accept(two.code())
    slack.share(world.steering, two.jonas.team)
    world.bot.settle()
    world.say(world.ana, "link")
    two_sided = slack.ephemerals(user=world.ana)[-1]
    assert "Borealis Bio: not yet" in slack.text_of(two_sided)


def test_a_reminder_for_a_silent_channel_shows_the_other_side_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    two.accept(two.code())
    world.say(world.ana, "remind add north star every monday 09:00", channel=two.shared)
    world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    assert "No reminders yet" in two.mention(two.jonas, "remind list")
    assert STAR not in two.mention(two.jonas, "remind test 1")


def test_a_code_said_aloud_is_its_first_speakers_alone(two: Two) -> None:
    slack, code = two.world.slack, two.code()
    two.mention(two.jonas, f"join {code}")
    eve = slack.user("Eve", team=slack.team("Evil"))
    slack.share(two.shared, eve.team)
    eve.joins(two.shared)
    assert "does not work" in two.mention(eve, f"join {code}")


def test_nobody_joins_under_another_partners_name(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.mention(two.jonas, f"join {two.code()}")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Accept the invitation")
    answer = two.jonas.submits(slack.views(two.jonas)[-1], name="ACME")
    assert "another partner" in answer.json["errors"]["name"]


def test_a_manager_cannot_claim_people_before_their_own_side_joins(two: Two) -> None:
    world = two.world
    said = world.say(world.ana, f"place <@{two.jonas.id}> in Acme")
    assert "another organisation's workspace" in said
    two.accept(two.code())


def test_the_right_counterpart_begins_on_a_clean_row(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.accept(two.code())
    (told,) = [m for m in slack.dms(world.ana) if "Jonas has joined" in slack.text_of(m)]
    world.press(world.ana, told, "That is not our counterpart")
    status = world.say(world.ana, "status")
    assert "Borealis (not joined)" in status
    assert "Borealis Bio" not in status


def _turn_out(two: Two) -> None:
    world, slack = two.world, two.world.slack
    told = next(m for m in slack.dms(world.ana) if "has joined" in slack.text_of(m))
    assert "`undo` within ten minutes" in world.press(
        world.ana, told, "That is not our counterpart"
    )


def test_turning_a_counterpart_out_is_taken_back_whole(two: Two) -> None:
    world, slack = two.world, two.world.slack
    two.open()
    two.mention(two.jonas, f'north star set "{STAR}"')
    two.mention(two.jonas, "remind add north star every monday 09:00")
    world.press(two.jonas, slack.ephemerals(user=two.jonas)[-1], "Set up a reminder")
    _turn_out(two)
    assert "Only alliance managers" in two.mention(two.jonas, "invite")
    assert "Borealis Bio is in the alliance again" in world.say(world.ana, "undo")
    assert "Jonas (alliance manager)" in world.say(world.ana, "members")
    status = world.say(world.ana, "status")
    assert "All partners have joined" in status
    before = len(two.posts())
    world.bot.advance(timedelta(days=8))
    assert len(two.posts()) > before


def test_a_counterpart_stays_out_once_somebody_else_was_asked(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.tom, "status")
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    two.accept(two.code())
    _turn_out(two)
    world.say(world.tom, "invite Borealis")
    assert "I leave it as it is. Say `invite`" in world.say(world.ana, "undo")
    assert "Borealis (not joined)" in world.say(world.ana, "status")
    assert slack.strict_errors == []


def _asked(two: Two) -> list[str]:
    names = {"conversations.info", "conversations.members"}
    return [call.method for call in two.world.slack.calls() if call.method in names]


def test_a_yes_that_is_not_the_last_asks_slack_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    two.accept(two.code())
    before = _asked(two)
    two.agree(world.ana, linked)
    assert _asked(two) == before
    assert "Acme: agreed" in slack.text_of(slack.views(world.ana)[-1])


def test_a_last_yes_is_answered_in_time_though_slack_is_slow(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "link", channel=two.shared)
    linked = slack.ephemerals(user=world.ana)[-1]
    two.accept(two.code())
    two.agree(world.ana, linked)
    told = slack.dms(two.jonas)[-1]
    slow = slack.hangs("conversations.members")
    two.agree(two.jonas, told)
    assert "try again in a minute" in slack.text_of(slack.views(two.jonas)[-1])
    assert two.posts() == []
    slow.release()
    two.jonas.closes(slack.views(two.jonas)[-1])
    two.agree(two.jonas, told)
    assert len(two.posts()) == 1
