"""Hourly: delete what is known of workspaces that removed Entente, once the grace is over."""

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.dispatch.feature import RecurringJob, Registry
from bot.dispatch.purge import purge_batch
from bot.people.departures import get_due


def run(registry: Registry, session: Session, now: datetime) -> bool:
    """One batch; True if there may be more."""
    workspace = get_due(session, now=now)
    if workspace is None:
        return False
    purge_batch(registry, session, workspace, now=now)
    return True


JOB = RecurringJob(name="purge_removed", every=timedelta(hours=1), run=run)
