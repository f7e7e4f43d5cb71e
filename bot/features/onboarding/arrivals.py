"""Who is new: what events and the daily comparison tell, and whose journey begins with it.

People who were in a channel before it was linked, and many who join within an hour, are their
manager's to decide about. Whoever no partner has placed yet waits. Bots are left out, managers
too (they have a track of their own), and a person's second account adds nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from bot.core import untold
from bot.core.events import Event, MemberJoined, MemberLeft
from bot.core.ports import (
    Query,
    UserProfile,
    UserQuery,
)
from bot.db.bulk import bind_moment, dump_rows, read_moment, rows_sql, sql
from bot.dispatch.answers import Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Due, Errand, Purged, Registry
from bot.features.onboarding import attendance, journeys
from bot.features.onboarding.attendance import AGAIN
from bot.features.onboarding.models import Attendance, Journey, JourneyState, Meeting
from bot.features.onboarding.tracks import TrackKind
from bot.people import identity
from bot.people.models import Account, Channel, ChannelState, PartnerWorkspace, Workspace

BULK = 8
"""So many joining one partner within an hour are a team that somebody brought in."""

WITHIN = timedelta(hours=1)

LONG_AWAY = timedelta(days=60)
"""Whoever was in no channel of the alliance for so long has missed something."""

SETTLED = frozenset({JourneyState.DONE, JourneyState.BROUGHT, JourneyState.DECLINED})
PROFILES, BATCH = 20, 200


def hear(context: Context, event: Event) -> None:
    """Somebody joined or left a channel."""
    channel = context.channel
    if channel is None or channel.state != ChannelState.LINKED or getattr(event, "is_self", False):
        return
    if isinstance(event, MemberJoined):
        attendance.note_joined(context.session, channel.id, [event.actor.user], now=context.now)
    elif isinstance(event, MemberLeft):
        attendance.note_left(context.session, channel, [event.actor.user], now=context.now)


_WANTING = sql(
    """
    SELECT p.id, p.alliance_id FROM accounts a
    JOIN partner_workspaces w ON w.workspace_id = a.workspace_id
    JOIN partners p ON p.id = w.partner_id AND p.left_at IS NULL AND p.takes_newcomers
    JOIN alliances l ON l.id = p.alliance_id AND l.ended_at IS NULL
    WHERE a.id = :account AND NOT a.is_bot AND NOT a.is_guest
    """
)


def are_told(session: Session, partner_id: str | None) -> bool:
    """Whether a platform tells who is new in a workspace of this partner's."""
    theirs = (
        select(Workspace.id)
        .join(PartnerWorkspace, col(PartnerWorkspace.workspace_id) == col(Workspace.id))
        .where(
            col(PartnerWorkspace.partner_id) == partner_id,
            col(Workspace.platform).not_in(untold.NEWCOMERS),
        )
    )
    return session.exec(theirs).first() is not None


def hear_workspace(context: Context, event: Event) -> None:
    """Somebody is new in a workspace: they are brought in where its partner wants that."""
    account = context.account
    for row in context.session.execute(_WANTING, {"account": account.id}).all():
        member = identity.ensure_member(context.session, row.alliance_id, account, now=context.now)
        context.session.flush()
        if member.partner_id == row.id:
            group = _Newcomers(row.alliance_id, {member.id: False})
            _begin(context.session, row.id, group, now=context.now)


_STRANGERS = sql(
    "SELECT p.channel_id, c.platform, w.external_id, p.person FROM onboarding_attendance p "
    "JOIN channels c ON c.id = p.channel_id AND c.state = 'linked' "
    "JOIN alliances l ON l.id = c.alliance_id AND l.ended_at IS NULL "
    "JOIN workspaces w ON w.id = c.workspace_id AND w.removed_at IS NULL "
    "WHERE NOT p.is_checked AND (p.asked_at IS NULL OR p.asked_at <= :before) AND NOT EXISTS "
    "(SELECT 1 FROM accounts a WHERE a.platform = c.platform AND a.external_id = p.person) "
    "ORDER BY p.asked_at IS NOT NULL, p.asked_at, p.since, p.person LIMIT :most"
)
"""Whoever was never asked about comes first: people whom nobody can look up hold up none."""

