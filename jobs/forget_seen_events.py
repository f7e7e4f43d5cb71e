"""Daily: forget the keys of inbound events that no retry can bring back."""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.delivery.inbox import forget_old
from bot.dispatch.feature import RecurringJob, Registry

BATCH = 1000


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """One batch; True if there may be more."""
    return forget_old(session, now=now, most=BATCH) == BATCH


JOB = RecurringJob(name="forget_seen_events", every=timedelta(days=1), run=run)
