"""Migrations: they make what the models say, from wherever a database stands."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import select

import adapters.teams.models  # noqa: F401 - all tables
import bot.features.catalogue  # noqa: F401
from bot.core.errors import DatabaseNotReady
from bot.db import migrate
from bot.db.engine import Database
from bot.db.table import Table
from bot.people.models import Channel


def _revisions() -> list[str]:
    scripts = ScriptDirectory.from_config(migrate._config()).walk_revisions()
    return [script.revision for script in scripts]


def test_migrations_make_exactly_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        # The full-text index is each database's own, and no table of the models.
        options = {
            "compare_type": True,
            "include_name": lambda name, *_: not str(name).startswith("decision_search"),
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Table.metadata) == []


ROWS = (
    "INSERT INTO alliances (id, name, zone, hours_start, hours_end, days, created_at) "
    "VALUES ('al', 'A', 'UTC', '09:00', '17:00', '[0]', '2027-03-01 08:00:00')",
    "INSERT INTO workspaces (id, platform, external_id, name) VALUES ('w', 'slack', 'T', 'W')",
    "INSERT INTO channels (id, alliance_id, workspace_id, platform, external_id, name, state, "
    "is_shared, linked_at, audience_kind) VALUES ('c', 'al', 'w', 'slack', 'C', 'c', 'linked', "
    "false, '2027-03-01 08:00:00', 'alliance')",
)


@pytest.mark.parametrize("revision", _revisions())
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_every_earlier_revision_can_be_upgraded_with_what_is_in_it(
    request: pytest.FixtureRequest, tmp_path: Path, revision: str, kind: str
) -> None:
    is_postgres = kind == "postgresql"
    url = request.getfixturevalue("empty_postgres_url") if is_postgres else ""
    database = Database(url or f"sqlite:///{tmp_path}/old.db")
    migrate.upgrade(database, revision)
    with database.write() as session:
        for row in ROWS:
            session.execute(text(row))
    migrate.upgrade(database)
    migrate.check_ready(database)
    with database.read() as session:
        assert session.exec(select(Channel.workspaces)).one() == []
    database.close()


def test_an_empty_database_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(DatabaseNotReady, match="entente db upgrade"):
        migrate.check_ready(database)
    database.close()


def test_a_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNotReady, match="newer version"):
        migrate.check_ready(database)


def test_a_database_that_is_away_is_said_in_words() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseNotReady, match="does not answer"):
        migrate.check_ready(database)
    database.close()


def test_the_command_upgrades_and_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from adapters.cli.main import main; main()", "db", "upgrade"],
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
