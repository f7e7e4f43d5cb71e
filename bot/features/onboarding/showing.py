"""What a newcomer sees of a step: its words, why it came, and what can be done about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlmodel import Session, col, select

from bot.core.views import (
    Actions,
    Block,
    Button,
    Menu,
    Note,
    Option,
    Text,
    View,
    actions,
)
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.features.onboarding import endings, sending
from bot.features.onboarding.contents import Content, read_content
from bot.features.onboarding.counterparts import find_counterpart
from bot.features.onboarding.journeys import get_given
from bot.features.onboarding.models import Given, Journey, JourneyState, StepState, Track
from bot.features.onboarding.pace import is_working
from bot.features.onboarding.planning import get_hours
from bot.features.onboarding.tracks import QUESTION, TrackKind, TrackStep, read_steps, say_title
from bot.people.models import Alliance, Member, MemberAccount, Partner, Role
from bot.people.viewer import Viewer, get_viewers


def get_viewer(session: Session, member_id: str) -> Viewer | None:
    """A member as a viewer; None if they are one no more."""
    accounts = session.exec(
        select(MemberAccount.account_id).where(col(MemberAccount.member_id) == member_id)
    ).all()
    found = (v for account in accounts for v in get_viewers(session, account))
    return next((viewer for viewer in found if viewer.member_id == member_id), None)


def find_step(session: Session, journey: Journey, name: str) -> TrackStep | None:
    """A step of the journey's own version of its track."""
    steps = read_steps(session.get_one(Track, journey.track_id))
    return next((step for step in steps if step.name == name), None)


def find_unread(session: Session, journey: Journey) -> Given | None:
    """The first note of a journey that asks to be read, and was not marked as read."""
    asking = [s.name for s in read_steps(session.get_one(Track, journey.track_id)) if s.acknowledge]
    given = {each.step: each for each in get_given(session, journey)}
    unread = (given[name] for name in asking if name in given)
    return next((g for g in unread if g.state in {StepState.SENT, StepState.SKIPPED}), None)


