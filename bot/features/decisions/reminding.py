"""The reminder of open and coming decisions, for all or before one committee's meeting."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bot.core.views import Block, Option, Text
from bot.delivery.postman import Skip
from bot.dispatch.dates import say_day
from bot.dispatch.messages import say, words
from bot.features.decisions import log
from bot.features.decisions.log import State
from bot.features.decisions.models import Decision, Weight
from bot.features.decisions.views import shorten
from bot.people import committees
from bot.people.models import AudienceKind, Committee
from bot.people.viewer import Viewer
from bot.schedules.models import Reminder

MOST = 12


def render_reminder(session: Session, reminder: Reminder, at: datetime) -> Sequence[Block] | Skip:
    """What is open and what comes up, of what the whole alliance may see; of one committee, if one
    was chosen."""
    chosen = str(reminder.options.get("choice") or "")
    return render_open(session, reminder.alliance_id, committee_id=chosen)


def render_closed(
    session: Session, reminder: Reminder, at: datetime, committee_id: str
) -> Sequence[Block] | Skip:
    """The same to the members of one committee alone: with what only they may see. One for another
    committee brings nothing more."""
    chosen = str(reminder.options.get("choice") or "")
    if chosen not in {"", committee_id}:
        return render_reminder(session, reminder, at)
    return render_open(session, reminder.alliance_id, committee_id=chosen, closed_to=committee_id)


def render_open(
    session: Session, alliance_id: str, *, committee_id: str = "", closed_to: str = ""
) -> Sequence[Block] | Skip:
    """What is open and what comes up, a line each; of one committee, if one is given. `closed_to`:
    the committee whose members alone read it."""
    theirs = and_(
        col(Decision.audience_kind) == AudienceKind.COMMITTEE,
        col(Decision.audience_id) == closed_to,
    )
    query = select(Decision).where(
        col(Decision.alliance_id) == alliance_id,
        or_(col(Decision.audience_kind) == AudienceKind.ALLIANCE, theirs),
        col(Decision.closed_at).is_(None),
        or_(
            col(Decision.weight) == Weight.PLANNED,
            col(Decision.id).in_(log.pending_ids(alliance_id)),
        ),
    )
    if committee_id:
        query = query.where(col(Decision.committee_id) == committee_id)
    found = session.exec(query.order_by(col(Decision.planned_on), col(Decision.number))).all()
    lines = [
        say(
            f"decisions.reminder_{entry.state}",
            name=entry.name,
            what=shorten(entry.decision.what),
            date=say_day(entry.decision.planned_on)
            if entry.decision.planned_on
            else words("decisions.no_date"),
        )
        for entry in log.get_entries(session, found)
        if entry.state in {State.PLANNED, State.PROPOSED}
    ]
    if not lines:
        return Skip("nothing is open and nothing comes up")
    body = "\n".join(f"- {line}" for line in lines[:MOST])
    return (Text(text=say("decisions.reminder")), Text(text=body))


def get_choices(session: Session, viewer: Viewer) -> Sequence[Option]:
    """All decisions, or those of one committee."""
    every = Option(value="", label=words("decisions.of_all"))
    found = committees.get_committees(session, viewer)
    return [every, *(Option(value=c.id, label=describe(session, c.id)[:75]) for c in found)]


def read_choice(session: Session, viewer: Viewer, said: Sequence[str]) -> tuple[str, int]:
    """A committee whose name the words begin with."""
    for committee in committees.get_committees(session, viewer):
        parts = committee.name.casefold().split()
        if [word.casefold() for word in said[: len(parts)]] == parts:
            return committee.id, len(parts)
    return "", 0


def describe(session: Session, choice: str) -> str:
    """A choice in words."""
    committee = session.get(Committee, choice) if choice else None
    if committee is None:
        return words("decisions.of_all")
    return words("decisions.of_body", body=committee.name)
