"""Moments of reminders that passed without a message: nothing ran, or nothing could be sent."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.schedules.models import Firing, FiringState


def note_missed(session: Session, firing_id: int) -> None:
    """A message of this firing was held up until it was too late for it."""
    firing = session.get(Firing, firing_id)
    if firing is not None:
        firing.state = FiringState.SKIPPED
        session.add(firing)


def get_missed(
    session: Session, reminder_ids: Collection[str], *, since: datetime
) -> Sequence[tuple[str, datetime]]:
    """The moments of these reminders, with the reminder's id, that passed without a message since
    then; the latest first."""
    rows = session.exec(
        select(Firing.reminder_id, Firing.due_at)
        .where(
            col(Firing.reminder_id).in_(reminder_ids),
            col(Firing.due_at) >= since,
            col(Firing.state) == FiringState.SKIPPED,
        )
        .distinct()
        .order_by(col(Firing.due_at).desc(), col(Firing.reminder_id))
    ).all()
    return [(reminder_id, due_at) for reminder_id, due_at in rows]
