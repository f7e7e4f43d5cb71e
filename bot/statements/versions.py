"""Putting versions in force, reading them, and comparing them."""

import difflib
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlmodel import Session, col, select

from bot.core.errors import Conflict
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import Statement, Version, VersionState


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
    statement = _ensure_statement(session, viewer, kind, subject=subject, now=now)
    history = _versions(session, statement)
    present = next((v for v in history if v.state == VersionState.IN_FORCE), None)
    if present is not None and (present.text, present.review_on) == (text, review_on):
        raise Conflict("statements.same", field="text")
    if present is not None:
        present.state = VersionState.SUPERSEDED
        session.add(present)
    last = history[0] if history else None
    version = Version(
        statement_id=statement.id,
        number=last.number + 1 if last else 1,
        text=text,
        state=VersionState.IN_FORCE,
        partner_id=viewer.partner_id,
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


def _ensure_statement(
    session: Session, viewer: Viewer, kind: str, *, subject: str, now: datetime
) -> Statement:
    statement = session.exec(
        select(Statement).where(
            col(Statement.alliance_id) == viewer.alliance_id,
            col(Statement.partner_id) == viewer.partner_id,
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
    ).first()
    if statement is None:
        statement = Statement(
            alliance_id=viewer.alliance_id,
            partner_id=viewer.partner_id or "",
            kind=kind,
            subject=subject,
            created_at=now,
            audience_kind=AudienceKind.PARTNER,
            audience_id=viewer.partner_id,
        )
        session.add(statement)
        session.flush()
    return statement


def _versions(session: Session, statement: Statement) -> Sequence[Version]:
    return session.exec(
        select(Version)
        .where(col(Version.statement_id) == statement.id)
        .order_by(col(Version.number).desc())
    ).all()


def get_in_force(
    session: Session, viewer: Viewer, kind: str, *, subject: str = ""
) -> Version | None:
    """The version in force that the viewer may see, the newest if there are two."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            visible_to(viewer, Statement),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
            col(Version.state) == VersionState.IN_FORCE,
        )
        .order_by(col(Version.created_at).desc())
        .limit(1)
    ).first()


def get_subjects(session: Session, viewer: Viewer, kind: str) -> dict[str, Version]:
    """All versions of this kind in force that the viewer may see, by their statements' subject."""
    rows = session.exec(
        select(Statement.subject, Version)
        .join(Version, col(Version.statement_id) == col(Statement.id))
        .where(
            visible_to(viewer, Statement),
            col(Statement.kind) == kind,
            col(Version.state) == VersionState.IN_FORCE,
        )
        .order_by(col(Version.created_at))
    ).all()
    return dict(rows)


def get_in_force_at(
    session: Session, alliance_id: str, partner_id: str, kind: str
) -> dict[str, Version]:
    """The versions of this kind in force at one partner, for what it brings up: by subject."""
    rows = session.exec(
        select(Statement.subject, Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.alliance_id) == alliance_id,
            col(Statement.partner_id) == partner_id,
            col(Statement.kind) == kind,
            col(Version.state) == VersionState.IN_FORCE,
        )
    ).all()
    return dict(rows)


def get_history(
    session: Session, viewer: Viewer, kind: str, *, subject: str = ""
) -> Sequence[Version]:
    """All versions that the viewer may see, newest first."""
    return session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            visible_to(viewer, Statement),
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
        .order_by(col(Version.created_at).desc(), col(Version.number).desc())
    ).all()


def withdraw(session: Session, version: Version) -> Version | None:
    """Take a version back; the one before it that was not withdrawn is in force again, and is
    the answer. Raises Conflict if a newer version is in force."""
    if version.state != VersionState.IN_FORCE:
        raise Conflict("statements.newer")
    version.state = VersionState.WITHDRAWN
    session.add(version)
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
        before.state = VersionState.IN_FORCE
        session.add(before)
    session.flush()
    return before


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
