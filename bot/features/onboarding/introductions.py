"""Introductions: a newcomer and their counterpart at another partner, once both said yes.

Where the two are on different platforms no mention leads from one to the other. Then each may leave
a line on how to be reached, which the other reads once both agreed, and nobody else ever does.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Block, Note, Quote, Text, View, actions, channel, person, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import Markdown, say, words
from bot.features.onboarding.counterparts import does_the_same, find_counterpart
from bot.features.onboarding.giving import enter_quietly
from bot.features.onboarding.meetings import (
    COUNTERPART,
    add,
    find,
    get_answered,
    make_button,
    send,
)
from bot.features.onboarding.models import Attendance, Meeting, MeetingState
from bot.people.activity import last_used
from bot.people.models import (
    Account,
    Alliance,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
    Partner,
)
from bot.people.viewer import Viewer

LONGEST_CONTACT = 120


# -- what the two read -----------------------------------------------------------------------------


def render_step(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The step: the counterpart, and an introduction if both want it."""
    other = find_counterpart(session, viewer, now=now)
    if other is None:
        return ()
    partner = session.get_one(Partner, other.partner_id)
    same = does_the_same(session, viewer.member_id, other.id, now=now)
    key = "onboarding.counterpart" if same else "onboarding.contact_there"
    text = Text(text=say(key, person=other.name, partner=partner.name))
    if find(session, {COUNTERPART}, viewer.member_id, other.id) is not None:
        return (text,)
    row = actions(make_button("onboarding.introduce", "onboarding.introduce", viewer.alliance_id))
    return (text, row) if row else (text,)


def render_question(session: Session, meeting: Meeting, *, now: datetime) -> View:
    """For the one who is asked."""
    member = session.get_one(Member, meeting.member_id)
    alliance = session.get_one(Alliance, meeting.alliance_id)
    partner = session.get(Partner, member.partner_id) if member.partner_id else None
    same = does_the_same(session, meeting.member_id, meeting.other_id, now=now)
    key = "onboarding.may_introduce" if same else "onboarding.may_introduce_new"
    return view(
        Text(text=say(key, person=member.name, partner=partner.name if partner else alliance.name)),
        actions(
            make_button("onboarding.introduce_yes", "onboarding.agree", meeting.id, primary=True),
            make_button("onboarding.introduce_no", "onboarding.disagree", meeting.id),
        ),
        Note(text=say("onboarding.introduce_why", alliance=alliance.name)),
    )


