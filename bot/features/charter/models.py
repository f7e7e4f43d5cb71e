"""A charter on its way in: what was read from a document, until it is in force or thrown away."""

from datetime import datetime

from sqlmodel import Field

from bot.db.table import id_column, moment, reference
from bot.db.types import Json
from bot.people.models import Audience


class CharterDraft(Audience, table=True):
    """The parts of an imported document, each with the clause it is to go to.

    A part is `{"heading", "text", "clause"}`; a clause of null leaves it out. `number` counts the
    corrections: a yes is to the draft that was read. Private to the partner it was brought by.
    """

    __tablename__ = "charter_drafts"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    committee_id: str | None = reference("committees.id", nullable=True)
    name: str = Field(default="", max_length=120)
    parts: list[dict[str, str | None]] = Field(default_factory=list, sa_type=Json)
    number: int = 1
    created_at: datetime = moment(index=True)
