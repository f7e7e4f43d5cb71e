"""Half an hour with one's own alliance manager: asked by itself for a new committee member, and for
whoever wants it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.errors import Conflict, NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Block, Button, Note, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.messages import say
from bot.features.onboarding import showing
from bot.features.onboarding.giving import enter_quietly
from bot.features.onboarding.meetings import (
    ONE_TO_ONE,
    WISHED,
    add,
    find,
    get_answered,
    get_zone,
    make_button,
    send,
)
from bot.features.onboarding.models import Meeting, MeetingState
from bot.features.onboarding.pace import propose_times
from bot.features.onboarding.planning import get_hours
from bot.people.models import Alliance, Member
from bot.people.viewer import Viewer

KINDS = {ONE_TO_ONE, WISHED}
LENGTH = timedelta(minutes=30)


def ask_one_to_one(
    session: Session, alliance_id: str, member_id: str, *, now: datetime, kind: str = ONE_TO_ONE
) -> bool:
    """Ask somebody's own manager for half an hour, with three times that suit both. False where the
    member has no manager but themselves, or it was asked already."""
    manager = showing.get_own_manager(session, member_id)
    if manager is None or find(session, KINDS, member_id, manager.id) is not None:
        return False
    times = find_times(session, alliance_id, manager.id, member_id, now=now)
    add(session, alliance_id, kind, member_id, manager.id, times=times, now=now)
    return True


def find_times(
    session: Session, alliance_id: str, one: str, other: str, *, now: datetime
) -> list[str]:
    """Three moments that suit both, from the day after tomorrow on."""
    found = propose_times(
        get_hours(session, one),
        get_hours(session, other),
        # Either of the two may sleep while it is morning at the other's.
        after=now + timedelta(days=1),
        length=LENGTH,
    )
    return [moment.isoformat() for moment in found]


def render_question(session: Session, meeting: Meeting) -> View:
    """For the manager who is asked."""
    member = session.get_one(Member, meeting.member_id)
    alliance = session.get_one(Alliance, meeting.alliance_id)
    key = "onboarding.one_to_one_ask"
    if meeting.kind == WISHED:
        key = "onboarding.one_to_one_wished"
    zone = get_zone(session, meeting, meeting.other_id)
    return view(
        Text(text=say(key, person=member.name, alliance=alliance.name)),
        Text(text="\n".join(f"- {each}" for each in say_times(meeting, zone)))
        if meeting.times
        else None,
        actions(
            make_button("onboarding.propose", "onboarding.agree", meeting.id, primary=True)
            if meeting.times
            else None,
            make_button("onboarding.no_meeting", "onboarding.disagree", meeting.id),
        ),
        Note(text=say("onboarding.one_to_one_why")),
    )


def say_times(meeting: Meeting, zone: str) -> Sequence[str]:
    """The times that were proposed, as somebody in a zone reads them."""
    return [say_moment(datetime.fromisoformat(each), zone) for each in meeting.times]


def render_proposal(session: Session, meeting: Meeting) -> Sequence[Block]:
    """The three times, for the one who chooses."""
    other = session.get_one(Member, meeting.other_id)
    times = say_times(meeting, get_zone(session, meeting, meeting.member_id))
    row = actions(
        *(
            Button(label=each[:75], action="onboarding.choose_time", value=f"{number}:{meeting.id}")
            for number, each in enumerate(times)
        ),
        make_button("onboarding.none_fits", "onboarding.none_fits", meeting.id),
    )
    text = Text(text=say("onboarding.proposal", person=other.name))
    return (text, row) if row else (text,)


def press_wish(context: Context, event: ButtonPressed) -> Answer:
    """Somebody wants half an hour with their own manager."""
    viewer = enter_quietly(context, event.value)
    manager = showing.get_own_manager(context.session, viewer.member_id)
    if manager is None:
        raise NotFound("onboarding.not_yours")
    if not ask_one_to_one(
        context.session, viewer.alliance_id, viewer.member_id, kind=WISHED, now=context.now
    ):
        raise Conflict("onboarding.asked_already", person=manager.name)
    return Answer(view=view(Text(text=say("onboarding.wished", person=manager.name))))


def agree(context: Context, meeting: Meeting) -> Answer:
    """The manager proposes the three times; fresh ones, if the question lay there for a while."""
    meeting.state = MeetingState.PROPOSED
    if any(datetime.fromisoformat(each).date() <= context.now.date() for each in meeting.times):
        meeting.times = find_times(
            context.session,
            meeting.alliance_id,
            meeting.other_id,
            meeting.member_id,
            now=context.now,
        )
    send(context.session, meeting, meeting.member_id, now=context.now)
    times = "\n".join(f"- {each}" for each in say_times(meeting, context.zone))
    return Answer(refresh=view(Text(text=say("onboarding.proposed")), Text(text=times)))


def press_time(context: Context, event: ButtonPressed) -> Answer:
    """One of the three times."""
    number, _, meeting_id = event.value.partition(":")
    meeting = get_answered(context, meeting_id, MeetingState.PROPOSED, by_other=False)
    if not number.isascii() or not number.isdigit() or int(number) >= len(meeting.times):
        raise NotFound("onboarding.not_yours")
    chosen = datetime.fromisoformat(meeting.times[int(number)])
    if chosen <= context.now:
        raise Conflict("onboarding.time_past")
    meeting.at, meeting.state = chosen, MeetingState.AGREED
    for member_id in (meeting.member_id, meeting.other_id):
        send(context.session, meeting, member_id, now=context.now)
    other = context.session.get_one(Member, meeting.other_id)
    text = say("onboarding.time_chosen", when=say_moment(chosen, context.zone), person=other.name)
    return Answer(refresh=view(Text(text=text)))


def press_none_fits(context: Context, event: ButtonPressed) -> Answer:
    """None of the times: the two find one by themselves."""
    meeting = get_answered(context, event.value, MeetingState.PROPOSED, by_other=False)
    meeting.state, meeting.at = MeetingState.AGREED, None
    for member_id in (meeting.member_id, meeting.other_id):
        send(context.session, meeting, member_id, now=context.now)
    return Answer(refresh=view(Text(text=say("onboarding.none_fits_done"))))


def render_step(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The step: who looks after you, how the one-to-one stands, and an offer of one."""
    manager = showing.get_own_manager(session, viewer.member_id)
    if manager is None:
        return ()
    meeting = find(session, KINDS, viewer.member_id, manager.id)
    if meeting is None:
        row = actions(make_button("onboarding.wish", "onboarding.wish", viewer.alliance_id))
        text = Text(text=say("onboarding.one_to_one_offer", person=manager.name))
        return (text, row) if row else (text,)
    if meeting.state == MeetingState.PROPOSED:
        return render_proposal(session, meeting)
    if meeting.state == MeetingState.AGREED and meeting.at is not None:
        when = say_moment(meeting.at, get_zone(session, meeting, viewer.member_id))
        return (Text(text=say("onboarding.met", person=manager.name, when=when)),)
    if meeting.state != MeetingState.ASKED:
        return (Text(text=say("onboarding.one_to_one_write", person=manager.name)),)
    key = "onboarding.one_to_one" if meeting.kind == ONE_TO_ONE else "onboarding.wished"
    return (Text(text=say(key, person=manager.name)),)
