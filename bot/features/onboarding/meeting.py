"""People meeting people: what the two are told, their yes or not now, and the calendar file."""

from datetime import datetime

from sqlmodel import Session

from bot.core.documents import File
from bot.core.errors import NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Button, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import DocumentKind, Registry
from bot.dispatch.messages import say, words
from bot.features.onboarding import introductions, one_to_one
from bot.features.onboarding.meetings import (
    COUNTERPART,
    ONE_TO_ONE,
    enter,
    get_answered,
    get_zone,
    make_button,
    send,
)
from bot.features.onboarding.models import Meeting, MeetingState
from bot.features.onboarding.one_to_one import LENGTH
from bot.people import links
from bot.people.models import Alliance, Member
from bot.people.viewer import Viewer


def render_topic(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """How a meeting stands, for the one who is told."""
    meeting_id, _, member_id = message.subject.partition(":")
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        return Skip("meeting is gone")
    if meeting.state == MeetingState.ASKED and member_id == meeting.other_id:
        if meeting.kind == COUNTERPART:
            return introductions.render_question(session, meeting, now=now)
        return one_to_one.render_question(session, meeting)
    if meeting.state == MeetingState.PROPOSED and member_id == meeting.member_id:
        return View(
            blocks=(
                *one_to_one.render_proposal(session, meeting),
                _why(session, meeting, mine=True),
            )
        )
    if meeting.state == MeetingState.AGREED:
        return _agreed(session, meeting, member_id)
    if meeting.state == MeetingState.DECLINED and member_id == meeting.member_id:
        other = session.get_one(Member, meeting.other_id)
        return view(
            Text(text=say("onboarding.not_now", person=other.name)),
            _why(session, meeting, mine=True),
        )
    return Skip("settled meanwhile")


def _agreed(session: Session, meeting: Meeting, member_id: str) -> View:
    if meeting.kind == COUNTERPART:
        return introductions.render_agreed(session, meeting, member_id)
    mine = member_id == meeting.member_id
    other = session.get_one(Member, meeting.other_id if mine else meeting.member_id)
    why = _why(session, meeting, mine=mine)
    if meeting.at is None:
        return view(Text(text=say("onboarding.find_a_time", person=other.name)), why)
    when = say_moment(meeting.at, get_zone(session, meeting, member_id))
    return view(
        Text(text=say("onboarding.met", person=other.name, when=when)),
        actions(make_button("onboarding.calendar", "onboarding.calendar", meeting.id)),
        why,
    )


def _why(session: Session, meeting: Meeting, *, mine: bool) -> Note:
    """Why it came: because they asked, are new on a committee, or are the manager who said yes."""
    alliance = session.get_one(Alliance, meeting.alliance_id)
    key = f"onboarding.why_{meeting.kind}" if mine else "onboarding.why_manager"
    return Note(text=say(key, alliance=alliance.name))


def press_agree(context: Context, event: ButtonPressed) -> Answer:
    """The one who was asked says yes: to the introduction, or to the three times."""
    meeting = get_answered(context, event.value, MeetingState.ASKED, by_other=True)
    if meeting.kind == COUNTERPART:
        return introductions.agree(context, meeting)
    return one_to_one.agree(context, meeting)


def press_disagree(context: Context, event: ButtonPressed) -> Answer:
    """The one who was asked says: not now. Whoever wanted it hears so."""
    meeting = get_answered(context, event.value, MeetingState.ASKED, by_other=True)
    meeting.state = MeetingState.DECLINED
    if meeting.kind != ONE_TO_ONE:
        send(context.session, meeting, meeting.member_id, now=context.now)
    return Answer(refresh=view(Text(text=say("onboarding.disagreed"))))


def press_calendar(context: Context, event: ButtonPressed) -> Answer:
    """A private link to the meeting's calendar file."""
    meeting = enter(context, event.value)
    if meeting.at is None:
        raise NotFound("onboarding.not_yours")
    if context.registry.address is None:
        when = say_moment(meeting.at, context.zone)
        return Answer(view=view(Text(text=say("onboarding.no_address", when=when))))
    token = links.make_link(
        context.session, context.viewer, "meeting", subject=meeting.id, now=context.now
    )
    button = Button(
        label=words("onboarding.calendar_open"), url=f"{context.registry.address}/documents/{token}"
    )
    return Answer(view=view(Text(text=say("onboarding.calendar_link")), actions(button)))


def render_calendar(
    _registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    """The calendar file. Raises NotFound unless it is the viewer's meeting."""
    meeting = session.get(Meeting, subject)
    if (
        meeting is None
        or meeting.at is None
        or viewer.member_id not in {meeting.member_id, meeting.other_id}
    ):
        raise NotFound("onboarding.not_yours")
    member = session.get_one(Member, meeting.member_id)
    other = session.get_one(Member, meeting.other_id)
    from icalendar import Calendar, Event  # not before two people meet

    event = Event()
    event.add("uid", f"{meeting.id}@entente")
    event.add("dtstamp", meeting.changed_at)
    event.add("dtstart", meeting.at)
    event.add("dtend", meeting.at + LENGTH)
    event.add("summary", words("onboarding.calendar_title", person=member.name, other=other.name))
    calendar = Calendar()
    calendar.add("prodid", "-//Entente//Onboarding//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return File(name="one-to-one.ics", media_type="text/calendar", body=calendar.to_ical())


CALENDAR = DocumentKind(name="meeting", render=render_calendar)
