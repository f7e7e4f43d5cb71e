"""A consistent copy of the database while it is in use."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.core.errors import SettingsError
from bot.db.engine import parse_url


def copy(address: str, target: Path) -> int:
    """Copy a SQLite database to `target`; answers its size in bytes.

    Raises SettingsError for PostgreSQL (it has tools of its own), a missing or empty source, a
    target that exists, or one whose folder does not.
    """
    url = parse_url(address)
    if url.get_backend_name() != "sqlite":
        raise SettingsError(
            [f"This copies SQLite only. For PostgreSQL: pg_dump --format=custom --file={target}"]
        )
    source = Path(url.database or "")
    if not source.is_file():
        raise SettingsError([f"There is no database at {source} yet."])
    if target.exists():
        raise SettingsError([f"{target} exists already. Choose another name."])
    if not target.absolute().parent.is_dir():
        raise SettingsError([f"There is no folder {target.absolute().parent}. Make it first."])
    with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original:
        if original.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            raise SettingsError([f"The database at {source} is empty: there is nothing to copy."])
        with closing(sqlite3.connect(target)) as written:
            original.backup(written)
    return target.stat().st_size
