"""Entente's installations in workspaces, each with a token of its own (kept encrypted; what is in
`secret` only the platform's adapter can read), and through which of them somebody is reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, UniqueConstraint, text
from sqlmodel import Field, Session, col, select

from bot.db.bulk import bind_moment
from bot.db.revisions import bump
from bot.db.table import Table, id_column, moment, reference
from bot.people.identity import save_workspace
from bot.people.models import Workspace

INSTALLATIONS_SCOPE = "installations"


class Installation(Table, table=True):
    """Entente in one workspace, or in a whole organisation (`is_organisation`, Enterprise Grid).

    `external_id` is the platform's id of what it was installed in; `workspace_id` whose people are
    there, which on Enterprise Grid is the organisation for all its workspaces. `granted_at` is the
    platform's own time, to tell what happened before; `refreshing_until` holds the row for the one
    process that exchanges the token.
    """

    __tablename__ = "installations"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: str = id_column()
    workspace_id: str = reference("workspaces.id")
    platform: str = Field(max_length=20)
    external_id: str = Field(max_length=80)
    is_organisation: bool = False
    bot_user: str = Field(max_length=80)
    bot_id: str | None = Field(default=None, max_length=80)
    scopes: str = Field(default="", sa_type=Text)
    secret: str = Field(sa_type=Text)
    expires_at: datetime | None = moment(nullable=True)
    refreshing_until: datetime | None = moment(nullable=True)
    granted_at: datetime = moment()
    installed_at: datetime = moment()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstallation:
    """What a platform grants. `workspace`: the platform's id of whose people are there."""

    platform: str
    external_id: str
    workspace: str
    name: str
    is_organisation: bool
    bot_user: str
    bot_id: str | None
    scopes: str
    secret: str
    expires_at: datetime | None
    granted_at: datetime


def save(session: Session, new: NewInstallation, *, now: datetime) -> Installation:
    """Keep a new installation, or what is new of one that is there already."""
    workspace = save_workspace(
        session, new.platform, new.workspace, name=new.name or None, bot_user=new.bot_user
    )
    found = get(session, new.platform, new.external_id)
    kept = found or Installation(
        workspace_id=workspace.id,
        platform=new.platform,
        external_id=new.external_id,
        bot_user=new.bot_user,
        secret=new.secret,
        granted_at=new.granted_at,
        installed_at=now,
    )
    kept.workspace_id, kept.is_organisation = workspace.id, new.is_organisation
    kept.bot_user, kept.bot_id, kept.scopes = new.bot_user, new.bot_id, new.scopes
    kept.secret, kept.expires_at, kept.refreshing_until = new.secret, new.expires_at, None
    kept.granted_at, kept.installed_at = new.granted_at, now
    session.add(kept)
    session.flush()
    bump(session, INSTALLATIONS_SCOPE)
    return kept


def note_present(
    session: Session, platform: str, external_id: str, *, bot_user: str, name: str | None = None
) -> bool:
    """Keep that Entente is in a workspace; whether it had been removed from it."""
    before = get_workspace(session, platform, external_id)
    was_removed = before is not None and before.removed_at is not None
    save_workspace(session, platform, external_id, name=name, bot_user=bot_user)
    return was_removed


def get_workspace(session: Session, platform: str, external_id: str) -> Workspace | None:
    """The workspace with the platform's id."""
    return session.exec(
        select(Workspace).where(
            col(Workspace.platform) == platform, col(Workspace.external_id) == external_id
        )
    ).first()


def get(session: Session, platform: str, external_id: str) -> Installation | None:
    """The installation in what has this id."""
    return session.exec(
        select(Installation).where(
            col(Installation.platform) == platform, col(Installation.external_id) == external_id
        )
    ).first()


def get_all(session: Session, platform: str) -> Sequence[tuple[Installation, str]]:
    """All installations, oldest first, each with the platform's id of its people's workspace."""
    rows = session.exec(
        select(Installation, Workspace.external_id)
        .join(Workspace, col(Workspace.id) == col(Installation.workspace_id))
        .where(col(Installation.platform) == platform)
        .order_by(col(Installation.granted_at), col(Installation.id))
    ).all()
    return [(installation, workspace) for installation, workspace in rows]


def has_any(session: Session, platform: str) -> bool:
    """Whether there are installations with tokens of their own."""
    return (
        session.exec(
            select(Installation.id).where(col(Installation.platform) == platform).limit(1)
        ).first()
        is not None
    )


