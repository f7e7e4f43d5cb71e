"""Who is acting, where, and as whom: all that is asked of the database for every event, in one
query. Nothing of it is cached: who may do what is asked anew each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import column, text
from sqlmodel import Session

from bot.db.bulk import read_moment
from bot.people.identity import PROFILE_LASTS
from bot.people.models import ChannelState
from bot.people.viewer import COLUMNS, Viewer, to_viewer

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

    def is_fresh(self, now: datetime, *, zone: str | None) -> bool:
        """Whether what is known of the person is recent enough; `zone`: where they are now, if
        that was told."""
        return self.checked_at >= now - PROFILE_LASTS and zone in (None, self.zone)

    def choose(self) -> Viewer | None:
        """The membership that counts: the linked channel's alliance, unless that is over for the
        person and another is not; else the one they chose; else their only one. None if that
        cannot be told, or there is none."""
        here = self.get_viewer(self.channel_alliance_id)
        if self.channel_state == ChannelState.LINKED:
            present = [viewer for viewer in self.viewers if not viewer.is_former]
            if here is None or not here.is_former or not present:
                return here
            # What was a channel of the former alliance is free to be another's.
            return present[0] if len(present) == 1 else self.get_viewer(self.current_alliance_id)
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
    f"{COLUMNS}, c.id AS channel_id, c.alliance_id AS channel_alliance_id, c.state, "
    "a.id AS account_id, a.name, a.zone, a.is_bot, a.current_alliance_id, a.checked_at"
)
_WHO = text(
    f"""
    SELECT {_COLUMNS}
    FROM accounts a
    LEFT JOIN channels c ON c.platform = a.platform AND c.external_id = :channel
    LEFT JOIN member_accounts b ON b.account_id = a.id
    LEFT JOIN members m ON m.id = b.member_id AND m.left_at IS NULL
    LEFT JOIN alliances l ON l.id = m.alliance_id
    LEFT JOIN partners p ON p.id = m.partner_id
    WHERE a.platform = :platform AND a.external_id = :user
    ORDER BY m.joined_at, m.id
    """
).columns(
    # Named, so that the library need not find out for every event what comes back.
    *(
        column(name)
        for name in (
            "alliance_id",
            "member_id",
            "member_name",
            "partner_id",
            "partner_name",
            "is_manager",
            "left_at",
            "has_ended",
            "channel_id",
            "channel_alliance_id",
            "state",
            "account_id",
            "name",
            "zone",
            "is_bot",
            "current_alliance_id",
            "checked_at",
        )
    )
)


def get_presence(
    session: Session, *, platform: str, user: str, channel: str | None, now: datetime
) -> Presence | None:
    """The acting account, or None if it is not known yet. One query."""
    values: Mapping[str, Any] = {"platform": platform, "user": user, "channel": channel or ""}
    rows = session.connection().execute(_WHO, values).all()
    if not rows:
        return None
    channel_id, channel_alliance_id, channel_state, account_id, *account = rows[0][8:]
    name, zone, is_bot, current_alliance_id, checked_at = account
    return Presence(
        account_id=account_id,
        user=user,
        name=name,
        zone=zone,
        is_bot=bool(is_bot),
        current_alliance_id=current_alliance_id,
        checked_at=read_moment(checked_at) or FAR_AHEAD,
        channel_id=channel_id,
        channel_alliance_id=channel_alliance_id,
        channel_state=channel_state,
        viewers=tuple(
            to_viewer(account_id, tuple(row), now=now) for row in rows if row[1] is not None
        ),
    )
