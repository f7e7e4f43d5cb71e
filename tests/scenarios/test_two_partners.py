"""Two organisations in one alliance, meeting in a channel that they share."""

import re
from datetime import timedelta

from tests.fakes.slack import Channel, User
from tests.scenarios.casts import Cast, accept, found_alliance, get_code, join
from tests.scenarios.conftest import STAR, Home, World
from tests.scenarios.persons import Person

AGREE = "Read and agree: #joint"
WEEKLY = "remind add north star every monday 09:00"
JOINED = "Jonas has joined"


def remind(who: Person) -> None:
    """Somebody sets up a weekly reminder in the channel where they are."""
    who.asks(WEEKLY)
    who.presses("Set up a reminder", on="Set up a reminder")


def agree(who: Person) -> str:
    """A manager reads what is read and kept, and agrees; what they read then."""
    assert "Other messages are turned away unread" in who.presses(AGREE, on="#joint")
    said = who.fills()
    who.close_form()
    return said


def test_invited_agreed_introduced_and_only_then_heard(home: Home) -> None:
    ana, jonas = home.cast.ana, home.cast.jonas
    ana.asks("link")
    home.join()
    assert any(JOINED in text for text in ana.letters())
    assert "Borealis Bio" in ana.asks("status")
    agree(ana)
    assert jonas.posts() == []
    assert "Your side's yes is missing" in jonas.letters()[-1]
    agree(jonas)
    (hello,) = jonas.posts()
    assert "Acme" in hello
    assert "Borealis Bio" in hello
    jonas.presses("Talk privately", on="Borealis Bio")
    assert any("nobody else reading" in text for text in jonas.letters())
    assert any("Whoever runs this installation" in text for text in jonas.letters())
    remind(ana)
    home.advance(timedelta(days=7))
    assert STAR in jonas.posts()[-1]


def test_unlink_by_either_side_silences_at_once(joined: Home) -> None:
    jonas = joined.cast.jonas
    joined.cast.share()
    remind(joined.cast.ana)
    before = len(jonas.posts())
    assert "I have stopped in" in jonas.asks("unlink")
    joined.advance(timedelta(days=8))
    assert len(jonas.posts()) == before


def test_a_button_in_the_shared_channel_invites_too(home: Home) -> None:
    ana, jonas = home.cast.ana, home.cast.jonas
    ana.asks("link")
    ana.asks("invite")
    ana.presses("Invite in #joint instead", on="Invite in #joint instead")
    (post,) = jonas.posts()
    assert "Ana (Acme) invites Borealis" in post
    invited = "invites Borealis"
    assert "can't accept" in ana.presses("Accept for Borealis", on=invited)
    jonas.presses("Accept for Borealis", on=invited)
    jonas.fills(name="Borealis")
    jonas.close_form()
    assert "Jonas (alliance manager)" in ana.asks("members")


def test_a_code_works_once_and_not_for_ones_own_side(home: Home) -> None:
    ana, tom, jonas = home.ana, home.tom, home.cast.jonas
    code = get_code(ana, "invite Borealis")
    assert "can't accept" in tom.asks(f"join {code}")
    accept(jonas, code)
    assert "does not work" in home.cast.make_stranger("Eve").asks(f"join {code}")


def test_a_code_that_is_too_old_or_replaced_does_not_work(home: Home) -> None:
    ana, jonas = home.ana, home.cast.jonas
    first, second = (get_code(ana, "invite Borealis") for _ in range(2))
    assert "does not work" in jonas.asks(f"join {first}")
    home.advance(timedelta(days=15))
    assert "does not work" in jonas.asks(f"join {second}")


def test_whoever_guesses_codes_has_to_wait(home: Home) -> None:
    jonas = home.cast.jonas
    code = get_code(home.ana, "invite Borealis")
    for guess in range(5):
        assert "does not work" in jonas.asks(f"join AAAA-AAAA-AAA{guess + 2}")
    assert "wait an hour" in jonas.asks(f"join {code}")
    home.advance(timedelta(hours=2))
    jonas.opens(f"join {code}", "Accept the invitation")


def test_the_wrong_counterpart_can_be_turned_out_again(joined: Home) -> None:
    ana, jonas = joined.ana, joined.cast.jonas
    ana.presses("That is not our counterpart", on=JOINED)
    assert "Only alliance managers" in jonas.asks("invite")
    assert "(not joined)" in ana.asks("status")


def test_each_side_sees_only_what_is_meant_for_it(joined: Home) -> None:
    jonas = joined.cast.jonas
    assert STAR not in jonas.asks("north star")
    shown = jonas.asks("status")
    assert "#steering" not in shown
    assert "Acme" in shown


def test_neither_side_agrees_for_the_other(home: Home) -> None:
    ana = home.cast.ana
    ana.asks("link")
    for _ in range(2):
        agree(ana)
    assert ana.posts() == []
    assert "silent" in ana.asks("status")


