"""Adding a file of terms after a yes, piece by piece, each in a short transaction.

New terms are written where nobody sees them, then revealed all at once; what the file says of terms
that were there follows. If that can't be brought to its end, all of it is taken away again. A small
file is added with the yes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import insert
from sqlmodel import Session, col, delete, func, select

from bot.core.errors import NotUnderstood
from bot.core.views import Block, Button, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.features.glossary import importing, planning, telling, terms
from bot.features.glossary.models import ImportState, Term, TermImport, TermImportPiece, TermStatus
from bot.features.glossary.planning import Outcome
from bot.features.glossary.reporting import load, read_choice, read_lines, say_counts
from bot.features.glossary.terms import make_key
from bot.people import history
from bot.people.models import Change
from bot.people.viewer import Viewer, visible_to

ENDED: Final = "glossary.import_ended"
"""To the one who imports: that all is in, or nothing. The subject is the import's id."""

PIECE: Final = 200
"""Rows of a piece, and more only where they are of one term: about 30 ms on SQLite, and others wait
no longer than that."""

AT_ONCE: Final = 5
"""Pieces that are added, or taken away, with the yes."""

EVERY: Final = timedelta(seconds=20)

WAITS: Final = timedelta(days=1)

_UNDER_WAY: Final = (ImportState.ADDING, ImportState.SETTLING, ImportState.UNDOING)

Line = tuple[int, Sequence[str]]


def begin(session: Session, waiting: TermImport) -> int:
    """Cut a file into pieces; answers how many. Rows of one term stay together, since one decides
    about another. Raises NotUnderstood if no column holds terms."""
    sheet, chosen = load(waiting)
    if "term" not in chosen.columns:
        raise NotUnderstood("terms_file.no_columns", field="term")
    column = chosen.columns["term"]
    keyed = sorted(
        (make_key(cells[column]), number, cells)
        for number, cells in enumerate(sheet.rows, sheet.first)
    )
    pieces = list(_cut(keyed))
    if pieces:
        rows = [
            {"import_id": waiting.id, "number": number, "state": ImportState.ADDING}
            | {"lines": orjson.dumps(lines).decode(), "did": ""}
            for number, lines in enumerate(pieces)
        ]
        session.connection().execute(insert(TermImportPiece), rows)
    waiting.state, waiting.content = ImportState.ADDING, ""
    session.add(waiting)
    session.flush()
    return len(pieces)


def _cut(keyed: Sequence[tuple[str, int, Sequence[str]]]) -> Iterator[list[Line]]:
    piece: list[Line] = []
    last = ""
    for key, number, cells in keyed:
        if len(piece) >= PIECE and key != last:
            yield piece
            piece = []
        piece.append((number, cells))
        last = key
    if piece:
        yield piece


def count_pieces(session: Session, found: TermImport) -> int:
    """Into how many pieces a file was cut."""
    return session.exec(
        select(func.count(col(TermImportPiece.number))).where(
            col(TermImportPiece.import_id) == found.id
        )
    ).one()


def is_busy(session: Session, alliance_id: str, *, besides: str) -> bool:
    """Whether another file is on its way into the alliance's glossary, or out of it: one comes
    after the other, since one decides about another."""
    found = session.exec(
        select(TermImport.id).where(
            col(TermImport.alliance_id) == alliance_id,
            col(TermImport.id) != besides,
            col(TermImport.state).in_(_UNDER_WAY),
        )
    )
    return found.first() is not None


