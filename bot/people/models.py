"""The tables of people and places. The words are those of the domain (docs/architecture.md)."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, false
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.db.types import Json


class AudienceKind(StrEnum):
    """How far a thing may be seen."""

    PARTNER = "partner"
    COMMITTEE = "committee"
    ALLIANCE = "alliance"


class ChannelState(StrEnum):
    """Whether Entente may speak in a channel. Pending: people of several partners are in it and
    their managers have not all consented."""

    PENDING = "pending"
    LINKED = "linked"
    UNLINKED = "unlinked"


class RoleKind(StrEnum):
    """What somebody may do for their partner."""

    MANAGER = "manager"


class Audience(Table):
    """The columns of a thing that has an audience: who may see it, and no one else.

    `as_of` names the columns that tell since when it stands as it is for those who may see it; the
    first that is filled counts. By it the people of a partner that left go on reading what they
    could read. Without it they see only what is their own partner's.
    """

    as_of: ClassVar[tuple[str, ...]] = ()

    audience_kind: str = Field(default=AudienceKind.PARTNER, max_length=10)
    audience_id: str | None = Field(default=None, max_length=24)


class Organisation(Table, table=True):
    """A company or institution; owns workspaces."""

    __tablename__ = "organisations"

    id: str = id_column()
    name: str = Field(max_length=120)


class Workspace(Table, table=True):
    """A Slack workspace or a Teams tenant. `bot_user` is Entente's own user there, if installed."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: str = id_column()
    organisation_id: str | None = reference("organisations.id", nullable=True)
    platform: str = Field(max_length=20)
    external_id: str = Field(max_length=80)
    enterprise_id: str | None = Field(default=None, max_length=80)
    name: str = Field(default="", max_length=120)
    bot_user: str | None = Field(default=None, max_length=80)
    removed_at: datetime | None = moment(nullable=True)


class Alliance(Table, table=True):
    """Two or more partners working towards one outcome. Hours are `HH:MM` in `zone`; `days` are
    the working days, 0 for Monday. A request for confirmation lapses after `lapse_days`."""

    __tablename__ = "alliances"

    id: str = id_column()
    name: str = Field(max_length=80)
    zone: str = Field(max_length=64)
    hours_start: str = Field(default="09:00", max_length=5)
    hours_end: str = Field(default="17:00", max_length=5)
    days: list[int] = Field(default_factory=lambda: [0, 1, 2, 3, 4], sa_type=Json)
    lapse_days: int = 30
    created_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)


