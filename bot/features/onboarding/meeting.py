"""People meeting people: an introduction that both want, and a one-to-one with one's manager."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.documents import File
from bot.core.errors import Conflict, NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Block, Button, Note, Text, View, actions, person, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import DocumentKind, Registry
from bot.dispatch.messages import Markdown, say, words
from bot.features.onboarding import showing
from bot.features.onboarding.counterparts import find_counterpart
from bot.features.onboarding.models import Meeting, MeetingState
from bot.features.onboarding.newcomer import enter_quietly
from bot.features.onboarding.pace import propose_times
from bot.features.onboarding.planning import get_hours
from bot.people import links
from bot.people.activity import last_used
from bot.people.models import Account, Alliance, Member, MemberAccount, Partner
from bot.people.viewer import Viewer
from bot.schedules import reminders

TOPIC = "onboarding_meeting"
ONE_TO_ONE, COUNTERPART = "one_to_one", "counterpart"
LENGTH = timedelta(minutes=30)


# -- the one-to-one --------------------------------------------------------------------------------


def ask_one_to_one(session: Session, alliance_id: str, member_id: str, *, now: datetime) -> None:
    """Ask a new committee member's own manager for half an hour, with three times that suit
    both. Nothing happens where the member has no manager but themselves."""
    manager = showing.get_own_manager(session, member_id)
    if manager is None or _find(session, ONE_TO_ONE, member_id, manager.id) is not None:
        return
    meeting = Meeting(
        alliance_id=alliance_id,
        kind=ONE_TO_ONE,
        member_id=member_id,
        other_id=manager.id,
        state=MeetingState.ASKED,
        times=_find_times(session, alliance_id, manager.id, member_id, now=now),
        created_at=now,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    _send(session, meeting, manager.id, now=now)


def _find_times(
    session: Session, alliance_id: str, one: str, other: str, *, now: datetime
) -> list[str]:
    found = propose_times(
        get_hours(session, one),
        get_hours(session, other),
        # Either of the two may sleep while it is morning at the other's.
        after=now + timedelta(days=1),
        length=LENGTH,
    )
    return [moment.isoformat() for moment in found]


def _find(session: Session, kind: str, member_id: str, other_id: str) -> Meeting | None:
    return session.exec(
        select(Meeting).where(
            col(Meeting.kind) == kind,
            col(Meeting.member_id) == member_id,
            col(Meeting.other_id) == other_id,
        )
    ).first()


def _send(session: Session, meeting: Meeting, member_id: str, *, now: datetime) -> None:
    """Tell one of the two how it stands, in their hours."""
    address = get_member_address(session, member_id)
    if address is None:
        return
    at = reminders.get_working_moment(session, meeting.alliance_id, member_id, now=now)
    message = Deliver(
        to=address,
        topic=TOPIC,
        subject=f"{meeting.id}:{member_id}",
        alliance_id=meeting.alliance_id,
        unasked=meeting.state == MeetingState.ASKED,
        not_before=at,
    )
    enqueue(session, message, now=now)


def render_topic(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """How a meeting stands, for the one who is told."""
    meeting_id, _, member_id = message.subject.partition(":")
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        return Skip("meeting is gone")
    if meeting.state == MeetingState.ASKED and member_id == meeting.other_id:
        return _question(session, meeting)
    if meeting.state == MeetingState.PROPOSED and member_id == meeting.member_id:
        return View(blocks=tuple(_proposal(session, meeting)))
    if meeting.state == MeetingState.AGREED:
        return _agreed(session, meeting, member_id)
    if meeting.state == MeetingState.DECLINED and member_id == meeting.member_id:
        other = session.get_one(Member, meeting.other_id)
        return view(Text(text=say("onboarding.not_now", person=other.name)))
    return Skip("settled meanwhile")


def _zone(session: Session, meeting: Meeting, member_id: str) -> str:
    return get_hours(session, member_id).zone


def _question(session: Session, meeting: Meeting) -> View:
    member = session.get_one(Member, meeting.member_id)
    alliance = session.get_one(Alliance, meeting.alliance_id)
    if meeting.kind == COUNTERPART:
        partner = session.get(Partner, member.partner_id) if member.partner_id else None
        return view(
            Text(
                text=say(
                    "onboarding.may_introduce",
                    person=member.name,
                    partner=partner.name if partner else alliance.name,
                )
            ),
            actions(
                _button("onboarding.introduce_yes", "onboarding.agree", meeting.id, primary=True),
                _button("onboarding.introduce_no", "onboarding.disagree", meeting.id),
            ),
            Note(text=say("onboarding.introduce_why", alliance=alliance.name)),
        )
    zone = _zone(session, meeting, meeting.other_id)
    return view(
        Text(text=say("onboarding.one_to_one_ask", person=member.name, alliance=alliance.name)),
        Text(text="\n".join(f"- {each}" for each in _say_times(meeting, zone)))
        if meeting.times
        else None,
        actions(
            _button("onboarding.propose", "onboarding.agree", meeting.id, primary=True)
            if meeting.times
            else None,
            _button("onboarding.no_meeting", "onboarding.disagree", meeting.id),
        ),
        Note(text=say("onboarding.one_to_one_why")),
    )


def _say_times(meeting: Meeting, zone: str) -> Sequence[str]:
    return [say_moment(datetime.fromisoformat(each), zone) for each in meeting.times]


def _button(label: str, action: str, value: str, *, primary: bool = False) -> Button:
    style = "primary" if primary else "plain"
    return Button.model_validate(
        {"label": words(label), "action": action, "value": value, "style": style}
    )


def _proposal(session: Session, meeting: Meeting) -> Sequence[Block]:
    """The three times, for the one who chooses."""
    other = session.get_one(Member, meeting.other_id)
    times = _say_times(meeting, _zone(session, meeting, meeting.member_id))
    row = actions(
        *(
            Button(label=each[:75], action="onboarding.choose_time", value=f"{number}:{meeting.id}")
            for number, each in enumerate(times)
        ),
        _button("onboarding.none_fits", "onboarding.none_fits", meeting.id),
    )
    text = Text(text=say("onboarding.proposal", person=other.name))
    return (text, row) if row else (text,)


def _agreed(session: Session, meeting: Meeting, member_id: str) -> View:
    mine = member_id == meeting.member_id
    other = session.get_one(Member, meeting.other_id if mine else meeting.member_id)
    if meeting.kind == COUNTERPART or meeting.at is None:
        return view(
            Text(
                text=say("onboarding.introduced", person=_mention(session, other)),
            ),
            Note(text=say("onboarding.introduced_why")),
        )
    when = say_moment(meeting.at, _zone(session, meeting, member_id))
    return view(
        Text(text=say("onboarding.met", person=other.name, when=when)),
        actions(_button("onboarding.calendar", "onboarding.calendar", meeting.id)),
    )


def _mention(session: Session, member: Member) -> Markdown:
    account = session.exec(
        select(Account)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .where(col(MemberAccount.member_id) == member.id)
        .order_by(last_used().desc())
        .limit(1)
    ).first()
    if account is None:
        return Markdown(say("onboarding.name", person=member.name))
    return Markdown(person(account.platform, account.external_id, member.name))


# -- what the two press ----------------------------------------------------------------------------


def _enter(context: Context, meeting_id: str) -> Meeting:
    """A meeting of the acting person's own. Raises NotFound."""
    meeting = context.session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound("onboarding.not_yours")
    viewer = enter_quietly(context, meeting.alliance_id)
    if viewer.member_id not in {meeting.member_id, meeting.other_id}:
        raise NotFound("onboarding.not_yours")
    return meeting