def remove(
    session: Session, platform: str, external_id: str, *, at: datetime | None = None
) -> Workspace | None:
    """Drop an installation and its token. Answers the workspace that is without any now, or None.

    `at`: when it was removed, by the platform's time; one granted after that stays.
    """
    # Two events may tell of it in the same moment: the second waits, and finds nothing.
    found = session.exec(
        select(Installation)
        .where(col(Installation.platform) == platform, col(Installation.external_id) == external_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or (at is not None and at < found.granted_at):
        return None
    workspace = session.get_one(Workspace, found.workspace_id)
    session.delete(found)
    session.flush()
    bump(session, INSTALLATIONS_SCOPE)
    others = select(Installation.bot_user).where(col(Installation.workspace_id) == workspace.id)
    left = session.exec(others.limit(1)).first()
    if left is None:
        return workspace
    workspace.bot_user = left
    session.add(workspace)
    return None


def claim_refresh(
    session: Session, installation_id: str, secret: str, *, now: datetime, lease: timedelta
) -> bool:
    """Take the row for exchanging its token; False if another process is at it, or was.

    The row, not a transaction, is what is held while the platform is asked.
    """
    done = session.connection().execute(
        text(
            "UPDATE installations SET refreshing_until = :until WHERE id = :id "
            "AND secret = :secret AND (refreshing_until IS NULL OR refreshing_until <= :now)"
        ),
        {
            "id": installation_id,
            "secret": secret,
            "now": bind_moment(session, now),
            "until": bind_moment(session, now + lease),
        },
    )
    return done.rowcount == 1


def store_refreshed(
    session: Session, installation_id: str, before: str, *, secret: str, expires_at: datetime | None
) -> bool:
    """Keep the exchanged token, unless the app was installed anew or removed meanwhile."""
    found = session.get(Installation, installation_id, with_for_update=True)
    if found is None or found.secret != before:
        return False
    found.secret, found.expires_at, found.refreshing_until = secret, expires_at, None
    session.add(found)
    session.flush()
    bump(session, INSTALLATIONS_SCOPE)
    return True


def change_secret(
    session: Session, installation_id: str, change: Callable[[str], str | None], *, now: datetime
) -> None:
    """Keep the same token otherwise encrypted (`change` may decline), unless a process is at
    exchanging it."""
    found = session.get(Installation, installation_id, with_for_update=True, populate_existing=True)
    if found is None or (found.refreshing_until is not None and found.refreshing_until > now):
        return
    secret = change(found.secret)
    if secret is None:
        return
    found.secret = secret
    session.add(found)
    session.flush()
    bump(session, INSTALLATIONS_SCOPE)


def release_refresh(session: Session, installation_id: str) -> None:
    """Give the row back after an exchange that failed."""
    session.connection().execute(
        text("UPDATE installations SET refreshing_until = NULL WHERE id = :id"),
        {"id": installation_id},
    )


_TO_CHANNEL = text(
    """
    SELECT DISTINCT w.external_id, w.id = c.workspace_id AS is_home
    FROM channels c
    JOIN partners p ON p.alliance_id = c.alliance_id AND p.left_at IS NULL
    JOIN partner_workspaces pw ON pw.partner_id = p.id
    JOIN workspaces w ON (w.id = pw.workspace_id OR w.id = c.workspace_id)
    WHERE c.platform = :platform AND c.external_id = :place
      AND w.platform = :platform AND w.bot_user IS NOT NULL AND w.removed_at IS NULL
      AND (w.id = c.workspace_id OR EXISTS
        (SELECT 1 FROM installations i WHERE i.workspace_id = w.id))
    ORDER BY is_home DESC, w.external_id
    """
)
_TO_PERSON = text(
    """
    SELECT DISTINCT w.external_id, w.id = a.workspace_id AS is_home
    FROM accounts a
    JOIN member_accounts ma ON ma.account_id = a.id
    JOIN members m ON m.id = ma.member_id AND m.left_at IS NULL
    JOIN partners p ON p.alliance_id = m.alliance_id AND p.left_at IS NULL
    JOIN partner_workspaces pw ON pw.partner_id = p.id
    JOIN workspaces w ON (w.id = pw.workspace_id OR w.id = a.workspace_id)
    WHERE a.platform = :platform AND a.external_id = :place
      AND w.platform = :platform AND w.bot_user IS NOT NULL AND w.removed_at IS NULL
      AND (w.id = a.workspace_id OR EXISTS
        (SELECT 1 FROM installations i WHERE i.workspace_id = w.id))
    ORDER BY is_home DESC, w.external_id
    """
)


def get_routes(
    session: Session, platform: str, *, channel: str | None = None, user: str | None = None
) -> list[str]:
    """The workspaces (by the platform's ids) with Entente from which a linked channel, or else a
    member, may be reached: its own first, then those of the partners in the same alliances, where
    an installation has a token of its own (in Teams a channel is reached from its own tenant or
    not at all)."""
    values = {"platform": platform, "place": channel or user or ""}
    rows = session.connection().execute(_TO_CHANNEL if channel else _TO_PERSON, values)
    return list(dict.fromkeys(str(row[0]) for row in rows))
