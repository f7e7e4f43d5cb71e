"""What people see of reminders: the message itself, lists and previews."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.views import (
    Actions,
    Block,
    Button,
    Confirm,
    Heading,
    Note,
    Text,
    View,
    actions,
    view,
)
from bot.delivery.lanes import Claimed
from bot.delivery.postman import LATE, Content, Later, Skip
from bot.dispatch import holding
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day, say_moment
from bot.dispatch.feature import Registry
from bot.dispatch.messages import get_keys, say, words
from bot.people import alliances, optouts
from bot.people.identity import get_account
from bot.people.models import (
    Account,
    Alliance,
    AudienceKind,
    Channel,
    ChannelState,
    Committee,
    Member,
    MemberAccount,
    Partner,
)
from bot.people.viewer import Viewer, visible_to
from bot.schedules import reminders, seating
from bot.schedules.cadence import parse_cadence
from bot.schedules.firing import find_late_moment
from bot.schedules.missed import note_missed
from bot.schedules.models import Reminder, ReminderState, ReminderTarget
from bot.schedules.reminders import Plan
from bot.schedules.rhythm import Moment, Skipped, next_due, plan
from bot.schedules.seating import get_only_committee

MONTHLY = 30.0
"""Days between moments below which something comes more often than monthly: every four weeks are
thirteen times a year."""

PAGE = 10
"""Reminders in a list at once: with the buttons of each, a message of any platform holds them."""

MOST_ZONES = 4
"""Zones of which a preview lists the moments."""


def render_message(
    registry: Registry,
    session: Session,
    reminder: Reminder,
    *,
    is_direct: bool,
    at: datetime,
    closed_to: str | None = None,
    own_until: datetime | None = None,
) -> View | Skip:
    """The message that a reminder sends at a moment; a Skip if it has nothing to say. `closed_to`:
    the committee whose members alone get it. `own_until`: other partners read it, and what is its
    own side's alone counts only as it was then."""
    kind = registry.reminder_kinds.get(reminder.kind)
    if kind is None:
        return Skip(f"no feature brings {reminder.kind}")
    if own_until is not None and kind.render_open is not None:
        blocks = kind.render_open(session, reminder, at, own_until)
    elif closed_to is not None and kind.render_closed is not None:
        blocks = kind.render_closed(session, reminder, at, closed_to)
    else:
        blocks = kind.render(session, reminder, at)
    if isinstance(blocks, Skip):
        return blocks
    return view(
        *blocks,
        Note(text=_why(session, reminder, is_direct=is_direct)),
        _message_buttons(reminder),
        summary=next((b.plain_text() for b in blocks if b.kind == "quote"), "")[:150],
    )


def _why(session: Session, reminder: Reminder, *, is_direct: bool) -> str:
    """Why this came, and who set it up: Slack asks for it in shared channels."""
    member = session.get_one(Member, reminder.member_id)
    partner = session.get_one(Partner, reminder.partner_id)
    return say(
        "remind.why_direct" if is_direct else "remind.why",
        cadence=_say_cadence(reminder.cadence),
        zone=reminder.zone,
        person=member.name,
        partner=partner.name,
    )


def _say_cadence(cadence: str) -> str:
    """A cadence as a sentence begins, its days with capitals."""
    said = _DAYS.sub(lambda day: day.group().capitalize(), parse_cadence(cadence).words)
    return said[:1].upper() + said[1:]


_DAYS = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b")


def _message_buttons(reminder: Reminder) -> Actions | None:
    return actions(
        Button(label=words("remind.change"), opens="remind.form", value=reminder.id),
        Button(label=words("remind.mute"), action="remind.mute", value=reminder.id),
    )


def render_topic(registry: Registry, session: Session, message: Claimed, now: datetime) -> Content:
    """A reminder's message at the moment of sending, if it is still wanted. In a channel, one that
    was held up goes out within hours, as if it had come due late."""
    reminder = reminders.get_fired_reminder(session, int(message.subject))
    if reminder is None:
        return Skip("reminder is gone")
    if reminder.state in {ReminderState.PAUSED, ReminderState.REMOVED}:
        return Skip(f"reminder {reminder.state}")
    if message.user is not None and _is_muted(session, reminder, message.user, now):
        return Skip("muted")
    if message.channel is None:
        stopped = _why_not_directly(session, reminder, message, now)
        if stopped is not None:
            return Skip(stopped)
    else:
        moment = find_late_moment(session, int(message.subject), now=now)
        if moment is None:
            return Skip(LATE)
        if moment > now:
            return Later(moment)
    direct = message.channel is None
    closed_to = get_only_committee(session, reminder) if direct else None
    return render_message(
        registry,
        session,
        reminder,
        is_direct=direct,
        at=now,
        closed_to=closed_to,
        own_until=_get_own_until(session, reminder, message),
    )


