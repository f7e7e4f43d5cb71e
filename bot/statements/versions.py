"""Putting versions in force, reading them, and comparing them."""

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy
from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.core.errors import Conflict
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import STANDING, Statement, Version, VersionState


def put_in_force(
    session: Session,
    viewer: Viewer,
    kind: str,
    *,
    text: str,
    now: datetime,
    review_on: date | None = None,
    subject: str = "",
) -> Version:
    """Write a new version and put it in force at the viewer's partner only.

    Raises Conflict if it says the same as the version in force.
    """
    assert viewer.partner_id is not None  # noqa: S101 - only managers come here
    statement = ensure_statement(
        session, viewer, kind, subject=subject, partner_id=viewer.partner_id, now=now
    )
    history = get_versions(session, statement)
    present = next((v for v in history if v.state == VersionState.IN_FORCE), None)
    if present is not None and (present.text, present.review_on) == (text, review_on):
        raise Conflict("statements.same", field="text")
    if present is not None:
        supersede(session, present, now=now)
    return add_version(
        session,
        viewer,
        statement,
        text=text,
        state=VersionState.IN_FORCE,
        review_on=review_on,
        now=now,
    )


def supersede(session: Session, version: Version, *, now: datetime) -> None:
    """Another takes the place of a version that counted."""
    version.state, version.stood_until = VersionState.SUPERSEDED, now
    session.add(version)


def add_version(
    session: Session,
    viewer: Viewer,
    statement: Statement,
    *,
    text: str,
    state: VersionState,
    now: datetime,
    review_on: date | None = None,
) -> Version:
    """Write the next version of a statement, chained to the one before."""
    history = get_versions(session, statement)
    last = history[0] if history else None
    version = Version(
        statement_id=statement.id,
        number=last.number + 1 if last else 1,
        text=text,
        state=state,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        created_at=now,
        review_on=review_on,
        previous_hash=last.hash if last else "",
        hash="",
    )
    version.hash = compute_hash(version)
    session.add(version)
    session.flush()
    return version


