"""The base of all tables, and the columns that many share."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, String
from sqlmodel import Field, SQLModel

from bot.core.ids import new_id
from bot.db.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """Base of every table: one metadata, names by rule."""

    metadata = MetaData(naming_convention=NAMING)


def id_column() -> Any:
    """A primary key that `new_id` fills."""
    return Field(default_factory=new_id, primary_key=True, sa_type=String(24))


def reference(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    """A column that points at another table's row; the row goes when its owner goes."""
    return Field(
        default=None if nullable else ...,
        sa_column=Column(
            ForeignKey(target, ondelete="CASCADE"),
            nullable=nullable,
            index=index,
        ),
    )


def moment(*, nullable: bool = False, index: bool = False) -> Any:
    """A column that holds a moment in UTC."""
    return Field(
        default=None if nullable else ...,
        sa_column=Column(UtcDateTime, nullable=nullable, index=index),
    )


Moment = datetime
