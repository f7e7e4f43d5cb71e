"""Deleting what Entente knows of a workspace and its people, in short batches.

What partners keep together stays: of the people who wrote it remains "a former member". The hashes
of statements cover texts and opaque ids, no names, so they hold after that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import String, bindparam, text
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.db.bulk import bind_moment
from bot.db.revisions import bump
from bot.dispatch.feature import Purged, Registry
from bot.dispatch.messages import words
from bot.people.channels import CHANNELS_SCOPE
from bot.people.installations import INSTALLATIONS_SCOPE
from bot.people.models import (
    Account,
    Alliance,
    Audience,
    AudienceKind,
    Channel,
    MemberAccount,
    Organisation,
    Partner,
    PartnerWorkspace,
    Workspace,
)

log = structlog.get_logger(__name__)

BATCH = 200
"""People in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much a purge takes: for a person to look at first."""

    people: int
    channels: int
    partners: tuple[str, ...]


def measure(session: Session, workspace: Workspace) -> Extent:
    """What purging a workspace would take; partners: those that would be gone."""
    people = select(Account.id).where(col(Account.workspace_id) == workspace.id)
    found = select(Channel.id).where(
        col(Channel.workspace_id) == workspace.id, col(Channel.is_shared).is_(False)
    )
    return Extent(
        people=len(session.exec(people).all()),
        channels=len(session.exec(found).all()),
        partners=tuple(partner.name for partner in _get_gone(session, workspace)),
    )


def purge_batch(
    registry: Registry, session: Session, workspace: Workspace, *, now: datetime
) -> bool:
    """One batch; True if more is left. The workspace itself goes last."""
    accounts = session.exec(
        select(Account)
        .where(col(Account.workspace_id) == workspace.id)
        .order_by(col(Account.id))
        .limit(BATCH)
    ).all()
    if accounts:
        _purge_people(registry, session, workspace, accounts, now=now)
        return True
    _purge_workspace(registry, session, workspace, now=now)
    log.info("workspace purged", workspace=workspace.external_id)
    return False


def _run(session: Session, statements: Iterable[str], values: Mapping[str, Any]) -> None:
    """Each statement with its own parameters; those that are lists stand behind `IN`."""
    for statement in statements:
        given = {name: value for name, value in values.items() if f":{name}" in statement}
        lists = [n for n, value in given.items() if isinstance(value, list)]
        clause = text(statement).bindparams(
            *[bindparam(n, type_=String, expanding=True) for n in lists]
        )
        session.execute(clause, given)


_PEOPLE = (
    "DELETE FROM deliveries WHERE private_to IN :users AND lane_id IN "
    "(SELECT id FROM lanes WHERE platform = :platform)",
    "DELETE FROM deliveries WHERE lane_id IN (SELECT id FROM lanes WHERE key IN :keys)",
    "DELETE FROM reminder_targets WHERE member_id IN :members",
    "DELETE FROM reminder_targets WHERE lane_id IN (SELECT id FROM lanes WHERE key IN :keys)",
    "DELETE FROM lanes WHERE key IN :keys",
    "UPDATE roles SET until = :now WHERE member_id IN :members AND until IS NULL",
    "UPDATE seats SET until = :now WHERE member_id IN :members AND until IS NULL",
    "UPDATE seats SET deputy_id = NULL WHERE deputy_id IN :members",
    "DELETE FROM opt_outs WHERE member_id IN :members",
    "DELETE FROM nudges WHERE member_id IN :members",
    "DELETE FROM account_claims WHERE account_id IN :accounts OR other_id IN :accounts",
    "UPDATE members SET name = :name, left_at = coalesce(left_at, :now) WHERE id IN :members",
    "DELETE FROM join_attempts WHERE account_id IN :accounts",
    "DELETE FROM member_accounts WHERE account_id IN :accounts",
)


def _purge_people(
    registry: Registry,
    session: Session,
    workspace: Workspace,
    accounts: Sequence[Account],
    *,
    now: datetime,
) -> None:
    users = tuple(account.external_id for account in accounts)
    members = _get_members(session, [account.id for account in accounts])
    values = {
        "platform": workspace.platform,
        "users": list(users),
        "keys": [f"{workspace.platform}:@{user}" for user in users],
        "accounts": [account.id for account in accounts],
        "members": list(members),
        "name": words("workspace.former_member"),
        "now": bind_moment(session, now),
    }
    _tell(registry, session, Purged(platform=workspace.platform, users=users, members=members))
    _run(session, _PEOPLE, values)
    for account in accounts:
        # The row stays, nameless: the audit trail of the others points at it.
        account.external_id, account.name = f"gone:{new_id()}", words("workspace.former_member")
        account.email = account.zone = account.workspace_id = account.current_alliance_id = None
        account.deactivated_at = None
        session.add(account)
    session.flush()


def _get_members(session: Session, accounts: list[str]) -> tuple[str, ...]:
    """The members who are nobody else's account as well."""
    theirs = select(MemberAccount.member_id).where(col(MemberAccount.account_id).in_(accounts))
    others = select(MemberAccount.member_id).where(col(MemberAccount.account_id).not_in(accounts))
    kept = set(session.exec(others.where(col(MemberAccount.member_id).in_(theirs))).all())
    return tuple(sorted(set(session.exec(theirs).all()) - kept))


