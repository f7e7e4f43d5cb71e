"""What a reader has seen of the briefing book."""

from datetime import datetime

from sqlmodel import Field

from bot.db.table import Table, moment, reference
from bot.db.types import Json


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