def compute_hash(version: Version) -> str:
    """SHA-256 over what the version says, its opaque ids and the hash before it; no names."""
    content = {
        "statement": version.statement_id,
        "number": version.number,
        "text": version.text,
        "partner": version.partner_id,
        "member": version.member_id,
        "created_at": version.created_at.isoformat(),
        "review_on": version.review_on.isoformat() if version.review_on else None,
        "previous": version.previous_hash,
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def ensure_statement(
    session: Session,
    viewer: Viewer,
    kind: str,
    *,
    subject: str,
    now: datetime,
    partner_id: str | None,
    committee_id: str | None = None,
) -> Statement:
    """The statement of this kind and subject: a partner's own, or (no `partner_id`) the partners'
    together, whose audience is the alliance, or the committee if `committee_id` is given."""
    statement = session.exec(
        select(Statement).where(
            col(Statement.alliance_id) == viewer.alliance_id,
            col(Statement.partner_id) == partner_id
            if partner_id
            else col(Statement.partner_id).is_(None),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
    ).first()
    if statement is None:
        audience, owner = AudienceKind.ALLIANCE, None
        if partner_id is not None:
            audience, owner = AudienceKind.PARTNER, partner_id
        elif committee_id is not None:
            audience, owner = AudienceKind.COMMITTEE, committee_id
        statement = Statement(
            alliance_id=viewer.alliance_id,
            partner_id=partner_id,
            kind=kind,
            subject=subject,
            created_at=now,
            audience_kind=audience,
            audience_id=owner,
        )
        session.add(statement)
        session.flush()
    return statement


def get_joint(
    session: Session, alliance_id: str, kind: str, *, subject: str = ""
) -> Statement | None:
    """What the partners have together of this kind and subject, whoever may see it."""
    return session.exec(
        select(Statement).where(
            col(Statement.alliance_id) == alliance_id,
            col(Statement.partner_id).is_(None),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
    ).first()


def get_versions(session: Session, statement: Statement) -> Sequence[Version]:
    """All versions of a statement, newest first."""
    return session.exec(
        select(Version)
        .where(col(Version.statement_id) == statement.id)
        .order_by(col(Version.number).desc())
    ).all()


def readable_by(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which `viewer` may read a version (joined with its statement): what was
    written after their partner left is not theirs to read."""
    if viewer.left_at is None:
        return visible_to(viewer, Statement)
    own = col(Statement.audience_id) == viewer.partner_id
    then = col(Version.created_at) <= viewer.left_at
    return and_(visible_to(viewer, Statement), or_(own, then))


def can_read(session: Session, viewer: Viewer, statement: Statement) -> bool:
    """Whether the viewer may see a statement."""
    chosen = select(Statement.id).where(
        visible_to(viewer, Statement), col(Statement.id) == statement.id
    )
    return session.exec(chosen).first() is not None


def _counts_for(viewer: Viewer) -> ColumnElement[bool]:
    """The condition under which a version counts; for people of a partner that left: counted then,
    whatever took its place since."""
    counts = col(Version.state).in_(STANDING)
    if viewer.left_at is None:
        return counts
    since = func.coalesce(col(Version.settled_at), col(Version.created_at))
    stood = or_(counts, col(Version.stood_until) > viewer.left_at)
    return and_(stood, since <= viewer.left_at)


def get_in_force(
    session: Session, viewer: Viewer, kind: str, *, subject: str = ""
) -> Version | None:
    """The version that counts for the viewer: what the partners confirmed, else what is in force
    at one of them, the newest if there are two."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            readable_by(viewer),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
            _counts_for(viewer),
        )
        .order_by(col(Statement.partner_id).is_not(None), col(Version.created_at).desc())
        .limit(1)
    ).first()


def get_texts_since(session: Session, viewer: Viewer, since: datetime) -> Sequence[str]:
    """The wordings that hold now and that the viewer may read only since after a moment: newly
    confirmed or in force, or shared with the viewer's side since."""
    settled = func.coalesce(Version.settled_at, Version.created_at)
    return session.exec(
        select(Version.text)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            readable_by(viewer),
            col(Version.state).in_(STANDING),
            or_(settled > since, col(Statement.shared_at) > since),
        )
    ).all()


def get_subjects(session: Session, viewer: Viewer, kind: str) -> dict[str, Version]:
    """The versions of this kind that count for the viewer, by their statements' subject."""
    rows = session.exec(
        select(Statement.subject, Version)
        .join(Version, col(Version.statement_id) == col(Statement.id))
        .where(
            readable_by(viewer),
            col(Statement.kind) == kind,
            _counts_for(viewer),
        )
        .order_by(col(Statement.partner_id).is_(None), col(Version.created_at))
    ).all()
    return dict(rows)


def get_held(session: Session, viewer: Viewer, kinds: Sequence[str]) -> set[tuple[str, str]]:
    """Kind and subject of the statements of these kinds of which a version counts for the
    viewer."""
    found = session.execute(select_held(viewer, kinds, (Statement.kind, Statement.subject)))
    return {(kind, subject) for kind, subject in found}


def select_held(viewer: Viewer, kinds: Sequence[str], columns: Sequence[Any]) -> Select[Any]:
    """These columns of the statements of these kinds of which a version counts for the viewer, and
    of that version."""
    return (
        sqlalchemy.select(*columns)
        .join_from(Statement, Version, col(Version.statement_id) == col(Statement.id))
        .where(readable_by(viewer), col(Statement.kind).in_(kinds), _counts_for(viewer))
    )


def get_subjects_proposed(session: Session, viewer: Viewer, kind: str) -> set[str]:
    """The subjects of which a wording waits for the partners that the viewer may see."""
    return set(
        session.exec(
            select(Statement.subject)
            .join(Version, col(Version.statement_id) == col(Statement.id))
            .where(
                readable_by(viewer),
                col(Statement.kind) == kind,
                col(Version.state) == VersionState.PROPOSED,
            )
        )
    )


def get_proposed(
    session: Session, viewer: Viewer, kind: str, *, subject: str = ""
) -> Version | None:
    """The version that waits for the partners, if the viewer may see one."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            readable_by(viewer),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
            col(Version.state) == VersionState.PROPOSED,
        )
    ).first()


def get_in_force_at(
    session: Session,
    alliance_id: str,
    partner_id: str,
    kind: str,
    *,
    committee_id: str | None = None,
    own_until: datetime | None = None,
) -> dict[str, Version]:
    """What counts at one partner, for what it brings up, by subject: what the whole alliance
    confirmed, else what is in force there. With `committee_id` for that committee's members alone:
    what they confirmed among themselves, too. With `own_until` for other partners to read: what
    only that partner may see is left out unless it said the same then."""
    own = and_(
        col(Statement.partner_id) == partner_id,
        col(Statement.audience_kind) != AudienceKind.COMMITTEE,
        col(Version.state) == VersionState.IN_FORCE,
    )
    if own_until is not None:
        is_open = col(Statement.audience_kind) == AudienceKind.ALLIANCE
        own = and_(own, or_(is_open, _was_worded_by(own_until)))
    rows = session.exec(
        select(Statement.subject, Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.alliance_id) == alliance_id,
            col(Statement.kind) == kind,
            or_(
                own,
                and_(
                    col(Statement.partner_id).is_(None),
                    or_(
                        col(Statement.audience_kind) == AudienceKind.ALLIANCE,
                        and_(
                            col(Statement.audience_kind) == AudienceKind.COMMITTEE,
                            col(Statement.audience_id) == (committee_id or ""),
                        ),
                    ),
                    col(Version.state) == VersionState.CONFIRMED,
                ),
            ),
        )
        .order_by(col(Version.state) == VersionState.CONFIRMED)
    ).all()
    return dict(rows)


def _was_worded_by(moment: datetime) -> ColumnElement[bool]:
    """Whether a version's statement said the same at a moment: a new day for its review changes
    no words."""
    then = aliased(Version)
    return (
        select(then.id)
        .where(
            col(then.statement_id) == col(Version.statement_id),
            col(then.text) == col(Version.text),
            col(then.state) != VersionState.WITHDRAWN,
            col(then.created_at) <= moment,
            or_(col(then.stood_until).is_(None), col(then.stood_until) > moment),
        )
        .exists()
    )


def get_history(
    session: Session, viewer: Viewer, kind: str, *, subject: str = ""
) -> Sequence[Version]:
    """All versions that the viewer may see, newest first."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            readable_by(viewer),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
        .order_by(col(Version.created_at).desc(), col(Version.number).desc())
    ).all()


