"""A file of terms on its way into the glossary, piece by piece, and out of it again."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, func, select

from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.dispatch.feature import Registry
from bot.features.catalogue import make_registry
from bot.features.glossary import adding, changing, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import (
    ImportState,
    Term,
    TermForm,
    TermImport,
    TermImportPiece,
    TermMeaning,
    TermStatus,
)
from bot.features.glossary.sheets import read_sheet
from bot.people.models import Role
from bot.people.viewer import Viewer
from tests.bot.features.glossary.test_importing import let_wait
from tests.builders import make_alliance
from tests.harness import MONDAY

ROWS = 3 * adding.PIECE
OLD = "Word 1"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return make_registry()


def begin(database: Database, viewer: Viewer) -> str:
    """Say yes to a file in which there is a word that is known, in another meaning."""
    rows = "".join(f"Word {n},What word {n} means\n" for n in range(ROWS))
    sheet = read_sheet("a.csv", f"term,meaning\n{rows}".encode())
    with database.write() as session:
        wording = Wording(name=OLD, meaning="Something else.", is_shared=True)
        changing.add(session, viewer, wording, now=MONDAY)
        waiting = let_wait(session, viewer, sheet, is_shared=True)
        adding.begin(session, waiting)
        return waiting.id


def step(database: Database, registry: Registry) -> bool:
    with database.write() as session:
        return adding.work(registry, session, MONDAY)


def read(database: Database, viewer: Viewer) -> tuple[int, str, str]:
    """How many terms the viewer sees, what the old one means, and how far the file is."""
    with database.read() as session:
        (old,) = terms.find(session, viewer, OLD)
        meaning = old.meaning_of(viewer.partner_id)
        seen = terms.count(session, viewer, terms.in_status(None))
        state = session.exec(select(TermImport.state)).one()
        return seen, meaning.text if meaning else "", state


def count(session: Session, *tables: type[Term | TermForm | TermMeaning]) -> list[int]:
    return [session.exec(select(func.count(col(table.id)))).one() for table in tables]


def test_all_new_terms_come_at_once_and_what_was_there_follows(
    database: Database, registry: Registry
) -> None:
    viewer = make_alliance(database)
    begin(database, viewer)
    pieces = 3
    for _ in range(pieces):
        assert step(database, registry)
        assert read(database, viewer) == (1, "Something else.", ImportState.ADDING)
    assert step(database, registry)
    assert read(database, viewer) == (ROWS, "Something else.", ImportState.SETTLING)
    while step(database, registry):
        pass
    assert read(database, viewer) == (ROWS, "What word 1 means", ImportState.DONE)
    with database.read() as session:
        assert count(session, Term, TermForm, TermMeaning) == [ROWS] * 3
        told = session.exec(select(Delivery.topic)).all()
    assert told.count(adding.ENDED) == 1


def test_what_cannot_come_to_its_end_leaves_nothing(database: Database, registry: Registry) -> None:
    viewer = make_alliance(database)
    import_id = begin(database, viewer)
    step(database, registry)
    with database.write() as session:
        for role in session.exec(select(Role).where(col(Role.member_id) == viewer.member_id)):
            role.until = MONDAY
            session.add(role)
    while step(database, registry):
        pass
    assert read(database, viewer) == (1, "Something else.", ImportState.UNDONE)
    with database.read() as session:
        assert count(session, Term, TermForm, TermMeaning) == [1, 1, 1]
        assert not session.exec(select(TermImportPiece)).all()
        message = session.exec(select(Delivery).where(col(Delivery.topic) == adding.ENDED)).one()
        assert message.subject == import_id


def test_a_large_import_is_taken_back_at_once_and_then_taken_away(
    database: Database, registry: Registry
) -> None:
    viewer = make_alliance(database)
    import_id = begin(database, viewer)
    while step(database, registry):
        pass
    with database.write() as session:
        found = session.get_one(TermImport, import_id)
        (kept,) = terms.find(session, viewer, "Word 2")
        wording = Wording(name="Word 2", meaning="In one's own words.")
        changing.edit(
            session,
            viewer,
            kept.term.id,
            wording,
            edition=kept.term.edition,
            now=MONDAY + timedelta(minutes=1),
        )
        assert adding.take_back(session, found) == ROWS - 2
    assert read(database, viewer)[0] == 2
    while step(database, registry):
        pass
    assert read(database, viewer) == (2, "Something else.", ImportState.UNDONE)
    with database.read() as session:
        assert count(session, Term, TermForm, TermMeaning) == [2, 2, 2]
        (kept,) = terms.find(session, viewer, "Word 2")
        assert [meaning.text for meaning in kept.meanings] == ["In one's own words."]
        assert kept.term.status == TermStatus.PROPOSED


def test_one_file_comes_after_the_other(database: Database, registry: Registry) -> None:
    viewer = make_alliance(database)
    first = begin(database, viewer)
    with database.read() as session:
        assert adding.is_busy(session, viewer.alliance_id, besides="")
        assert not adding.is_busy(session, viewer.alliance_id, besides=first)
    while step(database, registry):
        pass
    with database.read() as session:
        assert not adding.is_busy(session, viewer.alliance_id, besides="")
