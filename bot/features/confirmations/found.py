"""From the ids that buttons and forms carry to what the acting person may answer."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.core.errors import NotAllowed, NotFound
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.people.models import Member, Partner
from bot.people.viewer import Viewer
from bot.statements import proposals, voices
from bot.statements.models import Remark, Statement, Version, VersionState
from bot.statements.versions import get_versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A version, its statement, and what it is called."""

    version: Version
    statement: Statement
    title: str


def find(context: Context, version_id: str) -> Found:
    """The version with this id; the acting person is in its alliance from here on. Raises NotFound
    for what is not theirs to see, told alike whether it exists or not."""
    _enter(context, version_id)
    version, statement = voices.get_version_or_raise(context.session, context.viewer, version_id)
    title = get_title(context.registry, context.session, statement)
    return Found(version=version, statement=statement, title=title)


def find_for_side(context: Context, version_id: str) -> Found:
    """The same, for whoever speaks for a side at which nobody can answer: its managers were told
    what waits for them, though they may not read it. Nothing but its title may be shown."""
    found = _enter(context, version_id)
    viewer = context.viewer
    sides = proposals.get_version_sides(
        context.session, found.version, found.statement, now=context.now
    )
    empty = {side.partner_id for side in sides if not side.electors}
    if viewer.is_manager and viewer.partner_id in empty:
        return found
    return find(context, version_id)


def _enter(context: Context, version_id: str) -> Found:
    version = context.session.get(Version, version_id)
    statement = context.session.get(Statement, version.statement_id) if version else None
    if version is None or statement is None:
        raise NotFound("confirm.not_found")
    try:
        context.enter(statement.alliance_id)
    except NotFound:
        raise NotFound("confirm.not_found") from None
    title = get_title(context.registry, context.session, statement)
    return Found(version=version, statement=statement, title=title)


def find_remark(context: Context, remark_id: str) -> tuple[Remark, Found]:
    """A remark on a version that is the acting person's to answer. Raises NotFound, NotAllowed."""
    remark = context.session.get(Remark, remark_id)
    if remark is None:
        raise NotFound("confirm.not_found")
    found = find(context, remark.version_id)
    check_author(context, found.version)
    return remark, found


def get_newest(context: Context, found: Found) -> Found:
    """The wording that is on the table in place of one that was replaced; else the same."""
    if found.version.state != VersionState.SUPERSEDED:
        return found
    newest = get_versions(context.session, found.statement)[0]
    if newest.state not in {VersionState.PROPOSED, VersionState.OBJECTED}:
        return found
    return replace(found, version=newest)


def check_author(context: Context, version: Version) -> None:
    """Raise NotAllowed unless the acting person put it forward, or manages for the same partner."""
    viewer = context.viewer
    is_author = viewer.member_id == version.member_id
    if not is_author and not (viewer.is_manager and viewer.partner_id == version.partner_id):
        raise NotAllowed("confirm.not_author")


def get_title(registry: Registry, session: Session, statement: Statement) -> str:
    """What a statement is called, in plain words."""
    kind = registry.statements.get(statement.kind)
    return kind.title(session, statement) if kind else statement.kind


def get_author(session: Session, version: Version) -> tuple[Member, Partner]:
    """Who put a version forward, and for whom."""
    return session.get_one(Member, version.member_id), session.get_one(Partner, version.partner_id)


def get_reader(viewer: Viewer) -> dict[str, str]:
    """The acting person, as texts name them."""
    return {"person": viewer.member_name, "partner": viewer.partner_name or ""}
