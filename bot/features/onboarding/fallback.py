"""When a direct message cannot reach somebody: a line in a channel, or their own manager.

The line names and mentions nobody; its button shows the note to whoever it waits for, and to them
alone. Where there is no such channel, the person's own manager gets the text to pass on.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.delivery.outbox import Deliver, enqueue, get_channel_address, get_member_address
from bot.dispatch.feature import Due, Registry
from bot.dispatch.messages import say, words
from bot.features.onboarding import showing
from bot.features.onboarding.models import Attendance, Journey, JourneyState
from bot.features.onboarding.planning import get_hours
from bot.people.models import Account, Alliance, Channel, ChannelState, Member, MemberAccount
from bot.schedules import reminders
from bot.schedules.rhythm import within_hours

GONE = frozenset({"account_inactive", "user_disabled", "user_not_found", "no_address"})
"""The platform's words for somebody whom a line in a channel would not reach either."""

ONE_LINE = timedelta(days=1)
"""One line serves everybody who came on the same day."""


def tell_others(registry: Registry, session: Session, now: datetime) -> int:
    """Take another way for those who became unreachable; how many."""
    found = session.exec(
        select(Journey)
        .join(Alliance, col(Alliance.id) == col(Journey.alliance_id))
        .where(
            col(Journey.state) == JourneyState.UNREACHABLE,
            col(Journey.told_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Journey.id))
        .limit(20)
    ).all()
    for journey in found:
        channel = None if journey.trouble in GONE else _find_channel(session, journey)
        if channel is not None:
            _post_line(session, journey, channel, now=now)
        else:
            _tell_manager(registry, session, journey, now=now)
        journey.told_at = now
        journey.told_in = channel.id if channel else None
        session.add(journey)
        session.flush()
    return len(found)


def _find_channel(session: Session, journey: Journey) -> Channel | None:
    return session.exec(
        select(Channel)
        .join(Attendance, col(Attendance.channel_id) == col(Channel.id))
        .join(Account, col(Account.external_id) == col(Attendance.person))
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .where(
            col(MemberAccount.member_id) == journey.member_id,
            col(Account.platform) == col(Channel.platform),
            col(Channel.alliance_id) == journey.alliance_id,
            col(Channel.state) == ChannelState.LINKED,
            col(Channel.trouble).is_(None),
        )
        .order_by(col(Channel.linked_at).desc())
        .limit(1)
    ).first()


def _post_line(session: Session, journey: Journey, channel: Channel, *, now: datetime) -> None:
    recent = session.exec(
        select(Journey.id).where(
            col(Journey.told_in) == channel.id, col(Journey.told_at) > now - ONE_LINE
        )
    ).first()
    if recent is not None:
        return
    hours = get_hours(session, journey.member_id)
    message = Deliver(
        to=get_channel_address(session, channel),
        view=render_line(journey.alliance_id),
        alliance_id=journey.alliance_id,
        not_before=within_hours(now, hours.zone, hours.hours, hours.countries),
    )
    enqueue(session, message, now=now)


def render_line(alliance_id: str) -> View:
    """The line in the channel."""
    button = Button(label=words("onboarding.open_mine"), opens="onboarding.mine", value=alliance_id)
    return view(
        Text(text=say("onboarding.line")), actions(button), Note(text=say("onboarding.line_why"))
    )


def _tell_manager(registry: Registry, session: Session, journey: Journey, *, now: datetime) -> None:
    manager = showing.get_own_manager(session, journey.member_id)
    address = get_member_address(session, manager.id) if manager else None
    if manager is None or address is None:
        return
    text = _next_text(registry, session, journey, manager, now=now)
    member = session.get_one(Member, journey.member_id)
    alliance = session.get_one(Alliance, journey.alliance_id)
    content = view(
        Text(text=say("onboarding.unreachable", person=member.name, alliance=alliance.name)),
        Quote(text=text) if text else None,
        Note(text=say("onboarding.unreachable_why")),
    )
    message = Deliver(
        to=address,
        view=content,
        alliance_id=journey.alliance_id,
        unasked=True,
        not_before=reminders.get_working_moment(session, journey.alliance_id, manager.id, now=now),
    )
    enqueue(session, message, now=now)


def _next_text(
    registry: Registry, session: Session, journey: Journey, manager: Member, *, now: datetime
) -> str:
    """What the person would have read, as far as their manager sees the same."""
    step = showing.find_step(session, journey, journey.step or "")
    viewers = [showing.get_viewer(session, one) for one in (journey.member_id, manager.id)]
    if step is None or None in viewers:
        return ""
    theirs, managers = (
        showing.render_content(registry, session, viewer, step, now=now)
        for viewer in viewers
        if viewer is not None
    )
    return "\n".join(block.plain_text() for block in theirs if block in managers)[:2500]


TELL = Due(name="onboarding_fallback", run=tell_others)
