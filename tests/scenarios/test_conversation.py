"""What people say to Entente, and what they get to read."""

import re
from datetime import timedelta

from tests.harness import Bot
from tests.scenarios.casts import Cast, found_alliance
from tests.scenarios.conftest import STAR, Home, World

CYGNUS = {"name": "Acme–Cygnus", "other_partners": "Cygnus"}


def test_a_mention_is_answered_to_the_one_who_wrote_it_alone(partners: Cast) -> None:
    jonas = partners.jonas
    before = jonas.posts()
    (answer,) = jonas.learns(lambda: jonas.says("status"))
    assert "Acme–Borealis" in answer
    assert jonas.posts() == before
    assert answer not in partners.ana.texts()


def test_a_direct_message_needs_no_slash(home: Home) -> None:
    assert STAR in home.ana.asks_alone("North star?")


def test_unknown_words_get_the_nearest_command_privately(home: Home) -> None:
    ana = home.ana
    assert "north star" in ana.asks("nort star")
    said = ana.asks("xyzzy plugh")
    assert "xyzzy plugh" in said
    assert "help" in said
    assert home.posts() == []


def test_help_shows_managers_more_than_members_and_is_made_from_what_is_there(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("status")
    shown = ana.asks("help")
    more = re.findall(r"More: \W*(?:alliance )?(help \w+)", shown)
    assert "help decisions" in more
    rest = "\n".join(ana.asks(each) for each in more)
    assert isinstance(home.cast.bot, Bot)
    for command in home.cast.bot.entente.dispatcher.registry.commands.values():
        if command.help:
            is_here = ana.known_as()["platform"] not in command.not_on
            assert ((command.usage or command.phrase) in shown + rest) == is_here
    assert "remind pause" not in shown
    assert "remind pause" in rest
    assert "remind pause" not in tom.asks("help remind")


def test_a_form_that_cannot_open_at_once_becomes_a_private_button(partners: Cast) -> None:
    jonas = partners.jonas
    jonas.asks("north star set")
    assert jonas.read_form() is None
    jonas.presses("Write the North Star", on="Write the North Star")
    assert "revenue" in jonas.previews(text="Children go to school, and revenue grows.")
    jonas.fills(text="Children go to school.", review_on="2028-03-01")
    jonas.close_form()
    shown = jonas.asks("north star")
    assert "Children go to school." in shown
    assert "To be looked at again on 1 March 2028" in shown


def test_history_shows_what_changed_and_undo_takes_back(home: Home) -> None:
    ana = home.ana
    ana.asks('north star set "As one team, give every child a school day."')
    history = ana.asks("north star history")
    assert "Version 2" in history
    assert "became" in history
    assert STAR in ana.asks("undo")
    assert STAR in ana.asks("north star")
    home.advance(timedelta(minutes=11))
    assert "nothing of yours to take back" in ana.asks("undo")


def test_the_same_north_star_twice_is_refused_in_words(home: Home) -> None:
    assert "in force already" in home.ana.asks(f'north star set "{STAR}"')


def test_members_may_not_do_what_managers_do(home: Home) -> None:
    tom = home.tom
    for line in ("unlink", 'north star set "x"', "remind add"):
        assert "Only alliance managers" in tom.asks(line), line
    assert "nothing of yours to take back" in tom.asks("undo")
    assert STAR in tom.asks("north star")
    assert "Ana (alliance manager)" in tom.asks("members")


def test_somebody_in_no_alliance_is_told_how_to_begin(strangers: Cast) -> None:
    tom = strangers.make_colleague("Tom")
    said = tom.at(strangers.make_room("random", tom)).asks("status")
    assert "setup" in said
    assert "alliance" in said


def test_a_person_in_two_alliances_is_asked_which_and_it_is_remembered(home: Home) -> None:
    ana = home.ana
    found_alliance(ana, "setup new", **CYGNUS)
    ana.asks_alone("use")
    ana.presses("Acme–Borealis", on="Acme–Cygnus")
    assert "Acme–Borealis" in ana.asks_alone("status")
    assert "Cygnus" in ana.asks_alone("use acme–cygnus")
    assert "No North Star is written yet" in ana.asks_alone("north star")


def test_the_channel_decides_the_alliance_whatever_was_chosen(home: Home) -> None:
    ana = home.ana
    found_alliance(ana, "setup new", **CYGNUS)
    assert "Cygnus" in ana.asks_alone("use acme–cygnus")
    assert STAR in ana.asks("north star")


def test_the_start_page_shows_the_alliance_and_opens_forms(home: Home) -> None:
    ana, newcomer = home.ana, home.cast.make_colleague("Mei")
    newcomer.press_on(newcomer.opens_start(), "Set up an alliance")
    assert "Name of the alliance" in (newcomer.read_form() or "")
    shown = ana.text_of(ana.opens_start())
    assert STAR in shown
    assert "one-sided pilot" in shown
    assert "#steering" in shown
    assert "your counterparts join (Borealis)" in shown


def test_a_form_sent_off_leaves_slacks_home_view_up_to_date(world: World) -> None:
    world.start()
    world.ana.opens_home()
    world.bot.settle()
    world.ana.presses(world.slack.home(world.ana), "Change")
    world.bot.settle()
    world.ana.submits(world.slack.views(world.ana)[-1], text="A new day.")
    world.bot.settle()
    assert "A new day." in world.slack.text_of(world.slack.home(world.ana))


def test_hostile_words_are_shown_as_they_stand(home: Home) -> None:
    nasty = "<!channel> _bold_ <https://x.test|click> &amp; `code` <at>Tom</at>"
    home.ana.opens("north star set", "Write the North Star")
    home.ana.fills(text=f"{nasty} \u202e rtl")
    home.ana.close_form()
    assert nasty in home.ana.asks("north star")


def test_hostile_words_are_no_markup_in_slack(world: World) -> None:
    world.start()
    world.say(world.ana, "north star set <!channel> *bold* <https://x.test|click>")
    message = world.slack.ephemerals(user=world.ana)[-1]
    assert "<!channel>" not in str(message.blocks[0])
    assert "<!channel> *bold*" in world.slack.text_of(message)


def test_setup_names_everything_that_is_wrong_at_once(strangers: Cast) -> None:
    strangers.ana.opens("setup", "Set up an alliance")
    said = strangers.ana.fills(
        name="   ",
        own_partner="Acme",
        other_partners="Acme, Borealis",
        zone="Mars",
        countries="Narnia",
        hours_start="18:00",
        hours_end="09:00",
    )
    for wrong in (
        "Please write a name here.",
        "One partner is named twice",
        "I don't know the time zone “Mars”",
        "I don't know the country “Narnia”",
        "Working hours need to end after they begin.",
    ):
        assert wrong in said
