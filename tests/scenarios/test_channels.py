"""Channels: linking, silence where others are, and what becomes of them."""

from datetime import timedelta

from tests.scenarios.conftest import World


def test_a_channel_shared_with_another_organisation_stays_silent(world: World) -> None:
    world.start()
    borealis = world.slack.team("Borealis")
    jonas = world.slack.user("Jonas", team=borealis, tz="Europe/Zurich")
    shared = world.slack.channel(
        "acme-borealis",
        team=world.acme,
        shared_with=[borealis],
        members=[world.ana, jonas],
        with_bot=True,
    )
    said = world.say(world.ana, "link", channel=shared)
    assert "stay silent there until every partner's manager has agreed" in said
    refused = world.say(world.ana, "remind add north star every monday 09:00", channel=shared)
    assert "Nothing is set up yet" in refused
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up a reminder")
    world.bot.advance(timedelta(days=8))
    assert [m for m in world.slack.messages(shared) if m.by_bot] == []


def test_a_linked_channel_that_becomes_shared_falls_silent_at_once(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.slack.share(world.steering, world.slack.team("Borealis"))
    world.bot.settle()
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    assert "silent" in world.say(world.ana, "status")


def test_entente_must_be_in_a_channel_before_it_is_linked(world: World) -> None:
    world.start()
    other = world.slack.channel("other", team=world.acme, members=[world.ana], with_bot=False)
    assert "nvite me" in world.say(world.ana, "link", channel=other)
    assert "belongs to this alliance already" in world.say(world.ana, "link")


def test_unlinking_stops_reminders_and_can_be_taken_back(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    assert "I have stopped in" in world.say(world.ana, "unlink")
    world.bot.advance(timedelta(days=8))
    assert world.posts() == []
    world.say(world.ana, "link")
    world.bot.advance(timedelta(days=7))
    assert len(world.posts()) == 1


def test_an_unlink_is_taken_back_within_ten_minutes(world: World) -> None:
    world.start()
    world.say(world.ana, "unlink")
    assert "now belongs to" in world.say(world.ana, "undo")
    assert "belongs to this alliance already" in world.say(world.ana, "link")


def test_a_channel_that_is_renamed_or_archived_is_followed(world: World) -> None:
    world.start()
    world.remind("north star every monday 09:00")
    world.slack.archive(world.steering)
    world.bot.advance(timedelta(days=8))
    elsewhere = world.slack.channel("lobby", team=world.acme, members=[world.ana], with_bot=True)
    status = world.say(world.ana, "status", channel=elsewhere)
    assert "The channel is archived" in status
    assert "could not be sent" in status
