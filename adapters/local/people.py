"""Who is in the simulated chat, and in which channels."""

from typing import Any

from adapters.local.records import Channel, Person, Workspace
from adapters.local.store import Store

_OFF = "account-off:"


class People(Store):
    """The chat's workspaces, people, channels and their members."""

    def add_person(self, person: Person) -> None:
        """Somebody new, or their new name."""
        self.write(
            "INSERT INTO people VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name, role = excluded.role, zone = excluded.zone",
            person.id,
            person.workspace,
            person.name,
            person.role,
            person.zone,
            person.is_bot,
        )

    def add_channel(self, channel: Channel) -> None:
        """A new channel, or its new name."""
        self.write(
            "INSERT INTO channels VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name, topic = excluded.topic, is_shared = excluded.is_shared, "
            "is_archived = excluded.is_archived",
            channel.id,
            channel.workspace,
            channel.name,
            channel.topic,
            channel.is_shared,
            channel.is_archived,
        )

    def get_workspaces(self) -> list[Workspace]:
        """The companies' chats."""
        return [Workspace(**row) for row in self.rows("SELECT * FROM workspaces ORDER BY id")]

    def get_people(self) -> list[Person]:
        """Everybody whom one can act as, in the order of the cast."""
        rows = self.rows("SELECT * FROM people WHERE NOT is_bot ORDER BY rowid")
        return [_to_person(row) for row in rows]

    def get_person(self, person: str) -> Person | None:
        """Somebody by id, Entente included."""
        row = self.row("SELECT * FROM people WHERE id = ?", person)
        return _to_person(row) if row else None

    def get_channel(self, channel: str) -> Channel | None:
        """A channel by id."""
        row = self.row("SELECT * FROM channels WHERE id = ?", channel)
        return _to_channel(row) if row else None

    def get_channels(self, workspace: str) -> list[Channel]:
        """The channels that people of a workspace can see."""
        rows = self.rows(
            "SELECT * FROM channels WHERE workspace = ? OR is_shared ORDER BY rowid", workspace
        )
        return [_to_channel(row) for row in rows]

    def join(self, channel: str, person: str) -> bool:
        """Put somebody into a channel; False if they were in it."""
        if self.is_member(channel, person):
            return False
        self.write("INSERT OR IGNORE INTO members VALUES (?, ?)", channel, person)
        return True

    def leave(self, channel: str, person: str) -> bool:
        """Take somebody out of a channel; False if they were not in it."""
        was_member = self.is_member(channel, person)
        self.write("DELETE FROM members WHERE channel = ? AND person = ?", channel, person)
        return was_member

    def switch(self, person: str, *, works: bool) -> bool:
        """Switch somebody's account off, or on again; False if that was so."""
        if self.has_account(person) == works:
            return False
        self.set_fact(f"{_OFF}{person}", "" if works else "yes")
        return True

    def has_account(self, person: str) -> bool:
        """Whether somebody's account works."""
        return not self.get_fact(f"{_OFF}{person}")

    def is_member(self, channel: str, person: str) -> bool:
        """Whether somebody is in a channel."""
        sql = "SELECT 1 FROM members WHERE channel = ? AND person = ?"
        return self.row(sql, channel, person) is not None

    def close_direct(self, person: str) -> bool:
        """Somebody takes no direct messages of Entente's any more; False if that was so."""
        was_open = self.takes_direct(person)
        self.write("INSERT OR IGNORE INTO closed VALUES (?)", person)
        return was_open

    def open_direct(self, person: str) -> bool:
        """They take them again; False if they did."""
        was_open = self.takes_direct(person)
        self.write("DELETE FROM closed WHERE person = ?", person)
        return not was_open

    def takes_direct(self, person: str) -> bool:
        """Whether Entente can write to somebody directly."""
        return self.row("SELECT 1 FROM closed WHERE person = ?", person) is None


def _to_person(row: Any) -> Person:
    return Person(**{**dict(row), "is_bot": bool(row["is_bot"])})


def _to_channel(row: Any) -> Channel:
    flags = {name: bool(row[name]) for name in ("is_shared", "is_archived")}
    return Channel(**{**dict(row), **flags})
