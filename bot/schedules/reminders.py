"""Reminders as people know them: set up, changed, paused, removed; and the clocks behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.delivery.outbox import Address, ensure_lane, get_channel_address
from bot.people.activity import last_used
from bot.people.alliances import get_alliance_or_raise, get_countries
from bot.people.committees import get_committee_or_raise
from bot.people.models import (
    Account,
    Alliance,
    AudienceKind,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
    Partner,
    Workspace,
)
from bot.people.viewer import Viewer, visible_to
from bot.schedules import seating
from bot.schedules.cadence import parse_cadence
from bot.schedules.calendar import WorkingHours
from bot.schedules.models import (
    Firing,
    Reminder,
    ReminderClock,
    ReminderCommittee,
    ReminderState,
    ReminderTarget,
)
from bot.schedules.rhythm import OnHoliday, Rhythm, next_due, within_hours
from bot.schedules.seating import add_target, ensure_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What somebody wants to be reminded of, how often, where. `cadence` is in words; `zone` may
    be empty for the alliance's own; `members` are the ids of members who get it directly, and
    `committees` those of committees whose seats of the own partner do."""

    kind: str
    cadence: str
    channels: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    committees: tuple[str, ...] = ()
    text: str = ""
    zone: str = ""
    on_holiday: OnHoliday = OnHoliday.SHIFT
    options: tuple[tuple[str, str], ...] = ()


def get_rhythm(
    session: Session, alliance: Alliance, plan: Plan, *, anchor: date, zone: str = ""
) -> Rhythm:
    """When the plan's moments are, by the alliance's hours and its partners' holidays."""
    return Rhythm(
        cadence=parse_cadence(plan.cadence),
        zone=zone or plan.zone or alliance.zone,
        anchor=anchor,
        hours=get_hours(alliance),
        countries=get_countries(session, alliance.id),
        on_holiday=plan.on_holiday,
    )


def get_working_moment(
    session: Session, alliance_id: str, member_id: str, *, now: datetime
) -> datetime:
    """The first moment from `now` on within the alliance's hours, in the member's own zone, and
    off their partner's public holidays: when something unasked may reach them."""
    alliance = get_alliance_or_raise(session, alliance_id)
    member = session.get(Member, member_id)
    partner = session.get(Partner, member.partner_id) if member and member.partner_id else None
    countries = tuple(partner.countries) if partner else ()
    return within_hours(now, get_zone(session, alliance, member_id), get_hours(alliance), countries)


def get_zone(session: Session, alliance: Alliance, member_id: str) -> str:
    """The zone in which a member reads times: that of the account they used last, or the
    alliance's."""
    zone = session.exec(
        select(Account.zone)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .where(col(MemberAccount.member_id) == member_id, col(Account.zone).is_not(None))
        .order_by(last_used().desc(), col(Account.id))
    ).first()
    return zone or alliance.zone


def get_hours(alliance: Alliance) -> WorkingHours:
    """The alliance's working hours and days."""
    return WorkingHours(
        start=time.fromisoformat(alliance.hours_start),
        end=time.fromisoformat(alliance.hours_end),
        days=frozenset(alliance.days),
    )


def add(session: Session, viewer: Viewer, plan: Plan, *, now: datetime) -> Reminder:
    """Set up a reminder. Its audience is the alliance if any of its channels' is, else the
    viewer's partner. Raises NotFound for channels or members that are not the viewer's to see."""
    assert viewer.partner_id is not None  # noqa: S101 - only managers come here
    alliance = get_alliance_or_raise(session, viewer.alliance_id)
    zone = plan.zone or alliance.zone
    reminder = Reminder(
        alliance_id=viewer.alliance_id,
        partner_id=viewer.partner_id,
        member_id=viewer.member_id,
        kind=plan.kind,
        text=plan.text,
        options=dict(plan.options),
        cadence=parse_cadence(plan.cadence).words,
        zone=zone,
        anchor=now.astimezone(ZoneInfo(zone)).date(),
        on_holiday=plan.on_holiday,
        created_at=now,
    )
    session.add(reminder)
    session.flush()
    _aim(session, viewer, reminder, plan, now=now)
    return reminder


def change(
    session: Session, viewer: Viewer, reminder: Reminder, plan: Plan, *, now: datetime
) -> None:
    """Put another plan behind a reminder; a paused one stays paused."""
    alliance = get_alliance_or_raise(session, viewer.alliance_id)
    reminder.kind = plan.kind
    reminder.text = plan.text
    reminder.options = dict(plan.options)
    reminder.cadence = parse_cadence(plan.cadence).words
    reminder.zone = plan.zone or alliance.zone
    reminder.on_holiday = plan.on_holiday
    author = session.get(Member, reminder.member_id)
    if author is None or author.left_at is not None:
        # Each post says who set it up: whoever takes it over, not somebody who is gone.
        reminder.member_id = viewer.member_id
    if reminder.state == ReminderState.ENDED:
        reminder.state = ReminderState.ACTIVE
    for table in (ReminderTarget, ReminderCommittee):
        session.execute(delete(table).where(col(table.reminder_id) == reminder.id))
    _aim(session, viewer, reminder, plan, now=now)


