"""Who is acting, where, and as whom: all that is asked of the database for every event, in one
query. Nothing of it is cached: who may do what is asked anew each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bot.db.bulk import read_moment
from bot.people.identity import PROFILE_LASTS
from bot.people.models import ChannelState
from bot.people.viewer import Viewer

FAR_AHEAD = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A known account at a place. `viewers`: its memberships, one an alliance, oldest first;
    `channel_id`, `channel_alliance_id`, `channel_state`: the channel, if it is an alliance's."""

    account_id: str
    user: str
    name: str
    zone: str | None
    is_bot: bool
    current_alliance_id: str | None
    checked_at: datetime
    channel_id: str | None = None
    channel_alliance_id: str | None = None
    channel_state: str | None = None
    viewers: tuple[Viewer, ...] = ()

    def is_fresh(self, now: datetime) -> bool:
        """Whether what is known of the person is recent enough."""
        return self.checked_at >= now - PROFILE_LASTS

    def choose(self) -> Viewer | None:
        """The membership that counts: the linked channel's alliance; else the one the person
        chose; else their only one. None if that cannot be told, or there is none."""
        if self.channel_state == ChannelState.LINKED:
            return self.get_viewer(self.channel_alliance_id)
        if len(self.viewers) == 1:
            return self.viewers[0]
        return self.get_viewer(self.current_alliance_id)

    def get_viewer(self, alliance_id: str | None) -> Viewer | None:
        """The membership in one alliance."""
        return next((v for v in self.viewers if v.alliance_id == alliance_id), None)


NOBODY = Presence(
    account_id="",
    user="",
    name="",
    zone=None,
    is_bot=False,
    current_alliance_id=None,
    checked_at=FAR_AHEAD,
)
"""Some happenings have nobody who did them."""

_COLUMNS = (
    "m.alliance_id, m.id, m.name, m.partner_id, p.name, EXISTS (SELECT 1 FROM roles r "
    "WHERE r.member_id = m.id AND r.partner_id = m.partner_id AND r.kind = 'manager' "
    "AND r.until IS NULL), c.id, c.alliance_id, c.state, a.id, a.name, a.zone, a.is_bot, "
    "a.current_alliance_id, a.checked_at"
)
_WHO = text(
    f"""
    SELECT {_COLUMNS}
    FROM accounts a
    LEFT JOIN channels c ON c.platform = a.platform AND c.external_id = :channel
    LEFT JOIN member_accounts b ON b.account_id = a.id
    LEFT JOIN members m ON m.id = b.member_id AND m.left_at IS NULL
    LEFT JOIN partners p ON p.id = m.partner_id
    WHERE a.platform = :platform AND a.external_id = :user
    ORDER BY m.joined_at, m.id
    """
)


def get_presence(
    session: Session, *, platform: str, user: str, channel: str | None
) -> Presence | None:
    """The acting account, or None if it is not known yet. One query."""
    values: Mapping[str, Any] = {"platform": platform, "user": user, "channel": channel or ""}
    rows = session.connection().execute(_WHO, values).all()
    if not rows:
        return None
    first = rows[0]
    return Presence(
        account_id=first[9],
        user=user,
        name=first[10],
        zone=first[11],
        is_bot=bool(first[12]),
        current_alliance_id=first[13],
        checked_at=read_moment(first[14]) or FAR_AHEAD,
        channel_id=first[6],
        channel_alliance_id=first[7],
        channel_state=first[8],
        viewers=tuple(_to_viewer(first[9], row) for row in rows if row[1] is not None),
    )


def _to_viewer(account_id: str, row: Any) -> Viewer:
    return Viewer(
        account_id=account_id,
        alliance_id=row[0],
        member_id=row[1],
        member_name=row[2],
        partner_id=row[3],
        partner_name=row[4],
        is_manager=bool(row[5]),
    )
