"""The tables of decisions."""

import secrets
import time
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from bot.db.table import Table, id_column, moment, reference
from bot.db.types import Json
from bot.people.models import Audience


class Weight(StrEnum):
    """What a decision takes. Noted: a working team's, recorded as it is. Asked: each partner's
    yes. Draft: its author wants somebody's word first. Planned: it is not taken yet."""

    NOTED = "noted"
    ASKED = "asked"
    DRAFT = "draft"
    PLANNED = "planned"


class TaskKind(StrEnum):
    """What a decision still needs: an approval inside one partner, or something to be done."""

    APPROVAL = "approval"
    ACTION = "action"


class TaskState(StrEnum):
    """How far it is."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    DROPPED = "dropped"


class ListeningKind(StrEnum):
    """What Entente listens for: a discussion that ends in a decision, to suggest noting it down;
    one that re-opens what was decided, to point at it."""

    SUGGEST = "suggest"
    REOPENED = "reopened"


def new_row() -> int:
    """A number for the search index: later ones are greater, and no two alike."""
    return (time.time_ns() // 1_000_000) << 20 | secrets.randbits(20)


class DecisionBook(Table, table=True):
    """One alliance's settings for its decisions, and the last number given out. `pin`: the emoji
    that captures a message."""

    __tablename__ = "decision_books"

    alliance_id: str = Field(foreign_key="alliances.id", primary_key=True, ondelete="CASCADE")
    last_number: int = 0
    pin: str = Field(default="pushpin", max_length=80)


class Decision(Audience, table=True):
    """What was decided. `what` and `why` are those of its newest wording, which is a version of the
    statement (kind `decision`, its subject is this id).

    `words`: everything in it that can be searched, folded; the index over it (`decision_search`) is
    made by the migration, and refers to `search_row`. `channel_id`, `message` and `thread`: where
    it was captured. `changed_at`: its wording changed. `closed_at`: it was withdrawn.
    `supersedes_id`: what it takes the place of, once it counts. `basis`: on what ground it was
    agreed, if that was said.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("alliance_id", "number"),
        Index("ix_decisions_thread", "channel_id", "thread"),
        Index("ix_decisions_recent", "alliance_id", "search_row"),
    )
    as_of = ("changed_at", "created_at")

    id: str = id_column()
    alliance_id: str = reference("alliances.id", index=False)
    number: int
    search_row: int = Field(
        default_factory=new_row, sa_column=Column(BigInteger, nullable=False, unique=True)
    )
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    committee_id: str | None = reference("committees.id", nullable=True)
    supersedes_id: str | None = reference("decisions.id", nullable=True)
    weight: str = Field(max_length=8)
    basis: str = Field(default="", max_length=12)
    what: str = Field(max_length=600)
    why: str = Field(default="", max_length=10_000)
    alternatives: str = Field(default="", max_length=3000)
    serves: str = Field(default="", max_length=80)
    inform: list[str] = Field(default_factory=list, sa_type=Json)
    minuted: str = Field(default="", max_length=300)
    words: str
    channel_id: str | None = Field(
        default=None, sa_column=Column(ForeignKey("channels.id", ondelete="SET NULL"))
    )
    message: str = Field(default="", max_length=80)
    thread: str = Field(default="", max_length=80)
    permalink: str = Field(default="", max_length=500)
    created_at: datetime = moment()
    changed_at: datetime | None = moment(nullable=True)
    planned_on: date | None = None
    review_on: date | None = Field(default=None, index=True)
    closed_at: datetime | None = moment(nullable=True)


class DecisionStep(Table, table=True):
    """One line of a decision's history: what became of it, when, by whom."""

    __tablename__ = "decision_steps"

    id: str = id_column()
    decision_id: str = reference("decisions.id")
    member_id: str | None = reference("members.id", nullable=True)
    state: str = Field(max_length=12)
    at: datetime = moment()


class Task(Audience, table=True):
    """An approval or an action that a decision needs. An approval's audience is its partner; other
    partners see how many are open, and `shown`, if its manager decided to say something.

    `ask_on`: the next day on which its owner is asked. `asked`: how often they were.
    """

    __tablename__ = "decision_tasks"
    as_of = ("changed_at",)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    decision_id: str = reference("decisions.id")
    partner_id: str = reference("partners.id")
    owner_id: str = reference("members.id")
    kind: str = Field(max_length=8)
    what: str = Field(max_length=200)
    state: str = Field(default=TaskState.OPEN, max_length=8)
    due_on: date | None = None
    ask_on: date | None = Field(default=None, index=True)
    asked: int = 0
    reason: str = Field(default="", max_length=600)
    shown: str = Field(default="", max_length=600)
    changed_at: datetime = moment()


class Listening(Table, table=True):
    """One partner's manager wants Entente to listen for something in a channel. It happens once
    those of all its partners do, and have since the channel was opened."""

    __tablename__ = "decision_listening"
    __table_args__ = (UniqueConstraint("channel_id", "partner_id", "kind"),)

    id: str = id_column()
    alliance_id: str = reference("alliances.id")
    channel_id: str = reference("channels.id")
    partner_id: str = reference("partners.id")
    member_id: str = reference("members.id")
    kind: str = Field(max_length=10)
    since: datetime = moment()


class Agenda(Table, table=True):
    """One partner's seats on a committee are told, so many days before it meets, what is open and
    comes up. `told_for`: the meeting that they were told of last."""

    __tablename__ = "decision_agendas"

    committee_id: str = Field(
        sa_column=Column(ForeignKey("committees.id", ondelete="CASCADE"), primary_key=True)
    )
    partner_id: str = Field(
        sa_column=Column(ForeignKey("partners.id", ondelete="CASCADE"), primary_key=True)
    )
    days: int
    told_for: datetime | None = moment(nullable=True)


class Ear(Table, table=True):
    """How sure Entente must be in a channel before it suggests to capture a decision."""

    __tablename__ = "decision_ears"

    channel_id: str = Field(foreign_key="channels.id", primary_key=True, ondelete="CASCADE")
    bar: float
