"""The tables of statements."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.people.models import Audience


class VersionState(StrEnum):
    """What a version counts for. Confirmed is not among these yet: it takes every partner."""

    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Statement(Audience, table=True):
    """Something that holds: a North Star, later a charter, a term's meaning, a decision.

    `partner_id` is whose manager put it forward; `subject` tells statements of one kind apart.
    """

    __tablename__ = "statements"
    __table_args__ = (UniqueConstraint("alliance_id", "kind", "subject", "partner_id"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    kind: str = Field(max_length=40)
    subject: str = Field(default="", max_length=80)
    created_at: datetime = moment()


class Version(Table, table=True):
    """One wording of a statement. What it says never changes; `hash` covers its text, its opaque
    ids and the hash before it, so that each partner can check that nothing was altered."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("statement_id", "number"),)

    id: str = id_column()
    statement_id: str = reference("statements.id")
    number: int
    text: str = Field(max_length=6000)
    state: str = Field(max_length=12)
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    created_at: datetime = moment()
    review_on: date | None = None
    previous_hash: str = Field(default="", max_length=64)
    hash: str = Field(max_length=64)
