"""`entente export` and `entente import`: moving an alliance from one installation to another."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from bot.core.errors import SettingsError
from bot.db.engine import Database
from bot.dispatch.feature import Registry
from bot.people.models import Alliance
from bot.record.bringing import Arrival, bring, read_checked
from bot.record.dumping import dump_whole
from bot.record.reading import LARGEST
from bot.record.writing import to_yaml


def write_file(
    database: Database, registry: Registry, alliance: str, target: Path, *, now: datetime
) -> int:
    """Write the whole record of an alliance (its name or id); answers how many bytes that is.

    Raises SettingsError if there is no such alliance, several, or the file is there already.
    """
    if target.exists():
        raise SettingsError([f"{target} exists already. Choose another name."])
    with database.read() as session:
        found = _find(session, alliance)
        text = to_yaml(dump_whole(registry, session, found.id, now=now))
    # It holds what each partner keeps to itself: for the operator's eyes alone.
    target.touch(mode=0o600, exist_ok=False)
    target.write_text(text, encoding="utf-8")
    return len(text.encode())


def _find(session: Session, said: str) -> Alliance:
    rows = session.exec(
        select(Alliance).where((col(Alliance.id) == said) | (col(Alliance.name) == said))
    ).all()
    if len(rows) == 1:
        return rows[0]
    known = rows or session.exec(select(Alliance).order_by(col(Alliance.name))).all()
    names = ", ".join(f"{one.name} ({one.id})" for one in known) or "none yet"
    problem = "There are several alliances of that name" if rows else f"There is no alliance {said}"
    raise SettingsError([f"{problem}. Say the id. Here are: {names}"])


def read_file(database: Database, registry: Registry, source: Path, *, now: datetime) -> Arrival:
    """Take an alliance over from a file, all of it or nothing.

    Raises FileProblems, or SettingsError if the file can't be read.
    """
    try:
        with source.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except OSError as error:
        raise SettingsError([f"{source} can't be read: {error.strerror}."]) from None
    found = read_checked(registry, raw, str(source))
    with database.write() as session:
        return bring(registry, session, found, name=str(source), now=now)