_ASKED = (
    "UPDATE onboarding_attendance SET asked_at = :now FROM {rows} "
    "WHERE channel_id = v.channel AND onboarding_attendance.person = v.person"
)


def _ask_profiles(
    _registry: Registry, session: Session, now: datetime
) -> Sequence[tuple[str, Query]]:
    """Who people are whom nobody has met yet."""
    rows = session.execute(
        _STRANGERS, {"most": PROFILES, "before": bind_moment(session, now - AGAIN)}
    ).all()
    asked = [{"channel": row.channel_id, "person": row.person} for row in rows]
    session.connection().execute(
        sql(_ASKED.format(rows=rows_sql(session, {"channel": "text", "person": "text"}))),
        {"rows": dump_rows(session, asked), "now": bind_moment(session, now)},
    )
    # Somebody in two channels is asked about once.
    people = dict.fromkeys((row.platform, row.external_id, row.person) for row in rows)
    return [(platform, UserQuery(workspace=home, user=user)) for platform, home, user in people]


def _store_profiles(
    _registry: Registry,
    session: Session,
    asked: Sequence[tuple[str, Query]],
    found: Found,
    now: datetime,
) -> bool:
    is_answering = False
    for (platform, _), profile in zip(asked, found, strict=True):
        if isinstance(profile, UserProfile):
            identity.save_account(session, platform, profile, now=now)
            is_answering = True
    return is_answering


@dataclass(slots=True)
class _Newcomers:
    """People of one partner who are new at one look."""

    alliance_id: str
    members: dict[str, bool]
    """Each with whether they were there before."""
    moved: set[str] = field(default_factory=set)
    """Those who were another side's newcomers once."""


_OPEN = sql(
    """
    SELECT p.channel_id, p.person, p.was_before, c.alliance_id, a.id AS account_id, a.is_bot,
           m.id AS member_id, m.partner_id, m.left_at, j.state,
           j.away_since,
           EXISTS (SELECT 1 FROM roles r WHERE r.member_id = m.id AND r.until IS NULL) AS has_role,
           EXISTS (SELECT 1 FROM onboarding_journeys o WHERE o.member_id = m.id
                   AND o.cause LIKE 'join#%') AS was_elsewhere
    FROM onboarding_attendance p
    JOIN channels c ON c.id = p.channel_id AND c.state = 'linked'
    JOIN alliances l ON l.id = c.alliance_id AND l.ended_at IS NULL
    JOIN accounts a ON a.platform = c.platform AND a.external_id = p.person
    LEFT JOIN (member_accounts b JOIN members m ON m.id = b.member_id)
      ON b.account_id = a.id AND m.alliance_id || '' = c.alliance_id
    LEFT JOIN onboarding_journeys j ON j.member_id = m.id AND j.cause = 'join'
    WHERE NOT p.is_checked AND (m.id IS NULL OR m.partner_id IS NOT NULL OR a.is_bot)
    ORDER BY p.since LIMIT :most
    """
)


def examine(_registry: Registry, session: Session, now: datetime) -> int:
    """Let journeys begin, or go on, for people who came; how many were looked at."""
    rows = session.execute(_OPEN, {"most": BATCH}).all()
    new: dict[str, _Newcomers] = {}
    back: dict[str, Any] = {}
    done: list[dict[str, str]] = []
    for row in rows:
        member_id, partner_id = row.member_id, row.partner_id
        if not row.is_bot and (member_id is None or row.left_at is not None):
            member_id, partner_id = _ensure(session, row, now=now)
        if partner_id is None and not row.is_bot:
            continue
        done.append({"channel": row.channel_id, "person": row.person})
        if row.is_bot or (row.has_role and row.state is None):
            continue
        if row.state is not None:
            back[member_id] = row
            continue
        group = new.setdefault(partner_id, _Newcomers(row.alliance_id, {}))
        group.members[member_id] = group.members.get(member_id, True) and bool(row.was_before)
        if row.was_elsewhere:
            group.moved.add(member_id)
    _check(session, done)
    _take_back(session, back, now=now)
    for partner_id, group in new.items():
        _begin(session, partner_id, group, now=now)
    return len(rows)


