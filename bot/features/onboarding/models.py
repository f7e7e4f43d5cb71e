"""The tables of onboarding: tracks, journeys and their steps; who is in which channel; meetings."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.db.types import Json

# SQLite numbers rows by itself only in a column of exactly this type.
_BigId = BigInteger().with_variant(Integer(), "sqlite")


class JourneyState(StrEnum):
    """Asked: their manager is asked first. Left: not in the alliance's channels at the moment.
    Unreachable: direct messages do not arrive. Stopped: they said so themselves, and nobody else
    begins it anew. Ended: it began anew, they belong to another side now, or the seat or role that
    it was about is over. Brought: all came, and something of it asks to be read and was not."""

    ASKED = "asked"
    ACTIVE = "active"
    LEFT = "left"
    UNREACHABLE = "unreachable"
    STOPPED = "stopped"
    DECLINED = "declined"
    ENDED = "ended"
    BROUGHT = "brought"
    DONE = "done"


class StepState(StrEnum):
    """Planned: to be brought (again); queued: on its way; left_out: it had nothing to say."""

    PLANNED = "planned"
    QUEUED = "queued"
    SENT = "sent"
    READ = "read"
    SKIPPED = "skipped"
    LEFT_OUT = "left_out"


RECEIVED = (StepState.SENT, StepState.READ, StepState.SKIPPED, StepState.LEFT_OUT)
"""What is over and never comes again by itself."""

PIECE = "."
"""How the name of a row begins that is a piece of a note; no note's does (see contents.py)."""


