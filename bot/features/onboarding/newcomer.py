"""What a newcomer can do about a step: open it, go on, later, skip, stop, "I've read it"."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted, PlaceKind
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Block, Button, Note, Option, Text, View, actions, view
from bot.db.bulk import bind_moment, sql
from bot.delivery.models import Delivery, DeliveryState, Lane
from bot.delivery.outbox import Deliver
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say, words
from bot.features.onboarding import endings, journeys, planning, showing
from bot.features.onboarding.models import (
    RECEIVED,
    Feedback,
    Given,
    Journey,
    JourneyState,
    StepState,
    Track,
)
from bot.features.onboarding.tracks import QUESTION, TrackStep, read_steps
from bot.people.viewer import Viewer

LONGEST_REMARK = 2000


def find(context: Context, value: str, *, holds: bool = True) -> tuple[Given, Journey, TrackStep]:
    """The step that a button names, if it is the acting person's own, held against whoever else
    is at it. Raises NotFound."""
    given = context.session.get(Given, int(value)) if _is_number(value) else None
    if given is None:
        raise NotFound("onboarding.not_yours")
    enter_quietly(context, given.alliance_id)
    journey = context.session.get(Journey, given.journey_id)
    viewer = context.viewer
    if (
        journey is None
        or journey.member_id != viewer.member_id
        or not endings.is_own(context.session, journey, viewer.partner_id)
    ):
        raise NotFound("onboarding.not_yours")
    if holds:
        # Pressed twice at once, the second press waits here and finds what the first one did.
        context.session.refresh(journey, with_for_update={"key_share": True})
        context.session.refresh(given)
    step = showing.find_step(context.session, journey, given.step)
    if step is None:
        raise NotFound("onboarding.not_yours")
    return given, journey, step


def enter_quietly(context: Context, alliance_id: str) -> Viewer:
    """As `context.enter`; what exists elsewhere and what exists nowhere are told alike."""
    try:
        return context.enter(alliance_id)
    except NotFound:
        raise NotFound("onboarding.not_yours") from None


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 16


def _react(context: Context, given: Given, journey: Journey) -> None:
    given.reacted_at = given.reacted_at or context.now
    journey.reacted_at = context.now
    if given.state in {StepState.PLANNED, StepState.QUEUED}:
        # It is open before them, whatever the outbox knows of it.
        given.state, given.sent_at = StepState.SENT, given.sent_at or context.now
    if journey.state == JourneyState.UNREACHABLE:
        journey.state, journey.trouble = JourneyState.ACTIVE, None
        journey.is_open = True
    context.session.add(given)
    context.session.add(journey)
    context.session.flush()


def press_open(context: Context, event: ButtonPressed) -> Answer:
    """The step's words take the place of the welcome."""
    given, journey, step = find(context, event.value)
    _react(context, given, journey)
    return Answer(refresh=_shown(context, given, journey, step))


def _shown(
    context: Context, given: Given, journey: Journey, step: TrackStep, *, note: str = ""
) -> View:
    content = _content(context, step)
    return showing.render_step(
        context.session, journey, given, step, content, note=note, has_buttons=not note
    )


def _content(context: Context, step: TrackStep) -> Sequence[Block]:
    found = showing.render_content(
        context.registry, context.session, context.viewer, step, now=context.now
    )
    return found or (Text(text=say("onboarding.gone")),)


def press_read(context: Context, event: ButtonPressed) -> Answer:
    """*I've read it*."""
    given, journey, step = find(context, event.value)
    _react(context, given, journey)
    given.state = StepState.READ
    context.session.add(given)
    note = Note(text=say("onboarding.read_on", date=say_date(context.now, context.zone)))
    shown = showing.render_step(
        context.session, journey, given, step, (*_content(context, step), note)
    )
    return Answer(refresh=shown)


def press_next(context: Context, event: ButtonPressed) -> Answer:
    """The next step at once."""
    given, journey, step = find(context, event.value)
    _react(context, given, journey)
    if journey.state == JourneyState.STOPPED:
        journey.state = JourneyState.ACTIVE
    if not _is_last(context, journey, given):
        # Pressed twice, or on an older note: the one after it is there already.
        return Answer(refresh=_shown(context, given, journey, step, note=say("onboarding.older")))
    if is_on_its_way(context, journey):
        return Answer(refresh=_shown(context, given, journey, step, note=say("onboarding.comes")))
    following = give_next(context, journey)
    if following is None:
        return Answer(refresh=_shown(context, given, journey, step, note=say("onboarding.through")))
    here = _shown(context, given, journey, step, note=say("onboarding.moved_on"))
    if event.place.kind == PlaceKind.CHANNEL:
        return Answer(view=following)
    context.deliver(
        Deliver(
            to=context.to_account(context.account), view=following, alliance_id=journey.alliance_id
        )
    )
    return Answer(refresh=here)


