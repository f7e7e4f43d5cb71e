"""What all tests share: databases of both kinds, already migrated, one for each test."""

import gc
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest

from bot.db import migrate
from bot.db.engine import Database
from tests import databases
from tests.harness import Bot, ManualClock

# How fast a machine is says nothing about whether the code is right.
hypothesis.settings.register_profile("entente", deadline=None)
hypothesis.settings.load_profile("entente")

POSTGRES = os.environ.get("ENTENTE_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


def shared_data() -> Path | None:
    """The folder with real payloads, schemas and glossaries, if there is one."""
    beside = Path(__file__).parent.parent.parent / "shared" / "data"
    folder = Path(os.environ.get("ENTENTE_SHARED_DATA", beside))
    return folder if folder.is_dir() else None


@pytest.fixture(autouse=True, scope="module")
def settled_heap() -> Iterator[None]:
    """Let the collector pass over what stays for good: with all tests imported, a look at the whole
    would stop every thread for seconds, in the midst of somebody's request."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The shared test data; without it a test is skipped, in CI it fails."""
    folder = shared_data()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("the shared test data is missing: set ENTENTE_SHARED_DATA")
        pytest.skip("no shared test data here (ENTENTE_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "entente.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def _has_postgres() -> bool:
    try:
        psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL is missing in CI: {error}")
        return False
    return True


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of the PostgreSQL server; without one a test is skipped, in CI it fails."""
    if not _has_postgres():
        pytest.skip("no PostgreSQL here (ENTENTE_TEST_POSTGRES)")
    return POSTGRES


@pytest.fixture(scope="session")
def postgres_migrated(postgres_server: str) -> Iterator[str]:
    with databases.made_on(postgres_server, _new_name()) as address:
        database = Database(address)
        migrate.upgrade(database)
        database.close()
        yield address


def _new_name() -> str:
    return f"entente_{uuid.uuid4().hex[:12]}"


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    path = tmp_path / "entente.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_migrated: str) -> str:
    """A migrated PostgreSQL database."""
    databases.empty(postgres_migrated)
    return postgres_migrated


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A PostgreSQL database with nothing in it, not even tables."""
    with databases.made_on(postgres_server, _new_name()) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once of each kind."""
    kind = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still on Monday, 1 March 2027, 09:00 in Berlin."""
    return ManualClock()


__all__ = ["Bot"]
