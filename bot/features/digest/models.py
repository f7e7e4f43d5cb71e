"""The table of the digest."""

from datetime import datetime

from sqlmodel import Field

from bot.db.table import Table, moment


class DigestWish(Table, table=True):
    """A person wants the weekly digest of all their alliances. `sent_at`: when the last one was
    made; it says what is new."""

    __tablename__ = "digest_wishes"

    account_id: str = Field(foreign_key="accounts.id", primary_key=True, ondelete="CASCADE")
    since: datetime = moment()
    sent_at: datetime | None = moment(nullable=True)
