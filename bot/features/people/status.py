"""`status`: how the alliance stands, as far as the viewer may see."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core import untold
from bot.core.events import CommandInvoked
from bot.core.views import (
    Actions,
    Block,
    Button,
    Fields,
    Heading,
    Note,
    Table,
    Text,
    View,
    actions,
    view,
)
from bot.delivery.models import Delivery, Lane, has_failed
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment, say_weekdays
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import get_keys, say, words
from bot.dispatch.places import name_channel
from bot.features.people import checklist
from bot.features.people.consent import get_pending, make_agree_buttons
from bot.people import alliances, channels, departments
from bot.people.models import Account, Channel, ChannelState, MemberAccount, Partner
from bot.people.viewer import Viewer
from bot.schedules import reminders
from bot.schedules.missed import get_missed
from bot.schedules.models import Reminder, ReminderState

MOST_SHOWN = 40

MISSED_SHOWN = timedelta(days=14)
"""How long a moment that passed without a message is shown."""


def show_status(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The alliance, its partners, channels and reminders, and what could not be sent."""
    return Answer(view=render_status(context, context.viewer))


def render_status(context: Context, viewer: Viewer) -> View:
    """The state of the alliance for this viewer."""
    session = context.session
    if viewer.is_former:
        return _render_former(context, viewer)
    partners = alliances.get_partners(session, viewer.alliance_id)
    return view(
        Heading(text=context.alliance.name),
        Text(text=_stage(partners)),
        Fields(
            items=(
                (words("status.partners"), _say_partners(session, partners)),
                (words("status.you"), _say_you(viewer)),
                (words("status.hours"), _say_hours(context)),
            )
        ),
        *_channels(session, viewer, context.event.platform),
        *make_agree_buttons(context, get_pending(session, viewer)),
        *_reminders(context, viewer),
        *(
            block
            for section in context.registry.status
            for block in section.render(session, viewer, context.now)
        ),
        *_missed(context, viewer),
        *_failures(context, viewer),
        _next_steps(viewer),
    )


def _render_former(context: Context, viewer: Viewer) -> View:
    key = "parting.is_over" if viewer.has_ended else "parting.is_left"
    alliance = context.alliance.name
    return view(
        Heading(text=alliance),
        Text(text=say(key, alliance=alliance, partner=viewer.partner_name)),
        Fields(items=((words("status.you"), _say_you(viewer)),)),
    )


def _stage(partners: Sequence[Partner]) -> str:
    if len(partners) == 1:
        return say("status.alone", partner=partners[0].name)
    joined = [p.name for p in partners if p.joined_at is not None]
    waiting = [p.name for p in partners if p.joined_at is None]
    if waiting and len(joined) == 1:
        return say("status.pilot", partner=joined[0], others=", ".join(waiting))
    if waiting:
        return say("status.waiting", others=", ".join(waiting))
    return say("status.complete")


def _say_partners(session: Session, partners: Sequence[Partner]) -> str:
    sharing = departments.get_departments(session, partners[0].alliance_id)
    return ", ".join(_say_partner(partner, sharing.get(partner.id)) for partner in partners)


def _say_partner(partner: Partner, other: str | None) -> str:
    if partner.joined_at is None:
        return words("status.not_joined", partner=partner.name)
    if other is not None:
        return words("status.same_workspace", partner=partner.name, other=other)
    return partner.name


def _say_you(viewer: Viewer) -> str:
    partner = viewer.partner_name or words("status.unplaced")
    key = "status.you_manager" if viewer.is_manager else "status.you_member"
    return words(key, person=viewer.member_name, partner=partner)


def _say_hours(context: Context) -> str:
    alliance = context.alliance
    return words(
        "status.hours_value",
        days=say_weekdays(alliance.days),
        start=alliance.hours_start,
        end=alliance.hours_end,
        zone=alliance.zone,
    )


def _channels(session: Session, viewer: Viewer, platform: str) -> Sequence[Block]:
    found = channels.get_channels(session, viewer)
    if not found:
        return (Text(text=say("status.no_channels")),)
    rows = tuple((name_channel(c, platform, found), _say_state(c)) for c in found[:MOST_SHOWN])
    return (
        Table(columns=(words("status.channel"), words("status.state")), rows=rows),
        *_left_out(len(found)),
    )


def _say_state(channel: Channel) -> str:
    if channel.trouble is not None:
        return say_reason(channel.trouble)
    if channel.state == ChannelState.PENDING:
        return words("status.channel_pending")
    if channel.platform not in untold.MESSAGES:
        return words("status.channel_on")
    if channel.heard_at is None:
        return words("status.channel_mentions")
    return words("status.channel_hears")