def _answering(
    context: Context, meeting_id: str, state: MeetingState, *, by_other: bool
) -> Meeting:
    meeting = _enter(context, meeting_id)
    who = meeting.other_id if by_other else meeting.member_id
    if context.viewer.member_id != who:
        raise NotFound("onboarding.not_yours")
    if meeting.state != state:
        raise Conflict("onboarding.settled")
    meeting.changed_at = context.now
    context.session.add(meeting)
    return meeting


def press_agree(context: Context, event: ButtonPressed) -> Answer:
    """The one who was asked says yes: to the introduction, or to the three times."""
    meeting = _answering(context, event.value, MeetingState.ASKED, by_other=True)
    if meeting.kind == COUNTERPART:
        meeting.state = MeetingState.AGREED
        for member_id in (meeting.member_id, meeting.other_id):
            _send(context.session, meeting, member_id, now=context.now)
        return Answer(refresh=view(Text(text=say("onboarding.agreed"))))
    meeting.state = MeetingState.PROPOSED
    if any(datetime.fromisoformat(each).date() <= context.now.date() for each in meeting.times):
        # The question lay there for a while: the same number of times, from tomorrow on.
        meeting.times = _find_times(
            context.session,
            meeting.alliance_id,
            meeting.other_id,
            meeting.member_id,
            now=context.now,
        )
    _send(context.session, meeting, meeting.member_id, now=context.now)
    times = "\n".join(f"- {each}" for each in _say_times(meeting, context.zone))
    return Answer(refresh=view(Text(text=say("onboarding.proposed")), Text(text=times)))