def hear_unsent(registry: Registry, session: Session, message: Claimed, now: datetime) -> None:
    """A moment that passed for a message that was held up is kept as missed."""
    if message.skipped == LATE:
        note_missed(session, int(message.subject))


def _get_own_until(session: Session, reminder: Reminder, message: Claimed) -> datetime | None:
    open_ids = {c.external_id for c in holding.get_open_channels(session, reminder)}
    return holding.get_agreed(reminder) if message.channel in open_ids else None


def _why_not_directly(
    session: Session, reminder: Reminder, message: Claimed, now: datetime
) -> str | None:
    account = get_account(session, message.platform, message.user or "")
    if account is None:
        return None
    if not seating.is_of_side(session, reminder, account.id):
        return "no longer of that side"
    has_left = not seating.has_seat(session, reminder, account.id, now=now)
    return "no longer on the committee" if has_left else None


def _is_muted(session: Session, reminder: Reminder, user: str, now: datetime) -> bool:
    members = session.exec(
        select(MemberAccount.member_id)
        .join(Member, col(Member.id) == col(MemberAccount.member_id))
        .join(ReminderTarget, col(ReminderTarget.member_id) == col(MemberAccount.member_id))
        .where(col(ReminderTarget.reminder_id) == reminder.id)
    ).all()
    accounts = {member for member in members if _is_account(session, member, user)}
    return any(
        optouts.has_opted_out(session, member, f"reminder:{reminder.id}", now=now)
        for member in accounts
    )


def _is_account(session: Session, member_id: str, user: str) -> bool:
    return (
        session.exec(
            select(Account.id)
            .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
            .where(col(MemberAccount.member_id) == member_id, col(Account.external_id) == user)
        ).first()
        is not None
    )


def render_preview(
    registry: Registry,
    session: Session,
    alliance: Alliance,
    wanted: Plan,
    sample: Reminder,
    *,
    viewer: Viewer,
    now: datetime,
    count: int,
) -> list[Block]:
    """The next moments, each with what moved it, and the message as the viewer may read it."""
    rhythm = reminders.get_rhythm(session, alliance, wanted, anchor=sample.anchor)
    first = next_due(rhythm, now) or now
    message = render_message(
        registry,
        session,
        sample,
        is_direct=not wanted.channels,
        at=first,
        own_until=get_own_until(viewer, sample),
    )
    shown: Sequence[Block] = (
        (Text(text=say_nothing(session, viewer, sample)),)
        if isinstance(message, Skip)
        else [block for block in message.blocks if block.kind != "actions"]
    )
    zones = _get_zones(session, viewer, wanted, sample, now=now)
    return [
        *_often(wanted),
        Heading(text=words("remind.moments")),
        *_render_moments(session, alliance, wanted, sample, zones=zones, now=now, count=count),
        Heading(text=words("remind.message")),
        *shown,
        *render_reach(session, viewer, wanted),
    ]


def _get_zones(
    session: Session, viewer: Viewer, wanted: Plan, sample: Reminder, *, now: datetime
) -> list[str]:
    """The zones in which it comes: the channels' first. Of people, one's own side alone is told."""
    zones = [sample.zone] if wanted.channels else []
    if viewer.partner_id == sample.partner_id:
        zones += seating.get_zones(
            session, sample, members=wanted.members, committees=wanted.committees, now=now
        )
    return list(dict.fromkeys(zones)) or [sample.zone]


def get_own_until(viewer: Viewer, reminder: Reminder) -> datetime | None:
    """What people of other partners may read of the wordings of the reminder's side: none that is
    that side's alone. Whatever is in force, for its own people."""
    return None if viewer.partner_id == reminder.partner_id else holding.NEVER


def say_nothing(session: Session, viewer: Viewer, reminder: Reminder) -> str:
    """That there is nothing to read, and what would help."""
    if viewer.partner_id != reminder.partner_id:
        partner = session.get_one(Partner, reminder.partner_id)
        return say("remind.theirs_alone", partner=partner.name)
    return say("remind.nothing_to_show")


