"""Two people to be brought together: finding how it stands, and telling them in their hours."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.core.views import Button
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.dispatch.context import Context
from bot.dispatch.messages import words
from bot.dispatch.notices import tell_unasked
from bot.features.onboarding.giving import enter_quietly
from bot.features.onboarding.models import Meeting, MeetingState
from bot.features.onboarding.planning import get_hours
from bot.schedules import reminders

TOPIC = "onboarding_meeting"
ONE_TO_ONE, WISHED, COUNTERPART = "one_to_one", "wished", "counterpart"
"""Half an hour that a new committee member's manager is asked for by itself, or that somebody
wants; an introduction."""


def find(session: Session, kinds: set[str], member_id: str, other_id: str) -> Meeting | None:
    """A meeting of one of these kinds that the first of the two was to have with the other."""
    return session.exec(
        select(Meeting).where(
            col(Meeting.kind).in_(kinds),
            col(Meeting.member_id) == member_id,
            col(Meeting.other_id) == other_id,
        )
    ).first()


def add(
    session: Session,
    alliance_id: str,
    kind: str,
    member_id: str,
    other_id: str,
    *,
    now: datetime,
    times: list[str] | None = None,
    contact: str = "",
) -> Meeting:
    """A meeting of which the other is asked; they hear of it in their hours."""
    meeting = Meeting(
        alliance_id=alliance_id,
        kind=kind,
        member_id=member_id,
        other_id=other_id,
        state=MeetingState.ASKED,
        times=times or [],
        contact=contact,
        created_at=now,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    subject = _name(meeting, other_id)
    tell_unasked(session, alliance_id, other_id, topic=TOPIC, subject=subject, now=now)
    return meeting


def send(session: Session, meeting: Meeting, member_id: str, *, now: datetime) -> None:
    """Tell one of the two what became of it, in their hours."""
    meeting.changed_at = now
    address = get_member_address(session, member_id)
    if address is None:
        return
    at = reminders.get_working_moment(session, meeting.alliance_id, member_id, now=now)
    message = Deliver(
        to=address,
        topic=TOPIC,
        subject=_name(meeting, member_id),
        alliance_id=meeting.alliance_id,
        not_before=at,
    )
    enqueue(session, message, now=now)


def _name(meeting: Meeting, member_id: str) -> str:
    return f"{meeting.id}:{member_id}"


def get_zone(session: Session, meeting: Meeting, member_id: str) -> str:
    """The zone in which one of the two reads times."""
    return get_hours(session, member_id).zone


def make_button(label: str, action: str, value: str, *, primary: bool = False) -> Button:
    """A button, with a label of the catalogue."""
    style = "primary" if primary else "plain"
    return Button.model_validate(
        {"label": words(label), "action": action, "value": value, "style": style}
    )


def enter(context: Context, meeting_id: str) -> Meeting:
    """A meeting of the acting person's own. Raises NotFound."""
    meeting = context.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound("onboarding.not_yours")
    viewer = enter_quietly(context, meeting.alliance_id)
    if viewer.member_id not in {meeting.member_id, meeting.other_id}:
        raise NotFound("onboarding.not_yours")
    return meeting


def get_answered(
    context: Context, meeting_id: str, state: MeetingState, *, by_other: bool
) -> Meeting:
    """A meeting that is the acting person's to answer, in this state. Raises NotFound, Conflict."""
    meeting = enter(context, meeting_id)
    who = meeting.other_id if by_other else meeting.member_id
    if context.viewer.member_id != who:
        raise NotFound("onboarding.not_yours")
    if meeting.state != state:
        raise Conflict("onboarding.settled")
    return meeting
