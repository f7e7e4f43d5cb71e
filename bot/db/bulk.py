"""Many rows in one statement: a JSON parameter that SQL reads as a table, on both databases."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import TextClause, text
from sqlmodel import Session

_POSTGRESQL = {"int": "bigint", "text": "text", "moment": "timestamptz", "bool": "boolean"}


@lru_cache(maxsize=512)
def sql(statement: str) -> TextClause:
    """A statement in text, read for its parameters once."""
    return text(statement)


def is_sqlite(session: Session) -> bool:
    """Whether the session talks to SQLite."""
    return session.get_bind().dialect.name == "sqlite"


def rows_sql(session: Session, columns: Mapping[str, str]) -> str:
    """A FROM item `v` with these columns (`int`, `text`, `moment`, `bool`), read from `:rows`."""
    if is_sqlite(session):
        picks = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        return f"(SELECT {picks} FROM json_each(:rows)) AS v"
    typed = ", ".join(f"{name} {_POSTGRESQL[kind]}" for name, kind in columns.items())
    return f"jsonb_to_recordset(CAST(:rows AS jsonb)) AS v({typed})"


def dump_rows(session: Session, rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows for `:rows`, moments written as the database compares them."""
    if not is_sqlite(session):
        return orjson.dumps(list(rows)).decode()  # ISO 8601, as PostgreSQL reads it
    return orjson.dumps(
        [
            {
                name: _moment(value) if isinstance(value, datetime) else value
                for name, value in row.items()
            }
            for row in rows
        ]
    ).decode()


def among_sql(session: Session, column: str, ids: str = "ids") -> str:
    """The condition that a number is one of those in the parameter `ids` (see `bind_ids`).

    On PostgreSQL with `ANY`: its planner looks them up in the index then, where it would read the
    whole table for a sub-query.
    """
    if is_sqlite(session):
        return f"{column} IN (SELECT value FROM json_each(:{ids}))"
    return f"{column} = ANY(CAST(:{ids} AS bigint[]))"


def bind_ids(session: Session, ids: Sequence[int]) -> Any:
    """Numbers as the parameter of `among_sql`."""
    numbers = orjson.dumps(list(ids)).decode()
    return numbers if is_sqlite(session) else f"{{{numbers[1:-1]}}}"


def gather_ids_sql(session: Session, column: str) -> str:
    """The numbers of a group as one value, for `read_ids`."""
    return f"json_group_array({column})" if is_sqlite(session) else f"array_agg({column})"


def read_ids(value: Any) -> list[int]:
    """What `gather_ids_sql` gathered."""
    return orjson.loads(value) if isinstance(value, str) else list(value)


def bind_moment(session: Session, value: datetime | None) -> Any:
    """A moment as a parameter of textual SQL."""
    if value is None:
        return None
    return _moment(value) if is_sqlite(session) else value


def read_moment(value: Any) -> datetime | None:
    """A moment as textual SQL gives it back."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(value: datetime) -> str:
    """As SQLite's columns hold it."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def skip_locked(session: Session) -> str:
    """What makes a SELECT pass over rows that another transaction holds."""
    return "" if is_sqlite(session) else "FOR NO KEY UPDATE SKIP LOCKED"


def for_update(session: Session) -> str:
    """What makes a SELECT hold its rows."""
    return "" if is_sqlite(session) else "FOR NO KEY UPDATE"
