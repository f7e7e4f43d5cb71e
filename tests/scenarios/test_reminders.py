"""Reminders as people live with them."""

from datetime import UTC, datetime, timedelta

from tests.scenarios.conftest import STAR, Home, World


def test_people_get_direct_messages_in_their_own_zones(home: Home) -> None:
    ana, tom = home.ana, home.tom
    home.remind("north star every monday 09:00 for @Ana @Tom", ana, tom)
    home.jump_to(datetime(2027, 3, 8, 8, 1, tzinfo=UTC))
    assert any(STAR in text for text in ana.letters())
    assert not any(STAR in text for text in tom.letters())
    home.jump_to(datetime(2027, 3, 8, 14, 1, tzinfo=UTC))
    assert any(STAR in text for text in tom.letters())


def test_what_nobody_asked_for_comes_once_a_day_in_one_message(world: World) -> None:
    world.start()
    world.remind(f'"First note" every monday 09:00 for <@{world.ana.id}>')
    world.remind(f'"Second note" every monday 09:00 for <@{world.ana.id}>')
    world.remind(f'"Third note" every monday 11:00 for <@{world.ana.id}>')
    before = len(world.dms(world.ana))
    world.clock.now = datetime(2027, 3, 8, 8, 1, tzinfo=UTC)
    world.bot.work()
    (first,) = world.dms(world.ana)[before:]
    assert "First note" in first
    assert "Second note" in first
    world.bot.advance(timedelta(hours=12))
    assert len(world.dms(world.ana)) == before + 1
    world.bot.advance(timedelta(hours=12))
    assert "Third note" in world.dms(world.ana)[-1]


def test_muting_one_reminder_leaves_the_others(world: World) -> None:
    world.start()
    world.remind(f'"First note" every monday 09:00 for <@{world.ana.id}>')
    world.bot.advance(timedelta(days=7))
    (message,) = [m for m in world.slack.dms(world.ana) if "First note" in world.slack.text_of(m)]
    assert "no longer comes to you" in world.press(world.ana, message, "Mute")
    world.bot.advance(timedelta(days=7))
    assert sum("First note" in text for text in world.dms(world.ana)) == 1


def test_mute_means_nothing_unasked_until_unmute(world: World) -> None:
    world.start()
    world.remind(f'"A note" every monday 09:00 for <@{world.ana.id}>')
    assert "only when you ask me something" in world.say(world.ana, "mute")
    world.bot.advance(timedelta(days=8))
    assert not any("A note" in text for text in world.dms(world.ana))
    assert "Welcome back" in world.say(world.ana, "unmute")
    world.bot.advance(timedelta(days=7))
    assert any("A note" in text for text in world.dms(world.ana))


def test_a_public_holiday_moves_a_reminder_and_the_preview_says_so(world: World) -> None:
    world.start()
    shown = world.say(world.ana, "remind add north star on 2027-03-29 09:00")
    assert "Tuesday, 30 March 2027, 09:00 CEST" in shown
    assert "Easter Monday" in shown