def _aim(
    session: Session, viewer: Viewer, reminder: Reminder, plan: Plan, *, now: datetime
) -> None:
    channels = _get_channels(session, viewer, plan.channels)
    # Nothing is shown to the others on account of a channel that they have not opened yet.
    reaches_all = any(
        channel.audience_kind == AudienceKind.ALLIANCE and channel.state == ChannelState.LINKED
        for channel in channels
    )
    reminder.audience_kind = AudienceKind.ALLIANCE if reaches_all else AudienceKind.PARTNER
    reminder.audience_id = None if reaches_all else viewer.partner_id
    session.add(reminder)
    session.flush()
    for channel in channels:
        address = get_channel_address(session, channel)
        clock = ensure_clock(session, reminder, reminder.zone)
        add_target(session, reminder, clock, ensure_lane(session, address), channel=channel.id)
    for member_id, account, workspace in _get_accounts(session, viewer, plan.members):
        address = Address(
            platform=account.platform,
            workspace=workspace.external_id,
            user=account.external_id,
        )
        clock = ensure_clock(session, reminder, account.zone or reminder.zone)
        add_target(session, reminder, clock, ensure_lane(session, address), member=member_id)
    for committee_id in dict.fromkeys(plan.committees):
        committee = get_committee_or_raise(session, viewer, committee_id)
        session.add(ReminderCommittee(reminder_id=reminder.id, committee_id=committee.id))
    session.flush()
    seating.aim_at_seats(session, reminder, now=now)
    rewind(session, reminder, now=now)


def _get_channels(session: Session, viewer: Viewer, ids: tuple[str, ...]) -> list[Channel]:
    channels = list(
        session.exec(select(Channel).where(visible_to(viewer, Channel), col(Channel.id).in_(ids)))
    )
    if len(channels) != len(set(ids)):
        raise NotFound("channels.not_found", field="channels")
    return channels


def _get_accounts(
    session: Session, viewer: Viewer, ids: tuple[str, ...]
) -> list[tuple[str, Account, Workspace]]:
    """Each member of the viewer's own partner, and the account that they used last."""
    rows = session.exec(
        select(Member.id, Account, Workspace)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .join(Workspace, col(Workspace.id) == col(Account.workspace_id))
        .where(
            col(Member.alliance_id) == viewer.alliance_id,
            col(Member.partner_id) == viewer.partner_id,
            col(Member.left_at).is_(None),
            col(Member.id).in_(ids),
        )
        .order_by(last_used())
    ).all()
    last = {member_id: (member_id, account, workspace) for member_id, account, workspace in rows}
    if len(last) != len(set(ids)):
        raise NotFound("members.not_found", field="members")
    return list(last.values())


def rewind(session: Session, reminder: Reminder, *, now: datetime) -> None:
    """Set the reminder's clocks to their next moments after `now`, or stop them."""
    alliance = get_alliance_or_raise(session, reminder.alliance_id)
    plan = get_plan(session, reminder)
    base = get_rhythm(session, alliance, plan, anchor=reminder.anchor)
    aimed = set(
        session.exec(
            select(ReminderTarget.clock_id).where(col(ReminderTarget.reminder_id) == reminder.id)
        )
    )
    for clock in session.exec(
        select(ReminderClock).where(col(ReminderClock.reminder_id) == reminder.id)
    ):
        rhythm = replace(base, zone=clock.zone)
        runs = reminder.state == ReminderState.ACTIVE and clock.id in aimed
        clock.rhythm = rhythm.to_text()
        if runs and clock.next_at is not None and clock.next_at <= now:
            continue  # it is due, and fires first
        clock.next_at = next_due(rhythm, now) if runs else None
        session.add(clock)
    session.flush()


def agree(session: Session, reminder: Reminder, *, until: datetime) -> None:
    """Its side agrees that others read that side's own wordings as they are by a moment."""
    reminder.agreed_at = max(until, reminder.agreed_at or reminder.created_at)
    session.add(reminder)
    session.flush()


def share_with_alliance(session: Session, channel: Channel) -> None:
    """A channel is everybody's to know of: the reminders set up for it are so too."""
    for reminder in get_reminders_of(session, channel):
        reminder.audience_kind, reminder.audience_id = AudienceKind.ALLIANCE, None
        session.add(reminder)
    session.flush()


def get_reminders_of(session: Session, channel: Channel) -> list[Reminder]:
    """The reminders that go to a channel, whoever may see them."""
    aimed = select(ReminderTarget.reminder_id).where(col(ReminderTarget.channel_id) == channel.id)
    return list(session.exec(select(Reminder).where(col(Reminder.id).in_(aimed))))


def pause_all(session: Session, partner_id: str, *, now: datetime) -> list[str]:
    """Pause all that a partner has set up; their ids."""
    return _pause(session, col(Reminder.partner_id) == partner_id, now=now)


