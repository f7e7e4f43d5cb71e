"""Databases for tests: migrated once a run, and empty at the beginning of every test."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from sqlmodel import SQLModel

from bot.db import migrate

# A file of this size or more is cheaper to cut off than to empty row by row.
CUT_FROM_BYTES = 256 * 1024


def address_of(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return server.rsplit("/", 1)[0] + f"/{name}"


@contextmanager
def made_on(server: str, name: str) -> Iterator[str]:
    """A new database on a PostgreSQL server, gone again afterwards: its address.

    Its commits don't wait for the disk: what a test asks is whether a transaction was written, not
    whether the server would survive a power cut, and hundreds of databases' worth of waiting makes
    everything else on the machine late.
    """
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name))
        )
    try:
        yield address_of(server, name)
    finally:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def empty(address: str) -> None:
    """Take every row out of a migrated database but the name of its latest revision, and let its
    counters begin anew; whoever is still connected is cut off."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        tables = connection.execute(
            "SELECT relname, pg_relation_size(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'alembic_version'"
        ).fetchall()
        if not {name for name, _ in tables} >= set(SQLModel.metadata.tables):
            raise AssertionError("an earlier test left the tables themselves changed")
        used = {name: size for name, size in tables if size}
        large = [sql.Identifier(name) for name, size in used.items() if size >= CUT_FROM_BYTES]
        small = [sql.Identifier(name) for name, size in used.items() if size < CUT_FROM_BYTES]
        with connection.transaction():
            # Without the order that foreign keys would ask for.
            connection.execute("SET LOCAL session_replication_role = replica")
            for name in small:
                connection.execute(sql.SQL("DELETE FROM {}").format(name))
            if large:
                connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(large)))
            connection.execute("DELETE FROM alembic_version")
            connection.execute("INSERT INTO alembic_version VALUES (%s)", [migrate.get_head()])
            connection.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass,"
                " start_value, false) FROM pg_sequences WHERE last_value IS NOT NULL"
            )