def render_topic(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """A step at the moment of sending, if it still is to be sent."""
    given = session.get(Given, int(message.subject)) if message.subject.isdigit() else None
    journey = session.get(Journey, given.journey_id) if given else None
    if given is None or journey is None or given.state != StepState.QUEUED:
        return Skip(sending.NOT_NOW)
    if journey.state != JourneyState.ACTIVE:
        return Skip(sending.NOT_NOW)
    if not is_working(now, get_hours(session, journey.member_id)):
        return Skip(sending.OUT_OF_HOURS)
    viewer = get_viewer(session, journey.member_id)
    step = find_step(session, journey, given.step)
    if viewer is None or viewer.is_former:
        return Skip(sending.GONE)
    if not endings.is_own(session, journey, viewer.partner_id):
        return Skip(sending.ELSEWHERE)
    if step is None:
        return Skip(sending.NOTHING)
    content = read_content(registry, session, viewer, journey, step, now=now)
    if is_first(session, journey, given):
        return render_welcome(session, journey, given, step, viewer, content, now=now)
    if not content:
        return Skip(sending.NOTHING)
    return render_step(session, journey, given, step, content)


def is_first(session: Session, journey: Journey, given: Given) -> bool:
    """Whether a step begins a member's track."""
    steps = read_steps(session.get_one(Track, journey.track_id))
    return journey.kind == TrackKind.MEMBER and bool(steps) and steps[0].name == given.step


def render_welcome(
    session: Session,
    journey: Journey,
    given: Given,
    step: TrackStep,
    viewer: Viewer,
    content: Content,
    *,
    now: datetime,
) -> View:
    """The first message: where she is, who her counterpart is, and one thing to read, if there is
    anything yet. It is never left out."""
    steps = read_steps(session.get_one(Track, journey.track_id))
    rest = sum(1 for each in steps if each.name not in {given.step, QUESTION})
    blocks = _greet(session, viewer, now=now)
    if not content:
        first = Text(text=say("onboarding.nothing_to_read"))
        row = actions(_next(given), _stop(given))
        closing = (*((row,) if row else ()), *_close_welcome(session, journey))
        return View(blocks=(*blocks, first, *closing))
    blocks.append(Text(text=say("onboarding.one_thing", title=say_title(step), count=rest)))
    buttons = (
        Button(
            label=words("onboarding.open"),
            action="onboarding.open",
            value=str(given.id),
            style="primary",
        ),
        _later(given),
        _stop(given),
    )
    blocks += [Actions(items=buttons), *_close_welcome(session, journey)]
    return View(blocks=tuple(blocks))


def _greet(session: Session, viewer: Viewer, *, now: datetime) -> list[Block]:
    """Where she is, and who her contact at another partner is."""
    alliance = session.get_one(Alliance, viewer.alliance_id)
    counterpart = find_counterpart(session, viewer, now=now)
    blocks: list[Block] = [
        Text(text=say("onboarding.welcome", person=viewer.member_name, alliance=alliance.name))
    ]
    if counterpart is not None:
        partner = session.get_one(Partner, counterpart.partner_id)
        blocks.append(
            Text(text=say("onboarding.contact", person=counterpart.name, partner=partner.name))
        )
    return blocks


def render_opened_welcome(
    session: Session,
    journey: Journey,
    given: Given,
    viewer: Viewer,
    content: Content,
    *,
    now: datetime,
) -> View:
    """The first message with what there is to read in it, for somebody who asked for it."""
    row = actions(_next(given, content.piece), _later(given), _stop(given))
    return View(
        blocks=(
            *_greet(session, viewer, now=now),
            *content.blocks,
            *((row,) if row else ()),
            *_close_welcome(session, journey),
        )
    )


def _close_welcome(session: Session, journey: Journey) -> tuple[Note, Note]:
    """Why it came, and who can read what is kept."""
    return _why(session, journey), Note(text=say("consent.operator"))


def render_step(
    session: Session,
    journey: Journey,
    given: Given,
    step: TrackStep,
    content: Content,
    *,
    note: str = "",
    has_buttons: bool = True,
) -> View:
    """A step's words with its buttons; `note` says what was done about it."""
    closing: list[Block] = [Note(text=note)] if note else []
    buttons = _buttons(given, step, content) if has_buttons else None
    if buttons is not None:
        closing.append(buttons)
    closing.append(_why(session, journey))
    return View(blocks=(*content.blocks, *closing), summary=content.offer or say_title(step))


def _buttons(given: Given, step: TrackStep, content: Content) -> Actions | None:
    value, piece = str(given.id), content.piece
    if step.name == QUESTION:
        return actions(
            Button(
                label=words("onboarding.answer"),
                opens="onboarding.remark",
                value=value,
                style="primary",
            ),
            Button(label=words("onboarding.nothing"), action="onboarding.nothing", value=value),
        )
    asks = step.acknowledge and not content.offer
    wants_yes = asks and (given.state != StepState.READ or bool(piece))
    return actions(
        Button(
            label=words("onboarding.read"),
            action="onboarding.read",
            value=_name(given, piece),
            style="primary",
        )
        if wants_yes
        else None,
        _next(given, piece, "plain" if wants_yes else "primary"),
        *(
            (
                _later(given),
                Button(label=words("onboarding.skip"), action="onboarding.skip", value=value),
                _stop(given),
            )
            if given.state != StepState.READ
            else ()
        ),
    )


def _name(given: Given, piece: str) -> str:
    """What a button is about: a note, or a piece of it."""
    return f"{given.id}:{piece}" if piece else str(given.id)


def _next(given: Given, piece: str = "", style: Literal["plain", "primary"] = "plain") -> Button:
    return Button(
        label=words("onboarding.next"),
        action="onboarding.next",
        value=_name(given, piece),
        style=style,
    )


def _later(given: Given) -> Menu:
    return Menu(
        label=words("onboarding.later"),
        action="onboarding.later",
        options=(
            Option(value=f"1:{given.id}", label=words("onboarding.tomorrow")),
            Option(value=f"7:{given.id}", label=words("onboarding.in_a_week")),
        ),
    )


def _stop(given: Given) -> Button:
    return Button(label=words("onboarding.stop"), action="onboarding.stop", value=str(given.id))


def _why(session: Session, journey: Journey) -> Note:
    cause = journey.cause.split("#")[0].split(":")[0]
    alliance = session.get_one(Alliance, journey.alliance_id)
    own = get_own_manager(session, journey.member_id)
    why = say(f"onboarding.why_{cause}", alliance=alliance.name)
    who = say("onboarding.your_manager", person=own.name) if own else ""
    return Note(text=f"{why} {who} {say('onboarding.all_of_it')}".replace("  ", " "))


def get_own_manager(session: Session, member_id: str) -> Member | None:
    """The manager who looks after a member's partner, the one who has been it longest; nobody
    for whom that is themselves."""
    member = session.get_one(Member, member_id)
    return session.exec(
        select(Member)
        .join(Role, col(Role.member_id) == col(Member.id))
        .where(
            col(Role.partner_id) == (member.partner_id or ""),
            col(Role.until).is_(None),
            col(Member.left_at).is_(None),
            col(Member.id) != member_id,
        )
        .order_by(col(Role.since), col(Role.id))
        .limit(1)
    ).first()


def get_manager_ids(session: Session, partner_id: str) -> list[str]:
    """Who looks after a partner, the one who has done it longest first."""
    found = session.exec(
        select(Role.member_id)
        .join(Member, col(Member.id) == col(Role.member_id))
        .where(
            col(Role.partner_id) == partner_id,
            col(Role.until).is_(None),
            col(Member.left_at).is_(None),
        )
        .order_by(col(Role.since), col(Role.id))
    )
    return list(dict.fromkeys(found))


def get_progress(session: Session, journey: Journey) -> tuple[int, int]:
    """How many steps a journey has brought, and how many its track has."""
    return get_progress_of(session, [journey])[journey.id]


def get_progress_of(session: Session, found: Sequence[Journey]) -> dict[str, tuple[int, int]]:
    """The same for each of several journeys."""
    over: dict[tuple[str, int], set[str]] = {}
    for member_id, edition, step in session.exec(
        select(Given.member_id, Given.edition, Given.step).where(
            col(Given.member_id).in_([journey.member_id for journey in found]),
            col(Given.state).not_in([StepState.PLANNED, StepState.QUEUED]),
        )
    ):
        over.setdefault((member_id, edition), set()).add(step)
    progress = {}
    for journey in found:
        track = read_steps(session.get_one(Track, journey.track_id))
        names = {step.name for step in track} - {QUESTION}
        brought = names & over.get((journey.member_id, journey.edition), set())
        progress[journey.id] = (len(brought), len(names))
    return progress
