"""Numbers that tell other processes that something cached has changed.

The changing transaction bumps the number of a scope; caches poll the numbers and reload when theirs
is behind, so a change is seen elsewhere within two seconds.
"""

from sqlalchemy import text
from sqlmodel import Field, Session

from bot.db.table import Table


class Revision(Table, table=True):
    """How often what a scope names has changed."""

    __tablename__ = "revisions"

    scope: str = Field(primary_key=True, max_length=80)
    number: int


def bump(session: Session, scope: str) -> None:
    """Count one more change of `scope`, in the changing transaction."""
    session.execute(
        text(
            "INSERT INTO revisions (scope, number) VALUES (:scope, 1) "
            "ON CONFLICT (scope) DO UPDATE SET number = revisions.number + 1"
        ),
        {"scope": scope},
    )


def get_number(session: Session, scope: str) -> int:
    """The scope's present number; 0 if it never changed."""
    row = session.get(Revision, scope)
    return row.number if row else 0
