"""Daily: drop receipts and system firings older than three months, and firings older than 13.

Firings are counted to see whether anybody reads a reminder, and some come once a quarter."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from bot.db.bulk import bind_moment
from bot.delivery.models import RECEIPTS_KEPT
from bot.dispatch.feature import RecurringJob, Registry

FIRINGS_KEPT = timedelta(days=400)
BATCH = 500

_STATEMENTS = (
    "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries "
    "WHERE finished_at < :before ORDER BY id LIMIT :most)",
    "DELETE FROM firings WHERE id IN (SELECT id FROM firings "
    "WHERE fired_at < :long_before ORDER BY id LIMIT :most)",
    "DELETE FROM system_firings WHERE at < :before",
)


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """One batch; True if there may be more."""
    values = {
        "before": bind_moment(session, now - RECEIPTS_KEPT),
        "long_before": bind_moment(session, now - FIRINGS_KEPT),
        "most": BATCH,
    }
    counts = [session.execute(text(s), values).rowcount for s in _STATEMENTS]  # type: ignore[attr-defined]
    return bool(max(counts[:2]) == BATCH)


JOB = RecurringJob(name="prune_deliveries", every=timedelta(days=1), run=run)
