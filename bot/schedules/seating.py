"""Reminders for committees: who sits there now gets them, each in their own zone.

Who that is changes with every seat given or left, and by the days that seats begin and end on. It
is looked up when a reminder is set up and every hour; and a message that was on its way to
somebody who has left their seat is not sent (`has_seat`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from bot.delivery.models import Lane
from bot.delivery.outbox import Address, ensure_lane
from bot.people.activity import last_used
from bot.people.models import Account, Member, MemberAccount, Seat, Workspace
from bot.schedules.models import (
    Reminder,
    ReminderClock,
    ReminderCommittee,
    ReminderState,
    ReminderTarget,
)

LOOKED_BACK = timedelta(days=2)
"""Whoever was looked up since may have moved; longer than a worker is away at a stretch."""


def ensure_clock(session: Session, reminder: Reminder, zone: str) -> ReminderClock:
    """The reminder's clock in a zone, made if there is none; it stands still at first."""
    clock = session.exec(
        select(ReminderClock).where(
            col(ReminderClock.reminder_id) == reminder.id, col(ReminderClock.zone) == zone
        )
    ).first()
    if clock is None:
        clock = ReminderClock(reminder_id=reminder.id, zone=zone, rhythm="{}")
        session.add(clock)
        session.flush()
    return clock


def add_target(
    session: Session,
    reminder: Reminder,
    clock: ReminderClock,
    lane_id: int,
    *,
    channel: str | None = None,
    member: str | None = None,
    committee: str | None = None,
) -> None:
    """Let a clock's firings go to a channel or a member, by way of this lane."""
    assert clock.id is not None  # noqa: S101 - flushed
    session.add(
        ReminderTarget(
            clock_id=clock.id,
            reminder_id=reminder.id,
            alliance_id=reminder.alliance_id,
            lane_id=lane_id,
            channel_id=channel,
            member_id=member,
            committee_id=committee,
        )
    )
    session.flush()


def aim_at_seats(session: Session, reminder: Reminder, *, now: datetime) -> bool:
    """Let the reminder go to those of its own partner who sit on its committees now, and to
    nobody else by way of them. Says whether that changed; its clocks are then to be rewound."""
    wanted = _get_seated(session, reminder, now=now)
    targets = session.exec(
        select(ReminderTarget, ReminderClock.zone)
        .join(ReminderClock, col(ReminderClock.id) == col(ReminderTarget.clock_id))
        .where(col(ReminderTarget.reminder_id) == reminder.id)
    ).all()
    named = {target.member_id for target, _ in targets if target.committee_id is None}
    present = {target.member_id: (target, zone) for target, zone in targets if target.committee_id}
    changed = False
    for member_id, (target, zone) in present.items():
        seat = wanted.get(member_id or "")
        if seat is None or member_id in named or (seat[1].zone or reminder.zone) != zone:
            session.delete(target)
            changed = True
    session.flush()
    for member_id, (committee_id, account, workspace) in wanted.items():
        zone = account.zone or reminder.zone
        known = present.get(member_id)
        if member_id in named or (known is not None and known[1] == zone):
            continue
        address = Address(
            platform=account.platform, workspace=workspace.external_id, user=account.external_id
        )
        clock = ensure_clock(session, reminder, zone)
        lane = ensure_lane(session, address)
        add_target(session, reminder, clock, lane, member=member_id, committee=committee_id)
        changed = True
    return changed


