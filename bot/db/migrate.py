"""Migrations: what the database should be at, what it is at, and how to get there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from bot.core.errors import DatabaseNotReady
from bot.db.engine import Database

_FOLDER = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def get_head() -> str:
    """The newest revision this version of Entente knows."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None  # noqa: S101 - the wheel always carries revisions
    return head


def get_current(database: Database) -> str | None:
    """The revision the database is at; None if it was never set up."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction.

    SQLite changes a column by copying its table, and dropping the old one would take along all that
    refers to it; so its foreign keys are off meanwhile, and all of them are checked at the end.
    """
    config = _config()
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.execution_options(entente_writes=True).connect() as connection:
        raw = connection.connection.dbapi_connection
        if is_sqlite and raw is not None:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise DatabaseNotReady("The upgrade would break references: nothing was done.")
        finally:
            if is_sqlite and raw is not None:
                raw.execute("PRAGMA foreign_keys=ON")


def check_ready(database: Database) -> None:
    """Raise DatabaseNotReady, with the command that helps, unless the database is up to date."""
    try:
        current = get_current(database)
    except OperationalError as error:
        raise DatabaseNotReady(
            f"The database does not answer ({error.orig}). Check DATABASE_URL and that it runs."
        ) from error
    if current == get_head():
        return
    if current is None:
        raise DatabaseNotReady("The database is empty. Set it up with: entente db upgrade")
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if current in known:
        raise DatabaseNotReady(
            "The database is older than this version of Entente. "
            "Make a backup (entente backup), then: entente db upgrade"
        )
    raise DatabaseNotReady(
        "The database was written by a newer version of Entente. "
        "Install that version or a later one."
    )
