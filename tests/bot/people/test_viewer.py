"""Finding out who acts takes one query, and an audience none of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlmodel import select

from bot.db.engine import Database
from bot.db.table import Table
from bot.people.models import Audience, Committee
from bot.people.presence import get_presence
from bot.people.viewer import visible_to
from tests.builders import MONDAY, make_alliance


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that read while this lasts."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_who_acts_is_one_query_and_the_audience_travels_in_the_read(database: Database) -> None:
    viewer = make_alliance(database)
    with database.read() as session:
        with counted(database) as asked:
            who = get_presence(session, platform="slack", user="UANA", channel=None, now=MONDAY)
        assert who is not None
        assert who.viewers == (viewer,)
        assert len(asked) == 1
        with counted(database) as read:
            session.exec(select(Committee).where(visible_to(viewer, Committee))).all()
        assert len(read) == 1


def test_what_tells_since_when_a_row_stands_is_a_column_of_it() -> None:
    def all_below(kind: type[Audience]) -> Iterator[type[Audience]]:
        for below in kind.__subclasses__():
            yield below
            yield from all_below(below)

    tables = [kind for kind in all_below(Audience) if hasattr(kind, "__table__")]
    assert Committee in tables
    for kind in tables:
        assert set(kind.as_of) <= set(Table.metadata.tables[str(kind.__tablename__)].columns.keys())
