"""Many at once: their own manager is asked first, all, from now on, or some."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import ChoiceInput, Form
from bot.core.views import Button, Note, Option, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.onboarding import journeys, showing
from bot.features.onboarding.models import Journey, JourneyState, Practice
from bot.features.onboarding.tracks import (
    QUESTION,
    TrackKind,
    get_starter,
    get_track,
    read_steps,
)
from bot.people import history
from bot.people.models import Alliance, Change, Member, Partner

TOPIC = "onboarding_ask"
AGAIN = timedelta(days=5)
"""How long an open question rests before it is asked once more; after that it is left alone."""

ONE_DAY = timedelta(days=1)

SETTLES = timedelta(minutes=30)
"""A team that is brought in is there after so long."""

MANY = 8
"""About fewer nobody is asked unasked: they wait in `onboarding`."""

MOST_OPTIONS = 100


def get_waiting(session: Session, partner_id: str) -> Sequence[Member]:
    """The partner's people about whom a manager is asked, by name."""
    return session.exec(
        select(Member)
        .join(Journey, col(Journey.member_id) == col(Member.id))
        .where(
            col(Member.partner_id) == partner_id,
            col(Member.left_at).is_(None),
            col(Journey.state) == JourneyState.ASKED,
        )
        .order_by(col(Member.name), col(Member.id))
    ).all()


def ensure_practice(session: Session, partner: Partner, *, now: datetime) -> Practice:
    """How a partner goes about it; made if it's new."""
    practice = session.get(Practice, partner.id)
    if practice is None:
        practice = Practice(
            partner_id=partner.id, alliance_id=partner.alliance_id, since=partner.joined_at or now
        )
        session.add(practice)
        session.flush()
    return practice


def ask_managers(_registry: Registry, session: Session, now: datetime) -> bool:
    """Ask the managers of partners with many people who wait: when they came, and once more."""
    newest = func.max(Journey.created_at)
    waiting = session.exec(
        select(Member.partner_id, newest)
        .join(Journey, col(Journey.member_id) == col(Member.id))
        .join(Partner, col(Partner.id) == col(Member.partner_id))
        .join(Alliance, col(Alliance.id) == col(Partner.alliance_id))
        .where(
            col(Journey.state) == JourneyState.ASKED,
            col(Member.left_at).is_(None),
            col(Partner.left_at).is_(None),
            col(Alliance.ended_at).is_(None),
        )
        .group_by(col(Member.partner_id))
        .having(
            func.count() >= MANY,
            func.min(Journey.created_at) <= now - SETTLES,
            newest > now - AGAIN - 2 * ONE_DAY,
        )
    ).all()
    for partner_id, came_at in waiting:
        partner = session.get_one(Partner, partner_id)
        practice = ensure_practice(session, partner, now=now)
        if _is_to_be_asked(practice.asked_at, came_at, now=now):
            practice.asked_at = now
            session.add(practice)
            _ask(session, partner, now=now)
    return False


def _is_to_be_asked(asked_at: datetime | None, came_at: datetime, *, now: datetime) -> bool:
    """Whether others came since the managers were last asked (and that was not today), or the
    question rested for long enough."""
    if asked_at is None:
        return True
    rest = ONE_DAY if came_at > asked_at else AGAIN
    return asked_at <= now - rest


def _ask(session: Session, partner: Partner, *, now: datetime) -> None:
    for member_id in showing.get_manager_ids(session, partner.id):
        tell_unasked(
            session, partner.alliance_id, member_id, topic=TOPIC, subject=partner.id, now=now
        )