def render_agreed(session: Session, meeting: Meeting, member_id: str) -> View:
    """For either, once both said yes: who it is, and where to say hello."""
    is_first = member_id == meeting.member_id
    other = session.get_one(Member, meeting.other_id if is_first else meeting.member_id)
    contact = meeting.other_contact if is_first else meeting.contact
    place = _find_channel(session, meeting)
    reached = [Quote(text=contact)] if contact else []
    if place is not None:
        where = Markdown(channel(place.platform, place.external_id, place.name))
        line = Text(text=say("onboarding.both_in", channel=where))
    elif contact:
        line = Text(text=say("onboarding.reached_at", person=other.name))
    elif _share_platform(session, meeting.member_id, meeting.other_id):
        line = Text(text=say("onboarding.short_hello"))
    else:
        line = Text(text=say("onboarding.no_way", person=other.name))
    return view(
        Text(text=say("onboarding.introduced", person=_mention(session, other))),
        line,
        *reached,
        Note(text=say("onboarding.introduced_why")),
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


def _get_accounts(session: Session, member_id: str) -> Sequence[Account]:
    return session.exec(
        select(Account)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .where(col(MemberAccount.member_id) == member_id, col(Account.deactivated_at).is_(None))
    ).all()


def _share_platform(session: Session, one: str, other: str) -> bool:
    mine, theirs = (
        {account.platform for account in _get_accounts(session, member)} for member in (one, other)
    )
    return bool(mine & theirs)


def _find_channel(session: Session, meeting: Meeting) -> Channel | None:
    """A linked channel of the alliance that both are in."""
    both = [
        select(Attendance.channel_id).where(
            col(Attendance.person).in_(
                [account.external_id for account in _get_accounts(session, member_id)]
            )
        )
        for member_id in (meeting.member_id, meeting.other_id)
    ]
    return session.exec(
        select(Channel)
        .where(
            col(Channel.alliance_id) == meeting.alliance_id,
            col(Channel.state) == ChannelState.LINKED,
            *(col(Channel.id).in_(each) for each in both),
        )
        .order_by(col(Channel.linked_at))
        .limit(1)
    ).first()


# -- what they press -------------------------------------------------------------------------------


def press_introduce(context: Context, event: ButtonPressed) -> Answer:
    """A newcomer wants to meet their counterpart; across platforms a form asks for an address."""
    viewer = context.enter(event.value)
    other = _find_other(context, viewer)
    if not _share_platform(context.session, viewer.member_id, other.id):
        return Answer(opens=("onboarding.reach", f"new:{viewer.alliance_id}"))
    return _ask(context, viewer, other)


def _find_other(context: Context, viewer: Viewer) -> Member:
    other = find_counterpart(context.session, viewer, now=context.now)
    if other is None:
        raise NotFound("onboarding.no_counterpart")
    if find(context.session, {COUNTERPART}, viewer.member_id, other.id) is not None:
        raise Conflict("onboarding.asked_already", person=other.name)
    return other


def _ask(context: Context, viewer: Viewer, other: Member, *, contact: str = "") -> Answer:
    add(
        context.session,
        viewer.alliance_id,
        COUNTERPART,
        viewer.member_id,
        other.id,
        contact=contact,
        now=context.now,
    )
    return Answer(view=view(Text(text=say("onboarding.introducing", person=other.name))))


def agree(context: Context, meeting: Meeting) -> Answer:
    """The one who was asked says yes; across platforms a form asks for an address."""
    if not _share_platform(context.session, meeting.member_id, meeting.other_id):
        return Answer(opens=("onboarding.reach", meeting.id))
    return _introduce(context, meeting)


def _introduce(context: Context, meeting: Meeting) -> Answer:
    meeting.state = MeetingState.AGREED
    for member_id in (meeting.member_id, meeting.other_id):
        send(context.session, meeting, member_id, now=context.now)
    return Answer(refresh=view(Text(text=say("onboarding.agreed"))))


def open_reach(context: Context, value: str) -> Form:
    """How can the other reach you?"""
    if value.startswith("new:"):
        viewer = enter_quietly(context, value.removeprefix("new:"))
        other = _find_other(context, viewer)
    else:
        meeting = get_answered(context, value, MeetingState.ASKED, by_other=True)
        other = context.session.get_one(Member, meeting.member_id)
    return Form(
        name="onboarding.reach",
        title=words("onboarding.reach_title"),
        submit=words("onboarding.reach_submit"),
        context={"meeting": value},
        items=(
            TextInput(
                name="contact",
                label=words("onboarding.reach_label", person=other.name),
                hint=words("onboarding.reach_hint"),
                required=False,
                max_length=LONGEST_CONTACT,
            ),
            Note(text=say("onboarding.reach_note", person=other.name)),
        ),
    )


def submit_reach(context: Context, event: FormSubmitted) -> Answer:
    """Ask the other, or say yes, with how to be reached."""
    value = event.context.get("meeting", "")
    contact = " ".join(str(event.values.get("contact") or "").split())[:LONGEST_CONTACT]
    if value.startswith("new:"):
        viewer = enter_quietly(context, value.removeprefix("new:"))
        return _ask(context, viewer, _find_other(context, viewer), contact=contact)
    meeting = get_answered(context, value, MeetingState.ASKED, by_other=True)
    meeting.other_contact = contact
    done = _introduce(context, meeting)
    return Answer(view=done.refresh)