def _take_back(session: Session, back: Mapping[str, Any], *, now: datetime) -> None:
    """Who is back goes on where they stopped; who was through, and away for long, catches up."""
    for member_id, row in back.items():
        away_since = read_moment(row.away_since)
        if row.state not in SETTLED or away_since is None or away_since > now - LONG_AWAY:
            continue
        journeys.begin(
            session,
            row.alliance_id,
            row.partner_id,
            [member_id],
            kind=TrackKind.BACK,
            cause=f"back:{now.date()}",
            edition=journeys.next_edition(session, member_id),
            now=now,
        )
    journeys.resume(session, list(back))


def _ensure(session: Session, row: Any, *, now: datetime) -> tuple[str, str | None]:
    account = session.get_one(Account, row.account_id)
    member = identity.ensure_member(session, row.alliance_id, account, now=now)
    session.flush()
    return member.id, member.partner_id


def _check(session: Session, rows: Sequence[dict[str, str]]) -> None:
    if rows:
        session.connection().execute(
            sql(
                "UPDATE onboarding_attendance SET is_checked = true FROM "
                f"{rows_sql(session, {'channel': 'text', 'person': 'text'})} "
                "WHERE channel_id = v.channel AND onboarding_attendance.person = v.person"
            ),
            {"rows": dump_rows(session, rows)},
        )


def _begin(session: Session, partner_id: str, group: _Newcomers, *, now: datetime) -> None:
    joined = [member for member, was_before in group.members.items() if not was_before]
    is_bulk = _count_recent(session, partner_id, now=now) + len(joined) >= BULK
    if is_bulk:
        journeys.hold_recent(session, partner_id, since=now - WITHIN)
    for member, was_before in group.members.items():
        journeys.begin(
            session,
            group.alliance_id,
            partner_id,
            [member],
            kind=TrackKind.MEMBER,
            cause="join",
            is_asked=is_bulk or was_before,
            edition=journeys.next_edition(session, member) if member in group.moved else 0,
            now=now,
        )


def _count_recent(session: Session, partner_id: str, *, now: datetime) -> int:
    found = session.execute(
        sql(
            "SELECT count(*) FROM onboarding_journeys j JOIN members m ON m.id = j.member_id "
            "WHERE m.partner_id = :partner AND j.cause = 'join' AND j.created_at > :since"
        ),
        {"partner": partner_id, "since": bind_moment(session, now - WITHIN)},
    )
    return int(found.scalar_one())


def purge(session: Session, purged: Purged) -> None:
    """Forget who was in which channel, and how far the people were who are being deleted."""
    session.execute(
        delete(Attendance).where(
            col(Attendance.person).in_(purged.users),
            col(Attendance.channel_id).in_(
                select(Channel.id).where(col(Channel.platform) == purged.platform)
            ),
        )
    )
    session.execute(delete(Journey).where(col(Journey.member_id).in_(purged.members)))
    session.execute(
        delete(Meeting).where(
            col(Meeting.member_id).in_(purged.members) | col(Meeting.other_id).in_(purged.members)
        )
    )


PROFILES_ERRAND = Errand(
    name="onboarding_profiles",
    every=timedelta(minutes=5),
    ask=_ask_profiles,
    store=_store_profiles,
)
ARRIVALS = Due(name="onboarding_arrivals", run=examine)