def test_a_reminder_can_leave_out_holidays(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00 skip holidays")
    shown = world.say(world.ana, "remind preview 1")
    assert "Left out on 29 March 2027: Easter Monday" in shown
    assert shown.count("2027, 09:00") >= 8


def test_pause_resume_edit_and_remove(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    assert "is paused" in world.say(world.ana, "remind pause 1")
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    assert "running again" in world.say(world.ana, "remind resume 1")
    world.say(world.ana, "remind edit 1")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, cadence="every tuesday 10:00")
    world.bot.settle()
    assert "every tuesday 10:00" in world.say(world.ana, "remind list")
    assert "as it was" in world.say(world.ana, "undo")
    assert "every monday 09:00" in world.say(world.ana, "remind list")
    assert "is removed" in world.say(world.ana, "remind remove 1")
    assert "No reminders yet" in world.say(world.ana, "remind list")
    assert "running again" in world.say(world.ana, "undo")


def test_the_form_names_everything_that_is_wrong_at_once(world: World) -> None:
    world.start()
    world.say(world.ana, "remind add")
    form = world.slack.views(world.ana)[-1]
    said = world.ana.submits(form, kind="text", text="", cadence="whenever", zone="Mars").text
    assert "write the text that the reminder should bring" in said
    assert "I don't know the time zone" in said
    assert "whenever" in said
    assert "No reminders yet" in world.say(world.ana, "remind list")


def test_a_test_goes_to_the_one_who_asks_and_nobody_else(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    assert STAR in world.say(world.ana, "remind test 1")
    assert world.posts() == []


def test_after_three_without_a_press_the_author_is_asked_once(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.bot.advance(timedelta(days=24))
    asked = [text for text in world.dms(world.ana) if "nobody pressed or reacted" in text]
    assert len(asked) == 1
    (question,) = [
        m for m in world.slack.dms(world.ana) if "nobody pressed" in world.slack.text_of(m)
    ]
    said = world.press(world.ana, question, "Less often")
    assert "Changed" in said
    assert "every 2 weeks on monday 09:00" in world.say(world.ana, "remind list")
    world.bot.advance(timedelta(days=60))
    asked = [text for text in world.dms(world.ana) if "nobody pressed or reacted" in text]
    assert len(asked) == 1


def test_what_never_arrived_is_not_asked_about(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.say(world.ana, "unlink")
    world.bot.advance(timedelta(days=30))
    assert not any("nobody pressed" in text for text in world.dms(world.ana))


def test_a_reaction_to_a_direct_message_shows_that_it_is_read(world: World) -> None:
    world.start()
    world.remind(f'"First note" every wednesday 09:00 for <@{world.ana.id}>')
    world.remind(f'"Second note" every wednesday 09:00 for <@{world.ana.id}>')
    for _ in range(4):
        world.bot.advance(timedelta(days=7))
        world.ana.reacts(world.slack.dms(world.ana)[-1], "eyes")
        world.bot.settle()
    assert not any("nobody pressed" in text for text in world.dms(world.ana))


def test_a_reaction_shows_that_people_read_it(world: World) -> None:
    world.start()
    world.remind("north star every wednesday 09:00")
    for _ in range(4):
        world.bot.advance(timedelta(days=7))
        world.tom.reacts([m for m in world.slack.messages(world.steering) if m.by_bot][-1], "eyes")
        world.bot.settle()
    assert not any("nobody pressed" in text for text in world.dms(world.ana))


def test_somebody_in_the_channel_can_ask_for_less_without_a_name(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.bot.advance(timedelta(days=7))
    (post,) = [m for m in world.slack.messages(world.steering) if m.by_bot]
    said = world.press(world.tom, post, "Mute")
    assert "Your name is not given" in said
    said = world.press(world.tom, world.slack.ephemerals(user=world.tom)[-1], "Tell Ana")
    assert "Ana will hear" in said
    world.bot.advance(timedelta(days=1))
    assert any("less often" in text and "Tom" not in text for text in world.dms(world.ana))


def test_only_the_partner_that_set_it_up_changes_a_reminder(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.bot.advance(timedelta(days=7))
    (post,) = [m for m in world.slack.messages(world.steering) if m.by_bot]
    assert "Ask Ana" in world.press(world.tom, post, "Change")


def test_a_text_that_makes_no_sense_is_answered_with_examples(world: World) -> None:
    world.start()
    assert "every monday 09:00" in world.say(world.ana, "remind add north star whenever")
    assert "That moment never comes" in world.say(
        world.ana, "remind add north star on 2020-01-01 09:00"
    )


def test_the_author_hears_when_the_north_star_is_to_be_looked_at_again(world: World) -> None:
    world.start()
    world.say(world.ana, "north star set")
    world.ana.submits(
        world.slack.views(world.ana)[-1], text="Another star.", review_on="2027-03-10"
    )
    world.bot.settle()
    world.bot.advance(timedelta(days=12))
    told = [text for text in world.dms(world.ana) if "look at the North Star again" in text]
    assert len(told) == 1


def test_who_is_no_longer_of_the_side_gets_no_more_of_its_reminders(world: World) -> None:
    world.start()
    world.tom.says(world.steering, f"<@{world.slack.bot_user}> status")
    world.bot.settle()
    world.remind(f"north star every monday 09:00 for <@{world.ana.id}> <@{world.tom.id}>")
    world.say(world.ana, f"place <@{world.tom.id}> in nobody")
    assert "· 1 person ·" in world.say(world.ana, "remind list")
    world.bot.advance(timedelta(days=8))
    assert any(STAR in text for text in world.dms(world.ana))
    assert not any(STAR in text for text in world.dms(world.tom))
    world.say(world.ana, "remind edit 1")
    answer = world.ana.submits(world.slack.views(world.ana)[-1], cadence="every friday 10:00")
    assert "errors" not in answer.text


def test_what_comes_second_on_a_friday_comes_on_monday(world: World) -> None:
    world.start()
    world.remind(f'"First note" every friday 09:00 for <@{world.ana.id}>')
    world.remind(f'"Second note" every friday 11:00 for <@{world.ana.id}>')
    world.clock.now = datetime(2027, 3, 5, 8, 1, tzinfo=UTC)
    world.bot.work()
    world.clock.now = datetime(2027, 3, 5, 10, 1, tzinfo=UTC)
    world.bot.work()
    assert "First note" in world.dms(world.ana)[-1]
    world.clock.now = datetime(2027, 3, 8, 8, 1, tzinfo=UTC)
    world.bot.work()
    assert "Second note" in world.dms(world.ana)[-1]


def test_what_waits_for_another_day_keeps_to_the_alliances_hours_and_holidays(
    world: World,
) -> None:
    world.set_up(hours_start="13:00", hours_end="17:00")
    world.remind(f'"First note" on 2027-03-25 13:00 for <@{world.ana.id}>')
    world.remind(f'"Second note" on 2027-03-25 14:00 for <@{world.ana.id}>')
    for hour in (12, 13):
        world.clock.now = datetime(2027, 3, 25, hour, 1, tzinfo=UTC)
        world.bot.work()
    # Good Friday, a weekend and Easter Monday follow; and summer time.
    world.clock.now = datetime(2027, 3, 30, 10, 59, tzinfo=UTC)
    world.bot.work()
    assert not any("Second note" in text for text in world.dms(world.ana))
    world.clock.now = datetime(2027, 3, 30, 11, 1, tzinfo=UTC)
    world.bot.work()
    assert "Second note" in world.dms(world.ana)[-1]


def test_the_preview_says_when_people_in_other_zones_get_it(world: World) -> None:
    world.start()
    world.remind(f"north star every monday 09:00 for <@{world.tom.id}>")
    shown = world.say(world.ana, "remind preview 1")
    assert "09:00 EST" in shown
    assert "CET" not in shown.partition("What it says")[0]
    assert "in their own time zone" in shown
    world.say(world.ana, "remind edit 1")
    form = world.slack.views(world.ana)[-1]
    assert "09:00 EST" in world.slack.text_of(form)
    world.ana.closes(form)
    world.remind(f"north star every tuesday 09:00 in <#{world.steering.id}> for <@{world.tom.id}>")
    shown = world.say(world.ana, "remind preview 2")
    assert "Europe/Berlin" in shown
    assert "America/New_York" in shown


def test_who_moves_to_another_zone_gets_it_by_the_clock_there(world: World) -> None:
    world.start()
    world.remind(f'"A note" every wednesday 09:00 for <@{world.tom.id}>')
    world.tom.member.tz = "Asia/Tokyo"
    world.bot.advance(timedelta(days=9))
    world.say(world.tom, "status")
    world.bot.advance(timedelta(hours=2))
    assert "09:00 JST" in world.say(world.ana, "remind preview 1")
    before = len(world.dms(world.tom))
    world.clock.now = datetime(2027, 3, 17, 0, 1, tzinfo=UTC)
    world.bot.work()
    assert "A note" in world.dms(world.tom)[before:][0]


def test_the_edit_form_shows_the_moments_and_the_author_that_there_are(world: World) -> None:
    world.start()
    world.tom.says(world.steering, f"<@{world.slack.bot_user}> status")
    world.bot.settle()
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    world.remind("north star every 2 weeks on tuesday 10:00")
    planned = world.say(world.ana, "remind preview 1").split("\n")
    first = next(line for line in planned if "March 2027" in line)
    world.bot.advance(timedelta(days=1))
    world.say(world.tom, "remind edit 1")
    shown = world.slack.text_of(world.slack.views(world.tom)[-1])
    later = next(line for line in planned if "March 2027" in line and line != first)
    assert later in shown
    assert "set up by Ana" in shown


def test_a_reminder_that_is_over_is_not_started_again(world: World) -> None:
    world.start()
    world.remind("north star on 2027-03-02 09:00")
    world.bot.advance(timedelta(days=2))
    assert "Over" in world.say(world.ana, "remind list")
    assert "remind.pause" not in str(world.slack.ephemerals(user=world.ana)[-1].blocks)
    assert "That moment never comes" in world.say(world.ana, "remind resume 1")
    assert "It is over already" in world.say(world.ana, "remind pause 1")
    assert "Over" in world.say(world.ana, "remind list")


def test_what_goes_to_a_channel_that_is_unlinked_says_so(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.say(world.ana, "unlink")
    listed = world.say(world.ana, "remind list")
    assert "#steering" in listed
    assert "Waits: I am silent there" in listed
    status = world.say(world.ana, "status")
    assert "The next message comes" not in status
    assert "1 reminder waits" in status
    assert "Say `link` there first" in world.say(world.ana, "remind preview 1")


def test_a_paused_reminder_says_how_to_go_on(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.remind("north star every tuesday 09:00")
    assert "`remind resume 2`" in world.say(world.ana, "remind pause 2")


def test_words_that_follow_what_takes_none_are_not_swallowed(world: World) -> None:
    world.start()
    said = world.say(world.ana, "north star sett hello")
    assert STAR not in said
    assert "`north star set`" in said
    for line in ("remind 1", "remind me", "remind list extra"):
        assert "remind" in world.say(world.ana, line)
        assert "No reminders yet" not in world.say(world.ana, line)


def test_a_zone_of_several_words_is_read(world: World) -> None:
    world.start()
    shown = world.say(world.ana, "remind add north star every monday 09:00 zone New York")
    assert "09:00 EST" in shown
    assert "#steering" in world.remind("north star every monday 09:00 zone Europe/Paris")


def test_a_post_says_its_days_with_capitals_and_its_zone(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    assert "Every Monday 09:00 (Europe/Berlin) · set up by Ana (Acme)" in world.say(
        world.ana, "remind test 1"
    )


def test_a_long_list_has_pages(world: World) -> None:
    world.start()
    for number in range(17):
        world.remind(f'"Note number {number}" every monday 09:00')
    shown = world.say(world.ana, "remind list")
    assert "15. Note number 14" in shown
    assert "Note number 15" not in shown
    first = world.slack.ephemerals(user=world.ana)[-1]
    shown = world.press(world.ana, first, "More")
    assert "16. Note number 15" in shown
    assert "17. Note number 16" in shown
    assert "Note number 14" not in shown


def test_a_number_is_not_asked_for_where_there_is_nothing(world: World) -> None:
    world.start()
    assert world.say(world.ana, "remind preview") == "No reminders yet."


def test_a_channel_typed_by_its_name_alone_is_found(world: World) -> None:
    world.start()
    other = world.slack.channel("random", team=world.acme, members=[world.ana])
    world.say(world.ana, "remind add north star every monday 09:00 in #Steering", channel=other)
    button = world.slack.ephemerals(user=world.ana)[-1]
    assert "to #steering" in world.press(world.ana, button, "Set up a reminder")