def render_reach(session: Session, viewer: Viewer, wanted: Plan) -> list[Block]:
    """Where others read it, and where nothing is posted (yet)."""
    blocks: list[Block] = []
    for channel in _get_known(session, viewer, wanted.channels):
        key = _REACH.get(channel.state)
        if key is None and channel.audience_kind == AudienceKind.ALLIANCE:
            key = "remind.others_read"
        if key is not None:
            blocks.append(Text(text=say(key, channel=f"#{channel.name}")))
    return blocks


_REACH: dict[str, str] = {
    ChannelState.PENDING: "remind.still_silent",
    ChannelState.UNLINKED: "remind.not_linked",
}


def _get_known(session: Session, viewer: Viewer, ids: Sequence[str]) -> Sequence[Channel]:
    """Those of the channels that the viewer may know of, unlinked ones too."""
    return session.exec(
        select(Channel)
        .where(visible_to(viewer, Channel), col(Channel.id).in_(ids))
        .order_by(col(Channel.name))
    ).all()


def _render_moments(
    session: Session,
    alliance: Alliance,
    wanted: Plan,
    sample: Reminder,
    *,
    zones: Sequence[str],
    now: datetime,
    count: int,
) -> list[Block]:
    """The next `count` moments, in each of the zones in which somebody gets it."""
    blocks: list[Block] = []
    for zone in zones[:MOST_ZONES]:
        rhythm = reminders.get_rhythm(session, alliance, wanted, anchor=sample.anchor, zone=zone)
        found = plan(rhythm, now, count)
        moments = "\n".join(f"1. {_say_planned(moment, zone)}" for moment in found)
        if len(zones) > 1:
            blocks.append(Text(text=say("remind.in_zone", zone=zone)))
        blocks.append(Text(text=moments or say("remind.never")))
    if zones != [sample.zone]:
        blocks.append(Note(text=say("remind.own_zones")))
    return blocks


def _say_planned(moment: Moment | Skipped, zone: str) -> str:
    because = moment.because or ""
    if isinstance(moment, Skipped):
        key = "remind.skipped_holiday" if because else "remind.skipped_day_off"
        return say(key, planned=say_planned_day(moment.planned), because=because)
    when = say_moment(moment.due, zone)
    if moment.moved is None:
        return say("remind.moment", when=when)
    return say(
        f"remind.moved_{moment.moved}",
        when=when,
        planned=f"{say_planned_day(moment.planned)}, {moment.planned:%H:%M}",
        because=because,
    )


def say_planned_day(planned: datetime) -> str:
    """The day of a wall-clock time."""
    return say_day(planned.date())


def _often(wanted: Plan) -> Sequence[Block]:
    """More often than monthly: ask whether people will still read it."""
    cadence = parse_cadence(wanted.cadence)
    if cadence.once or cadence.often >= MONTHLY:
        return ()
    return (Note(text=say("remind.often", cadence=_say_cadence(wanted.cadence))),)


def render_list(context: Context, found: Sequence[Reminder], *, offset: int = 0) -> View:
    """The reminders the viewer may see, a page from `offset` on, with their numbers and what can
    be done."""
    if not found:
        return view(
            Text(text=say("remind.none")),
            _add_button(context) if context.viewer.is_manager else None,
        )
    blocks: list[Block] = [Text(text=say("remind.list"))]
    page = found[offset : offset + PAGE]
    for number, reminder in enumerate(page, start=offset + 1):
        blocks.append(Text(text=_say_reminder(context, number, reminder)))
        if may_change(context.viewer, reminder):
            blocks += view(_list_buttons(reminder)).blocks
            blocks += holding.render_one_held(context, reminder)
    if len(found) > PAGE:
        blocks.append(_turn(context, offset, len(found)))
    return View(blocks=tuple(blocks))


def _turn(context: Context, offset: int, total: int) -> Actions:
    """The buttons to the pages before and after this one."""
    alliance_id = context.viewer.alliance_id
    pages = [("remind.earlier", offset - PAGE), ("remind.later", offset + PAGE)]
    return Actions(
        items=tuple(
            Button(label=words(label), action="remind.page", value=f"{alliance_id}:{to}")
            for label, to in pages
            if 0 <= to < total
        )
    )


