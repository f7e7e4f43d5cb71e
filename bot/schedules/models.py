"""The tables of what comes round: reminders, their clocks, targets and firings; system firings."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.db.types import Json
from bot.people.models import Audience

_BigId = BigInteger().with_variant(Integer(), "sqlite")


class ReminderState(StrEnum):
    """Ended: a reminder for one day, after that day."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    REMOVED = "removed"


class FiringState(StrEnum):
    """Skipped: it came due while nothing ran or nothing could be sent, too long ago to be worth
    sending."""

    FIRED = "fired"
    SKIPPED = "skipped"


class Reminder(Audience, table=True):
    """A scheduled message: what (`kind`, and `text` for free text), how often, set up by whom.

    `responded_at`: when somebody last pressed or reacted to one; `asked_at`: when the one who set
    it up was asked whether it is still wanted. `agreed_at`: when its side last agreed that other
    partners read its own wordings as they then were (None: when it was set up).
    """

    __tablename__ = "reminders"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    kind: str = Field(max_length=40)
    text: str = Field(default="", max_length=3000)
    options: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    cadence: str = Field(max_length=200)
    zone: str = Field(max_length=64)
    anchor: date
    on_holiday: str = Field(max_length=5)
    state: str = Field(default=ReminderState.ACTIVE, max_length=10)
    created_at: datetime = moment()
    responded_at: datetime | None = moment(nullable=True)
    asked_at: datetime | None = moment(nullable=True)
    agreed_at: datetime | None = moment(nullable=True)


class ReminderClock(Table, table=True):
    """A reminder's clock in one zone: people get direct messages in their own. `rhythm` is all
    that decides the moments; `next_at` is the next one, None when there is none or it is paused."""

    __tablename__ = "reminder_clocks"
    __table_args__ = (
        UniqueConstraint("reminder_id", "zone"),
        Index(
            "ix_reminder_clocks_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
    )

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    reminder_id: str = reference("reminders.id", index=False)
    zone: str = Field(max_length=64)
    rhythm: str = Field(max_length=1000)
    next_at: datetime | None = moment(nullable=True)


class ReminderCommittee(Table, table=True):
    """A committee whose seats of the reminder's own partner get it directly: who sits there is
    looked up anew, again and again."""

    __tablename__ = "reminder_committees"

    reminder_id: str = Field(foreign_key="reminders.id", primary_key=True, ondelete="CASCADE")
    committee_id: str = Field(
        foreign_key="committees.id", primary_key=True, ondelete="CASCADE", index=True
    )


class ReminderTarget(Table, table=True):
    """A channel or a member that a reminder goes to; `committee_id`: by a seat there."""

    __tablename__ = "reminder_targets"

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    clock_id: int = Field(
        sa_column=Column(
            _BigId, ForeignKey("reminder_clocks.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    reminder_id: str = reference("reminders.id")
    alliance_id: str = Field(max_length=24)
    lane_id: int = Field(sa_column=Column(_BigId, ForeignKey("lanes.id"), nullable=False))
    channel_id: str | None = reference("channels.id", nullable=True)
    member_id: str | None = reference("members.id", nullable=True)
    committee_id: str | None = Field(default=None, max_length=24)


class Firing(Table, table=True):
    """One due moment of one clock, at most once: (clock, due moment) is unique."""

    __tablename__ = "firings"
    __table_args__ = (UniqueConstraint("clock_id", "due_at"),)

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    clock_id: int = Field(
        sa_column=Column(
            _BigId, ForeignKey("reminder_clocks.id", ondelete="CASCADE"), nullable=False
        )
    )
    reminder_id: str = reference("reminders.id")
    due_at: datetime = moment()
    fired_at: datetime = moment()
    state: str = Field(max_length=10)


class SystemFiring(Table, table=True):
    """One period of one recurring job, run at most once."""

    __tablename__ = "system_firings"

    job: str = Field(primary_key=True, max_length=60)
    period: str = Field(primary_key=True, max_length=40)
    at: datetime = moment(index=True)
