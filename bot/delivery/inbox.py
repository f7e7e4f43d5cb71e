"""De-duplication: an inbound event acts once, however often it arrives."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

from bot.db.bulk import bind_moment

REMEMBERED_FOR = timedelta(days=3)
"""Longer than any platform goes on retrying (Slack: minutes) or a signed request stays valid."""

_NOTE = text("INSERT INTO seen_events (key, at) VALUES (:key, :at) ON CONFLICT DO NOTHING")
_FORGET = text(
    "DELETE FROM seen_events WHERE key IN "
    "(SELECT key FROM seen_events WHERE at < :before ORDER BY at LIMIT :most)"
)


def is_first(session: Session, key: str, *, now: datetime) -> bool:
    """Note the event's key in this transaction; False if it was acted on before.

    While another transaction is at the same event, PostgreSQL and SQLite both wait for its end.
    """
    # On the connection itself: this runs for every event, and the session has a price.
    done = session.connection().execute(_NOTE, {"key": key[:200], "at": bind_moment(session, now)})
    return done.rowcount == 1


def forget_old(session: Session, *, now: datetime, most: int = 1000) -> int:
    """Drop up to `most` keys that no retry can bring back; answers how many."""
    before = bind_moment(session, now - REMEMBERED_FOR)
    done = session.execute(_FORGET, {"before": before, "most": most})
    return int(done.rowcount)  # type: ignore[attr-defined]