def _get_seated(
    session: Session, reminder: Reminder, *, now: datetime
) -> dict[str, tuple[str, Account, Workspace]]:
    """The members of the reminder's partner with a seat on one of its committees, and where each
    was met last."""
    rows = session.exec(
        select(Seat.member_id, Seat.committee_id, Account, Workspace)
        .join(ReminderCommittee, col(ReminderCommittee.committee_id) == col(Seat.committee_id))
        .join(Member, col(Member.id) == col(Seat.member_id))
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .join(Workspace, col(Workspace.id) == col(Account.workspace_id))
        .where(
            col(ReminderCommittee.reminder_id) == reminder.id,
            col(Seat.alliance_id) == reminder.alliance_id,
            col(Seat.partner_id) == reminder.partner_id,
            col(Member.partner_id) == reminder.partner_id,
            col(Member.left_at).is_(None),
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
        .order_by(last_used(), col(Seat.committee_id))
    ).all()
    return {member: (committee, account, home) for member, committee, account, home in rows}


def get_aimed_at_seats(session: Session) -> Sequence[Reminder]:
    """The running reminders that go to committees."""
    return session.exec(
        select(Reminder)
        .where(
            col(Reminder.state) == ReminderState.ACTIVE,
            col(Reminder.id).in_(select(ReminderCommittee.reminder_id)),
        )
        .order_by(col(Reminder.id))
    ).all()


def has_seat(session: Session, reminder: Reminder, account_id: str, *, now: datetime) -> bool:
    """Whether somebody whom a reminder reaches by a seat still has it; so has whoever is named in
    the reminder itself."""
    targets = session.exec(
        select(ReminderTarget)
        .join(MemberAccount, col(MemberAccount.member_id) == col(ReminderTarget.member_id))
        .where(
            col(ReminderTarget.reminder_id) == reminder.id,
            col(MemberAccount.account_id) == account_id,
        )
    ).all()
    if any(target.committee_id is None for target in targets):
        return True
    seated = _get_seated(session, reminder, now=now)
    by_seat = session.exec(
        select(ReminderCommittee.committee_id).where(
            col(ReminderCommittee.reminder_id) == reminder.id
        )
    ).first()
    mine = session.exec(
        select(MemberAccount.member_id).where(col(MemberAccount.account_id) == account_id)
    ).all()
    return by_seat is None or any(member in seated for member in mine)


def is_of_side(session: Session, reminder: Reminder, account_id: str) -> bool:
    """Whether an account's person still belongs to the partner whose reminder it is."""
    members = (
        select(Member.id)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .where(col(MemberAccount.account_id) == account_id, _is_at(reminder))
    )
    return session.exec(members).first() is not None


def get_named(session: Session, reminder: Reminder) -> list[str]:
    """The members named in a reminder itself who still belong to its partner."""
    return list(
        session.exec(
            select(Member.id)
            .join(ReminderTarget, col(ReminderTarget.member_id) == col(Member.id))
            .where(
                col(ReminderTarget.reminder_id) == reminder.id,
                col(ReminderTarget.committee_id).is_(None),
                _is_at(reminder),
            )
            .order_by(col(ReminderTarget.id))
        )
    )


def get_zones(
    session: Session,
    reminder: Reminder,
    *,
    members: Sequence[str],
    committees: Sequence[str],
    now: datetime,
) -> list[str]:
    """The zones of the people whom a plan of the reminder's partner reaches directly."""
    seated = select(Seat.member_id).where(
        col(Seat.committee_id).in_(committees),
        col(Seat.since) <= now,
        col(Seat.until).is_(None) | (col(Seat.until) > now),
    )
    zones = session.exec(
        select(Account.zone)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .join(Member, col(Member.id) == col(MemberAccount.member_id))
        .where(_is_at(reminder), col(Member.id).in_(members) | col(Member.id).in_(seated))
        .order_by(col(Member.joined_at), col(Member.id))
    )
    return list(dict.fromkeys(zone or reminder.zone for zone in zones))


def follow_zones(session: Session, *, now: datetime) -> list[Reminder]:
    """Let those who are named in running reminders, and have moved to another time zone, get them
    by the clock there. Answers whose clocks are to be rewound."""
    rows = session.exec(
        select(ReminderTarget, Reminder, Account.zone)
        .join(Reminder, col(Reminder.id) == col(ReminderTarget.reminder_id))
        .join(ReminderClock, col(ReminderClock.id) == col(ReminderTarget.clock_id))
        .join(MemberAccount, col(MemberAccount.member_id) == col(ReminderTarget.member_id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .join(Lane, col(Lane.id) == col(ReminderTarget.lane_id))
        .where(
            # A zone changes only when a person is looked up anew.
            col(Account.checked_at) > now - LOOKED_BACK,
            col(Account.zone) != col(ReminderClock.zone),
            col(Lane.platform) == col(Account.platform),
            col(Lane.user) == col(Account.external_id),
            col(ReminderTarget.committee_id).is_(None),
            col(Reminder.state) == ReminderState.ACTIVE,
        )
        .order_by(col(ReminderTarget.id))
    ).all()
    for target, reminder, zone in rows:
        clock = ensure_clock(session, reminder, zone or reminder.zone)
        assert clock.id is not None  # noqa: S101 - flushed
        target.clock_id = clock.id
        session.add(target)
    session.flush()
    return list({reminder.id: reminder for _, reminder, _ in rows}.values())


def _is_at(reminder: Reminder) -> ColumnElement[bool]:
    return and_(
        col(Member.alliance_id) == reminder.alliance_id,
        col(Member.partner_id) == reminder.partner_id,
        col(Member.left_at).is_(None),
    )


def get_only_committee(session: Session, reminder: Reminder) -> str | None:
    """The committee whose seats alone a reminder goes to; None if it goes anywhere else, too."""
    committees = session.exec(
        select(ReminderCommittee.committee_id).where(
            col(ReminderCommittee.reminder_id) == reminder.id
        )
    ).all()
    others = session.exec(
        select(ReminderTarget.id).where(
            col(ReminderTarget.reminder_id) == reminder.id,
            col(ReminderTarget.committee_id).is_(None),
        )
    ).first()
    return committees[0] if len(committees) == 1 and others is None else None
