"""What the database holds, looked at as a whole."""

from sqlmodel import Session, select

from bot.people.models import Workspace
from bot.statements.models import Version
from bot.statements.versions import compute_hash
from tests.harness import Bot


def chain_holds(bot: Bot) -> bool:
    """Whether every version still fits its hash and the one before it."""

    def check(session: Session) -> bool:
        found = session.exec(select(Version)).all()
        return bool(found) and all(version.hash == compute_hash(version) for version in found)

    return bot.read(check)


def dump(bot: Bot) -> str:
    """All of it, in one text."""

    def read(session: Session) -> str:
        tables = Workspace.metadata.sorted_tables
        return "\n".join(str(tuple(row)) for t in tables for row in session.execute(select(t)))

    return bot.read(read)
