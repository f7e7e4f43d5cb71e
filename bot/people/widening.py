"""Showing the whole alliance what was one partner's alone: only that partner's manager may."""

from typing import TypeVar

from sqlmodel import Session

from bot.core.errors import Conflict, NotAllowed
from bot.people.models import Audience, AudienceKind
from bot.people.viewer import Viewer

Row = TypeVar("Row", bound=Audience)


def check_widen(viewer: Viewer, row: Audience) -> None:
    """Raise Conflict if everybody may see the row already, NotAllowed unless it belongs to the
    viewer's own partner and they manage it."""
    if row.audience_kind == AudienceKind.ALLIANCE:
        raise Conflict("sharing.already")
    is_own = row.audience_kind == AudienceKind.PARTNER and row.audience_id == viewer.partner_id
    if not (viewer.is_manager and is_own):
        raise NotAllowed("sharing.own_only")


def widen(session: Session, viewer: Viewer, row: Audience) -> None:
    """Show the row to the whole alliance. Raises as `check_widen`."""
    check_widen(viewer, row)
    _set(session, row, AudienceKind.ALLIANCE, None)


def narrow(session: Session, viewer: Viewer, row: Audience) -> None:
    """Take that back: the row is the viewer's own partner's alone again."""
    if not viewer.is_manager:
        raise NotAllowed("sharing.own_only")
    _set(session, row, AudienceKind.PARTNER, viewer.partner_id)


def _set(session: Session, row: Audience, kind: AudienceKind, identifier: str | None) -> None:
    row.audience_kind, row.audience_id = kind, identifier
    session.add(row)
    session.flush()