class Partner(Table, table=True):
    """An organisation taking part in one alliance. Until `joined_at` it is a name alone.
    `takes_newcomers`: who joins its workspace is new in the alliance too, channels or not."""

    __tablename__ = "partners"
    __table_args__ = (UniqueConstraint("alliance_id", "name"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    organisation_id: str | None = reference("organisations.id", nullable=True)
    name: str = Field(max_length=80)
    countries: list[str] = Field(default_factory=list, sa_type=Json)
    joined_at: datetime | None = moment(nullable=True)
    left_at: datetime | None = moment(nullable=True)
    takes_newcomers: bool = False


class PartnerWorkspace(Table, table=True):
    """The workspace's people are this partner's, unless several partners share the workspace."""

    __tablename__ = "partner_workspaces"

    partner_id: str = Field(foreign_key="partners.id", primary_key=True, ondelete="CASCADE")
    workspace_id: str = Field(foreign_key="workspaces.id", primary_key=True, ondelete="CASCADE")


class Channel(Audience, table=True):
    """A conversation that is linked to an alliance. Its audience is who reads it; `within` is the
    name of the team that it is one of, where there are such.

    `is_shared`: people of several partners do. `workspaces`: the platform's ids of those connected
    to it, where the platform says so; `partners`: our ids of those of whom people are known to be
    there; both empty: it can't be told who is there. `is_doubted`: it is to be looked up anew.
    `heard_at`: when a message there was heard that did not mention Entente, where that is not a
    matter of course.
    """

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    workspace_id: str = reference("workspaces.id")
    platform: str = Field(max_length=20)
    external_id: str = Field(max_length=80)
    name: str = Field(max_length=120)
    within: str | None = Field(default=None, max_length=120)
    state: str = Field(max_length=10)
    is_shared: bool = False
    workspaces: list[str] = Field(default_factory=list, sa_type=Json)
    partners: list[str] = Field(
        default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"}
    )
    is_doubted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    trouble: str | None = Field(default=None, max_length=80)
    linked_at: datetime = moment()
    heard_at: datetime | None = moment(nullable=True)

    @property
    def is_within(self) -> bool:
        """Whether all who read it do so in one workspace: departments of it, or guests."""
        return bool(self.partners) and not self.workspaces


class Consent(Table, table=True):
    """One partner's yes to what Entente reads, keeps and shares in a channel."""

    __tablename__ = "consents"

    id: str = id_column()
    channel_id: str = reference("channels.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    given_at: datetime = moment()
    withdrawn_at: datetime | None = moment(nullable=True)


class Invitation(Table, table=True):
    """One partner's manager asks another partner in, as `name`. The code is kept as a hash only,
    works once, for whoever says it first (`account_id`), and not after `expires_at`.

    `shares_workspace`: the inviter said that the partner is a department in their own workspace.
    """

    __tablename__ = "invitations"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    account_id: str | None = reference("accounts.id", nullable=True)
    shares_workspace: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    name: str = Field(default="", max_length=80)
    code_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = moment()
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class JoinAttempt(Table, table=True):
    """A code that somebody tried and that was none: too many, and they wait."""

    __tablename__ = "join_attempts"

    id: str = id_column()
    account_id: str = reference("accounts.id")
    at: datetime = moment()


class Account(Table, table=True):
    """A person's user on a platform. `checked_at`: when the platform was last asked about them;
    `seen_at`: when they last acted by it, kept to the hour for people who have several;
    `email`: a hash of their confirmed address, to tell that two accounts are one person's;
    `deactivated_at`: when the platform said that the account was switched off."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("platform", "external_id"),)

    id: str = id_column()
    workspace_id: str | None = reference("workspaces.id", nullable=True)
    current_alliance_id: str | None = Field(
        default=None, foreign_key="alliances.id", ondelete="SET NULL"
    )
    platform: str = Field(max_length=20)
    external_id: str = Field(max_length=80)
    name: str = Field(max_length=120)
    zone: str | None = Field(default=None, max_length=64)
    email: str | None = Field(default=None, max_length=254)
    deactivated_at: datetime | None = moment(nullable=True)
    is_guest: bool = False
    is_bot: bool = False
    checked_at: datetime = moment()
    seen_at: datetime | None = moment(nullable=True)


class Member(Table, table=True):
    """A person in an alliance, of one partner, or unplaced (no partner)."""

    __tablename__ = "members"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str | None = reference("partners.id", nullable=True)
    name: str = Field(max_length=120)
    joined_at: datetime = moment()
    left_at: datetime | None = moment(nullable=True)


class MemberAccount(Table, table=True):
    """Which accounts are one member's."""

    __tablename__ = "member_accounts"

    member_id: str = Field(foreign_key="members.id", primary_key=True, ondelete="CASCADE")
    account_id: str = Field(
        foreign_key="accounts.id", primary_key=True, ondelete="CASCADE", index=True
    )


class Role(Table, table=True):
    """What a member may do for their partner, from and until when."""

    __tablename__ = "roles"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    kind: str = Field(max_length=20)
    given_by_id: str | None = Field(default=None, max_length=24)
    since: datetime = moment()
    until: datetime | None = moment(nullable=True)


class SeatKind(StrEnum):
    """How somebody sits on a committee. Observers have no voice in its decisions."""

    MEMBER = "member"
    CO_CHAIR = "co_chair"
    OBSERVER = "observer"


class RuleKind(StrEnum):
    """What a committee needs before something is confirmed: all partners seated, some of them, or
    nobody who objects within some working days."""

    ALL = "all"
    COUNT = "count"
    SILENCE = "silence"


class Committee(Audience, table=True):
    """A governance body: the joint steering committee, a subcommittee, a working team. `decides`:
    what is its to decide; `rule`: how it does, in people's own words.

    `rule_kind` with `rule_count` (partners) or `rule_days` (working days) is what confirmations
    follow, once the managers of the partners in `rule_agreed` are all those whom it concerns: see
    `committees.get_rule`. `changed_at`: when any of it last changed.
    """

    __tablename__ = "committees"
    __table_args__ = (UniqueConstraint("alliance_id", "name"),)
    as_of = ("changed_at", "created_at")

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    name: str = Field(max_length=80)
    decides: str = Field(default="", max_length=600)
    rule: str = Field(default="", max_length=600)
    rule_kind: str = Field(default=RuleKind.ALL, max_length=10)
    rule_count: int = 0
    rule_days: int = 0
    rule_agreed: list[str] = Field(default_factory=list, sa_type=Json)
    meets_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment()
    changed_at: datetime | None = moment(nullable=True)


class Seat(Table, table=True):
    """Who sits on a committee for which partner, from and until when, and who stands in."""

    __tablename__ = "seats"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    committee_id: str = reference("committees.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    deputy_id: str | None = reference("members.id", nullable=True)
    kind: str = Field(max_length=10)
    since: datetime = moment()
    until: datetime | None = moment(nullable=True)


class OptOut(Table, table=True):
    """What a member does not want unasked: everything (`subject` is `all`) or one thing."""

    __tablename__ = "opt_outs"
    __table_args__ = (UniqueConstraint("member_id", "subject"),)

    id: str = id_column()
    member_id: str = reference("members.id")
    subject: str = Field(max_length=80)
    since: datetime = moment()
    until: datetime | None = moment(nullable=True)


class Nudge(Table, table=True):
    """An unasked private hint that a member got; not what it said."""

    __tablename__ = "nudges"
    __table_args__ = (Index("ix_nudges_member_id_at", "member_id", "at"),)

    id: str = id_column()
    member_id: str = reference("members.id", index=False)
    subject: str = Field(max_length=40)
    at: datetime = moment()


class Change(Table, table=True):
    """One line of the audit trail. `before` and `after` hold what an undo needs, and no texts of
    messages."""

    __tablename__ = "changes"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str | None = Field(default=None, max_length=24)
    account_id: str = reference("accounts.id")
    at: datetime = moment(index=True)
    action: str = Field(max_length=60)
    subject_id: str = Field(max_length=24)
    before: dict[str, object] = Field(default_factory=dict, sa_type=Json)
    after: dict[str, object] = Field(default_factory=dict, sa_type=Json)
    undone_at: datetime | None = moment(nullable=True)


class Parting(Table, table=True):
    """A partner has left the alliance or, without `partner_id`, the alliance has ended. It can be
    taken back before `until`; `kept` holds what that needs; `asked_at`: when the partner that left
    asked to come back."""

    __tablename__ = "partings"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str | None = reference("partners.id", nullable=True)
    member_id: str = reference("members.id")
    at: datetime = moment()
    until: datetime = moment()
    kept: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    asked_at: datetime | None = moment(nullable=True)
    taken_back_at: datetime | None = moment(nullable=True)


class AccountClaim(Table, table=True):
    """A person says that another account is theirs too; it counts once that account says so."""

    __tablename__ = "account_claims"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    account_id: str = reference("accounts.id")
    other_id: str = reference("accounts.id")
    at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class Brought(Table, table=True):
    """Something that came with an imported record: what it was there (`section`, `origin`), what it
    is here (`local_id`, if anything), and what was said of it. `fingerprint` tells a changed
    one; `done_at` is when its partner's manager was through with it."""

    __tablename__ = "brought"
    __table_args__ = (UniqueConstraint("alliance_id", "section", "origin"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str | None = reference("partners.id", nullable=True)
    section: str = Field(max_length=40)
    origin: str = Field(max_length=64)
    local_id: str | None = Field(default=None, max_length=24, index=True)
    fingerprint: str = Field(default="", max_length=64)
    content: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    brought_at: datetime = moment()
    done_at: datetime | None = moment(nullable=True)