def press_disagree(context: Context, event: ButtonPressed) -> Answer:
    """The one who was asked says: not now."""
    meeting = _answering(context, event.value, MeetingState.ASKED, by_other=True)
    meeting.state = MeetingState.DECLINED
    if meeting.kind == COUNTERPART:
        _send(context.session, meeting, meeting.member_id, now=context.now)
    return Answer(refresh=view(Text(text=say("onboarding.disagreed"))))


def press_time(context: Context, event: ButtonPressed) -> Answer:
    """One of the three times."""
    number, _, meeting_id = event.value.partition(":")
    meeting = _answering(context, meeting_id, MeetingState.PROPOSED, by_other=False)
    if not number.isascii() or not number.isdigit() or int(number) >= len(meeting.times):
        raise NotFound("onboarding.not_yours")
    chosen = datetime.fromisoformat(meeting.times[int(number)])
    if chosen <= context.now:
        raise Conflict("onboarding.time_past")
    meeting.at, meeting.state = chosen, MeetingState.AGREED
    for member_id in (meeting.member_id, meeting.other_id):
        _send(context.session, meeting, member_id, now=context.now)
    other = context.session.get_one(Member, meeting.other_id)
    text = say("onboarding.time_chosen", when=say_moment(chosen, context.zone), person=other.name)
    return Answer(refresh=view(Text(text=text)))


def press_none_fits(context: Context, event: ButtonPressed) -> Answer:
    """None of the times: the two find one by themselves."""
    meeting = _answering(context, event.value, MeetingState.PROPOSED, by_other=False)
    meeting.state, meeting.at = MeetingState.AGREED, None
    for member_id in (meeting.member_id, meeting.other_id):
        _send(context.session, meeting, member_id, now=context.now)
    return Answer(refresh=view(Text(text=say("onboarding.none_fits_done"))))


def press_introduce(context: Context, event: ButtonPressed) -> Answer:
    """A newcomer wants to meet their counterpart: who is asked first."""
    viewer = context.enter(event.value)
    other = find_counterpart(context.session, viewer, now=context.now)
    if other is None:
        raise NotFound("onboarding.no_counterpart")
    if _find(context.session, COUNTERPART, viewer.member_id, other.id) is not None:
        raise Conflict("onboarding.asked_already", person=other.name)
    meeting = Meeting(
        alliance_id=viewer.alliance_id,
        kind=COUNTERPART,
        member_id=viewer.member_id,
        other_id=other.id,
        state=MeetingState.ASKED,
        created_at=context.now,
        changed_at=context.now,
    )
    context.session.add(meeting)
    context.session.flush()
    _send(context.session, meeting, other.id, now=context.now)
    return Answer(view=view(Text(text=say("onboarding.introducing", person=other.name))))


def press_calendar(context: Context, event: ButtonPressed) -> Answer:
    """A private link to the meeting's calendar file."""
    meeting = _enter(context, event.value)
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


# -- steps -----------------------------------------------------------------------------------------


def render_one_to_one(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The step: who looks after you, and how the one-to-one stands."""
    manager = showing.get_own_manager(session, viewer.member_id)
    if manager is None:
        return ()
    meeting = _find(session, ONE_TO_ONE, viewer.member_id, manager.id)
    if meeting is not None and meeting.state == MeetingState.PROPOSED:
        return _proposal(session, meeting)
    if meeting is not None and meeting.state == MeetingState.DECLINED:
        return (Text(text=say("onboarding.one_to_one_write", person=manager.name)),)
    return (Text(text=say("onboarding.one_to_one", person=manager.name)),)


def render_counterpart(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The step: the counterpart, and an introduction if both want it."""
    other = find_counterpart(session, viewer, now=now)
    if other is None:
        return ()
    partner = session.get_one(Partner, other.partner_id)
    text = Text(text=say("onboarding.counterpart", person=other.name, partner=partner.name))
    if _find(session, COUNTERPART, viewer.member_id, other.id) is not None:
        return (text,)
    row = actions(_button("onboarding.introduce", "onboarding.introduce", viewer.alliance_id))
    return (text, row) if row else (text,)


CALENDAR = DocumentKind(name="meeting", render=render_calendar)
