"""What of Teams' own tables goes with a tenant: conversations, and how people are reached."""

from sqlalchemy import delete
from sqlmodel import Session, col

from adapters.teams.kept import PRUNE
from adapters.teams.models import DIRECTORY_SCOPE, TeamsConversation, TeamsKept, TeamsPerson
from adapters.teams.names import PLATFORM
from bot.db.revisions import bump
from bot.dispatch.feature import Feature, Purged


def purge(session: Session, purged: Purged) -> None:
    """Forget these people; with the tenant itself everything. Whoever is at home in another tenant
    stays."""
    if purged.platform != PLATFORM:
        return
    session.execute(delete(TeamsPerson).where(col(TeamsPerson.person).in_(purged.users)))
    session.execute(delete(TeamsKept).where(col(TeamsKept.person).in_(purged.users)))
    if purged.workspace is not None:
        tenant = purged.workspace
        session.execute(delete(TeamsConversation).where(col(TeamsConversation.tenant) == tenant))
        at_home = col(TeamsPerson.home).is_(None) & (col(TeamsPerson.tenant) == tenant)
        session.execute(delete(TeamsPerson).where(at_home | (col(TeamsPerson.home) == tenant)))
    bump(session, DIRECTORY_SCOPE)


FEATURE = Feature(name="teams", purge=purge, jobs=(PRUNE,))
"""Registered whether Teams is configured or not: what is known of it goes all the same."""
