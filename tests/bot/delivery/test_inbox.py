"""An inbound event acts once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.db.engine import Database
from bot.delivery.inbox import REMEMBERED_FOR, forget_old, is_first
from tests.harness import ManualClock


def see(database: Database, key: str, clock: ManualClock) -> bool:
    with database.write() as session:
        return is_first(session, key, now=clock())


def test_an_event_is_first_once(database: Database, clock: ManualClock) -> None:
    assert see(database, "slack:Ev1", clock)
    assert not see(database, "slack:Ev1", clock)
    assert see(database, "slack:Ev2", clock)


def test_an_event_whose_handling_failed_is_first_again(
    database: Database, clock: ManualClock
) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        assert is_first(session, "slack:Ev1", now=clock())
        raise RuntimeError("the handler failed")
    assert see(database, "slack:Ev1", clock)


def test_of_many_at_once_one_is_first(database: Database, clock: ManualClock) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: see(database, "slack:Ev1", clock), range(16)))
    assert sorted(seen) == [False] * 15 + [True]


def test_keys_too_long_for_the_column_are_told_apart_by_their_beginning(
    database: Database, clock: ManualClock
) -> None:
    assert see(database, "slack:" + "a" * 300, clock)
    assert not see(database, "slack:" + "a" * 300, clock)


def test_only_keys_that_nothing_can_bring_back_are_forgotten(
    database: Database, clock: ManualClock
) -> None:
    for number in range(5):
        see(database, f"old-{number}", clock)
    clock.advance(REMEMBERED_FOR + timedelta(seconds=1))
    see(database, "new", clock)
    with database.write() as session:
        assert forget_old(session, now=clock(), most=3) == 3
        assert forget_old(session, now=clock(), most=3) == 2
        assert forget_old(session, now=clock(), most=3) == 0
    assert not see(database, "new", clock)
    assert see(database, "old-1", clock)
