"""Databases for one benchmark: made under a random name, migrated, and dropped."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bot.db import migrate
from bot.db.engine import Database

POSTGRES = os.environ.get("ENTENTE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


@contextmanager
def sqlite() -> Iterator[str]:
    """The address of a fresh SQLite database."""
    with tempfile.TemporaryDirectory(prefix="entente-bench-") as folder:
        address = f"sqlite:///{Path(folder) / 'entente.db'}"
        _migrate(address)
        yield address


@contextmanager
def postgresql() -> Iterator[str]:
    """The address of a fresh PostgreSQL database."""
    name = f"entente_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        address = POSTGRES.rsplit("/", 1)[0] + f"/{name}"
        _migrate(address)
        yield address
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


BY_NAME = {"SQLite": sqlite, "PostgreSQL": postgresql}


def _migrate(address: str) -> None:
    database = Database(address)
    migrate.upgrade(database)
    database.close()
