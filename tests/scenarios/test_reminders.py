"""Reminders as people live with them."""

from datetime import UTC, datetime, timedelta

from tests.scenarios.casts import Cast, found_alliance
from tests.scenarios.conftest import STAR, Home

UNREAD = "nobody pressed or reacted"


def count(words: str, texts: list[str]) -> int:
    """How many of the texts say this."""
    return sum(words in text for text in texts)


def test_people_get_direct_messages_in_their_own_zones(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind("north star every monday 09:00 for @Ana @Tom", ana, tom)
    home.jump_to(datetime(2027, 3, 8, 8, 1, tzinfo=UTC))
    assert count(STAR, ana.letters())
    assert not count(STAR, tom.letters())
    home.jump_to(datetime(2027, 3, 8, 14, 1, tzinfo=UTC))
    assert count(STAR, tom.letters())


def test_what_nobody_asked_for_comes_once_a_day_in_one_message(home: Home) -> None:
    ana = home.ana
    home.remind('"First note" every monday 09:00 for @Ana', ana)
    home.remind('"Second note" every monday 09:00 for @Ana', ana)
    home.remind('"Third note" every monday 11:00 for @Ana', ana)
    before = len(ana.letters())
    home.jump_to(datetime(2027, 3, 8, 8, 1, tzinfo=UTC))
    (first,) = ana.letters()[before:]
    assert "First note" in first
    assert "Second note" in first
    home.advance(timedelta(hours=12))
    assert len(ana.letters()) == before + 1
    home.advance(timedelta(hours=12))
    assert "Third note" in ana.letters()[-1]


def test_muting_one_reminder_leaves_the_others(home: Home) -> None:
    ana = home.ana
    home.remind('"First note" every monday 09:00 for @Ana', ana)
    home.remind('"Second note" every monday 09:00 in #steering')
    home.advance(timedelta(days=7))
    assert count("First note", ana.letters()) == 1
    assert "no longer comes to you" in ana.presses("Mute", on="First note")
    home.advance(timedelta(days=7))
    assert count("First note", ana.letters()) == 1
    assert count("Second note", home.posts()) == 2


def test_mute_means_nothing_unasked_until_unmute(home: Home) -> None:
    ana = home.ana
    home.remind('"A note" every monday 09:00 for @Ana', ana)
    assert "only when you ask me something" in ana.asks("mute")
    home.advance(timedelta(days=8))
    assert not count("A note", ana.letters())
    assert "Welcome back" in ana.asks("unmute")
    home.advance(timedelta(days=7))
    assert count("A note", ana.letters())


def test_a_public_holiday_moves_a_reminder_and_the_preview_says_so(home: Home) -> None:
    shown = home.ana.asks("remind add north star on 2027-03-29 09:00")
    assert "Tuesday, 30 March 2027, 09:00 CEST" in shown
    assert "Easter Monday" in shown


def test_a_reminder_can_leave_out_holidays(home: Home) -> None:
    home.remind("north star every monday 09:00 skip holidays")
    shown = home.ana.asks("remind preview 1")
    assert "Left out on 29 March 2027: Easter Monday" in shown
    assert shown.count("2027, 09:00") == 10


def test_pause_resume_edit_and_remove(home: Home) -> None:
    ana = home.ana
    home.remind("north star every monday 09:00")
    assert "is paused" in ana.asks("remind pause 1")
    home.advance(timedelta(days=8))
    assert home.posts() == []
    assert "running again" in ana.asks("remind resume 1")
    ana.opens("remind edit 1", "Change")
    ana.fills(cadence="every tuesday 10:00")
    ana.close_form()
    assert "Every Tuesday 10:00" in ana.asks("remind list")
    assert "as it was" in ana.asks("undo")
    assert "Every Monday 09:00" in ana.asks("remind list")
    assert "is removed" in ana.asks("remind remove 1")
    assert "No reminders yet" in ana.asks("remind list")
    assert "running again" in ana.asks("undo")


def test_the_form_names_everything_that_is_wrong_at_once(home: Home) -> None:
    ana = home.ana
    ana.opens("remind add", "Set up a reminder")
    said = ana.fills(kind="text", text="", cadence="whenever", zone="Mars")
    assert "write the text that the reminder should bring" in said
    assert "I don't know the time zone" in said
    assert "I don't understand “whenever”" in said
    ana.close_form()
    assert "No reminders yet" in ana.asks("remind list")


def test_a_test_goes_to_the_one_who_asks_and_nobody_else(home: Home) -> None:
    home.remind("north star every monday 09:00")
    assert STAR in home.ana.asks("remind test 1")
    assert home.posts() == []


def test_after_three_without_a_press_the_author_is_asked_once(home: Home) -> None:
    ana = home.ana
    home.remind("north star every monday 09:00")
    home.advance(timedelta(days=24))
    assert count(UNREAD, ana.letters()) == 1
    assert "Changed" in ana.presses("Less often", on=UNREAD)
    assert "Every 2 weeks on Monday 09:00" in ana.asks("remind list")
    home.advance(timedelta(days=60))
    assert count(UNREAD, ana.letters()) <= 1


def test_the_author_is_asked_after_a_change_of_zone_too(home: Home) -> None:
    ana = home.ana
    home.remind("north star every wednesday 09:00")
    ana.opens("remind edit 1", "Change")
    ana.fills(zone="Europe/Lisbon")
    ana.close_form()
    home.advance(timedelta(days=14))
    assert not count(UNREAD, ana.letters())
    home.advance(timedelta(days=60))
    assert count(UNREAD, ana.letters()) == 1


def test_the_author_is_asked_about_people_who_move_too(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind('"A note" every wednesday 09:00 for @Tom', tom)
    for zone in ("Asia/Tokyo", "Europe/Lisbon"):
        tom.moves_to(zone)
        home.advance(timedelta(days=9))
        tom.asks("status")
    home.advance(timedelta(days=28))
    assert count(UNREAD, ana.letters()) == 1


def test_people_in_two_zones_are_not_twice_as_many_times(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind('"A note" every wednesday 09:00 for @Ana @Tom', ana, tom)
    home.advance(timedelta(days=14))
    assert count("A note", tom.letters()) == 2
    assert not count(UNREAD, ana.letters())
    home.advance(timedelta(days=7))
    assert count(UNREAD, ana.letters()) == 1


def test_what_never_arrived_is_not_asked_about(home: Home) -> None:
    home.remind("north star every monday 09:00")
    home.ana.asks("unlink")
    home.advance(timedelta(days=30))
    assert not count(UNREAD, home.ana.letters())


def test_a_reaction_to_a_direct_message_shows_that_it_is_read(home: Home) -> None:
    ana = home.ana
    home.remind('"First note" every wednesday 09:00 for @Ana', ana)
    home.remind('"Second note" every wednesday 09:00 for @Ana', ana)
    for _ in range(4):
        home.advance(timedelta(days=7))
        ana.reacts(on="First note")
    assert count("First note", ana.letters()) == 4
    assert not count(UNREAD, ana.letters())


def test_a_reaction_shows_that_people_read_it(home: Home) -> None:
    home.remind("north star every wednesday 09:00")
    for _ in range(4):
        home.advance(timedelta(days=7))
        home.tom.reacts(on=STAR)
    assert count(STAR, home.posts()) == 4
    assert not count(UNREAD, home.ana.letters())


def test_somebody_in_the_channel_can_ask_for_less_without_a_name(home: Home) -> None:
    ana, tom = home.ana, home.tom
    home.remind("north star every monday 09:00")
    home.advance(timedelta(days=7))
    assert "Your name is not given" in tom.presses("Mute", on=STAR)
    assert "Ana will hear" in tom.presses("Tell Ana", on="Your name is not given")
    home.advance(timedelta(days=1))
    assert any("less often" in text and "Tom" not in text for text in ana.letters())


def test_only_the_partner_that_set_it_up_changes_a_reminder(home: Home) -> None:
    home.remind("north star every monday 09:00")
    home.advance(timedelta(days=7))
    assert "Ask Ana" in home.tom.presses("Change", on=STAR)


def test_a_text_that_makes_no_sense_is_answered_with_examples(home: Home) -> None:
    ana = home.ana
    assert "every monday 09:00" in ana.asks("remind add north star whenever")
    assert "That moment never comes" in ana.asks("remind add north star on 2020-01-01 09:00")


def test_a_line_that_leaves_out_how_often_is_asked_for_it(home: Home) -> None:
    said = home.ana.asks('remind add "The minutes"')
    assert "How often should I remind you?" in said
    assert "first monday of the month" in said
    assert "I don't understand" not in said


def test_what_comes_more_often_than_monthly_is_asked_about(home: Home) -> None:
    often = "more than once a month"
    assert often in home.ana.asks("remind add north star every 4 weeks on monday 09:00")
    assert often not in home.ana.asks("remind add north star every month on the 3rd 09:00")
    assert often not in home.ana.asks("remind add north star every 5 weeks on monday 09:00")


def test_the_author_hears_when_the_north_star_is_to_be_looked_at_again(home: Home) -> None:
    ana = home.ana
    ana.opens("north star set", "Write the North Star")
    ana.fills(text="Another star.", review_on="2027-03-10")
    ana.close_form()
    home.advance(timedelta(days=12))
    assert count("look at the North Star again", ana.letters()) == 1


def test_who_is_no_longer_of_the_side_gets_no_more_of_its_reminders(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind("north star every monday 09:00 for @Ana @Tom", ana, tom)
    ana.asks("place @Tom in nobody", tom)
    assert "· 1 person ·" in ana.asks("remind list")
    home.advance(timedelta(days=8))
    assert count(STAR, ana.letters())
    assert not count(STAR, tom.letters())
    ana.opens("remind edit 1", "Change")
    ana.fills(cadence="every friday 10:00")
    ana.close_form()
    assert "Every Friday 10:00" in ana.asks("remind list")


def test_what_comes_second_on_a_friday_comes_on_monday(home: Home) -> None:
    ana = home.ana
    home.remind('"First note" every friday 09:00 for @Ana', ana)
    home.remind('"Second note" every friday 11:00 for @Ana', ana)
    for hour in (8, 10):
        home.jump_to(datetime(2027, 3, 5, hour, 1, tzinfo=UTC))
    assert "First note" in ana.letters()[-1]
    home.jump_to(datetime(2027, 3, 8, 8, 1, tzinfo=UTC))
    assert "Second note" in ana.letters()[-1]


def test_what_waits_for_another_day_keeps_to_the_alliances_hours_and_holidays(
    strangers: Cast,
) -> None:
    ana = strangers.ana
    found_alliance(ana, hours_start="13:00", hours_end="17:00")
    home = Home(strangers, ana, ana)
    home.remind('"First note" on 2027-03-25 13:00 for @Ana', ana)
    home.remind('"Second note" on 2027-03-25 14:00 for @Ana', ana)
    for hour in (12, 13):
        home.jump_to(datetime(2027, 3, 25, hour, 1, tzinfo=UTC))
    # Good Friday, a weekend and Easter Monday follow; and summer time.
    home.jump_to(datetime(2027, 3, 30, 10, 59, tzinfo=UTC))
    assert not count("Second note", ana.letters())
    home.jump_to(datetime(2027, 3, 30, 11, 1, tzinfo=UTC))
    assert "Second note" in ana.letters()[-1]


def test_the_preview_says_when_people_in_other_zones_get_it(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind("north star every monday 09:00 for @Tom", tom)
    shown = ana.asks("remind preview 1")
    assert "09:00 EST" in shown
    assert "CET" not in shown.partition("What it says")[0]
    assert "in their own time zone" in shown
    ana.opens("remind edit 1", "Change")
    assert "09:00 EST" in (ana.read_form() or "")
    ana.close_form()
    home.remind("north star every tuesday 09:00 in #steering for @Tom", tom)
    shown = ana.asks("remind preview 2")
    assert "Europe/Berlin" in shown
    assert "America/New_York" in shown


def test_who_moves_to_another_zone_gets_it_by_the_clock_there(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    home.remind('"A note" every wednesday 09:00 for @Tom', tom)
    tom.moves_to("Asia/Tokyo")
    home.advance(timedelta(days=9))
    tom.asks("status")
    home.advance(timedelta(hours=2))
    assert "09:00 JST" in ana.asks("remind preview 1")
    before = len(tom.letters())
    home.jump_to(datetime(2027, 3, 17, 0, 1, tzinfo=UTC))
    assert "A note" in tom.letters()[before:][0]


def test_the_edit_form_shows_the_moments_and_the_author_that_there_are(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    ana.asks("role @Tom manager", tom)
    home.remind("north star every 2 weeks on tuesday 10:00")
    planned = ana.asks("remind preview 1").split("\n")
    _, later, *_ = [line for line in planned if "March 2027" in line]
    home.advance(timedelta(days=1))
    tom.opens("remind edit 1", "Change")
    shown = tom.read_form() or ""
    assert later in shown
    assert "set up by Ana" in shown


def test_a_reminder_that_is_over_is_not_started_again(home: Home) -> None:
    ana = home.ana
    home.remind("north star on 2027-03-02 09:00")
    home.advance(timedelta(days=2))
    shown = ana.asks("remind list")
    assert "Over" in shown
    assert "Remove" in shown
    assert "Pause" not in shown
    assert "That moment never comes" in ana.asks("remind resume 1")
    assert "It is over already" in ana.asks("remind pause 1")
    assert "Over" in ana.asks("remind list")


def test_what_goes_to_a_channel_that_is_unlinked_says_so(home: Home) -> None:
    ana = home.ana
    home.remind("north star every monday 09:00")
    ana.asks("unlink")
    listed = ana.asks("remind list")
    assert "#steering" in listed
    assert "Waits: I am silent there" in listed
    status = ana.asks("status")
    assert "The next message comes" not in status
    assert "1 reminder waits" in status
    assert "is not linked any more" in ana.asks("remind preview 1")


def test_a_paused_reminder_says_how_to_go_on(home: Home) -> None:
    home.remind("north star every monday 09:00")
    home.remind("north star every tuesday 09:00")
    assert "remind resume 2" in home.ana.asks("remind pause 2")


def test_words_that_follow_what_takes_none_are_not_swallowed(home: Home) -> None:
    ana = home.ana
    said = ana.asks("north star sett hello")
    assert STAR not in said
    assert "north star set" in said
    for line in ("remind 1", "remind me", "remind list extra"):
        said = ana.asks(line)
        assert "remind" in said
        assert "No reminders yet" not in said


def test_a_zone_of_several_words_is_read(home: Home) -> None:
    shown = home.ana.asks("remind add north star every monday 09:00 zone New York")
    assert "09:00 EST" in shown
    assert "#steering" in home.remind("north star every monday 09:00 zone Europe/Paris")


def test_a_post_says_its_days_with_capitals_and_its_zone(home: Home) -> None:
    home.remind("north star every monday 09:00")
    assert "Every Monday 09:00 (Europe/Berlin) · set up by Ana (Acme)" in home.ana.asks(
        "remind test 1"
    )


def test_a_long_list_has_pages(home: Home) -> None:
    ana = home.ana
    for number in range(12):
        home.remind(f'"Note number {number}" every monday 09:00')
    shown = ana.asks("remind list")
    assert "10. Note number 9" in shown
    assert "Note number 10" not in shown
    shown = ana.presses("More", on="10. Note number 9")
    assert "11. Note number 10" in shown
    assert "12. Note number 11" in shown
    assert "Note number 9" not in shown


def test_a_number_is_not_asked_for_where_there_is_nothing(home: Home) -> None:
    assert home.ana.asks("remind preview") == "No reminders yet."


def test_a_channel_typed_by_its_name_alone_is_found(home: Home) -> None:
    ana = home.ana.at(home.cast.make_room("random", home.ana))
    ana.asks("remind add north star every monday 09:00 in #Steering")
    assert "to #steering" in ana.presses("Set up a reminder", on="Set up a reminder")