def _tell(registry: Registry, session: Session, purged: Purged) -> None:
    for feature in registry.features:
        if feature.purge is not None:
            feature.purge(session, purged)


def _get_gone(session: Session, workspace: Workspace) -> list[Partner]:
    """The partners that have no other workspace."""
    own = select(PartnerWorkspace.partner_id).where(
        col(PartnerWorkspace.workspace_id) == workspace.id
    )
    elsewhere = select(PartnerWorkspace.partner_id).where(
        col(PartnerWorkspace.workspace_id) != workspace.id
    )
    return list(
        session.exec(
            select(Partner)
            .where(col(Partner.id).in_(own), col(Partner.id).not_in(elsewhere))
            .order_by(col(Partner.name), col(Partner.id))
        )
    )


_PARTNERS = (
    # Whoever agreed is gone: channels with their people are silent until all agree anew.
    "UPDATE channels SET state = 'pending' WHERE state = 'linked' AND is_shared AND id IN "
    "(SELECT channel_id FROM consents WHERE partner_id IN :partners AND withdrawn_at IS NULL)",
    "UPDATE consents SET withdrawn_at = :now WHERE withdrawn_at IS NULL AND channel_id IN "
    "(SELECT channel_id FROM consents WHERE partner_id IN :partners)",
    "UPDATE roles SET until = :now WHERE partner_id IN :partners AND until IS NULL",
    "UPDATE seats SET until = :now WHERE partner_id IN :partners AND until IS NULL",
    "UPDATE reminder_clocks SET next_at = NULL WHERE reminder_id IN "
    "(SELECT id FROM reminders WHERE partner_id IN :partners)",
    "UPDATE reminders SET state = 'removed' WHERE partner_id IN :partners",
    # The audit trail stays, without what it kept for an undo. That something was for all to see is
    # what the others' histories go by.
    """UPDATE changes SET before = '{}', after = '{"is_shared": true}' """
    """WHERE partner_id IN :partners AND CAST(after AS text) LIKE '%"is_shared": true%'""",
    """UPDATE changes SET before = '{}', after = '{}' WHERE partner_id IN :partners """
    """AND CAST(after AS text) NOT LIKE '%"is_shared": true%'""",
    "UPDATE partners SET left_at = coalesce(left_at, :now), organisation_id = NULL "
    "WHERE id IN :partners",
)
_CHANNELS = (
    "DELETE FROM deliveries WHERE lane_id IN (SELECT id FROM lanes WHERE key IN :keys)",
    "DELETE FROM reminder_targets WHERE channel_id IN :channels "
    "OR lane_id IN (SELECT id FROM lanes WHERE key IN :keys)",
    "DELETE FROM lanes WHERE key IN :keys",
    "DELETE FROM channels WHERE id IN :channels",
)
_ALLIANCES = (
    "DELETE FROM deliveries WHERE alliance_id IN :alliances",
    "DELETE FROM reminder_targets WHERE alliance_id IN :alliances",
    "DELETE FROM alliances WHERE id IN :alliances",
)
_WORKSPACE = (
    # What goes to a channel that others keep goes there through their installation.
    "UPDATE lanes SET workspace = (SELECT w.external_id FROM channels c "
    "JOIN workspaces w ON w.id = c.workspace_id "
    "WHERE c.platform = lanes.platform AND c.external_id = lanes.channel) "
    "WHERE platform = :platform AND workspace = :external_id AND EXISTS (SELECT 1 "
    "FROM channels c WHERE c.platform = lanes.platform AND c.external_id = lanes.channel)",
    "DELETE FROM pauses WHERE platform = :platform AND workspace = :external_id",
    "DELETE FROM installations WHERE workspace_id = :workspace",
    "DELETE FROM partner_workspaces WHERE workspace_id = :workspace",
    "DELETE FROM workspaces WHERE id = :workspace",
)


