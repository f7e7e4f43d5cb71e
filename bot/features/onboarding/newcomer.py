"""What a newcomer can do about a step: open it, go on, later, skip, stop, "I've read it"."""

from dataclasses import replace
from datetime import timedelta

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, PlaceKind
from bot.core.views import Button, Note, Text, actions, view
from bot.delivery.outbox import Deliver
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say, words
from bot.features.onboarding import journeys, planning, showing
from bot.features.onboarding.contents import keep_piece, read_pieces, was_read
from bot.features.onboarding.giving import (
    find,
    get_content,
    give_next,
    is_on_its_way,
    react,
    show,
)
from bot.features.onboarding.models import Given, Journey, JourneyState, StepState, Track
from bot.features.onboarding.tracks import TrackStep, read_steps, say_title


def press_open(context: Context, event: ButtonPressed) -> Answer:
    """The step's words take the place of the welcome."""
    given, journey, step = find(context, event.value)
    react(context, given, journey)
    return Answer(refresh=show(context, given, journey, step))


def press_read(context: Context, event: ButtonPressed) -> Answer:
    """*I've read it*: a note, or a piece of it, whose place the next one takes."""
    value, _, piece = event.value.partition(":")
    given, journey, step = find(context, value)
    react(context, given, journey)
    if piece:
        return _pass(context, given, journey, step, piece, StepState.READ)
    return _finish(context, given, journey, step)


def _pass(
    context: Context, given: Given, journey: Journey, step: TrackStep, key: str, state: StepState
) -> Answer:
    """One piece is behind them, and the next one comes at once; after the last the note is over.
    Of a piece that says something else by now, they see what it says."""
    session = context.session
    pieces = read_pieces(context.registry, session, context.viewer, step, now=context.now)
    piece = next((each for each in pieces if each.key == key), None)
    if piece is not None:
        keep_piece(session, journey, piece, state, now=context.now)
    content = get_content(context, journey, step)
    if not content.piece and step.acknowledge and was_read(session, journey, pieces):
        return _finish(context, given, journey, step)
    if not content.piece and step.acknowledge:
        given.state = StepState.SKIPPED
        session.add(given)
    return Answer(refresh=showing.render_step(session, journey, given, step, content))


def _finish(context: Context, given: Given, journey: Journey, step: TrackStep) -> Answer:
    """All of a note was read."""
    given.state = StepState.READ
    context.session.add(given)
    if journey.state == JourneyState.BROUGHT:
        # It may have been what was missing: they may be through now.
        journey.state = JourneyState.ACTIVE
        planning.reopen(context.session, journey)
    note = Note(text=say("onboarding.read_on", date=say_date(context.now, context.zone)))
    content = get_content(context, journey, step)
    shown = replace(content, blocks=(*content.blocks, note))
    return Answer(refresh=showing.render_step(context.session, journey, given, step, shown))


def press_next(context: Context, event: ButtonPressed) -> Answer:
    """The next piece, or the next step, at once."""
    value, _, piece = event.value.partition(":")
    given, journey, step = find(context, value)
    react(context, given, journey)
    if journey.state == JourneyState.STOPPED:
        journey.state = JourneyState.ACTIVE
    if piece:
        state = StepState.SKIPPED if step.acknowledge else StepState.READ
        return _pass(context, given, journey, step, piece, state)
    if step.acknowledge and get_content(context, journey, step).offer:
        given.state = StepState.READ  # there was nothing to be read in it
        context.session.add(given)
    if not _is_last(context, journey, given):
        # Pressed twice, or on an older note: the one after it is there already.
        return Answer(refresh=show(context, given, journey, step, note=say("onboarding.older")))
    if is_on_its_way(context, journey):
        return Answer(refresh=show(context, given, journey, step, note=say("onboarding.comes")))
    following = give_next(context, journey)
    if following is None:
        return Answer(refresh=show(context, given, journey, step, note=say("onboarding.through")))
    here = show(context, given, journey, step, note=say("onboarding.moved_on"))
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


def press_later(context: Context, event: ButtonPressed) -> Answer:
    """The same step again tomorrow, or in a week."""
    days, _, value = event.value.partition(":")
    if days not in {"1", "7"}:
        raise NotFound("onboarding.not_yours")
    given, journey, _ = find(context, value)
    react(context, given, journey)
    given.state, given.delivery_id = StepState.PLANNED, None
    journey.held_until = context.now + timedelta(days=int(days)) - timedelta(hours=12)
    journey.last_at = context.now
    if journey.state in {JourneyState.DONE, JourneyState.BROUGHT, JourneyState.STOPPED}:
        journey.state, journey.ended_at = JourneyState.ACTIVE, None
    context.session.add(given)
    planning.reopen(context.session, journey)
    key = "onboarding.later_tomorrow" if days == "1" else "onboarding.later_week"
    return Answer(refresh=view(Text(text=say(key))))


def press_skip(context: Context, event: ButtonPressed) -> Answer:
    """Not this one; the next comes on its day."""
    given, journey, step = find(context, event.value)
    react(context, given, journey)
    given.state = StepState.SKIPPED
    context.session.add(given)
    button = Button(label=words("onboarding.next"), action="onboarding.next", value=event.value)
    return Answer(
        refresh=view(Text(text=say("onboarding.skipped", title=say_title(step))), actions(button))
    )


def press_stop(context: Context, event: ButtonPressed) -> Answer:
    """Nothing more of this journey."""
    given, journey, _ = find(context, event.value)
    react(context, given, journey)
    journey.state, journey.is_open, journey.next_at = JourneyState.STOPPED, False, None
    context.session.add(journey)
    button = Button(label=words("onboarding.go_on"), action="onboarding.go_on", value=event.value)
    return Answer(refresh=view(Text(text=say("onboarding.stopped")), actions(button)))


def press_go_on(context: Context, event: ButtonPressed) -> Answer:
    """After a stop: go on after all."""
    given, journey, _ = find(context, event.value)
    react(context, given, journey)
    if journey.state == JourneyState.STOPPED:
        journey.state = JourneyState.ACTIVE
        planning.reopen(context.session, journey)
    return Answer(refresh=view(Text(text=say("onboarding.going_on"))))
