"""The tables of statements."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, false, text
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.people.models import Audience


class VersionState(StrEnum):
    """What a version counts for. In force: at one partner only. Confirmed: it has what its rule
    asks of the partners. Proposed: they have been asked."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    OBJECTED = "objected"
    LAPSED = "lapsed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


STANDING = (VersionState.CONFIRMED, VersionState.IN_FORCE)
"""The states in which a version counts."""


class Basis(StrEnum):
    """On what ground a version was confirmed, as the charter gives it."""

    CONSENSUS = "consensus"
    ESCALATION = "escalation"
    FINAL_SAY = "final_say"


class Statement(Audience, table=True):
    """Something that holds: a North Star, later a charter, a term's meaning, a decision.

    `partner_id` is whose it is; None: it is the partners' together, and holds once confirmed.
    `subject` tells statements of one kind apart. `supersedes_id`: the statement that this one
    takes the place of, once it is confirmed. `shared_at`: since when the whole alliance may see
    what was the partner's alone.
    """

    __tablename__ = "statements"
    __table_args__ = (
        UniqueConstraint("alliance_id", "kind", "subject", "partner_id"),
        Index(
            "uq_statements_shared",
            "alliance_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("partner_id IS NULL"),
            postgresql_where=text("partner_id IS NULL"),
        ),
    )
    as_of = ("shared_at", "created_at")

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str | None = reference("partners.id", nullable=True)
    supersedes_id: str | None = reference("statements.id", nullable=True)
    kind: str = Field(max_length=40)
    subject: str = Field(default="", max_length=80)
    created_at: datetime = moment()
    shared_at: datetime | None = moment(nullable=True)


class Version(Table, table=True):
    """One wording of a statement. What it says never changes; `hash` covers its text, its opaque
    ids and the hash before it, so that each partner can check that nothing was altered.

    If partners were asked to confirm it: `committee_id` is the body whose seats were asked (none:
    each partner's managers), the `rule_` columns what it takes, `answer_by` when silence counts
    (as a yes where the rule says so, else it lapses), `settled_at` when that was over, `looked_at`
    when it was last seen whether anybody is to be asked. `stood_until`: it counted until then, when
    another took its place. `widens`: once it is confirmed, the whole alliance may read what was the
    committee's alone.
    """

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("statement_id", "number"),)

    id: str = id_column()
    statement_id: str = reference("statements.id")
    number: int
    text: str = Field(max_length=20_000)
    state: str = Field(max_length=12)
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    created_at: datetime = moment()
    review_on: date | None = None
    previous_hash: str = Field(default="", max_length=64)
    hash: str = Field(max_length=64)
    committee_id: str | None = reference("committees.id", nullable=True)
    rule_kind: str = Field(default="", max_length=10)
    rule_count: int = 0
    rule_days: int = 0
    basis: str = Field(default="", max_length=12)
    answer_by: datetime | None = moment(nullable=True, index=True)
    settled_at: datetime | None = moment(nullable=True)
    looked_at: datetime | None = moment(nullable=True)
    stood_until: datetime | None = moment(nullable=True)
    widens: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class VoiceKind(StrEnum):
    """What a partner said to a version."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"


class Voice(Table, table=True):
    """One partner's yes or no to one version, by somebody who was entitled to it at that moment.
    `hash` is the version's. `given_in` and `given_on`: outside Entente, as the partner's manager
    recorded it."""

    __tablename__ = "voices"
    __table_args__ = (UniqueConstraint("version_id", "partner_id"),)

    id: str = id_column()
    version_id: str = reference("versions.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    kind: str = Field(max_length=10)
    reason: str = Field(default="", max_length=3000)
    platform: str = Field(max_length=20)
    hash: str = Field(max_length=64)
    at: datetime = moment()
    given_in: str = Field(default="", max_length=10)
    given_on: date | None = None


class Request(Table, table=True):
    """One person was asked to confirm one version for their partner, and reminded so often."""

    __tablename__ = "requests"
    __table_args__ = (UniqueConstraint("version_id", "member_id"),)

    id: str = id_column()
    version_id: str = reference("versions.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    asked_at: datetime = moment()
    nudges: int = 0


class RemarkKind(StrEnum):
    """What somebody who was asked said before answering."""

    SUGGESTION = "suggestion"
    QUESTION = "question"


class Remark(Table, table=True):
    """A better wording, or a question, from somebody who was asked; and what came of it. `text` is
    the wording suggested, `note` the words that go with it, or the question."""

    __tablename__ = "remarks"

    id: str = id_column()
    version_id: str = reference("versions.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    kind: str = Field(max_length=10)
    text: str = Field(default="", max_length=20_000)
    note: str = Field(default="", max_length=3000)
    at: datetime = moment()
    answer: str = Field(default="", max_length=3000)
    answered_at: datetime | None = moment(nullable=True)
