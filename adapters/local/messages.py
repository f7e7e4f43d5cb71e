"""What is said in the simulated chat, and who has seen it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.local.people import People
from adapters.local.records import Message
from bot.core.views import View

SHOWN = 200
"""Messages of a channel that a page shows, newest last."""


class Messages(People):
    """The chat's messages and the reactions to them."""

    def post(
        self,
        *,
        channel: str,
        author: str,
        at: datetime,
        text: str = "",
        view: View | None = None,
        thread: str | None = None,
        private_to: str | None = None,
        key: str | None = None,
    ) -> str:
        """Add a message and answer its id; one `key` is one message, however often it is sent."""
        if key is not None and (found := self.find_by_key(key)) is not None:
            return found.id
        number = self.write(
            "INSERT INTO messages (channel, thread, author, private_to, text, view, at, key) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            channel,
            thread,
            author,
            private_to,
            text,
            view.model_dump_json() if view else None,
            at.isoformat(),
            key,
        )
        return f"M{number}"

    def replace_view(self, message: str, view: View) -> None:
        """Put another view in a message's place."""
        number = _to_number(message)
        self.write("UPDATE messages SET view = ? WHERE number = ?", view.model_dump_json(), number)

    def find_by_key(self, key: str) -> Message | None:
        """The message that was sent with this key."""
        row = self.row("SELECT * FROM messages WHERE key = ?", key)
        return _to_message(row) if row else None

    def get_message(self, message: str) -> Message | None:
        """A message by id."""
        row = self.row("SELECT * FROM messages WHERE number = ?", _to_number(message))
        return _to_message(row) if row else None

    def get_messages(
        self, channel: str, *, viewer: str, thread: str | None = None
    ) -> Sequence[Message]:
        """What `viewer` sees in a channel (its threads left out) or in one of its threads."""
        condition = "thread IS NULL" if thread is None else "(thread = ? OR number = ?)"
        values = () if thread is None else (thread, _to_number(thread))
        rows = self.rows(
            f"SELECT * FROM messages WHERE channel = ? AND {condition} "
            "AND (private_to IS NULL OR private_to = ?) ORDER BY number DESC LIMIT ?",
            channel,
            *values,
            viewer,
            SHOWN,
        )
        return [_to_message(row) for row in reversed(rows)]

    def count_replies(self, channel: str, *, viewer: str) -> dict[str, int]:
        """How many replies each message of a channel has."""
        rows = self.rows(
            "SELECT thread, count(*) AS n FROM messages WHERE channel = ? AND thread IS NOT NULL "
            "AND (private_to IS NULL OR private_to = ?) GROUP BY thread",
            channel,
            viewer,
        )
        return {str(row["thread"]): int(row["n"]) for row in rows}

    def see(self, person: str, channel: str) -> None:
        """Note that somebody has looked at a channel."""
        self.write(
            "INSERT OR REPLACE INTO seen SELECT ?, ?, coalesce(max(number), 0) FROM messages "
            "WHERE channel = ?",
            person,
            channel,
            channel,
        )

    def count_unseen(self, person: str) -> dict[str, int]:
        """How many messages of others in each channel somebody has not looked at."""
        rows = self.rows(
            "SELECT m.channel, count(*) AS n FROM messages m LEFT JOIN seen s "
            "ON s.person = ? AND s.channel = m.channel WHERE m.number > coalesce(s.number, 0) "
            "AND m.author != ? AND (m.private_to IS NULL OR m.private_to = ?) AND (m.channel = ? "
            "OR EXISTS (SELECT 1 FROM members b WHERE b.channel = m.channel AND b.person = ?)) "
            "GROUP BY m.channel",
            person,
            person,
            person,
            f"D-{person}",
            person,
        )
        return {str(row["channel"]): int(row["n"]) for row in rows}

    def react(self, message: str, person: str, emoji: str) -> bool:
        """Add a reaction, or take it back; True if it was added."""
        number = _to_number(message)
        values = (number, person, emoji)
        sql = "SELECT 1 FROM reactions WHERE message = ? AND person = ? AND emoji = ?"
        if self.row(sql, *values) is None:
            self.write("INSERT OR IGNORE INTO reactions VALUES (?, ?, ?)", *values)
            return True
        self.write("DELETE FROM reactions WHERE message = ? AND person = ? AND emoji = ?", *values)
        return False

    def get_reactions(self, channel: str) -> dict[str, dict[str, list[str]]]:
        """Who reacted with what, by message."""
        found: dict[str, dict[str, list[str]]] = {}
        for row in self.rows(
            "SELECT r.* FROM reactions r JOIN messages m ON m.number = r.message "
            "WHERE m.channel = ? ORDER BY r.rowid",
            channel,
        ):
            found.setdefault(f"M{row['message']}", {}).setdefault(row["emoji"], []).append(
                row["person"]
            )
        return found


def _to_number(message: str) -> int:
    digits = message.removeprefix("M")
    return int(digits[:15]) if digits.isascii() and digits.isdigit() else -1


def _to_message(row: Any) -> Message:
    return Message(
        number=row["number"],
        channel=row["channel"],
        thread=row["thread"],
        author=row["author"],
        private_to=row["private_to"],
        text=row["text"],
        view=View.model_validate_json(row["view"]) if row["view"] else None,
        at=datetime.fromisoformat(row["at"]),
    )