def pause_alliance(session: Session, alliance_id: str, *, now: datetime) -> list[str]:
    """Pause all that is set up in an alliance; their ids."""
    return _pause(session, col(Reminder.alliance_id) == alliance_id, now=now)


def _pause(session: Session, which: ColumnElement[bool], *, now: datetime) -> list[str]:
    running = session.exec(
        select(Reminder).where(which, col(Reminder.state) == ReminderState.ACTIVE)
    ).all()
    for reminder in running:
        set_state(session, reminder, ReminderState.PAUSED, now=now)
    return [reminder.id for reminder in running]


def resume_all(session: Session, ids: Sequence[str], *, now: datetime) -> None:
    """Go on with those of these that are paused."""
    for reminder in session.exec(
        select(Reminder).where(
            col(Reminder.id).in_(ids), col(Reminder.state) == ReminderState.PAUSED
        )
    ).all():
        set_state(session, reminder, ReminderState.ACTIVE, now=now)


def rewind_all(session: Session, alliance_id: str, *, now: datetime) -> None:
    """Set all the alliance's clocks anew, after its hours, days or partners' countries changed."""
    for reminder in session.exec(
        select(Reminder).where(
            col(Reminder.alliance_id) == alliance_id, col(Reminder.state) == ReminderState.ACTIVE
        )
    ).all():
        rewind(session, reminder, now=now)


def set_state(session: Session, reminder: Reminder, state: ReminderState, *, now: datetime) -> None:
    """Pause, resume or remove a reminder. Raises Conflict for one that goes nowhere."""
    if state == ReminderState.ACTIVE and _goes_nowhere(session, reminder):
        raise Conflict("remind.goes_nowhere")
    reminder.state = state
    session.add(reminder)
    session.flush()
    rewind(session, reminder, now=now)


def _goes_nowhere(session: Session, reminder: Reminder) -> bool:
    targets = select(ReminderTarget.id).where(col(ReminderTarget.reminder_id) == reminder.id)
    return session.exec(targets.limit(1)).first() is None


def get_plan(session: Session, reminder: Reminder) -> Plan:
    """The plan behind a reminder, as it could be given again."""
    targets = session.exec(
        select(ReminderTarget)
        .where(col(ReminderTarget.reminder_id) == reminder.id)
        .order_by(col(ReminderTarget.id))
    ).all()
    return Plan(
        kind=reminder.kind,
        cadence=reminder.cadence,
        channels=tuple(target.channel_id for target in targets if target.channel_id),
        members=tuple(seating.get_named(session, reminder)),
        committees=tuple(
            session.exec(
                select(ReminderCommittee.committee_id)
                .where(col(ReminderCommittee.reminder_id) == reminder.id)
                .order_by(col(ReminderCommittee.committee_id))
            )
        ),
        text=reminder.text,
        zone=reminder.zone,
        on_holiday=OnHoliday(reminder.on_holiday),
        options=tuple(reminder.options.items()),
    )


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return visible_to(viewer, Reminder) & (col(Reminder.state) != ReminderState.REMOVED)


def get_reminders(session: Session, viewer: Viewer) -> Sequence[Reminder]:
    """The reminders the viewer may see, oldest first: their order is their number."""
    return session.exec(
        select(Reminder)
        .where(_visible(viewer))
        .order_by(col(Reminder.created_at), col(Reminder.id))
    ).all()


def get_reminder_or_raise(session: Session, viewer: Viewer, reminder_id: str) -> Reminder:
    """A reminder by id. Raises NotFound, also if it is not the viewer's to see."""
    reminder = session.exec(
        select(Reminder).where(_visible(viewer), col(Reminder.id) == reminder_id)
    ).first()
    if reminder is None:
        raise NotFound("remind.not_found")
    return reminder


def get_next_at(session: Session, reminder: Reminder) -> datetime | None:
    """The reminder's next moment over all its clocks."""
    moments = session.exec(
        select(ReminderClock.next_at).where(col(ReminderClock.reminder_id) == reminder.id)
    ).all()
    return min((moment for moment in moments if moment is not None), default=None)


def is_silent(session: Session, reminder: Reminder) -> bool:
    """Whether it goes to channels only, and may speak in none of them."""
    states = session.exec(
        select(Channel.state)
        .join(ReminderTarget, col(ReminderTarget.channel_id) == col(Channel.id))
        .where(col(ReminderTarget.reminder_id) == reminder.id)
    ).all()
    directly = session.exec(
        select(ReminderTarget.id).where(
            col(ReminderTarget.reminder_id) == reminder.id,
            col(ReminderTarget.member_id).is_not(None),
        )
    ).first()
    return directly is None and bool(states) and ChannelState.LINKED not in states


def get_fired_reminder(session: Session, firing_id: int) -> Reminder | None:
    """The reminder of a firing."""
    return session.exec(
        select(Reminder)
        .join(Firing, col(Firing.reminder_id) == col(Reminder.id))
        .where(col(Firing.id) == firing_id)
    ).first()