def _is_last(context: Context, journey: Journey, given: Given) -> bool:
    """Whether nothing was brought after this one."""
    steps = [each.name for each in read_steps(context.session.get_one(Track, journey.track_id))]
    brought = {StepState.SENT, StepState.READ, StepState.SKIPPED}
    later = {g.step for g in journeys.get_given(context.session, journey) if g.state in brought}
    return not later.intersection(steps[steps.index(given.step) + 1 :])


def is_on_its_way(context: Context, journey: Journey) -> bool:
    """Whether a step is being sent, or may have arrived already. Whoever sends takes the person's
    lane first, so that from here on nobody does until this transaction ends."""
    session = context.session
    session.exec(
        select(Lane.id).where(col(Lane.id) == journey.lane_id).with_for_update(key_share=True)
    ).first()
    return (
        session.exec(
            select(Given.id)
            .join(Delivery, col(Delivery.id) == col(Given.delivery_id))
            .where(
                col(Given.member_id) == journey.member_id,
                col(Given.state) == StepState.QUEUED,
                col(Delivery.state) == DeliveryState.SENDING,
            )
        ).first()
        is not None
    )


def give_next(context: Context, journey: Journey) -> View | None:
    """Give the next step that has something to say, now; None at the end."""
    session = context.session
    steps = read_steps(session.get_one(Track, journey.track_id))
    received = {g.step for g in journeys.get_given(session, journey) if g.state in RECEIVED}
    while (step := planning.find_next(steps, received)) is not None:
        received.add(step.name)
        content = showing.render_content(
            context.registry, session, context.viewer, step, now=context.now
        )
        given = take(
            session,
            journey,
            step.name,
            StepState.SENT if content else StepState.LEFT_OUT,
            now=context.now,
        )
        if content and given is not None:
            journey.last_at = context.now
            planning.reopen(session, journey)
            return showing.render_step(session, journey, given, step, content)
    planning.reopen(session, journey)
    return None


_TAKE = sql(
    "INSERT INTO onboarding_steps (journey_id, alliance_id, member_id, edition, step, state, "
    "lane_id, queued_at, sent_at) VALUES (:journey, :alliance, :member, :edition, :step, :state, "
    ":lane, :now, :sent) ON CONFLICT (member_id, edition, step) DO UPDATE SET state = "
    "excluded.state, sent_at = coalesce(onboarding_steps.sent_at, excluded.sent_at) "
    "WHERE onboarding_steps.state IN ('planned', 'queued') RETURNING id"
)


def take(
    session: Session, journey: Journey, step: str, state: StepState, *, now: datetime
) -> Given | None:
    """Take a step for its member, unless they got it in the same moment."""
    row = session.execute(
        _TAKE,
        {
            "journey": journey.id,
            "alliance": journey.alliance_id,
            "member": journey.member_id,
            "edition": journey.edition,
            "step": step,
            "state": state.value,
            "lane": journey.lane_id,
            "now": bind_moment(session, now),
            "sent": bind_moment(session, now) if state == StepState.SENT else None,
        },
    ).first()
    if row is None:
        return None
    given = session.get_one(Given, row.id)
    session.refresh(given)
    return given


def press_later(context: Context, event: ButtonPressed) -> Answer:
    """The same step again tomorrow, or in a week."""
    days, _, value = event.value.partition(":")
    if days not in {"1", "7"}:
        raise NotFound("onboarding.not_yours")
    given, journey, _ = find(context, value)
    _react(context, given, journey)
    given.state, given.delivery_id = StepState.PLANNED, None
    journey.held_until = context.now + timedelta(days=int(days)) - timedelta(hours=12)
    journey.last_at = context.now
    if journey.state in {JourneyState.DONE, JourneyState.STOPPED}:
        journey.state, journey.ended_at = JourneyState.ACTIVE, None
    context.session.add(given)
    planning.reopen(context.session, journey)
    key = "onboarding.later_tomorrow" if days == "1" else "onboarding.later_week"
    return Answer(refresh=view(Text(text=say(key))))


def press_skip(context: Context, event: ButtonPressed) -> Answer:
    """Not this one; the next comes on its day."""
    given, journey, step = find(context, event.value)
    _react(context, given, journey)
    given.state = StepState.SKIPPED
    context.session.add(given)
    button = Button(label=words("onboarding.next"), action="onboarding.next", value=event.value)
    return Answer(
        refresh=view(Text(text=say("onboarding.skipped", title=step.title)), actions(button))
    )


