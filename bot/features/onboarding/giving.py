"""Giving a newcomer a note: finding the one that a button names, taking it for them, showing it."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import NotFound
from bot.core.views import Text, View
from bot.db.bulk import bind_moment, sql
from bot.delivery.models import Delivery, DeliveryState, Lane
from bot.dispatch.context import Context
from bot.dispatch.messages import say
from bot.features.onboarding import endings, journeys, planning, showing
from bot.features.onboarding.contents import Content, read_content, read_pieces
from bot.features.onboarding.models import (
    RECEIVED,
    Given,
    Journey,
    JourneyState,
    StepState,
    Track,
)
from bot.features.onboarding.tracks import TrackStep, read_steps
from bot.people.viewer import Viewer


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


def react(context: Context, given: Given, journey: Journey) -> None:
    """Somebody did something about a note: it has come before them, and the journey goes on."""
    given.reacted_at = given.reacted_at or context.now
    journey.reacted_at = context.now
    if given.state in {StepState.PLANNED, StepState.QUEUED}:
        # It is open before them, whatever the outbox knows of it.
        given.state, given.sent_at = StepState.SENT, given.sent_at or context.now
    if journey.state == JourneyState.UNREACHABLE:
        journey.state, journey.trouble = JourneyState.ACTIVE, None
        journey.is_open, journey.next_at = True, None
    context.session.add(given)
    context.session.add(journey)
    context.session.flush()


def show(
    context: Context, given: Given, journey: Journey, step: TrackStep, *, note: str = ""
) -> View:
    """A note as it was brought, or (`note`) with what was done about it in place of its buttons."""
    content = get_content(context, journey, step)
    return showing.render_step(
        context.session, journey, given, step, content, note=note, has_buttons=not note
    )


def get_content(context: Context, journey: Journey, step: TrackStep) -> Content:
    """A note's words today, with the piece that comes next."""
    registry, session, viewer = context.registry, context.session, context.viewer
    found = read_content(registry, session, viewer, journey, step, now=context.now)
    pieces = read_pieces(registry, session, viewer, step, now=context.now)
    if pieces and not found.piece:
        over = Text(text=say("onboarding.pieces_over", count=len(pieces)))
        return Content((*found.blocks, over))
    return found or Content((Text(text=say("onboarding.gone")),))


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
        content = read_content(
            context.registry, session, context.viewer, journey, step, now=context.now
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
            if showing.is_first(session, journey, given):
                return showing.render_opened_welcome(
                    session, journey, given, context.viewer, content, now=context.now
                )
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