def may_change(viewer: Viewer, reminder: Reminder) -> bool:
    """Whether the viewer manages the partner whose reminder it is."""
    return viewer.is_manager and viewer.partner_id == reminder.partner_id


def _add_button(context: Context) -> Actions | None:
    value = f"new:{context.viewer.alliance_id}"
    return actions(
        Button(label=words("remind.set_up"), opens="remind.form", value=value, style="primary")
    )


def say_what(registry: Registry, session: Session, reminder: Reminder) -> str:
    """What a reminder brings, in a few words."""
    if reminder.text:
        return reminder.text if len(reminder.text) <= 60 else f"{reminder.text[:57]}…"
    kind = registry.reminder_kinds.get(reminder.kind)
    choice = reminder.options.get("choice", "")
    if kind is not None and kind.describe is not None and choice:
        return kind.describe(session, choice)
    return words(kind.label) if kind and kind.label in get_keys() else reminder.kind


def _say_reminder(context: Context, number: int, reminder: Reminder) -> str:
    next_at = reminders.get_next_at(context.session, reminder)
    state = words(f"remind.state_{reminder.state}")
    if next_at is not None and reminders.is_silent(context.session, reminder):
        next_at, state = None, words("remind.state_silent")
    return say(
        "remind.row" if next_at else "remind.row_stopped",
        number=number,
        what=say_what(context.registry, context.session, reminder),
        cadence=_say_cadence(reminder.cadence),
        places=say_places(context.session, reminder, context.viewer),
        next=say_moment(next_at, context.zone) if next_at else "",
        state=state,
        person=context.session.get_one(Member, reminder.member_id).name,
    )


def say_places(session: Session, reminder: Reminder, viewer: Viewer | None = None) -> str:
    """Where a reminder goes: channels by name as far as the viewer may know of them (without one:
    whoever set it up), people by number."""
    wanted = reminders.get_plan(session, reminder)
    found = [session.get_one(Channel, channel) for channel in wanted.channels]
    known = {c.id for c in _get_known(session, viewer, wanted.channels)} if viewer else set()
    names = [
        f"#{channel.name}" if viewer is None or channel.id in known else words("remind.elsewhere")
        for channel in found
    ]
    for committee_id in wanted.committees:
        names.append(_say_seats(session, reminder, committee_id))
    if wanted.members:
        names.append(words("remind.people", count=len(wanted.members)))
    return ", ".join(names) or words("remind.nowhere")


def _say_seats(session: Session, reminder: Reminder, committee_id: str) -> str:
    return words(
        "remind.seats",
        committee=session.get_one(Committee, committee_id).name,
        partner=session.get_one(Partner, reminder.partner_id).name,
    )


def _list_buttons(reminder: Reminder) -> Actions | None:
    is_paused = reminder.state == ReminderState.PAUSED
    toggle = Button(
        label=words("remind.resume" if is_paused else "remind.pause"),
        action="remind.resume" if is_paused else "remind.pause",
        value=reminder.id,
    )
    remove = Button(
        label=words("remind.remove"),
        action="remind.remove",
        value=reminder.id,
        style="danger",
        confirm=Confirm(
            title=words("remind.remove_title"),
            text=words("remind.remove_text"),
            yes=words("remind.remove"),
            no=words("remind.keep"),
        ),
    )
    return actions(
        Button(label=words("remind.change"), opens="remind.form", value=reminder.id),
        None if reminder.state == ReminderState.ENDED else toggle,
        Button(label=words("remind.preview"), action="remind.preview", value=reminder.id),
        remove,
    )


def render_question(registry: Registry, session: Session, reminder: Reminder) -> View:
    """Asked once of the one who set it up, when nobody has reacted: slower, other words, stop?"""
    alliance = alliances.get_alliance_or_raise(session, reminder.alliance_id)
    return view(
        Text(
            text=say(
                "remind.unread",
                what=say_what(registry, session, reminder),
                places=say_places(session, reminder),
                alliance=alliance.name,
            )
        ),
        actions(
            Button(label=words("remind.slower"), action="remind.slower", value=reminder.id),
            Button(label=words("remind.other_words"), opens="remind.form", value=reminder.id),
            Button(label=words("remind.stop"), action="remind.pause", value=reminder.id),
            Button(label=words("remind.keep"), action="remind.keep", value=reminder.id),
        ),
        Note(text=say("remind.unread_why")),
    )
