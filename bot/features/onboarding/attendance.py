"""Who is in which linked channel: what events tell, and the daily comparison."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.ports import MembersProfile, MembersQuery, Query
from bot.db.bulk import bind_moment, dump_rows, is_sqlite, rows_sql, sql
from bot.dispatch.answers import Found
from bot.dispatch.feature import Errand, Registry
from bot.features.onboarding import journeys
from bot.features.onboarding.models import Attendance, Looked
from bot.people.models import Alliance, Channel, ChannelState, Workspace

EVERY = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""How soon a platform that did not answer is asked once more."""

CHANNELS, FORGOTTEN = 10, 1000
SLICE = 2000
"""People compared in one statement, so that a channel ten times as large takes no more memory."""


def note_joined(
    session: Session,
    channel_id: str,
    people: Sequence[str],
    *,
    now: datetime,
    was_before: bool = False,
) -> int:
    """Keep that these people (by the platform's ids) are in a channel; how many were not known."""
    done = session.connection().execute(
        sql(
            "INSERT INTO onboarding_attendance (channel_id, person, since, was_before, is_checked) "
            f"SELECT CAST(:channel AS varchar), v.person, :now, :before, false FROM "
            f"{rows_sql(session, {'person': 'text'})} WHERE NOT EXISTS (SELECT 1 FROM "
            "onboarding_attendance o WHERE o.channel_id = CAST(:channel AS varchar) "
            "AND o.person = v.person) "
            "ON CONFLICT (channel_id, person) DO NOTHING"
        ),
        {
            "channel": channel_id,
            "now": bind_moment(session, now),
            "before": was_before,
            "rows": dump_rows(session, ({"person": person} for person in people)),
        },
    )
    return int(done.rowcount)


def note_left(session: Session, channel: Channel, people: Sequence[str], *, now: datetime) -> None:
    """These people are in the channel no more; if it was their last one, their journey waits."""
    rows = dump_rows(session, ({"person": person} for person in people))
    session.connection().execute(
        sql(
            "DELETE FROM onboarding_attendance WHERE channel_id = :channel AND person IN "
            f"(SELECT person FROM {rows_sql(session, {'person': 'text'})})"
        ),
        {"channel": channel.id, "rows": rows},
    )
    journeys.pause_absent(session, channel.alliance_id, channel.platform, rows, now=now)


def compare(session: Session, channel: Channel, people: Sequence[str], *, now: datetime) -> None:
    """Bring what is known of a channel in line with who is there."""
    looked = session.get(Looked, channel.id)
    is_first = looked is None or looked.compared_at is None
    left: list[str] = []
    present, after = sorted(people), ""
    for start in range(0, max(len(present), 1), SLICE):
        part = present[start : start + SLICE]
        until = part[-1] if start + SLICE < len(present) else None
        note_joined(session, channel.id, part, now=now, was_before=is_first)
        left += _find_gone(session, channel.id, part, after=after, until=until)
        after = part[-1] if part else ""
    if left:
        note_left(session, channel, left, now=now)
    looked = looked or Looked(channel_id=channel.id, asked_at=now)
    looked.compared_at = now
    session.add(looked)
    session.flush()


def _find_gone(
    session: Session, channel_id: str, people: Sequence[str], *, after: str, until: str | None
) -> list[str]:
    """Who is known to be in a channel and is not among these people, of those between two names,
    in the order in which Python sorts."""
    order = "" if is_sqlite(session) else ' COLLATE "C"'
    upper = "" if until is None else f" AND person{order} <= :until"
    values = {
        "channel": channel_id,
        "after": after,
        "rows": dump_rows(session, ({"person": person} for person in people)),
    }
    found = session.connection().execute(
        sql(
            "SELECT person FROM onboarding_attendance WHERE channel_id = :channel "
            f"AND person{order} > :after{upper} "
            f"AND person NOT IN (SELECT person FROM {rows_sql(session, {'person': 'text'})})"
        ),
        values if until is None else {**values, "until": until},
    )
    return [row.person for row in found]


def _ask_members(
    _registry: Registry, session: Session, now: datetime
) -> Sequence[tuple[str, Query]]:
    """The channels whose turn it is."""
    rows = session.exec(
        select(Channel, Workspace.external_id)
        .join(Workspace, col(Workspace.id) == col(Channel.workspace_id))
        .join(Alliance, col(Alliance.id) == col(Channel.alliance_id))
        .outerjoin(Looked, col(Looked.channel_id) == col(Channel.id))
        .where(
            col(Channel.state) == ChannelState.LINKED,
            col(Workspace.removed_at).is_(None),
            col(Alliance.ended_at).is_(None),
            col(Looked.asked_at).is_(None)
            | (
                (col(Looked.asked_at) <= now - AGAIN)
                & (
                    col(Looked.compared_at).is_(None)
                    | (col(Looked.compared_at) <= now - EVERY + AGAIN)
                )
            ),
        )
        .limit(CHANNELS)
    ).all()
    for channel, _ in rows:
        looked = session.get(Looked, channel.id) or Looked(channel_id=channel.id, asked_at=now)
        looked.asked_at = now
        session.add(looked)
    session.flush()
    return [
        (channel.platform, MembersQuery(workspace=workspace, channel=channel.external_id))
        for channel, workspace in rows
    ]


def _store_members(
    _registry: Registry,
    session: Session,
    asked: Sequence[tuple[str, Query]],
    found: Found,
    now: datetime,
) -> bool:
    for (platform, query), profile in zip(asked, found, strict=True):
        if not isinstance(profile, MembersProfile) or not isinstance(query, MembersQuery):
            continue
        channel = session.exec(
            select(Channel).where(
                col(Channel.platform) == platform, col(Channel.external_id) == query.channel
            )
        ).first()
        if channel is not None and channel.state == ChannelState.LINKED and profile.users:
            compare(session, channel, profile.users, now=now)
    return len(asked) == CHANNELS


def forget_unlinked(session: Session, *, now: datetime) -> bool:
    """Whoever was in a channel that is linked no more is there no more, as if they had left it;
    whether more are left."""
    channel = session.exec(
        select(Channel)
        .where(
            col(Channel.state) == ChannelState.UNLINKED,
            col(Channel.id).in_(select(Attendance.channel_id)),
        )
        .order_by(col(Channel.id))
        .limit(1)
    ).first()
    if channel is None:
        return False
    here = select(Attendance.person).where(col(Attendance.channel_id) == channel.id)
    note_left(session, channel, session.exec(here.limit(FORGOTTEN)).all(), now=now)
    return True


MEMBERS = Errand(
    name="onboarding_members", every=timedelta(hours=1), ask=_ask_members, store=_store_members
)
