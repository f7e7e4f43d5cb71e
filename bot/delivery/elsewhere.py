"""A person's other accounts: what nobody asked for comes once a day over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.db.bulk import bind_moment, dump_rows, read_moment, rows_sql, sql
from bot.delivery.lanes import Claimed


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """When the person last got something unasked on another account, and the oldest such message
    that is due there: of two accounts, the one that waits longer has the day."""

    bundled_at: datetime | None = None
    oldest: int | None = None

    def goes_before(self, message: Claimed) -> bool:
        """Whether something waits there for longer than this message."""
        return self.oldest is not None and self.oldest < message.id


NOWHERE = Elsewhere()
"""There is no other account."""


def find_elsewhere(
    session: Session, messages: Sequence[Claimed], *, now: datetime
) -> Mapping[int, Elsewhere]:
    """How it stands on the other accounts of those whom these direct messages are for, by the
    messages' lanes. Most people have no other account, and are left out."""
    rows = session.execute(
        sql(
            f"""
            SELECT v.lane, max(o.bundled_at) AS bundled_at, min(d.id) AS oldest
            FROM {rows_sql(session, {"lane": "int"})}
            JOIN lanes l ON l.id = v.lane
            JOIN accounts a ON a.platform = l.platform AND a.external_id = l.person
            JOIN member_accounts own ON own.account_id = a.id
            JOIN member_accounts other ON other.member_id = own.member_id
              AND other.account_id <> own.account_id
            JOIN accounts b ON b.id = other.account_id
            JOIN lanes o ON o.key = b.platform || ':@' || b.external_id
            LEFT JOIN deliveries d ON d.lane_id = o.id AND d.finished_at IS NULL AND d.unasked
              AND d.not_before <= :now
            GROUP BY v.lane
            """
        ),
        {
            "rows": dump_rows(session, ({"lane": message.lane_id} for message in messages)),
            "now": bind_moment(session, now),
        },
    )
    return {row.lane: Elsewhere(read_moment(row.bundled_at), row.oldest) for row in rows}
