"""The tables of the outbox."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, ForeignKey, Index, Integer, and_, text
from sqlmodel import Field, col

from bot.db.table import Table, moment
from bot.db.types import Json

# SQLite numbers rows by itself only in a column of exactly this type.
_BigId = BigInteger().with_variant(Integer(), "sqlite")


def _index_some(name: str, *columns: str, where: str) -> Index:
    """An index over those of a table's rows that meet a condition."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


RECEIPTS_KEPT = timedelta(days=90)
"""How long it is known of a message that it was sent, failed or was skipped."""


class DeliveryState(StrEnum):
    """Queued → sending → sent, skipped or failed. `sending` without a living lease means that
    nobody knows whether it arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


class Deployment(Table, table=True):
    """One row: the random name of this database, which keeps its deliveries' keys apart from
    those of any other."""

    __tablename__ = "deployment"

    id: int = Field(default=1, primary_key=True)
    key: str = Field(max_length=24)


class SeenEvent(Table, table=True):
    """The key of an inbound event that was acted on."""

    __tablename__ = "seen_events"

    key: str = Field(primary_key=True, max_length=200)
    at: datetime = moment(index=True)


class Lane(Table, table=True):
    """All that goes to one channel or one person, in order. `next_at`: when the lane wants a
    worker (None: nothing is queued); `free_at`: before that the platform would refuse;
    `bundled_at`: when the person last got something unasked."""

    __tablename__ = "lanes"
    __table_args__ = (_index_some("ix_lanes_next_at", "next_at", where="next_at IS NOT NULL"),)

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    key: str = Field(unique=True, max_length=200)
    platform: str = Field(max_length=20)
    workspace: str = Field(max_length=80)
    channel: str | None = Field(default=None, max_length=80)
    user: str | None = Field(default=None, sa_column_kwargs={"name": "person"}, max_length=80)
    next_at: datetime | None = moment(nullable=True)
    free_at: datetime | None = moment(nullable=True)
    leased_until: datetime | None = moment(nullable=True)
    leased_by: str | None = Field(default=None, max_length=40)
    bundled_at: datetime | None = moment(nullable=True)


class Delivery(Table, table=True):
    """One message on its way to one place.

    Its content is `view`, or what the feature that registered `topic` makes of `subject` at the
    moment of sending. `set_aside`: it failed often enough to let its lane go on. `bundled_with`:
    the message in which it travels, or travelled when it was last tried.
    """

    __tablename__ = "deliveries"
    # None has what a claim changes: where a page has room, PostgreSQL claims without touching an
    # index. The table of lanes leaves half of each page free for it (see its migration).
    __table_args__ = (
        _index_some("ix_deliveries_open", "lane_id", "id", where="finished_at IS NULL"),
        _index_some(
            "ix_deliveries_message",
            "message_ref",
            "channel_ref",
            where="message_ref IS NOT NULL",
        ),
        # Which firings of reminders arrived; a row comes in here once it is finished.
        _index_some(
            "ix_deliveries_reminded",
            "subject",
            where="topic = 'reminder' AND finished_at IS NOT NULL",
        ),
        _index_some(
            "ix_deliveries_unsent",
            "alliance_id",
            where="finished_at IS NOT NULL AND message_ref IS NULL",
        ),
    )

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    lane_id: int = Field(sa_column=Column(_BigId, ForeignKey("lanes.id"), nullable=False))
    alliance_id: str | None = Field(default=None, max_length=24)
    state: str = Field(default=DeliveryState.QUEUED, max_length=10)
    topic: str = Field(max_length=40)
    subject: str = Field(default="", max_length=80)
    view: dict[str, Any] | None = Field(default=None, sa_type=Json)
    thread: str | None = Field(default=None, max_length=80)
    private_to: str | None = Field(default=None, max_length=80)
    unasked: bool = False
    set_aside: bool = False
    bundled_with: int | None = Field(default=None, sa_column=Column(_BigId, nullable=True))
    uncertain: bool = False
    attempts: int = 0
    created_at: datetime = moment()
    not_before: datetime = moment()
    expires_at: datetime | None = moment(nullable=True)
    started_at: datetime | None = moment(nullable=True)
    finished_at: datetime | None = moment(nullable=True)
    channel_ref: str | None = Field(default=None, max_length=80)
    message_ref: str | None = Field(default=None, max_length=80)
    reason: str | None = Field(default=None, max_length=200)


class Pause(Table, table=True):
    """A platform asked for silence from a whole installation until then."""

    __tablename__ = "pauses"

    platform: str = Field(primary_key=True, max_length=20)
    workspace: str = Field(primary_key=True, max_length=80)
    until: datetime = moment()


def has_failed() -> ColumnElement[bool]:
    """The condition that a delivery failed, written so that its index answers it."""
    return and_(
        col(Delivery.finished_at).is_not(None),
        col(Delivery.message_ref).is_(None),
        col(Delivery.state) == DeliveryState.FAILED,
    )
