"""The tables of Teams' adapter: what it takes to write into a conversation or to a person later.

Everything here comes from validated requests. `id` and `person` are the ids by which the rest of
Entente knows them (names.py); `real_id` and `account` are Teams' own.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from bot.db.table import Table, moment
from bot.db.types import Json

DIRECTORY_SCOPE = "teams_directory"
"""The revision that tells other processes that these tables changed."""


class TeamsConversation(Table, table=True):
    """A channel, a group chat or a personal chat that Entente is in."""

    __tablename__ = "teams_conversations"

    id: str = Field(primary_key=True, max_length=80)
    real_id: str = Field(max_length=400)
    kind: str = Field(max_length=20)
    tenant: str = Field(max_length=80, index=True)
    service_url: str = Field(max_length=200)
    bot: str = Field(default="", max_length=120)
    team: str | None = Field(default=None, max_length=200, index=True)
    group: str | None = Field(default=None, max_length=80, sa_column_kwargs={"name": "team_group"})
    name: str | None = Field(default=None, max_length=120)
    seen_at: datetime = moment()


class TeamsPerson(Table, table=True):
    """A person as Entente can reach them. `home`: their own tenant, once Teams said so; `seen_in`:
    a conversation in which they can be looked up, at `service_url` and in `tenant`; `direct`: their
    chat with Entente, which is at `direct_url` and belongs to their home."""

    __tablename__ = "teams_people"

    person: str = Field(primary_key=True, max_length=80)
    account: str = Field(max_length=200, index=True)
    home: str | None = Field(default=None, max_length=80)
    tenant: str = Field(max_length=80, index=True)
    service_url: str = Field(max_length=200)
    zone: str | None = Field(default=None, max_length=64)
    seen_in: str | None = Field(default=None, max_length=400)
    direct: str | None = Field(default=None, max_length=400)
    direct_url: str | None = Field(default=None, max_length=200)
    seen_at: datetime = moment()


class TeamsKept(Table, table=True):
    """A message that waits for a person (by our id) behind the button of a line that all see."""

    __tablename__ = "teams_kept"

    id: int | None = Field(default=None, primary_key=True)
    line: str = Field(max_length=80, index=True)
    person: str = Field(max_length=80, index=True)
    view: dict[str, Any] = Field(sa_type=Json)
    at: datetime = moment(index=True)
