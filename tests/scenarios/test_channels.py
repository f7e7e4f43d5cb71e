"""Channels: linking, silence where others are, and what becomes of them."""

from datetime import timedelta

from tests.scenarios.casts import Cast, found_alliance
from tests.scenarios.conftest import STAR, Home, World
from tests.scenarios.persons import Person

WEEKLY = "remind add north star every monday 09:00"
MORE_THAN_A_WEEK = timedelta(days=8)


def link_shareable(cast: Cast) -> Person:
    """Ana in a linked channel of Acme's that could be opened to others, with a reminder in it."""
    found_alliance(cast.ana)
    ana = cast.ana.at(cast.make_room("steering", cast.ana, kind="shared"))
    assert "now belongs to" in ana.asks("link")
    ana.asks(f'north star set "{STAR}"')
    ana.asks(WEEKLY)
    ana.presses("Set up a reminder", on="Set up a reminder")
    return ana


def test_a_channel_shared_with_another_organisation_stays_silent(home: Home) -> None:
    ana = home.cast.ana
    assert "stay silent there until every partner's manager has agreed" in ana.asks("link")
    assert "Nothing is set up yet" in ana.asks(WEEKLY)
    ana.presses("Set up a reminder", on="Set up a reminder")
    home.advance(MORE_THAN_A_WEEK)
    assert ana.posts() == []


def test_a_linked_channel_that_becomes_shared_falls_silent_at_once(strangers: Cast) -> None:
    ana = link_shareable(strangers)
    strangers.open_to_others(ana.room)
    strangers.advance(MORE_THAN_A_WEEK)
    assert ana.posts() == []
    assert "silent" in ana.asks("status")


def test_a_channel_goes_on_with_those_who_were_known_to_read_it(strangers: Cast) -> None:
    ana = link_shareable(strangers)
    strangers.make_colleague("Tom").enters(ana.room)
    strangers.make_guest("Gus").enters(ana.room)
    strangers.advance(MORE_THAN_A_WEEK)
    assert len(ana.posts()) == 1


def test_a_stranger_in_a_channel_that_all_agreed_to_silences_it(partners: Cast) -> None:
    ana = partners.ana
    assert "silent" not in ana.asks("status")
    partners.hire("Mei")
    assert "silent" not in ana.asks("status")
    partners.make_stranger("Eve")
    assert "silent" in ana.asks("status")


def test_entente_must_be_in_a_channel_before_it_is_linked(world: World) -> None:
    """In Teams nothing can be said to it elsewhere."""
    world.start()
    other = world.slack.channel("other", team=world.acme, members=[world.ana], with_bot=False)
    assert "nvite me" in world.say(world.ana, "link", channel=other)


def test_unlinking_stops_reminders_and_can_be_taken_back(home: Home) -> None:
    ana = home.ana
    home.remind("north star every monday 09:00")
    assert "I have stopped in" in ana.asks("unlink")
    home.advance(MORE_THAN_A_WEEK)
    assert home.posts() == []
    ana.asks("link")
    home.advance(timedelta(days=7))
    assert len(home.posts()) == 1


def test_an_unlink_is_taken_back_within_ten_minutes(home: Home) -> None:
    ana = home.ana
    ana.asks("unlink")
    assert "now belongs to" in ana.asks("undo")
    assert "belongs to this alliance already" in ana.asks("link")
    assert ana.asks("changes").count("Channel linked") == 1


def test_a_channel_that_is_archived_is_followed(home: Home) -> None:
    home.remind("north star every monday 09:00")
    assert home.cast.archive is not None
    home.cast.archive(home.ana.room)
    home.advance(MORE_THAN_A_WEEK)
    status = home.ana.asks_alone("status")
    assert "The channel is archived" in status
    assert "could not be sent" in status