def press_stop(context: Context, event: ButtonPressed) -> Answer:
    """Nothing more of this journey."""
    given, journey, _ = find(context, event.value)
    _react(context, given, journey)
    journey.state, journey.is_open, journey.next_at = JourneyState.STOPPED, False, None
    context.session.add(journey)
    button = Button(label=words("onboarding.go_on"), action="onboarding.go_on", value=event.value)
    return Answer(refresh=view(Text(text=say("onboarding.stopped")), actions(button)))


def press_go_on(context: Context, event: ButtonPressed) -> Answer:
    """After a stop: go on after all."""
    given, journey, _ = find(context, event.value)
    _react(context, given, journey)
    if journey.state == JourneyState.STOPPED:
        journey.state = JourneyState.ACTIVE
        planning.reopen(context.session, journey)
    return Answer(refresh=view(Text(text=say("onboarding.going_on"))))


def press_mine(context: Context, event: ButtonPressed) -> Answer:
    """From a line in a channel: the note that did not reach the person, for them alone."""
    context.enter(event.value)
    return show_own(context)


def show_own(context: Context) -> Answer:
    """Where the acting person is on their way, and the note that waits for them."""
    found = [
        journey
        for journey in journeys.get_journeys(context.session, context.viewer.member_id)
        if journey.state in {JourneyState.ACTIVE, JourneyState.UNREACHABLE, JourneyState.STOPPED}
    ]
    if not found:
        return Answer(view=view(Text(text=say("onboarding.nothing_waits"))))
    journey = found[0]
    if is_on_its_way(context, journey):
        return Answer(view=view(Text(text=say("onboarding.comes"))))
    current = next(
        (g for g in reversed(journeys.get_given(context.session, journey)) if _is_open(g)), None
    )
    if current is not None and current.id is not None:
        given, journey, step = find(context, str(current.id))
        _react(context, given, journey)
        return Answer(view=_shown(context, given, journey, step))
    if journey.state == JourneyState.UNREACHABLE:
        journey.state, journey.trouble = JourneyState.ACTIVE, None
    shown = give_next(context, journey)
    return Answer(view=shown or view(Text(text=say("onboarding.nothing_waits"))))


def _is_open(given: Given) -> bool:
    return given.state in {StepState.PLANNED, StepState.QUEUED, StepState.SENT} and (
        given.reacted_at is None
    )


# -- the question at the end -----------------------------------------------------------------------


def open_remark(context: Context, value: str) -> Form:
    """What was missing?"""
    _, _, step = find(context, value, holds=False)
    if step.name != QUESTION:
        raise NotFound("onboarding.not_yours")
    manager = showing.get_own_manager(context.session, context.viewer.member_id)
    return Form(
        name="onboarding.remark",
        title=words("onboarding.remark_title"),
        submit=words("onboarding.remark_submit"),
        context={"given": value},
        items=(
            TextInput(
                name="text",
                label=words("onboarding.question_label"),
                multiline=True,
                max_length=LONGEST_REMARK,
            ),
            ChoiceInput(
                name="named",
                label=words("onboarding.remark_name"),
                options=(
                    Option(value="yes", label=words("onboarding.remark_named")),
                    Option(value="no", label=words("onboarding.remark_unnamed")),
                ),
                selected=("no",),
            ),
            Note(
                text=say(
                    "onboarding.remark_note",
                    person=manager.name if manager else words("onboarding.no_manager"),
                )
            ),
        ),
    )


def submit_remark(context: Context, event: FormSubmitted) -> Answer:
    """Keep the answer for the person's own managers, and tell them."""
    given, journey, step = find(context, event.context.get("given", ""))
    text = str(event.values.get("text") or "").strip()
    if step.name != QUESTION or context.viewer.partner_id is None:
        raise NotFound("onboarding.not_yours")
    if not text or len(text) > LONGEST_REMARK:
        raise NotUnderstood("north_star.length", field="text", most=LONGEST_REMARK)
    if given.state == StepState.READ:
        raise NotFound("onboarding.answered")
    _react(context, given, journey)
    given.state = StepState.READ
    is_named = event.values.get("named") in {"yes", ("yes",)}
    context.session.add(given)
    context.session.add(
        Feedback(
            alliance_id=journey.alliance_id,
            partner_id=context.viewer.partner_id,
            member_id=context.viewer.member_id if is_named else None,
            day=context.now.date().isoformat()[:7],
            text=text,
        )
    )
    return Answer(view=view(Text(text=say("onboarding.thanks"))))


def press_nothing(context: Context, event: ButtonPressed) -> Answer:
    """Nothing was missing."""
    given, journey, _ = find(context, event.value)
    _react(context, given, journey)
    given.state = StepState.READ
    context.session.add(given)
    return Answer(refresh=view(Text(text=say("onboarding.thanks_nothing"))))