def _purge_workspace(
    registry: Registry, session: Session, workspace: Workspace, *, now: datetime
) -> None:
    gone = [partner.id for partner in _get_gone(session, workspace)]
    channels = _take_channels(session, workspace)
    purged = Purged(
        platform=workspace.platform,
        workspace=workspace.external_id,
        partners=tuple(gone),
        channels=tuple(channel.external_id for channel in channels),
    )
    _tell(registry, session, purged)
    values = {
        "platform": workspace.platform,
        "external_id": workspace.external_id,
        "workspace": workspace.id,
        "partners": gone,
        "channels": [channel.id for channel in channels],
        "keys": [f"{channel.platform}:{channel.external_id}" for channel in channels],
        "now": bind_moment(session, now),
    }
    _purge_private(session, gone)
    _forget_workspace(session, workspace)
    _run(session, (*_CHANNELS, *_PARTNERS), values)
    _run(session, _ALLIANCES, {"alliances": _get_deserted(session, gone)})
    organisation_id = workspace.organisation_id
    session.expunge_all()
    _run(session, _WORKSPACE, values)
    _purge_organisation(session, organisation_id)
    bump(session, CHANNELS_SCOPE)
    bump(session, INSTALLATIONS_SCOPE)


def _take_channels(session: Session, workspace: Workspace) -> list[Channel]:
    """The workspace's own channels, to be deleted. Shared ones go to another partner's workspace,
    if there is one."""
    own: list[Channel] = []
    for channel in session.exec(
        select(Channel).where(col(Channel.workspace_id) == workspace.id)
    ).all():
        heir = session.exec(
            select(PartnerWorkspace.workspace_id)
            .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
            .join(Workspace, col(Workspace.id) == col(PartnerWorkspace.workspace_id))
            .where(
                col(Partner.alliance_id) == channel.alliance_id,
                col(Partner.left_at).is_(None),
                col(Workspace.platform) == channel.platform,
                col(Workspace.id) != workspace.id,
            )
            .order_by(col(Workspace.bot_user).is_(None), col(Workspace.id))
        ).first()
        if channel.is_shared and not channel.is_within and heir is not None:
            channel.workspace_id = heir
            session.add(channel)
        else:
            own.append(channel)
    session.flush()
    return own


def _forget_workspace(session: Session, workspace: Workspace) -> None:
    """The channels that others keep are not connected to it any more, as far as we know."""
    for channel in session.exec(
        select(Channel)
        .join(PartnerWorkspace, col(PartnerWorkspace.workspace_id) == workspace.id)
        .join(Partner, col(Partner.id) == col(PartnerWorkspace.partner_id))
        .where(col(Channel.alliance_id) == col(Partner.alliance_id), col(Channel.is_shared))
    ).unique():
        named = [each for each in channel.workspaces if each != workspace.external_id]
        if named != channel.workspaces:
            channel.workspaces = named
            session.add(channel)
    session.flush()


def _purge_private(session: Session, partners: list[str]) -> None:
    """What only these partners could see: nobody is left to see it."""
    if not partners:
        return
    for kind in _audiences(Audience):
        table = kind.__table__  # type: ignore[attr-defined]
        if table.name == Channel.__tablename__:
            continue
        session.execute(
            table.delete().where(
                table.c.audience_kind == AudienceKind.PARTNER, table.c.audience_id.in_(partners)
            )
        )


def _audiences(base: type[Audience]) -> Iterable[type[Audience]]:
    for kind in base.__subclasses__():
        if hasattr(kind, "__table__"):
            yield kind
        yield from _audiences(kind)


def _get_deserted(session: Session, gone: list[str]) -> list[str]:
    """The alliances of these partners in which nobody is left."""
    theirs = select(Partner.alliance_id).where(col(Partner.id).in_(gone))
    peopled = select(Partner.alliance_id).where(
        col(Partner.joined_at).is_not(None), col(Partner.left_at).is_(None)
    )
    found = select(Alliance.id).where(
        col(Alliance.id).in_(theirs), col(Alliance.id).not_in(peopled)
    )
    return list(session.exec(found).all())


def _purge_organisation(session: Session, organisation_id: str | None) -> None:
    if organisation_id is None:
        return
    for kind in (Workspace, Partner):
        still = select(kind).where(col(kind.organisation_id) == organisation_id).limit(1)
        if session.exec(still).first() is not None:
            return
    organisation = session.get(Organisation, organisation_id)
    if organisation is not None:
        session.delete(organisation)
        session.flush()
