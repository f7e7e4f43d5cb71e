"""The audit trail: who changed what, and taking one's last change back."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.people.models import Change
from bot.people.viewer import Viewer

UNDO_WINDOW = timedelta(minutes=10)


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


def get_last_change(session: Session, viewer: Viewer, *, now: datetime) -> Change | None:
    """The viewer's own last change in this alliance that an undo can still take back."""
    return session.exec(
        select(Change)
        .where(
            col(Change.alliance_id) == viewer.alliance_id,
            col(Change.account_id) == viewer.account_id,
            col(Change.at) >= now - UNDO_WINDOW,
            col(Change.undone_at).is_(None),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(1)
    ).first()