def render_topic(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The question, as it stands when it is sent."""
    partner = session.get(Partner, message.subject)
    waiting = get_waiting(session, partner.id) if partner else ()
    if partner is None or not waiting:
        return Skip("nobody waits")
    return render_question(session, partner, waiting)


def _say_notes(session: Session, partner: Partner) -> str:
    """How many notes the partner's newcomers get, over how long."""
    track = get_track(session, partner.id, TrackKind.MEMBER)
    steps = read_steps(track) if track else get_starter(TrackKind.MEMBER)
    notes = [step for step in steps if step.name != QUESTION]
    days = words("onboarding.ask_days", count=max(step.day for step in notes) + 1)
    return words("onboarding.ask_notes", count=len(notes), days=days)


def render_question(session: Session, partner: Partner, waiting: Sequence[Member]) -> View:
    """Who is new, and the three answers."""
    names = ", ".join(member.name for member in waiting[:12])
    more = len(waiting) - 12
    value = partner.alliance_id
    return view(
        Text(
            text=say(
                "onboarding.ask",
                count=len(waiting),
                partner=partner.name,
                notes=_say_notes(session, partner),
                names=names if more <= 0 else words("onboarding.ask_more", names=names, count=more),
            )
        ),
        actions(
            Button(
                label=words("onboarding.ask_all"),
                action="onboarding.accept",
                value=value,
                style="primary",
            ),
            Button(label=words("onboarding.ask_later"), action="onboarding.decline", value=value),
            Button(label=words("onboarding.ask_choose"), opens="onboarding.choose", value=value),
        ),
        Note(text=say("onboarding.ask_why")),
    )


def _enter(context: Context, value: str) -> str:
    context.enter(value)
    context.require(Needs.MANAGER)
    return context.viewer.partner_id or ""


def press_accept(context: Context, event: ButtonPressed) -> Answer:
    """Onboard all who wait."""
    partner_id = _enter(context, event.value)
    return _accept(context, partner_id, None)


def _accept(context: Context, partner_id: str, members: Sequence[str] | None) -> Answer:
    ids = [m.id for m in get_waiting(context.session, partner_id)]
    chosen = ids if members is None else [each for each in ids if each in set(members)]
    if not chosen:
        raise NotFound("onboarding.nobody_waits")
    count = journeys.accept(context.session, partner_id, chosen, now=context.now)
    # Who did not fit into the form was not passed over: they wait on.
    rest = [each for each in ids[:MOST_OPTIONS] if each not in set(chosen)] if members else []
    journeys.decline(context.session, partner_id, rest, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "onboarding.accepted",
        partner_id,
        now=context.now,
        after={"members": chosen, "declined": rest},
    )
    said = (Text(text=say("onboarding.accepted", count=count)),)
    left = get_waiting(context.session, partner_id)
    if not left:
        return Answer(view=View(blocks=said))
    partner = context.session.get_one(Partner, partner_id)
    question = render_question(context.session, partner, left)
    return Answer(view=View(blocks=(*said, *question.blocks)))


def press_decline(context: Context, event: ButtonPressed) -> Answer:
    """Only those who join from now on."""
    partner_id = _enter(context, event.value)
    ids = [member.id for member in get_waiting(context.session, partner_id)]
    if not ids:
        raise NotFound("onboarding.nobody_waits")
    count = journeys.decline(context.session, partner_id, ids, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "onboarding.accepted",
        partner_id,
        now=context.now,
        after={"members": [], "declined": ids},
    )
    return Answer(view=view(Text(text=say("onboarding.declined", count=count))))


def open_choice(context: Context, value: str) -> Form:
    """Who of them?"""
    partner_id = _enter(context, value)
    waiting = get_waiting(context.session, partner_id)
    if not waiting:
        raise NotFound("onboarding.nobody_waits")
    return Form(
        name="onboarding.choose",
        title=words("onboarding.choose_title"),
        submit=words("onboarding.choose_submit"),
        context={"alliance": value},
        items=(
            ChoiceInput(
                name="members",
                label=words("onboarding.choose_label"),
                options=tuple(
                    Option(value=member.id, label=member.name[:75])
                    for member in waiting[:MOST_OPTIONS]
                ),
                multiple=True,
            ),
            Note(
                text=say("onboarding.choose_note")
                if len(waiting) <= MOST_OPTIONS
                else say("onboarding.choose_rest", count=len(waiting) - MOST_OPTIONS)
            ),
        ),
    )


def submit_choice(context: Context, event: FormSubmitted) -> Answer:
    """Onboard those who were chosen; the others are not, unless somebody says so."""
    partner_id = _enter(context, event.context.get("alliance", ""))
    chosen = event.values.get("members")
    if not isinstance(chosen, tuple) or not chosen:
        raise NotUnderstood("onboarding.choose_some", field="members")
    return _accept(context, partner_id, chosen)


def undo_accepted(context: Context, change: Change) -> Answer:
    """Wait for an answer again; what went out already stays."""
    members = [str(m) for key in ("members", "declined") for m in _list(change.after.get(key))]
    found = context.session.exec(
        select(Journey)
        .join(Member, col(Member.id) == col(Journey.member_id))
        .where(
            col(Journey.member_id).in_(members),
            col(Member.partner_id) == context.viewer.partner_id,
            col(Journey.cause) == "join",
            col(Journey.state).in_([JourneyState.ACTIVE, JourneyState.DECLINED]),
        )
    ).all()
    count = 0
    for journey in found:
        if not journeys.get_given(context.session, journey):
            journey.state, journey.is_open, journey.next_at = JourneyState.ASKED, False, None
            context.session.add(journey)
            count += 1
    return Answer(view=view(Text(text=say("onboarding.undone", count=count))))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


ASK = RecurringJob(name="onboarding_ask", every=timedelta(minutes=30), run=ask_managers)