def work(registry: Registry, session: Session, now: datetime) -> bool:
    """One step of the file that was said yes to first; whether more is to be done."""
    found = session.exec(
        select(TermImport)
        .where(col(TermImport.state).in_(_UNDER_WAY))
        .order_by(col(TermImport.created_at), col(TermImport.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if found is None:
        return False
    if found.state == ImportState.UNDOING:
        remove(session, found, now=now)
        return True
    viewer = _find_importer(session, found)
    if viewer is None or now - found.created_at >= 2 * WAITS:
        take_back(session, found)
        _tell_end(session, found, now=now)
    elif not go_on(session, viewer, found, now=now):
        _tell_end(session, found, now=now)
    return True


def _find_importer(session: Session, found: TermImport) -> Viewer | None:
    """Who said yes, as long as they may."""
    viewer = terms.find_viewer(session, found.member_id)
    may = viewer is not None and viewer.is_manager and viewer.partner_id == found.partner_id
    return viewer if may else None


def go_on(session: Session, viewer: Viewer, found: TermImport, *, now: datetime) -> bool:
    """One step on the way in; whether more are to come. At the end it is a change that can be
    undone, and other partners are told of what it lays before them."""
    piece = _get_next(session, found)
    if piece is not None and found.state == ImportState.ADDING:
        _write_new(session, viewer, found, piece, now=now)
    elif piece is not None:
        _write_rest(session, viewer, found, piece, now=now)
    elif found.state == ImportState.ADDING:
        is_shared = read_choice(found).shared
        importing.reveal(
            session, found.alliance_id, found.id, found.partner_id, is_shared=is_shared
        )
        found.state = ImportState.SETTLING
    else:
        _finish(session, viewer, found, now=now)
        return False
    session.add(found)
    session.flush()
    return True


def _get_next(session: Session, found: TermImport) -> TermImportPiece | None:
    """The first piece that is as far as the file, so that something is to be done about it."""
    return session.exec(
        select(TermImportPiece)
        .where(
            col(TermImportPiece.import_id) == found.id, col(TermImportPiece.state) == found.state
        )
        .order_by(col(TermImportPiece.number))
        .limit(1)
    ).first()


def _write_new(
    session: Session, viewer: Viewer, found: TermImport, piece: TermImportPiece, *, now: datetime
) -> None:
    """Write the terms that nobody has here yet, unseen; the other lines are left for later."""
    chosen = read_choice(found)
    lines: list[Line] = orjson.loads(piece.lines)
    column = chosen.columns["term"]
    keys = {number: make_key(cells[column]) for number, cells in lines}
    known = set(
        session.exec(
            select(Term.key).where(
                visible_to(viewer, Term),
                col(Term.status) != TermStatus.RETIRED,
                col(Term.key).in_(set(keys.values())),
            )
        )
    )
    new = [line for line in lines if keys[line[0]] not in known]
    did = _write(session, viewer, found, new, now=now, is_unseen=True)
    rest = [line for line in lines if keys[line[0]] in known]
    piece.lines, piece.did = orjson.dumps(rest).decode(), orjson.dumps(did).decode()
    piece.state = ImportState.SETTLING if rest else ImportState.DONE
    session.add(piece)


def _write_rest(
    session: Session, viewer: Viewer, found: TermImport, piece: TermImportPiece, *, now: datetime
) -> None:
    """What the lines that are left say of terms that were there."""
    before = orjson.loads(piece.did)
    did = _write(session, viewer, found, orjson.loads(piece.lines), now=now, is_unseen=False)
    did["counts"] = Counter(before["counts"]) + Counter(did["counts"])
    did["conflicts"] += before["conflicts"]
    piece.lines, piece.did = "", orjson.dumps(did).decode()
    piece.state = ImportState.DONE
    session.add(piece)


def _write(
    session: Session,
    viewer: Viewer,
    found: TermImport,
    lines: Sequence[Line],
    *,
    now: datetime,
    is_unseen: bool,
) -> dict[str, Any]:
    """Do what these lines say; answers what was done, as an undo and the report need it."""
    chosen = read_choice(found)
    rows, _ = read_lines(session, found, lines, chosen)
    plan = planning.make_plan(session, viewer, rows)
    before = importing.apply(
        session,
        viewer,
        plan,
        import_id=found.id,
        is_shared=chosen.shared,
        now=now,
        is_unseen=is_unseen,
    )
    counts = {outcome.value: number for outcome, number in plan.counts.items()}
    return {"counts": counts, "conflicts": len(plan.conflicts), **before}


def _finish(session: Session, viewer: Viewer, found: TermImport, *, now: datetime) -> None:
    counts: Counter[str] = Counter()
    reopened: list[str] = []
    conflicts = 0
    for did in _get_done(session, found):
        counts.update(did["counts"])
        reopened += did["reopened"]
        conflicts += did["conflicts"]
    found.content = orjson.dumps({"counts": counts, "conflicts": conflicts}).decode()
    found.state = ImportState.DONE
    session.add(found)
    after: dict[str, object] = {"reopened": reopened}
    change = history.record(session, viewer, "term.imported", found.id, now=now, after=after)
    telling.tell_imported(session, change, now=now)


def _get_done(session: Session, found: TermImport) -> Iterator[Mapping[str, Any]]:
    for did in session.exec(
        select(TermImportPiece.did).where(
            col(TermImportPiece.import_id) == found.id, col(TermImportPiece.did) != ""
        )
    ):
        yield orjson.loads(did)


# The way out


def take_back(session: Session, found: TermImport) -> int:
    """Nobody sees any more what a file brought; answers how many terms. `remove` does the rest."""
    gone = importing.hide(session, found.alliance_id, found.id)
    found.state, found.content = ImportState.UNDOING, ""
    session.add(found)
    session.flush()
    return gone


def remove(session: Session, found: TermImport, *, now: datetime) -> bool:
    """One step on the way out; whether more are to come."""
    if importing.remove_some(session, found.id, now=now):
        return True
    piece = session.exec(
        select(TermImportPiece)
        .where(col(TermImportPiece.import_id) == found.id)
        .order_by(col(TermImportPiece.number))
        .limit(1)
    ).first()
    if piece is None:
        found.state = ImportState.UNDONE
        session.add(found)
        return False
    if piece.did:
        importing.put_back(session, found.id, orjson.loads(piece.did), now=now)
    session.delete(piece)
    session.flush()
    return True


# What people are told


def say_progress(session: Session, viewer: Viewer) -> list[str]:
    """How far the files are that the viewer's own side is adding, a line each."""
    lines = []
    for found in session.exec(
        select(TermImport).where(
            col(TermImport.alliance_id) == viewer.alliance_id,
            col(TermImport.partner_id) == (viewer.partner_id or ""),
            col(TermImport.state).in_([ImportState.ADDING, ImportState.SETTLING]),
        )
    ):
        pieces = dict(
            session.exec(
                select(TermImportPiece.state, func.count())
                .where(col(TermImportPiece.import_id) == found.id)
                .group_by(col(TermImportPiece.state))
            ).all()
        )
        whole = sum(pieces.values())
        done = whole - pieces.get(ImportState.ADDING, 0)
        lines.append(say("terms_file.progress", percent=100 * done // max(whole, 1)))
    return lines


def render_done(found: TermImport) -> Sequence[Block | None]:
    """What a file did."""
    said = orjson.loads(found.content)
    counts = {outcome: said["counts"].get(outcome, 0) for outcome in Outcome}
    button = Button(label=words("term.contested_list"), action="term.list", value=found.alliance_id)
    return (
        Text(text=say("terms_file.done")),
        Text(text="\n".join(f"- {line}" for line in say_counts(counts))),
        actions(button) if said["conflicts"] else None,
        Note(text=say("terms_file.undo_hint")),
    )


def _tell_end(session: Session, found: TermImport, *, now: datetime) -> None:
    address = get_member_address(session, found.member_id)
    if address is not None:
        message = Deliver(to=address, topic=ENDED, subject=found.id, alliance_id=found.alliance_id)
        enqueue(session, message, now=now)


def render_ended(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """That all of it is in, and what it did; or that nothing is."""
    found = session.get(TermImport, message.subject)
    if found is None:
        return Skip("forgotten")
    if found.state == ImportState.DONE:
        return view(*render_done(found))
    was_done = session.exec(
        select(Change.id).where(
            col(Change.action) == "term.imported",
            col(Change.subject_id) == found.id,
        )
    ).first()
    return Skip("taken back") if was_done else view(Text(text=say("terms_file.not_done")))


def forget(registry: Registry, session: Session, now: datetime) -> bool:
    """Files that nobody said yes to, and what an undo needed while it could be asked for."""
    session.execute(
        delete(TermImport).where(
            col(TermImport.created_at) < now - WAITS, col(TermImport.state).not_in(_UNDER_WAY)
        )
    )
    return False
