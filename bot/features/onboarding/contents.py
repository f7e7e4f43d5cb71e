"""What a note says: its title, its manager's words, and what features contribute.

What is long is read piece by piece. Each piece that somebody has behind them is a row among their
notes, named `.KEY`: it does not come again unless it says something else by then, or all begins
anew. No manager is shown these rows.

Where what a note is about says nothing yet, but something beside it offers a meeting, the offer
comes under its own title, and nobody is asked whether they have read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.views import Block, Heading, Note, Text
from bot.db.bulk import bind_moment, sql
from bot.dispatch.feature import Piece, Registry
from bot.dispatch.messages import say, words
from bot.features.onboarding.models import PIECE, Given, Journey, StepState
from bot.features.onboarding.tracks import QUESTION, TrackStep
from bot.people.models import Committee, Seat
from bot.people.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Content:
    """What a note says to one viewer now. `piece`: the key of the piece in it, while there is one
    that they do not have behind them. `offer`: the title, if it only offers a meeting."""

    blocks: Sequence[Block] = ()
    piece: str = ""
    offer: str = ""

    def __bool__(self) -> bool:
        return bool(self.blocks)


def read_content(
    registry: Registry,
    session: Session,
    viewer: Viewer,
    journey: Journey,
    step: TrackStep,
    *,
    now: datetime,
) -> Content:
    """A note's words as this viewer may see them, with the first piece that is before them;
    nothing, if it has none for them."""
    pieces = read_pieces(registry, session, viewer, step, now=now)
    behind = _get_behind(session, journey, pieces)
    piece = next((each for each in pieces if each.key not in behind), None)
    shown: Sequence[Block] = ()
    if piece is not None:
        number, count = pieces.index(piece) + 1, len(pieces)
        key = "onboarding.piece_read" if step.acknowledge else "onboarding.piece_next"
        if number == count:
            key = "onboarding.piece_last"
        place = (Note(text=say(key, number=number, count=count)),) if count > 1 else ()
        shown = (*piece.blocks, *place)
    content = _join(registry, session, viewer, step, shown, is_long=bool(pieces), now=now)
    return replace(content, piece=piece.key if piece else "")


def render_whole(
    registry: Registry, session: Session, viewer: Viewer, step: TrackStep, *, now: datetime
) -> Sequence[Block]:
    """All of a note at once, for somebody who passes it on."""
    pieces = read_pieces(registry, session, viewer, step, now=now)
    shown = [block for piece in pieces for block in piece.blocks]
    return _join(registry, session, viewer, step, shown, is_long=bool(pieces), now=now).blocks


def read_pieces(
    registry: Registry, session: Session, viewer: Viewer, step: TrackStep, *, now: datetime
) -> Sequence[Piece]:
    """What of a note is read piece by piece."""
    parts = [registry.steps.get(name) for name in step.parts]
    reads = [part.pieces for part in parts if part is not None and part.pieces is not None]
    if not reads or not _is_for(session, viewer, step, now=now):
        return ()
    return [piece for read in reads for piece in read(session, viewer, now)]


def _join(
    registry: Registry,
    session: Session,
    viewer: Viewer,
    step: TrackStep,
    pieces: Sequence[Block],
    *,
    is_long: bool,
    now: datetime,
) -> Content:
    """A note, with these blocks in place of all that is read piece by piece, if there is any."""
    if step.name == QUESTION:
        return Content((Text(text=say("onboarding.question")),))
    if not _is_for(session, viewer, step, now=now):
        return Content()
    blocks: list[Block] = []
    offers: list[str] = []
    says = bool(step.text)
    for part in filter(None, map(registry.steps.get, step.parts)):
        if part.pieces is not None:
            found, pieces = pieces, ()
        else:
            found = part.render(session, viewer, now)
        blocks += found
        says = says or bool(found and not part.offers)
        offers += [words(part.title)] if found and part.offers else []
    if step.parts and not blocks and not step.text:
        return Content()
    offer = offers[0] if offers and not (says or is_long) else ""
    title = offer or step.title
    heading = (Heading(text=title[:1].upper() + title[1:]),) if title else ()
    text = (Text(text=step.text),) if step.text else ()
    return Content((*heading, *text, *blocks), offer=offer)


def _is_for(session: Session, viewer: Viewer, step: TrackStep, *, now: datetime) -> bool:
    if step.role == "manager" and not viewer.is_manager:
        return False
    if not step.committee:
        return True
    names = session.exec(
        select(Committee.name)
        .join(Seat, col(Seat.committee_id) == col(Committee.id))
        .where(
            col(Seat.member_id) == viewer.member_id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
        )
    ).all()
    return step.committee.casefold() in {name.casefold() for name in names}


def _get_behind(
    session: Session, journey: Journey, pieces: Sequence[Piece]
) -> dict[str, StepState]:
    """Of these pieces those that the journey's member has behind them, and how."""
    rows = session.exec(
        select(Given.step, Given.state).where(
            col(Given.member_id) == journey.member_id,
            col(Given.edition) == journey.edition,
            col(Given.step).in_([PIECE + piece.key for piece in pieces]),
        )
    ).all()
    return {step.removeprefix(PIECE): StepState(state) for step, state in rows}


_KEEP = sql(
    "INSERT INTO onboarding_steps (journey_id, alliance_id, member_id, edition, step, state, "
    "reacted_at) VALUES (:journey, :alliance, :member, :edition, :step, :state, :now) "
    "ON CONFLICT (member_id, edition, step) DO NOTHING"
)


def keep_piece(
    session: Session, journey: Journey, piece: Piece, state: StepState, *, now: datetime
) -> None:
    """From now on the journey's member has a piece behind them: read, or skipped."""
    session.execute(
        _KEEP,
        {
            "journey": journey.id,
            "alliance": journey.alliance_id,
            "member": journey.member_id,
            "edition": journey.edition,
            "step": PIECE + piece.key,
            "state": state.value,
            "now": bind_moment(session, now),
        },
    )


def was_read(session: Session, journey: Journey, pieces: Sequence[Piece]) -> bool:
    """Whether any of these pieces was read, rather than all of them passed over."""
    return StepState.READ in _get_behind(session, journey, pieces).values()
