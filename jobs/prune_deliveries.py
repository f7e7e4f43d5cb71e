"""Daily: drop receipts, firings and system firings that are older than three months."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from bot.db.bulk import bind_moment
from bot.dispatch.feature import RecurringJob, Registry

KEPT = timedelta(days=90)
BATCH = 500

_STATEMENTS = (
    "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries "
    "WHERE finished_at < :before ORDER BY id LIMIT :most)",
    "DELETE FROM firings WHERE id IN (SELECT id FROM firings "
    "WHERE fired_at < :before ORDER BY id LIMIT :most)",
    "DELETE FROM system_firings WHERE at < :before",
)


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """One batch; True if there may be more."""
    values = {"before": bind_moment(session, now - KEPT), "most": BATCH}
    counts = [session.execute(text(s), values).rowcount for s in _STATEMENTS]  # type: ignore[attr-defined]
    return bool(max(counts[:2]) == BATCH)


JOB = RecurringJob(name="prune_deliveries", every=timedelta(days=1), run=run)
