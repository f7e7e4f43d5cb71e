"""The file that keeps the simulated chat, and the small facts in it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS workspaces (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS people (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
  zone TEXT NOT NULL, is_bot INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS channels (
  id TEXT PRIMARY KEY, workspace TEXT NOT NULL, name TEXT NOT NULL, topic TEXT NOT NULL,
  is_shared INTEGER NOT NULL DEFAULT 0, is_archived INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS members (
  channel TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (channel, person));
CREATE TABLE IF NOT EXISTS closed (person TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT, channel TEXT NOT NULL, thread TEXT,
  author TEXT NOT NULL, private_to TEXT, text TEXT NOT NULL DEFAULT '', view TEXT,
  at TEXT NOT NULL, key TEXT UNIQUE);
CREATE INDEX IF NOT EXISTS messages_in_channel ON messages (channel, number);
CREATE TABLE IF NOT EXISTS reactions (
  message INTEGER NOT NULL, person TEXT NOT NULL, emoji TEXT NOT NULL,
  PRIMARY KEY (message, person, emoji));
CREATE TABLE IF NOT EXISTS surfaces (
  id TEXT PRIMARY KEY, person TEXT NOT NULL, form TEXT, view TEXT, opened_from TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (
  person TEXT NOT NULL, channel TEXT NOT NULL, number INTEGER NOT NULL,
  PRIMARY KEY (person, channel));
"""


class Store:
    """One SQLite file. Calls are short and synchronous; a lock makes them safe from any thread."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL").close()
        self._connection.execute("PRAGMA synchronous=NORMAL").close()
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within, or nothing."""
        # The connection as a context commits what was begun, or rolls it back.
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield

    def write(self, sql: str, *values: object) -> int:
        """Run a statement; answers the number of the row it made."""
        with self._lock:
            cursor = self._connection.execute(sql, values)
            return int(cursor.lastrowid or 0)

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a question has for an answer."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first of them."""
        return next(iter(self.rows(sql, *values)), None)

    def get_fact(self, name: str) -> str | None:
        """A small thing that is kept, such as the playground's time."""
        row = self.row("SELECT value FROM facts WHERE name = ?", name)
        return str(row["value"]) if row else None

    def set_fact(self, name: str, value: str) -> None:
        """Keep a small thing."""
        self.write("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value)

    def get_facts(self, prefix: str) -> set[str]:
        """The names of kept things that begin so."""
        rows = self.rows("SELECT name FROM facts WHERE substr(name, 1, ?) = ?", len(prefix), prefix)
        return {str(row["name"]) for row in rows}