def withdraw(session: Session, version: Version) -> Version | None:
    """Take a version back, and answer what counts then: what the partners confirmed, else the one
    before it that was not withdrawn, in force again. Raises Conflict if a newer one is in force."""
    if version.state != VersionState.IN_FORCE:
        raise Conflict("statements.newer")
    version.state = VersionState.WITHDRAWN
    session.add(version)
    confirmed = _get_confirmed(session, session.get_one(Statement, version.statement_id))
    if confirmed is not None:
        session.flush()
        return confirmed
    before = session.exec(
        select(Version)
        .where(
            col(Version.statement_id) == version.statement_id,
            col(Version.number) < version.number,
            col(Version.state) == VersionState.SUPERSEDED,
        )
        .order_by(col(Version.number).desc())
        .limit(1)
    ).first()
    if before is not None:
        before.state, before.stood_until = VersionState.IN_FORCE, None
        session.add(before)
    session.flush()
    return before


def _get_confirmed(session: Session, statement: Statement) -> Version | None:
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.alliance_id) == statement.alliance_id,
            col(Statement.kind) == statement.kind,
            col(Statement.subject) == statement.subject,
            col(Version.state) == VersionState.CONFIRMED,
        )
    ).first()


def get_own(session: Session, viewer: Viewer, kind: str, *, subject: str = "") -> Version | None:
    """What the viewer's own partner has in force for itself, whatever the partners confirmed."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            visible_to(viewer, Statement),
            col(Statement.partner_id) == (viewer.partner_id or ""),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
            col(Version.state) == VersionState.IN_FORCE,
        )
    ).first()


@dataclass(frozen=True, slots=True)
class Difference:
    """One passage that changed: what was taken out and what was put in."""

    removed: str
    added: str


def get_differences(old: str, new: str) -> list[Difference]:
    """The passages in which two wordings differ, word by word, in order."""
    before, after = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    found = [
        Difference("".join(before[a:b]).strip(), "".join(after[c:d]).strip())
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    ]
    return [difference for difference in found if difference.removed or difference.added]
