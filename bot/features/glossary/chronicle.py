"""What happened to a term, as far as a viewer may know of it: changes, proposals, answers, imports.
What one partner did in private is that partner's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bot.dispatch.messages import words
from bot.features.glossary import retiring
from bot.features.glossary.agreeing import read_meaning
from bot.features.glossary.models import Term, TermProposal
from bot.features.glossary.terms import Entry
from bot.people.models import Account, AudienceKind, Change, Member
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import Statement, Version, VersionState, Voice

MOST: Final = 50
LONGEST: Final = 280
"""Characters of a meaning that are shown of two."""

OPEN_TO_ALL: Final = frozenset({"term.disputed", "term.undisputed", "term.retired"})
"""What everybody sees of a shared term, whoever did it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a term's history: `what` names a text of the catalogue."""

    at: datetime
    what: str
    person: str = ""
    partner_id: str | None = None
    text: str = ""


def get_history(session: Session, viewer: Viewer, entry: Entry) -> list[Event]:
    """What happened to a term, newest first."""
    found = [*_get_changes(session, viewer, entry), *_get_answers(session, viewer, entry.term)]
    return sorted(found, key=lambda event: event.at, reverse=True)[:MOST]


def _get_changes(session: Session, viewer: Viewer, entry: Entry) -> Iterator[Event]:
    imports = {entry.term.import_id, *(meaning.import_id for meaning in entry.meanings)}
    rows = session.exec(
        select(Change, Account.name)
        .join(Account, col(Account.id) == col(Change.account_id))
        .where(
            col(Change.alliance_id) == viewer.alliance_id,
            col(Change.undone_at).is_(None),
            or_(
                and_(col(Change.subject_id) == entry.term.id, col(Change.action).like("term.%")),
                and_(
                    col(Change.subject_id).in_([each for each in imports if each]),
                    col(Change.action) == "term.imported",
                ),
            ),
        )
        .order_by(col(Change.at).desc(), col(Change.id).desc())
        .limit(MOST)
    ).all()
    for change, person in rows:
        if _may_know(viewer, entry.term, change):
            yield Event(
                at=change.at,
                what=change.action.removeprefix("term."),
                person=person,
                partner_id=change.partner_id,
                text=_say_text(viewer, change),
            )


def _may_know(viewer: Viewer, term: Term, change: Change) -> bool:
    if change.partner_id == viewer.partner_id or change.after.get("is_shared"):
        return True
    is_shared = term.audience_kind == AudienceKind.ALLIANCE
    return is_shared and change.action in OPEN_TO_ALL | {"term.imported"}


def _say_text(viewer: Viewer, change: Change) -> str:
    """The reason that was given, or the meaning then; another side's private one is not said. Of
    what an import changed, the words that it replaced, too."""
    if change.action == "term.reworded":
        return words(
            "term.history_reworded",
            before=str(change.before.get("meaning", ""))[:LONGEST],
            after=str(change.after.get("meaning", ""))[:LONGEST],
        )
    said = change.after.get("said")
    if change.action == "term.detailed" and isinstance(said, list):
        return "; ".join(map(str, said))
    reason = str(change.after.get("reason") or "")
    is_readable = change.partner_id == viewer.partner_id or change.after.get("is_shared")
    return reason or (str(change.after.get("meaning") or "") if is_readable else "")


def _get_answers(session: Session, viewer: Viewer, term: Term) -> Iterator[Event]:
    """What was put to the partners about it, and what they said."""
    proposed = select(TermProposal.statement_id).where(col(TermProposal.term_id) == term.id)
    for version, kind, person in session.exec(
        select(Version, Statement.kind, Member.name)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .join(Member, col(Member.id) == col(Version.member_id))
        .where(
            visible_to(viewer, Statement),
            or_(
                col(Statement.id).in_(proposed),
                and_(
                    col(Statement.kind) == retiring.STATEMENT,
                    col(Statement.subject) == term.id,
                ),
            ),
        )
        .order_by(col(Version.created_at).desc())
        .limit(MOST)
    ).all():
        goes = kind == retiring.STATEMENT
        text = version.text if goes else read_meaning(session, version, term)
        yield Event(
            at=version.created_at,
            what="proposed_retired" if goes else "proposed",
            person=person,
            partner_id=version.partner_id,
            text=text,
        )
        yield from _get_voices(session, viewer, version)
        if version.settled_at is not None and _was_agreed(version):
            what = "retired" if goes else "agreed"
            yield Event(at=version.settled_at, what=what, text=text)


def _was_agreed(version: Version) -> bool:
    """Whether the partners agreed on a version, if only until the next."""
    return version.state == VersionState.CONFIRMED or version.stood_until is not None


def _get_voices(session: Session, viewer: Viewer, version: Version) -> Sequence[Event]:
    """Who answered what; an objection's reason goes to its author's side and its own alone."""
    rows = session.exec(
        select(Voice, Member.name)
        .join(Member, col(Member.id) == col(Voice.member_id))
        .where(col(Voice.version_id) == version.id)
    ).all()
    return [
        Event(
            at=voice.at,
            what=f"answer_{voice.kind}",
            person=person,
            partner_id=voice.partner_id,
            text=voice.reason
            if viewer.partner_id in {voice.partner_id, version.partner_id}
            else "",
        )
        for voice, person in rows
    ]