def test_a_pilot_without_its_partner_stays_silent_in_the_shared_channel(home: Home) -> None:
    ana = home.cast.ana
    ana.asks("link")
    agree(ana)
    remind(ana)
    home.advance(timedelta(days=30))
    assert ana.posts() == []
    assert "one-sided pilot" in ana.asks("status")


def test_a_yes_ends_with_unlinking_and_old_buttons_open_nothing(home: Home) -> None:
    ana, jonas = home.cast.ana, home.cast.jonas
    ana.asks("link")
    home.join()
    agree(ana)
    ana.asks("unlink")
    agree(jonas)
    assert jonas.posts() == []
    assert "Acme: not yet" in ana.asks("link")


def test_what_happened_while_unlinked_counts_when_an_unlink_is_taken_back(
    strangers: Cast,
) -> None:
    found_alliance(strangers.ana)
    ana = strangers.ana.at(strangers.make_room("steering", strangers.ana, kind="shared"))
    ana.asks("link")
    ana.asks(f'north star set "{STAR}"')
    remind(ana)
    ana.asks("unlink")
    strangers.open_to_others(ana.room)
    assert "stay silent" in ana.asks("undo")
    strangers.advance(timedelta(days=8))
    assert ana.posts() == []


def test_one_yes_is_not_enough_for_a_channel_that_was_shared_later(strangers: Cast) -> None:
    found_alliance(strangers.ana)
    join(strangers.ana, strangers.jonas)
    ana = strangers.ana.at(strangers.make_room("steering", strangers.ana, kind="shared"))
    ana.asks("link")
    strangers.open_to_others(ana.room)
    assert "Borealis Bio: not yet" in ana.asks("link")


def test_a_reminder_for_a_silent_channel_shows_the_other_side_nothing(home: Home) -> None:
    ana, jonas = home.cast.ana, home.cast.jonas
    ana.asks("link")
    home.join()
    remind(ana)
    assert "No reminders yet" in jonas.asks("remind list")
    assert STAR not in jonas.asks("remind test 1")


def test_a_code_said_aloud_is_its_first_speakers_alone(home: Home) -> None:
    code = get_code(home.ana, "invite Borealis")
    home.cast.jonas.opens(f"join {code}", "Accept the invitation")
    assert "does not work" in home.cast.make_stranger("Eve").asks(f"join {code}")


def test_nobody_joins_under_another_partners_name(home: Home) -> None:
    jonas = home.cast.jonas
    code = get_code(home.ana, "invite Borealis")
    jonas.opens(f"join {code}", "Accept the invitation")
    assert "another partner" in jonas.fills(name="ACME")


def test_a_manager_cannot_claim_people_before_their_own_side_joins(home: Home) -> None:
    said = home.cast.ana.asks("place @Jonas in Acme", home.cast.jonas)
    assert "another organisation's workspace" in said
    home.join()


def test_the_right_counterpart_begins_on_a_clean_row(joined: Home) -> None:
    ana = joined.ana
    ana.presses("That is not our counterpart", on=JOINED)
    status = ana.asks("status")
    assert "Borealis (not joined)" in status
    assert "Borealis Bio" not in status


def turn_out(ana: Person) -> None:
    said = ana.presses("That is not our counterpart", on=JOINED)
    assert "within ten minutes to let Borealis Bio in again" in said


def test_turning_a_counterpart_out_is_taken_back_whole(joined: Home) -> None:
    ana, jonas = joined.ana, joined.cast.jonas
    joined.cast.share()
    jonas.asks(f'north star set "{STAR}"')
    remind(jonas)
    turn_out(ana)
    assert "Only alliance managers" in jonas.asks("invite")
    assert "Borealis Bio is in the alliance again" in ana.asks("undo")
    assert "Jonas (alliance manager)" in ana.asks("members")
    assert "All partners have joined" in ana.asks("status")
    before = len(jonas.posts())
    joined.advance(timedelta(days=8))
    assert len(jonas.posts()) > before


def test_a_counterpart_stays_out_once_somebody_else_was_asked(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    ana.asks("role @Tom manager", tom)
    home.join()
    turn_out(ana)
    tom.asks("invite Borealis")
    assert "I leave it as it is. Say" in ana.asks("undo")
    assert "Borealis (not joined)" in ana.asks("status")


def test_a_yes_that_is_not_the_last_asks_the_platform_nothing(home: Home) -> None:
    ana = home.cast.ana
    ana.asks("link")
    home.join()
    (fake,) = home.cast.fakes
    before = fake.count_readings()
    assert "Acme: agreed" in agree(ana)
    assert fake.count_readings() == before


def test_a_last_yes_is_answered_in_time_though_the_platform_is_slow(home: Home) -> None:
    ana, jonas = home.cast.ana, home.cast.jonas
    ana.asks("link")
    home.join()
    agree(ana)
    (fake,) = home.cast.fakes
    fake.hangs_reading()
    assert "try again in a minute" in agree(jonas)
    assert jonas.posts() == []
    fake.works_again()
    agree(jonas)
    assert len(jonas.posts()) == 1


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
