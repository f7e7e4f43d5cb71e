"""What a reader has seen of the briefing book, and what a partner writes into it."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.db.types import Json
from bot.people.models import Audience


class Visit(Table, table=True):
    """When a member last looked at the book, and the time before that, each with marks of what
    stood there: hashes, no texts, by section."""

    __tablename__ = "briefing_visits"

    member_id: str = Field(foreign_key="members.id", primary_key=True, ondelete="CASCADE")
    alliance_id: str = reference("alliances.id")
    at: datetime = moment()
    marks: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    before_at: datetime | None = moment(nullable=True)
    before: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)


class Front(Audience, table=True):
    """What one partner writes for the book's readers: `agreement`, a summary of it in their own
    words; `links`, where things are kept, one a line, each a title and an address."""

    __tablename__ = "briefing_fronts"
    __table_args__ = (UniqueConstraint("partner_id"),)
    as_of = ("changed_at",)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id", index=False)
    member_id: str | None = Field(
        default=None, foreign_key="members.id", ondelete="SET NULL", max_length=24
    )
    agreement: str = Field(default="", max_length=3000)
    links: str = Field(default="", max_length=2000)
    changed_at: datetime = moment()
