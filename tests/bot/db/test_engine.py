"""Transactions on both databases."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

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
