"""Private links to documents: a random token, kept as a hash, for one member and a short time.

Whoever holds the link reads as that member, so it is given to them alone, ends after a day, and
counts only as long as they are in the alliance. Opening one changes nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, Session, col, select

from bot.db.table import Table, id_column, moment, reference
from bot.people.viewer import Viewer, get_viewers

LASTS = timedelta(hours=24)


class DocumentLink(Table, table=True):
    """One link: whose, to what, until when. The token itself is kept nowhere."""

    __tablename__ = "document_links"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    member_id: str = reference("members.id")
    account_id: str = reference("accounts.id")
    kind: str = Field(max_length=40)
    subject: str = Field(default="", max_length=80)
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = moment()
    expires_at: datetime = moment(index=True)
    closed_at: datetime | None = moment(nullable=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a link leads to, and who reads."""

    kind: str
    subject: str
    viewer: Viewer
    expires_at: datetime


def make_link(
    session: Session, viewer: Viewer, kind: str, *, now: datetime, subject: str = ""
) -> str:
    """A fresh token for the viewer; their earlier links to the same thing end."""
    close_links(session, viewer, kind, subject=subject, now=now)
    token = secrets.token_urlsafe(32)
    session.add(
        DocumentLink(
            alliance_id=viewer.alliance_id,
            member_id=viewer.member_id,
            account_id=viewer.account_id,
            kind=kind,
            subject=subject,
            token_hash=_hash(token),
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    session.flush()
    return token


def close_links(
    session: Session, viewer: Viewer, kind: str, *, now: datetime, subject: str = ""
) -> None:
    """End the viewer's links to something, and forget those that ended a month ago."""
    links = session.exec(
        select(DocumentLink).where(
            col(DocumentLink.member_id) == viewer.member_id,
            col(DocumentLink.kind) == kind,
            col(DocumentLink.subject) == subject,
        )
    ).all()
    for link in links:
        if link.expires_at < now - timedelta(days=30):
            session.delete(link)
        elif link.closed_at is None:
            link.closed_at = now
            session.add(link)
    session.flush()


def open_link(session: Session, token: str, *, now: datetime) -> Opened | None:
    """What the token opens; None if it is none, ended, or its owner is no member any more."""
    link = session.exec(
        select(DocumentLink).where(
            col(DocumentLink.token_hash) == _hash(token),
            col(DocumentLink.closed_at).is_(None),
            col(DocumentLink.expires_at) > now,
        )
    ).first()
    if link is None:
        return None
    viewers = get_viewers(session, link.account_id, now=now)
    viewer = next((v for v in viewers if v.member_id == link.member_id), None)
    if viewer is None:
        return None
    return Opened(kind=link.kind, subject=link.subject, viewer=viewer, expires_at=link.expires_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
