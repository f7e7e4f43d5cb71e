"""Wordings that are one side's alone, in reminders that other partners read, too: a new one waits
until its own side has agreed to show it there."""

from datetime import UTC, datetime

from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.views import Block, Button, Text, actions
from bot.delivery.postman import Skip
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.people.models import AudienceKind, Channel, ChannelState
from bot.schedules.models import Reminder, ReminderState, ReminderTarget

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""Up to when a side has agreed where it has not agreed to anything."""


def get_agreed(reminder: Reminder) -> datetime:
    """Up to when the reminder's side has agreed that others read its own wordings."""
    return reminder.agreed_at or reminder.created_at


def is_held(registry: Registry, session: Session, reminder: Reminder, *, now: datetime) -> bool:
    """Whether a reminder that others read would bring something else if its side agreed to what
    it has in force now."""
    kind = registry.reminder_kinds.get(reminder.kind)
    if kind is None or kind.render_open is None or not get_open_channels(session, reminder):
        return False
    own = kind.render(session, reminder, now)
    shown = kind.render_open(session, reminder, now, get_agreed(reminder))
    return not isinstance(own, Skip) and own != shown


def get_open_channels(session: Session, reminder: Reminder) -> list[Channel]:
    """The channels of a reminder that people of every partner read."""
    return list(
        session.exec(
            select(Channel)
            .join(ReminderTarget, col(ReminderTarget.channel_id) == col(Channel.id))
            .where(
                col(ReminderTarget.reminder_id) == reminder.id,
                col(Channel.audience_kind) == AudienceKind.ALLIANCE,
                col(Channel.state) != ChannelState.UNLINKED,
            )
            .order_by(col(Channel.name))
        )
    )


def render_held(context: Context, kind: str) -> list[Block]:
    """After a wording was put in force at the viewer's side: which of that side's reminders wait
    for a yes to show it to the others, with a button for each."""
    reminders = context.session.exec(
        select(Reminder)
        .where(
            col(Reminder.alliance_id) == context.viewer.alliance_id,
            col(Reminder.partner_id) == context.viewer.partner_id,
            col(Reminder.kind) == kind,
            col(Reminder.state) == ReminderState.ACTIVE,
        )
        .order_by(col(Reminder.created_at), col(Reminder.id))
    ).all()
    return [block for reminder in reminders for block in render_one_held(context, reminder)]


def render_one_held(context: Context, reminder: Reminder) -> list[Block]:
    """The same for one reminder; nothing if it waits for nothing."""
    if not is_held(context.registry, context.session, reminder, now=context.now):
        return []
    channels = get_open_channels(context.session, reminder)
    label = words("holding.agree")
    # What is agreed to is what was read: the moment travels along.
    value = f"{reminder.id}@{context.now.isoformat()}"
    row = actions(Button(label=label, action="remind.agree", value=value))
    named = ", ".join(f"#{channel.name}" for channel in channels)
    return [Text(text=say("holding.waits", channels=named)), *([row] if row else [])]


def read_agreed(value: str) -> tuple[str, datetime]:
    """The reminder's id and the moment that such a button carries. Raises NotUnderstood."""
    reminder_id, _, moment = value.partition("@")
    try:
        agreed_at = datetime.fromisoformat(moment)
    except ValueError:
        raise NotUnderstood("help.old_button") from None
    if agreed_at.tzinfo is None:
        raise NotUnderstood("help.old_button")
    return reminder_id, agreed_at
