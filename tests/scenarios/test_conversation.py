"""What people say to Entente, and what they get to read."""

from datetime import timedelta

from tests.scenarios.conftest import STAR, World


def test_a_mention_is_answered_to_the_one_who_wrote_it_alone(world: World) -> None:
    world.start()
    world.tom.says(world.steering, f"<@{world.slack.bot_user}> north star")
    world.bot.settle()
    (answer,) = world.slack.ephemerals(user=world.tom)
    assert STAR in world.slack.text_of(answer)
    assert world.posts() == []


def test_a_direct_message_needs_no_slash(world: World) -> None:
    world.start()
    world.ana.dm("North star?")
    world.bot.settle()
    assert STAR in world.dms(world.ana)[-1]


def test_unknown_words_get_the_nearest_command_privately(world: World) -> None:
    world.start()
    assert "north star" in world.say(world.ana, "nort star")
    assert "Say `help`" in world.say(world.ana, "xyzzy plugh")


def test_help_shows_managers_more_than_members_and_is_made_from_what_is_there(
    world: World,
) -> None:
    world.start()
    world.tom.says(world.steering, f"<@{world.slack.bot_user}> status")
    world.bot.settle()
    shown = world.say(world.ana, "help")
    registry = world.bot.entente.dispatcher.registry
    more = [line.split("`")[-2] for line in shown.splitlines() if "More: " in line]
    assert "/alliance help decisions" in more
    rest = "\n".join(world.say(world.ana, each.removeprefix("/alliance ")) for each in more)
    for command in registry.commands.values():
        if command.help:
            assert (command.usage or command.phrase) in shown + rest
    assert "remind pause" not in shown
    assert "remind pause" in rest
    assert "remind pause" not in world.say(world.tom, "help remind")


def test_a_form_that_cannot_open_at_once_becomes_a_private_button(world: World) -> None:
    world.start()
    world.ana.says(world.steering, f"<@{world.slack.bot_user}> north star set")
    world.bot.settle()
    (offer,) = world.slack.ephemerals(user=world.ana)[-1:]
    world.press(world.ana, offer, "Write the North Star")
    form = world.slack.views(world.ana)[-1]
    world.ana.types(form, "text", "Children go to school, and revenue grows.")
    world.bot.settle()
    form = world.slack.views(world.ana)[-1]
    assert "revenue" in world.slack.text_of(form)
    world.ana.submits(form, text="Children go to school.", review_on="2028-03-01")
    world.bot.settle()
    shown = world.say(world.ana, "north star")
    assert "Children go to school." in shown
    assert "To be looked at again on 1 March 2028" in shown


def test_history_shows_what_changed_and_undo_takes_back(world: World) -> None:
    world.start()
    world.say(world.ana, 'north star set "As one team, give every child a school day."')
    history = world.say(world.ana, "north star history")
    assert "Version 2" in history
    assert "became" in history
    assert STAR in world.say(world.ana, "undo")
    assert STAR in world.say(world.ana, "north star")
    world.clock.advance(timedelta(minutes=11))
    assert "nothing of yours to take back" in world.say(world.ana, "undo")


def test_the_same_north_star_twice_is_refused_in_words(world: World) -> None:
    world.start()
    assert "in force already" in world.say(world.ana, f'north star set "{STAR}"')


def test_members_may_not_do_what_managers_do(world: World) -> None:
    world.start()
    for line in ("unlink", 'north star set "x"', "remind add"):
        assert "Only alliance managers" in world.say(world.tom, line), line
    assert "nothing of yours to take back" in world.say(world.tom, "undo")
    assert STAR in world.say(world.tom, "north star")
    assert "Ana (alliance manager)" in world.say(world.tom, "members")


def test_somebody_in_no_alliance_is_told_how_to_begin(world: World) -> None:
    other = world.slack.channel("random", team=world.acme, members=[world.tom], with_bot=True)
    assert "Say `setup`" in world.say(world.tom, "status", channel=other)


def test_a_person_in_two_alliances_is_asked_which_and_it_is_remembered(world: World) -> None:
    world.start()
    world.say(world.ana, "setup new")
    world.ana.submits(
        world.slack.views(world.ana)[-1],
        name="Acme–Cygnus",
        own_partner="Acme",
        other_partners="Cygnus",
        zone="Europe/Berlin",
    )
    world.bot.settle()
    world.ana.dm("use")
    world.bot.settle()
    world.press(world.ana, world.slack.dms(world.ana)[-1], "Acme–Borealis")
    world.ana.dm("status")
    world.bot.settle()
    assert "Acme–Borealis" in world.dms(world.ana)[-1]
    assert "Cygnus" in world.say(world.ana, "use acme–cygnus")
    world.ana.dm("north star")
    world.bot.settle()
    assert "No North Star is written yet" in world.dms(world.ana)[-1]


def test_the_channel_decides_the_alliance_whatever_was_chosen(world: World) -> None:
    world.start()
    world.say(world.ana, "setup new")
    world.ana.submits(
        world.slack.views(world.ana)[-1],
        name="Other",
        own_partner="Acme",
        other_partners="Cygnus",
        zone="Europe/Berlin",
    )
    world.bot.settle()
    assert STAR in world.say(world.ana, "north star", channel=world.steering)


def test_home_shows_the_alliance_and_opens_forms(world: World) -> None:
    world.ana.opens_home()
    world.bot.settle()
    home = world.slack.home(world.ana)
    world.ana.presses(home, "Set up an alliance")
    world.bot.settle()
    assert world.slack.views(world.ana)
    world.ana.closes(world.slack.views(world.ana)[-1])
    world.start()
    world.ana.opens_home()
    world.bot.settle()
    shown = world.slack.text_of(world.slack.home(world.ana))
    assert STAR in shown
    assert "one-sided pilot" in shown
    assert "#steering" in shown
    assert "your counterparts join (Borealis)" in shown


def test_a_form_sent_off_leaves_the_home_view_up_to_date(world: World) -> None:
    world.start()
    world.ana.opens_home()
    world.bot.settle()
    world.ana.presses(world.slack.home(world.ana), "Change")
    world.bot.settle()
    world.ana.submits(world.slack.views(world.ana)[-1], text="A new day.")
    world.bot.settle()
    assert "A new day." in world.slack.text_of(world.slack.home(world.ana))


def test_hostile_words_are_shown_as_they_stand(world: World) -> None:
    world.start()
    nasty = "<!channel> *bold* <https://x.test|click> &amp; `code` \u202e rtl"
    world.say(world.ana, f"north star set {nasty}")
    message = world.slack.ephemerals(user=world.ana)[-1]
    assert "<!channel>" not in str(message.blocks[0])
    assert "<!channel> *bold*" in world.slack.text_of(message)


def test_setup_names_everything_that_is_wrong_at_once(world: World) -> None:
    world.say(world.ana, "setup")
    answer = world.ana.submits(
        world.slack.views(world.ana)[-1],
        name="   ",
        own_partner="Acme",
        other_partners="Acme, Borealis",
        zone="Mars",
        countries="Narnia",
        hours_start="18:00",
        hours_end="09:00",
    )
    errors = answer.json["errors"]
    assert len(errors) == 5, errors
    assert "Mars" in str(errors)
    assert "Narnia" in str(errors)
