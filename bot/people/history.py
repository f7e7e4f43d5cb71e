"""The audit trail: who changed what, and taking one's last change back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, or_, update
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.people.models import Account, Change, Channel, Committee, Member, Partner, Seat
from bot.people.viewer import Viewer, visible_to

UNDO_WINDOW = timedelta(minutes=10)

PARTS: Final = frozenset({"term.reworded", "term.detailed"})
"""What belongs to a change that took many things at once: it is in the history of each of them, and
the one change stands for all of them in the audit trail and for an undo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of the things that a change took at once."""

    subject_id: str
    before: dict[str, object]
    after: dict[str, object]


def record(
    session: Session,
    viewer: Viewer,
    action: str,
    subject_id: str,
    *,
    now: datetime,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> Change:
    """Note that `viewer` did `action` (`noun.past participle`) to `subject_id`. What a file brings
    (a viewer without an account) is nobody's doing, and not noted."""
    change = Change(
        alliance_id=viewer.alliance_id,
        partner_id=viewer.partner_id,
        account_id=viewer.account_id,
        at=now,
        action=action,
        subject_id=subject_id,
        before=before or {},
        after=after or {},
    )
    if viewer.account_id:
        session.add(change)
        session.flush()
    return change


def record_parts(
    session: Session, viewer: Viewer, action: str, parts: Sequence[Part], *, now: datetime
) -> list[str]:
    """Note all that one change took, in one statement: the ids of what is noted, in that order.
    `action` is one of `PARTS`."""
    if not viewer.account_id or not parts:
        return []
    rows = [
        {
            "id": new_id(),
            "alliance_id": viewer.alliance_id,
            "partner_id": viewer.partner_id,
            "account_id": viewer.account_id,
            "at": now,
            "action": action,
            "subject_id": part.subject_id,
            "before": part.before,
            "after": part.after,
            "undone_at": None,
        }
        for part in parts
    ]
    session.connection().execute(insert(Change), rows)
    return [str(row["id"]) for row in rows]


def undo_parts(session: Session, ids: Sequence[str], *, now: datetime) -> None:
    """Note that these have been taken back."""
    for start in range(0, len(ids), 500):
        session.execute(
            update(Change).where(col(Change.id).in_(ids[start : start + 500])).values(undone_at=now)
        )


def get_last_change(session: Session, viewer: Viewer, *, now: datetime) -> Change | None:
    """The viewer's own last change in this alliance that an undo can still take back."""
    return session.exec(
        select(Change)
        .where(
            col(Change.alliance_id) == viewer.alliance_id,
            col(Change.account_id) == viewer.account_id,
            col(Change.at) >= now - UNDO_WINDOW,
            col(Change.undone_at).is_(None),
            col(Change.action).not_in(PARTS),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(1)
    ).first()


def is_only_change(session: Session, change: Change) -> bool:
    """Whether nobody has changed anything else in the alliance that still stands."""
    other = select(Change.id).where(
        col(Change.alliance_id) == change.alliance_id,
        col(Change.id) != change.id,
        col(Change.undone_at).is_(None),
    )
    return session.exec(other.limit(1)).first() is None


OF_ALL = frozenset(
    {
        "alliance.created",
        "alliance.changed",
        "alliance.ended",
        "partner.added",
        "partner.removed",
        "partner.joined",
        "partner.left",
        "partner.revoked",
    }
)
"""What concerns every partner, whoever did it; all else is its own partner's to read."""

PERSONAL = frozenset({"member.away", "member.muted"})
"""What people do for themselves: theirs alone to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the audit trail, as a viewer may read it: `person` for `partner` did `action`
    to the thing called `subject` (empty where it has no name)."""

    id: str
    at: datetime
    action: str
    person: str
    partner: str
    subject: str
    undone_at: datetime | None


def get_lines(
    session: Session, viewer: Viewer, *, offset: int = 0, most: int | None = None
) -> list[Line]:
    """The audit trail of the viewer's own partner, and of what concerns all, newest first; for
    people of a partner that left, until then."""
    chosen = (
        select(Change, Account.name, Partner.name)
        .join(Account, col(Account.id) == col(Change.account_id))
        .outerjoin(Partner, col(Partner.id) == col(Change.partner_id))
        .where(
            col(Change.alliance_id) == viewer.alliance_id,
            or_(
                col(Change.partner_id) == (viewer.partner_id or ""),
                col(Change.action).in_(OF_ALL),
            ),
            col(Change.action).not_in(PARTS),
            or_(col(Change.action).not_in(PERSONAL), col(Change.account_id) == viewer.account_id),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
    )
    if viewer.left_at is not None:
        chosen = chosen.where(col(Change.at) <= viewer.left_at)
    rows = session.exec(chosen.offset(offset).limit(most)).all()
    names = _get_names(session, viewer, [change.subject_id for change, _, _ in rows])
    return [
        Line(
            id=change.id,
            at=change.at,
            action=change.action,
            person=person,
            partner=partner or "",
            subject=names.get(change.subject_id, ""),
            undone_at=change.undone_at,
        )
        for change, person, partner in rows
    ]


def _get_names(session: Session, viewer: Viewer, ids: Sequence[str]) -> dict[str, str]:
    """What those of the things are called that the viewer may know of."""
    seats = select(Seat.id, Member.name).join(Member, col(Member.id) == col(Seat.member_id))
    asked = (
        select(Channel.id, Channel.name).where(
            visible_to(viewer, Channel), col(Channel.id).in_(ids)
        ),
        select(Committee.id, Committee.name).where(
            visible_to(viewer, Committee), col(Committee.id).in_(ids)
        ),
        select(Member.id, Member.name).where(
            col(Member.alliance_id) == viewer.alliance_id, col(Member.id).in_(ids)
        ),
        seats.where(col(Seat.alliance_id) == viewer.alliance_id, col(Seat.id).in_(ids)),
        select(Partner.id, Partner.name).where(
            col(Partner.alliance_id) == viewer.alliance_id, col(Partner.id).in_(ids)
        ),
    )
    return {identifier: name for each in asked for identifier, name in session.exec(each)}