class Track(Table, table=True):
    """One version of a partner's track of one kind: its steps, in order. Versions never change;
    who is under way stays on theirs. Without `member_id` it is the starter that ships."""

    __tablename__ = "onboarding_tracks"
    __table_args__ = (UniqueConstraint("partner_id", "kind", "number"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str | None = Field(
        default=None, foreign_key="members.id", ondelete="SET NULL", max_length=24
    )
    kind: str = Field(max_length=20)
    number: int
    steps: list[dict[str, Any]] = Field(sa_type=Json)
    created_at: datetime = moment()


class Journey(Table, table=True):
    """A member's way along one track, for one cause (`join`, `seat:…`, `role:…`).

    `step` comes next, at `next_at`; with neither, one is on its way, or `is_open` asks for the next
    to be worked out. `last_at`: when the person last got a step in any alliance; `held_until`: not
    before that; `away_since`: when they left the alliance's last channel. `edition` tells a restart
    from what came before it. `told_at`: when another way was taken for somebody unreachable,
    `told_in` the channel if it was one.
    """

    __tablename__ = "onboarding_journeys"
    __table_args__ = (
        UniqueConstraint("member_id", "cause"),
        Index(
            "ix_onboarding_journeys_due",
            "next_at",
            sqlite_where=text("next_at IS NOT NULL"),
            postgresql_where=text("next_at IS NOT NULL"),
        ),
        Index(
            "ix_onboarding_journeys_open",
            "id",
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
        Index("ix_onboarding_journeys_lane", "lane_id"),
        Index(
            "ix_onboarding_journeys_untold",
            "id",
            sqlite_where=text("state = 'unreachable' AND told_at IS NULL"),
            postgresql_where=text("state = 'unreachable' AND told_at IS NULL"),
        ),
    )

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    member_id: str = reference("members.id", index=False)
    track_id: str = reference("onboarding_tracks.id", index=False)
    kind: str = Field(max_length=20)
    cause: str = Field(max_length=60)
    state: str = Field(max_length=12)
    edition: int = 0
    step: str | None = Field(default=None, max_length=40)
    is_open: bool = True
    lane_id: int | None = Field(
        default=None, sa_column=Column(_BigId, ForeignKey("lanes.id"), nullable=True)
    )
    created_at: datetime = moment()
    begun_at: datetime = moment()
    next_at: datetime | None = moment(nullable=True)
    last_at: datetime | None = moment(nullable=True)
    held_until: datetime | None = moment(nullable=True)
    away_since: datetime | None = moment(nullable=True)
    reacted_at: datetime | None = moment(nullable=True)
    ended_at: datetime | None = moment(nullable=True)
    trouble: str | None = Field(default=None, max_length=80)
    told_at: datetime | None = moment(nullable=True)
    told_in: str | None = Field(default=None, max_length=24)


class Given(Table, table=True):
    """One step for one member, or a piece of one that they have behind them. (member, edition,
    step) is unique: nobody gets one twice."""

    __tablename__ = "onboarding_steps"
    __table_args__ = (
        UniqueConstraint("member_id", "edition", "step"),
        Index(
            "ix_onboarding_steps_queued",
            "lane_id",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
    )

    id: int | None = Field(
        default=None, sa_column=Column(_BigId, primary_key=True, autoincrement=True)
    )
    journey_id: str = reference("onboarding_journeys.id")
    alliance_id: str = Field(max_length=24)
    member_id: str = reference("members.id", index=False)
    edition: int = 0
    step: str = Field(max_length=40)
    state: str = Field(max_length=10)
    lane_id: int | None = Field(default=None, sa_column=Column(_BigId, nullable=True))
    delivery_id: int | None = Field(default=None, sa_column=Column(_BigId, nullable=True))
    queued_at: datetime | None = moment(nullable=True)
    sent_at: datetime | None = moment(nullable=True)
    reacted_at: datetime | None = moment(nullable=True)


class Attendance(Table, table=True):
    """Somebody (by the platform's id) is in a linked channel. `was_before`: they were there when
    it was first looked at; `is_checked`: nothing is left to be done about it; `asked_at`: when the
    platform was last asked who they are."""

    __tablename__ = "onboarding_attendance"
    __table_args__ = (
        Index(
            "ix_onboarding_attendance_open",
            "channel_id",
            sqlite_where=text("NOT is_checked"),
            postgresql_where=text("NOT is_checked"),
        ),
        Index("ix_onboarding_attendance_person", "person"),
    )

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    person: str = Field(primary_key=True, max_length=80)
    since: datetime = moment()
    was_before: bool = False
    is_checked: bool = False
    asked_at: datetime | None = moment(nullable=True)


class Looked(Table, table=True):
    """When a channel's members were last compared with what is known, and last asked for."""

    __tablename__ = "onboarding_looks"

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    asked_at: datetime = moment()
    compared_at: datetime | None = moment(nullable=True)


class Practice(Table, table=True):
    """How one partner goes about it. `since`: seats and roles given from then on count;
    `asked_at`: when its managers were last asked about many at once; `hides_persons`: nobody's
    progress is shown by name in the alliance."""

    __tablename__ = "onboarding_practice"

    partner_id: str = Field(foreign_key="partners.id", primary_key=True, ondelete="CASCADE")
    alliance_id: str = reference("alliances.id")
    since: datetime = moment()
    asked_at: datetime | None = moment(nullable=True)
    hides_persons: bool = False


class Feedback(Table, table=True):
    """An answer to "what was missing?", for the managers of one partner. Without `member_id` the
    person did not want their name with it, and it is kept nowhere."""

    __tablename__ = "onboarding_remarks"

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    partner_id: str = reference("partners.id")
    member_id: str | None = reference("members.id", nullable=True, index=False)
    day: str = Field(max_length=10)
    text: str = Field(max_length=2000)


class MeetingState(StrEnum):
    """Wanted by `member_id`; asked of `other_id`; agreed by both; or not."""

    ASKED = "asked"
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"


class Meeting(Table, table=True):
    """Two people to be brought together: an introduction (`kind` is `counterpart`), or a
    one-to-one with one's own alliance manager. `times` are ISO moments that were proposed;
    `contact`, `other_contact`: how either wants to be reached by the other, in their own words."""

    __tablename__ = "onboarding_meetings"
    __table_args__ = (UniqueConstraint("kind", "member_id", "other_id"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    kind: str = Field(max_length=12)
    member_id: str = reference("members.id", index=False)
    other_id: str = reference("members.id")
    state: str = Field(max_length=10)
    times: list[str] = Field(default_factory=list, sa_type=Json)
    at: datetime | None = moment(nullable=True)
    contact: str = Field(default="", max_length=120)
    other_contact: str = Field(default="", max_length=120)
    created_at: datetime = moment()
    changed_at: datetime = moment()
