"""The database of one process: engines, and transactions that behave alike on both databases.

On SQLite there is one writer thread a process, and its transactions begin IMMEDIATE: a deferred
transaction that reads and then writes fails with `database is locked` as soon as two overlap.
"""

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final, TypeVar
from weakref import WeakSet

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlmodel import Session

from bot.core.errors import SettingsError

T = TypeVar("T")

BUSY_TIMEOUT_MS = 10_000
READERS = 4
WRITERS_POSTGRESQL = 4


def parse_url(address: str) -> URL:
    """A database address as SQLAlchemy wants it; `postgres://` is accepted as hosts hand it out.

    Raises SettingsError for anything but SQLite and PostgreSQL.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        # What the library says of it may quote a piece of the password.
        problem = "DATABASE_URL is no database address. Write it like sqlite:///entente.db or "
        raise SettingsError([f"{problem}postgresql://user:password@host:5432/name."]) from None
    backend = url.get_backend_name()
    if backend in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return url.set(drivername="sqlite")
    raise SettingsError(
        [f"DATABASE_URL names {backend}; Entente works with sqlite:///… and postgresql://…"]
    )


class Database:
    """Transactions on one database, from any thread or coroutine."""

    def __init__(self, address: str) -> None:
        self.url = parse_url(address)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _make_engine(self.url, is_sqlite=self.is_sqlite)
        self._writing = self.engine.execution_options(entente_writes=True)
        self._held: Connection | None = None
        writers = 1 if self.is_sqlite else WRITERS_POSTGRESQL
        self._writers = ThreadPoolExecutor(writers, thread_name_prefix="entente-write")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="entente-read")
        self._together = _Together(self._writers)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits when the block ends well, and rolls back otherwise."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for reading alone; what is written in it is rolled back."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    async def in_write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a writer thread and a transaction of its own."""
        if self.is_sqlite:
            return await self._together.run(lambda: self._within(self._write_held, work))
        return await self._run(self._writers, lambda: self._within(self.write, work))

    @contextmanager
    def _write_held(self) -> Iterator[Session]:
        """As `write`, on the one connection of SQLite's writer thread: a tenth of an event's time
        would go into taking it from the pool and giving it back."""
        if self._held is None or self._held.closed or self._held.invalidated:
            self._held = self._writing.connect()
        with Session(self._held, expire_on_commit=False) as session, session.begin():
            yield session

    async def in_read(self, work: Callable[[Session], T]) -> T:
        """Run `work` in a reader thread and a transaction of its own."""
        return await self._run(self._readers, lambda: self._within(self.read, work))

    def close(self) -> None:
        """Let running transactions end, then close every connection."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        if self._held is not None:
            self._held.close()
        self.engine.dispose()

    @staticmethod
    async def _run(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        # Shielded: a transaction goes on to its end, though whoever waits for it is cancelled.
        future = asyncio.get_running_loop().run_in_executor(pool, work)
        return await asyncio.shield(future)

    @staticmethod
    def _within(transaction: Callable[[], Any], work: Callable[[Session], T]) -> T:
        with transaction() as session:
            try:
                return work(session)
            except StopIteration as error:
                # No future takes it: whoever waits would wait for ever.
                raise RuntimeError("there was no next one") from error


class _Together:
    """Hands over together what SQLite's one writer thread has done.

    Each result by itself would wake the event loop, and the two spend a third of their time waiting
    for one another. So results are handed over once nothing is under way any more, and otherwise
    every `EVERY` seconds, so that none waits for work behind it that takes its time.
    """

    EVERY: Final = 0.005

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._under_way = 0
        self._done: list[_Done] = []
        self._looking: WeakSet[asyncio.AbstractEventLoop] = WeakSet()

    async def run(self, work: Callable[[], T]) -> T:
        """Have it done in turn, and wait for it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            submitted = self._pool.submit(work)
            self._under_way += 1
            if loop not in self._looking:
                self._looking.add(loop)
                loop.call_later(self.EVERY, self._look, loop)
        submitted.add_done_callback(partial(self._note, future))
        # Shielded: a transaction goes on to its end, though whoever waits for it is cancelled.
        return await asyncio.shield(future)

    def _note(self, future: asyncio.Future[T], done: Future[T]) -> None:
        with self._lock:
            self._under_way -= 1
            self._done.append((future, done))
            is_last = self._under_way == 0
        if is_last:
            self._hand_over()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._hand_over()
        with self._lock:
            if self._under_way:
                loop.call_later(self.EVERY, self._look, loop)
            else:
                self._looking.discard(loop)

    def _hand_over(self) -> None:
        with self._lock:
            done, self._done = self._done, []
        by_loop: dict[asyncio.AbstractEventLoop, list[_Done]] = defaultdict(list)
        for one in done:
            by_loop[one[0].get_loop()].append(one)
        for loop, its_own in by_loop.items():
            with suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(_resolve, its_own)


_Done = tuple[asyncio.Future[Any], Future[Any]]


def _resolve(done: list[_Done]) -> None:
    for future, ended in done:
        if future.cancelled():
            continue
        error = ended.exception()
        if error is None:
            future.set_result(ended.result())
        else:
            future.set_exception(error)


def _make_engine(url: URL, *, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        import psycopg.types.json  # on SQLite not at all

        psycopg.types.json.set_json_loads(orjson.loads)
        return create_engine(
            url,
            pool_size=WRITERS_POSTGRESQL + READERS,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": 5, "prepare_threshold": 3},
        )
    # Parameters hold what people wrote, and errors go to the log.
    engine = create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 10}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transaction handling is switched off: BEGIN is ours (see _begin_sqlite).
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
    # SQLite's own knows the letters of ASCII alone: `ilike` would find “übergabe” only as written.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: str | bytes | float | None) -> str | bytes | float | None:
    return value.lower() if isinstance(value, str) else value


def _begin_sqlite(connection: Connection) -> None:
    # By the driver itself: the library's way takes longer than the statement, for every event.
    writes = connection.get_execution_options().get("entente_writes", False)
    statement = "BEGIN IMMEDIATE" if writes else "BEGIN"
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - the engine's address says so
    try:
        driver.execute(statement).close()
    except sqlite3.OperationalError as error:
        raise OperationalError(statement, None, error) from error


def is_reachable(database: Database) -> bool:
    """Whether the database answers a question at all."""
    with database.read() as session:
        return bool(session.execute(text("SELECT 1")).scalar())
