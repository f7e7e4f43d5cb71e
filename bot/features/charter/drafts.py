"""Imported charters until they are in force: made, corrected, put in force, thrown away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, delete, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.dispatch.feature import RecurringJob, Registry
from bot.features.charter.clauses import CLAUSES, KIND, make_subject
from bot.features.charter.matching import assign
from bot.features.charter.models import CharterDraft
from bot.features.charter.sections import Section
from bot.people.models import AudienceKind, Committee
from bot.people.viewer import Viewer, visible_to
from bot.statements import versions
from bot.statements.models import Version, VersionState

LONGEST = 6000
"""Characters of a clause."""

KEPT = timedelta(days=14)
"""A draft that nobody puts in force is thrown away after so long."""

MOST_PARTS = 90
"""Parts of a draft: a menu of Slack's holds a hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section of the document, and the clause it is to go to, if any."""

    heading: str
    text: str
    clause: str | None


def make(
    session: Session,
    viewer: Viewer,
    sections: Sequence[Section],
    *,
    committee: Committee | None,
    name: str,
    now: datetime,
) -> CharterDraft:
    """A draft of what a document says. Raises NotUnderstood if it has more parts than anybody
    could look through."""
    draft = CharterDraft(
        alliance_id=viewer.alliance_id,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        committee_id=committee.id if committee else None,
        name=name[:120],
        parts=_to_parts(sections),
        created_at=now,
        audience_kind=AudienceKind.PARTNER,
        audience_id=viewer.partner_id,
    )
    session.add(draft)
    session.flush()
    return draft


def extend(session: Session, draft: CharterDraft, sections: Sequence[Section]) -> None:
    """Add what came in another go. Text before any heading goes on with the last part."""
    parts = [dict(part) for part in draft.parts]
    added = _to_parts(sections)
    if parts and added and not added[0]["heading"]:
        parts[-1]["text"] = f"{parts[-1]['text']}\n\n{added[0]['text']}".strip()
        added = added[1:]
    if len(parts) + len(added) > MOST_PARTS:
        raise NotUnderstood("charter.many_parts", most=MOST_PARTS)
    draft.parts = [*parts, *added]
    _touch(session, draft)


def _to_parts(sections: Sequence[Section]) -> list[dict[str, str | None]]:
    parts: list[dict[str, str | None]] = [
        {"heading": section.heading, "text": section.text, "clause": clause}
        for section, clause in zip(sections, assign(sections), strict=True)
        # A heading that only stands above others says nothing by itself.
        if section.text
    ]
    if len(parts) > MOST_PARTS:
        raise NotUnderstood("charter.many_parts", most=MOST_PARTS)
    if not parts:
        raise NotUnderstood("charter.file_empty")
    return parts


def get_parts(draft: CharterDraft) -> list[Part]:
    """The draft's parts, in the document's order."""
    return [
        Part(
            heading=part.get("heading") or "",
            text=part.get("text") or "",
            clause=part.get("clause") if part.get("clause") in CLAUSES else None,
        )
        for part in draft.parts
    ]


def get_texts(draft: CharterDraft) -> dict[str, str]:
    """What each clause would say, in the order of clauses. Where several parts make one, their
    headings stay as lines of it."""
    parts = get_parts(draft)
    texts: dict[str, str] = {}
    for clause in CLAUSES:
        own = [part for part in parts if part.clause == clause]
        if len(own) == 1:
            texts[clause] = own[0].text
        elif own:
            texts[clause] = "\n\n".join(f"{p.heading}\n{p.text}".strip() for p in own)
    return texts


def correct(
    session: Session, draft: CharterDraft, index: int, *, clause: str | None, text: str
) -> None:
    """Give a part another clause (None: leave it out) or other words. Raises NotFound."""
    if not 0 <= index < len(draft.parts) or (clause is not None and clause not in CLAUSES):
        raise NotFound("charter.no_part")
    parts = [dict(part) for part in draft.parts]
    parts[index] |= {"clause": clause, "text": text}
    draft.parts = parts
    _touch(session, draft)


def set_body(session: Session, draft: CharterDraft, committee: Committee | None) -> None:
    """Say whose charter it is."""
    draft.committee_id = committee.id if committee else None
    _touch(session, draft)


def _touch(session: Session, draft: CharterDraft) -> None:
    draft.number += 1
    session.add(draft)
    session.flush()


def get_draft_or_raise(session: Session, viewer: Viewer, draft_id: str) -> CharterDraft:
    """A draft by id. Raises NotFound, also if it is not the viewer's to see."""
    draft = session.exec(
        select(CharterDraft).where(
            visible_to(viewer, CharterDraft), col(CharterDraft.id) == draft_id
        )
    ).first()
    if draft is None:
        raise NotFound("charter.no_draft")
    return draft


def put_in_force(
    session: Session,
    viewer: Viewer,
    draft: CharterDraft,
    *,
    number: int,
    review_on: date,
    now: datetime,
) -> list[Version]:
    """Put all clauses of a draft in force at the viewer's partner and be done with it. A clause
    that says what it says already is left as it is.

    Raises Conflict if the draft changed since `number`, if it says nothing new, or if a clause is
    too long.
    """
    if draft.number != number:
        raise Conflict("charter.draft_changed")
    texts = get_texts(draft)
    if any(len(text) > LONGEST for text in texts.values()):
        raise Conflict("charter.draft_long", most=LONGEST)
    committee = session.get(Committee, draft.committee_id) if draft.committee_id else None
    present = versions.get_in_force_at(session, viewer.alliance_id, draft.partner_id, KIND)
    made = []
    for clause, text in texts.items():
        subject = make_subject(committee, clause)
        if subject in present and present[subject].text == text:
            continue
        made.append(
            versions.put_in_force(
                session, viewer, KIND, text=text, subject=subject, review_on=review_on, now=now
            )
        )
    if not made:
        raise Conflict("charter.draft_nothing")
    session.delete(draft)
    session.flush()
    return made


def take_back(session: Session, version_ids: Sequence[str]) -> None:
    """Take an import back: of each clause the version before it is in force again. Raises Conflict
    if one of them was changed since; then none is taken back."""
    found = [session.get_one(Version, version_id) for version_id in version_ids]
    if any(version.state != VersionState.IN_FORCE for version in found):
        raise Conflict("statements.newer")
    for version in found:
        versions.withdraw(session, version)


def forget_old(_registry: Registry, session: Session, now: datetime) -> bool:
    """Throw away what nobody put in force."""
    session.execute(delete(CharterDraft).where(col(CharterDraft.created_at) < now - KEPT))
    return False


JOB = RecurringJob(name="charter_drafts", every=timedelta(days=1), run=forget_old)