def say_reason(reason: str) -> str:
    """A platform's short word for what went wrong, as a sentence that says what to do."""
    key = f"trouble.{reason}"
    return words(key) if key in get_keys() else words("trouble.other", reason=reason)


def _left_out(count: int) -> Sequence[Block]:
    if count <= MOST_SHOWN:
        return ()
    return (Note(text=say("status.more", count=count - MOST_SHOWN)),)


def _reminders(context: Context, viewer: Viewer) -> Sequence[Block]:
    found = reminders.get_reminders(context.session, viewer)
    active = [reminder for reminder in found if reminder.state == ReminderState.ACTIVE]
    silent = [each for each in active if reminders.is_silent(context.session, each)]
    speaking = [reminder for reminder in active if reminder not in silent]
    waiting = [Text(text=say("status.silent_reminders", count=len(silent)))] if silent else []
    next_at = _get_next(context.session, speaking)
    if next_at is None:
        return waiting or (Text(text=say("status.no_reminders")),)
    when = say_moment(next_at, context.zone)
    return (Text(text=say("status.reminders", count=len(speaking), when=when)), *waiting)


def _get_next(session: Session, active: Sequence[Reminder]) -> datetime | None:
    moments = [reminders.get_next_at(session, reminder) for reminder in active]
    return min((moment for moment in moments if moment is not None), default=None)


def _failures(context: Context, viewer: Viewer) -> Sequence[Block]:
    """What could not be sent, for managers: to channels they may see, and to their own people."""
    if not viewer.is_manager:
        return ()
    visible = {c.external_id: c.name for c in channels.get_channels(context.session, viewer)}
    own = _own_people(context.session, viewer)
    rows = context.session.exec(
        select(Delivery, Lane)
        .join(Lane, col(Lane.id) == col(Delivery.lane_id))
        .where(
            col(Delivery.alliance_id) == viewer.alliance_id,
            has_failed(),
        )
        .order_by(col(Delivery.id).desc())
        .limit(50)
    ).all()
    lines = []
    for delivery, lane in rows:
        place = f"#{visible[lane.channel]}" if lane.channel in visible else own.get(lane.user or "")
        if place is not None and delivery.finished_at is not None:
            when = say_moment(delivery.finished_at, context.zone)
            lines.append((place, when, say_reason(delivery.reason or "")))
    if not lines:
        return ()
    columns = (words("status.place"), words("status.when"), words("status.why"))
    return (Text(text=say("status.failed")), Table(columns=columns, rows=tuple(lines[:5])))


def _missed(context: Context, viewer: Viewer) -> Sequence[Block]:
    """Moments of reminders that passed without a message, for managers."""
    if not viewer.is_manager:
        return ()
    found = {each.id: each for each in reminders.get_reminders(context.session, viewer)}
    missed = get_missed(context.session, list(found), since=context.now - MISSED_SHOWN)
    if not missed:
        return ()
    rows = tuple(
        (_say_reminder(context, found[reminder_id]), say_moment(due_at, context.zone))
        for reminder_id, due_at in missed[:5]
    )
    columns = (words("status.reminder"), words("status.when"))
    return (Text(text=say("status.missed")), Table(columns=columns, rows=rows))


def _say_reminder(context: Context, reminder: Reminder) -> str:
    kind = context.registry.reminder_kinds.get(reminder.kind)
    return reminder.text[:60] or (words(kind.label) if kind else reminder.kind)


def _own_people(session: Session, viewer: Viewer) -> dict[str, str]:
    members = [
        member
        for member in alliances.get_members(session, viewer.alliance_id)
        if member.partner_id == viewer.partner_id
    ]
    names = {member.id: member.name for member in members}
    rows = session.exec(
        select(MemberAccount.member_id, Account.external_id)
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(col(MemberAccount.member_id).in_(names))
    ).all()
    return {external_id: names[member_id] for member_id, external_id in rows}


def _next_steps(viewer: Viewer) -> Actions | None:
    if not viewer.is_manager:
        return None
    return actions(
        Button(
            label=words("remind.set_up"), opens="remind.form", value=f"new:{viewer.alliance_id}"
        ),
        Button(label=words("setup.change"), opens="setup.form", value=viewer.alliance_id),
    )


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """The state of the alliance on the home view."""
    return (
        *render_status(context, viewer).blocks,
        *checklist.render(context.session, viewer, now=context.now),
    )
