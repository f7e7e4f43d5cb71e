"""`entente purge WORKSPACE`: delete now what is otherwise deleted two weeks after a removal."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import col, or_, select

from bot.core.errors import SettingsError
from bot.db import migrate
from bot.db.engine import Database
from bot.dispatch.feature import Registry
from bot.dispatch.purge import Extent, measure, purge_batch
from bot.people.models import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A workspace and what purging it would take."""

    id: str
    external_id: str
    name: str
    platform: str
    is_installed: bool
    extent: Extent


def find(database: Database, named: str) -> Found:
    """The workspace with this id of its platform's, or this name. Raises SettingsError."""
    migrate.check_ready(database)
    with database.read() as session:
        found = session.exec(
            select(Workspace)
            .where(or_(col(Workspace.external_id) == named, col(Workspace.name) == named))
            .order_by(col(Workspace.external_id))
        ).all()
        if not found:
            known = session.exec(select(Workspace).order_by(col(Workspace.external_id))).all()
            raise SettingsError([f"There is no workspace {named} here.", *map(_say, known)])
        if len(found) > 1:
            raise SettingsError([f"Several are called {named}. Give the id.", *map(_say, found)])
        (workspace,) = found
        return Found(
            id=workspace.id,
            external_id=workspace.external_id,
            name=workspace.name,
            platform=workspace.platform,
            is_installed=workspace.bot_user is not None,
            extent=measure(session, workspace),
        )


def _say(workspace: Workspace) -> str:
    return f"  {workspace.external_id}  {workspace.name or '(no name known)'}"


def describe(found: Found) -> list[str]:
    """What will be deleted, for whoever has to say yes."""
    name = f"{found.name} ({found.external_id})" if found.name else found.external_id
    lines = [
        f"This deletes what Entente knows of {name}: {found.extent.people} people (names, "
        f"accounts, memberships), {found.extent.channels} channels of its own, and Entente's "
        "installation there, its token with it."
    ]
    if found.extent.partners:
        partners = ", ".join(found.extent.partners)
        lines.append(
            f"These partners leave their alliances, and what only they could see goes: {partners}. "
            "What partners share stays, by “a former member”."
        )
    if found.is_installed:
        place = {"slack": "Slack", "teams": "Teams"}.get(found.platform, found.platform)
        lines.append(f"Entente is still installed there. Remove the app in {place} as well.")
    return [*lines, "There is no way back but a backup."]


def is_meant(typed: str, found: Found) -> bool:
    """Whether somebody typed this workspace's id."""
    return typed.strip() == found.external_id


def run(database: Database, registry: Registry, found: Found) -> None:
    """Delete it, batch by batch, while everything else goes on."""
    more = True
    while more:
        with database.write() as session:
            workspace = session.get(Workspace, found.id)
            more = workspace is not None and purge_batch(
                registry, session, workspace, now=datetime.now(UTC)
            )
