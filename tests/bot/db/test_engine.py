"""Transactions on both databases."""

import asyncio
import threading
from asyncio import run
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlmodel import Session

from bot.core.errors import SettingsError
from bot.db.engine import Database, parse_url
from bot.db.revisions import bump, get_number
from bot.people.models import Alliance


def _alliance(name: str, at: datetime) -> Alliance:
    return Alliance(name=name, zone="Europe/Berlin", created_at=at)


def test_moments_come_back_in_utc(database: Database) -> None:
    moment = datetime(2027, 3, 1, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    with database.write() as session:
        session.add(_alliance("A", moment))
    with database.read() as session:
        (found,) = session.execute(text("SELECT id FROM alliances")).scalars()
        kept = session.get_one(Alliance, found).created_at
    assert kept == moment
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.write() as session:
        session.add(_alliance("A", datetime(2027, 3, 1)))


def test_an_error_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        session.add(_alliance("A", datetime.now(UTC)))
        session.flush()
        raise RuntimeError
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM alliances")).scalar() == 0


def test_a_reading_transaction_writes_nothing(database: Database) -> None:
    with database.read() as session:
        session.add(_alliance("A", datetime.now(UTC)))
        session.flush()
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM alliances")).scalar() == 0


def test_what_is_written_at_once_has_each_its_own_result_and_error(database: Database) -> None:
    def write(number: int) -> Callable[[Session], int]:
        def work(session: Session) -> int:
            bump(session, "counted")
            if number % 5 == 0:
                raise LookupError(str(number))
            if number % 7 == 0:
                return next(iter(()))
            return number

        return work

    async def write_all() -> list[int | BaseException]:
        waiting = (database.in_write(write(number)) for number in range(1, 41))
        return await asyncio.gather(*waiting, return_exceptions=True)

    said = [str(one) if number % 5 == 0 else one for number, one in enumerate(run(write_all()), 1)]
    failed = {number for number in range(1, 41) if number % 5 == 0 or number % 7 == 0}
    for number, one in enumerate(said, 1):
        if number % 5 == 0:
            assert one == str(number)
        elif number % 7 == 0:
            assert isinstance(one, RuntimeError)
        else:
            assert one == number
    with database.read() as session:
        assert get_number(session, "counted") == 40 - len(failed)


def test_a_transaction_goes_on_to_its_end_though_whoever_waits_is_cancelled(
    database: Database,
) -> None:
    begun, goes_on = threading.Event(), threading.Event()

    def work(session: Session) -> None:
        begun.set()
        assert goes_on.wait(30)
        bump(session, "counted")

    async def leave() -> None:
        task = asyncio.create_task(database.in_write(work))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        goes_on.set()
        await database.in_write(lambda session: bump(session, "counted"))

    run(leave())
    database.close()  # waits for both
    with database.read() as session:
        assert get_number(session, "counted") == 2


def test_loops_of_several_threads_write_in_turn(database: Database) -> None:
    async def write_all() -> None:
        for _ in range(10):
            await asyncio.gather(
                *(database.in_write(lambda session: bump(session, "counted")) for _ in range(3))
            )

    threads = [threading.Thread(target=lambda: run(write_all())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert get_number(session, "counted") == 90


def test_writers_that_read_first_do_not_lock_each_other_out(database: Database) -> None:
    rounds, writers = 25, 4

    def write() -> None:
        for _ in range(rounds):
            with database.write() as session:
                get_number(session, "counted")
                bump(session, "counted")

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert get_number(session, "counted") == rounds * writers


def test_sqlite_keeps_foreign_keys_and_write_ahead_log(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as session:
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    database.close()


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("sqlite:///x.db", "sqlite"),
    ],
)
def test_addresses_are_taken_as_hosts_hand_them_out(address: str, driver: str) -> None:
    assert parse_url(address).drivername == driver


@pytest.mark.parametrize("address", ["mysql://h/d", "nonsense", ""])
def test_other_databases_are_refused_in_words(address: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        parse_url(address)


def test_what_is_done_does_not_wait_for_what_takes_its_time_behind_it(database: Database) -> None:
    goes_on = threading.Event()

    async def write_both() -> None:
        short = asyncio.create_task(database.in_write(lambda session: bump(session, "counted")))
        long = asyncio.create_task(database.in_write(lambda _: goes_on.wait(30)))
        await short
        assert not long.done()
        goes_on.set()
        assert await long, "the first was not told of before the second had waited for too long"

    run(write_both())
