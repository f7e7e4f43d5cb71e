"""When a direct message cannot reach somebody: a line in a channel, or their own manager.

The line names and mentions nobody; its button shows the note to whoever it waits for, and to them
alone. Where there is no such channel, the person's own manager gets the text to pass on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.db.bulk import bind_moment, sql
from bot.delivery.outbox import Deliver, enqueue, get_channel_address, get_member_address
from bot.dispatch.feature import Due, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.onboarding import contents, giving, journeys, planning, showing
from bot.features.onboarding.models import (
    RECEIVED,
    Attendance,
    Journey,
    JourneyState,
    StepState,
    Track,
)
from bot.features.onboarding.pace import plan_step
from bot.features.onboarding.planning import get_hours
from bot.features.onboarding.tracks import QUESTION, TrackStep, read_steps
from bot.people.models import Account, Alliance, Channel, ChannelState, Member, MemberAccount
from bot.people.viewer import Viewer
from bot.schedules.rhythm import within_hours

LEFT = frozenset({"account_inactive", "user_disabled", "user_not_found"})
"""The platform's words for somebody who is not there any more: their manager hears it once."""

GONE = LEFT | {"no_address"}
"""Whom a line in a channel would not reach either."""

ONE_LINE = timedelta(days=1)
"""One line serves everybody who came on the same day."""

_WAKE = sql(
    "UPDATE onboarding_journeys SET told_at = NULL, next_at = NULL "
    "WHERE state = 'unreachable' AND next_at <= :now"
)


def tell_others(registry: Registry, session: Session, now: datetime) -> int:
    """Take another way for those who became unreachable, and again on the days of their later
    notes; how many."""
    session.connection().execute(_WAKE, {"now": bind_moment(session, now)})
    found = session.exec(
        select(Journey)
        .join(Alliance, col(Alliance.id) == col(Journey.alliance_id))
        .join(Member, col(Member.id) == col(Journey.member_id))
        .join(Track, col(Track.id) == col(Journey.track_id))
        .where(
            col(Member.partner_id) == col(Track.partner_id),
            col(Journey.state) == JourneyState.UNREACHABLE,
            col(Journey.told_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
        .order_by(col(Journey.id))
        .limit(20)
    ).all()
    for journey in found:
        channel = None if journey.trouble in GONE else _find_channel(session, journey)
        journey.next_at = None
        if channel is not None:
            _post_line(session, journey, channel, now=now)
            journey.next_at = _find_next(session, journey, now=now)
        else:
            _pass_on(registry, session, journey, now=now)
        journey.told_at = now
        journey.told_in = channel.id if channel else None
        session.add(journey)
        session.flush()
    return len(found)


def _find_next(session: Session, journey: Journey, *, now: datetime) -> datetime | None:
    """The day of the first note that would have come later than now; none after the last."""
    hours = get_hours(session, journey.member_id)
    track = read_steps(session.get_one(Track, journey.track_id))
    days = [step.day for step in track if step.name != QUESTION]
    moments = (
        plan_step(hours, day=day, begun_at=journey.begun_at, last_at=now, not_before=now)
        for day in days
        if journey.begun_at + timedelta(days=day) > now
    )
    return min(moments, default=None)


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


def _pass_on(registry: Registry, session: Session, journey: Journey, *, now: datetime) -> None:
    """The next note goes to the person's own manager; the one after that on its day."""
    viewer = showing.get_viewer(session, journey.member_id)
    manager = showing.get_own_manager(session, journey.member_id)
    address = get_member_address(session, manager.id) if manager else None
    if viewer is None or manager is None or address is None:
        return
    step = _take_next(registry, session, journey, viewer, now=now)
    if step is not None:
        _tell_manager(registry, session, journey, viewer, manager, step, now=now)
    following = planning.find_next(_get_notes(session, journey), _get_over(session, journey))
    if journey.trouble in LEFT:
        return
    if following is None:
        over = {g.step: g.state for g in journeys.get_given(session, journey)}
        journey.state = planning.find_end(_get_notes(session, journey), over)
        journey.ended_at = now
        return
    hours = get_hours(session, journey.member_id)
    journey.step = following.name
    journey.next_at = plan_step(
        hours, day=following.day, begun_at=journey.begun_at, last_at=now, not_before=now
    )


def _get_notes(session: Session, journey: Journey) -> Sequence[TrackStep]:
    """A track's notes that somebody else can pass on: the question is the person's alone."""
    steps = read_steps(session.get_one(Track, journey.track_id))
    return [step for step in steps if step.name != QUESTION]


def _get_over(session: Session, journey: Journey) -> set[str]:
    return {g.step for g in journeys.get_given(session, journey) if g.state in RECEIVED}


def _take_next(
    registry: Registry, session: Session, journey: Journey, viewer: Viewer, *, now: datetime
) -> TrackStep | None:
    """The next note that has something to say, or greets; from now on it counts as brought."""
    over = _get_over(session, journey)
    steps = _get_notes(session, journey)
    while (step := planning.find_next(steps, over)) is not None:
        over.add(step.name)
        says = contents.render_whole(registry, session, viewer, step, now=now)
        state = StepState.SENT if says or step == steps[0] else StepState.LEFT_OUT
        giving.take(session, journey, step.name, state, now=now)
        if state == StepState.SENT:
            return step
    return None


def _tell_manager(
    registry: Registry,
    session: Session,
    journey: Journey,
    viewer: Viewer,
    manager: Member,
    step: TrackStep,
    *,
    now: datetime,
) -> None:
    text = _get_common(registry, session, viewer, manager, step, now=now)
    alliance = session.get_one(Alliance, journey.alliance_id)
    content = view(
        Text(text=say("onboarding.unreachable", person=viewer.member_name, alliance=alliance.name)),
        Quote(text=text) if text else None,
        Note(text=say("onboarding.unreachable_why")),
    )
    tell_unasked(session, journey.alliance_id, manager.id, view=content, now=now)


def _get_common(
    registry: Registry,
    session: Session,
    viewer: Viewer,
    manager: Member,
    step: TrackStep,
    *,
    now: datetime,
) -> str:
    """What the person would have read, as far as their manager sees the same."""
    managing = showing.get_viewer(session, manager.id)
    if managing is None:
        return ""
    theirs, managers = (
        contents.render_whole(registry, session, one, step, now=now) for one in (viewer, managing)
    )
    return "\n".join(block.plain_text() for block in theirs if block in managers)[:2500]


TELL = Due(name="onboarding_fallback", run=tell_others)
