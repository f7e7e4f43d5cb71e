"""Messages that were held up, or are too many for one: they come when people work, and all come."""

from datetime import UTC, datetime, timedelta

from tests.harness import Bot
from tests.scenarios.conftest import STAR, Home


def _fire_at(home: Home, moment: datetime) -> None:
    """The moment comes, and the worker dies before it has sent anything."""
    bot = home.cast.bot
    assert isinstance(bot, Bot)
    home.cast.clock.now = moment  # type: ignore[misc]
    bot.call(bot.entente.worker.fire())


def _utc(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2027, whose first is a Monday; Berlin is an hour ahead."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


def test_what_was_held_up_over_the_evening_comes_in_the_morning(home: Home) -> None:
    home.remind("north star every tuesday 16:50")
    _fire_at(home, _utc(2, 15, 50))
    home.jump_to(_utc(2, 22))
    assert home.posts() == []
    home.jump_to(_utc(3, 8))
    (post,) = home.posts()
    assert STAR in post
    home.advance(timedelta(days=1))
    assert len(home.posts()) == 1


def test_a_direct_message_waits_for_its_readers_morning(home: Home) -> None:
    home.remind("north star every tuesday 16:50 for @Ana", home.ana)
    _fire_at(home, _utc(2, 15, 50))
    home.jump_to(_utc(2, 22))
    assert not any(STAR in text for text in home.ana.letters())
    home.jump_to(_utc(3, 8))
    assert sum(STAR in text for text in home.ana.letters()) == 1


def test_what_would_come_after_a_weekend_is_left_out(home: Home) -> None:
    home.remind("north star every friday 16:50")
    _fire_at(home, _utc(5, 15, 50))
    for moment in (_utc(6, 1), _utc(6, 9), _utc(8, 8), _utc(8, 9)):
        home.jump_to(moment)
    assert home.posts() == []


def test_a_message_that_a_put_off_one_stands_before_comes_at_once(home: Home) -> None:
    home.remind("north star every tuesday 16:50")
    _fire_at(home, _utc(2, 15, 50))
    home.jump_to(_utc(2, 22))
    home.ana.says("north star aloud")
    home.ana.presses("Post it here", on="Nothing is posted yet")
    assert len([post for post in home.posts() if STAR in post]) == 1
    home.jump_to(_utc(3, 8))
    assert len([post for post in home.posts() if STAR in post]) == 2


def test_what_has_no_room_in_one_message_comes_with_the_next_days(home: Home) -> None:
    for number in range(20):
        home.remind(f'"Note number {number:02}" every monday 09:00 for @Ana', home.ana)
    before = len(home.ana.letters())
    home.jump_to(_utc(8, 8))
    for day in range(9, 15):
        home.jump_to(_utc(day, 8, 1))
    told = home.ana.letters()[before:]
    every = "\n".join(told)
    assert [every.count(f"Note number {number:02}") for number in range(20)] == [1] * 20
    assert "does not fit" not in every
    assert len(told) > 1


def test_moments_that_passed_are_shown_to_managers_for_two_weeks(home: Home) -> None:
    home.remind("north star every friday 16:50")
    home.remind('"Minutes?" every tuesday 10:00')
    home.jump_to(_utc(4, 8))
    _fire_at(home, _utc(5, 15, 50))
    home.jump_to(_utc(8, 8))
    assert home.posts() == []
    said = home.ana.asks("status")
    assert "These moments passed without a message" in said
    assert "Friday, 5 March 2027, 16:50 CET" in said
    assert "Tuesday, 2 March 2027, 10:00 CET" in said
    assert "passed without a message" not in home.tom.asks("status")
    home.advance(timedelta(days=15))
    assert "passed without a message" not in home.ana.asks("status")
