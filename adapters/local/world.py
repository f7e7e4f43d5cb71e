"""The simulated chat: it plays the platform's part, in a SQLite file of its own."""

import secrets
from datetime import datetime
from pathlib import Path

from adapters.local import cast
from adapters.local.cast import Cast
from adapters.local.messages import Messages
from adapters.local.records import Surface
from bot.core.forms import Form
from bot.core.ids import new_id
from bot.core.views import View

FILES_KEPT = 10
"""Files that were sent to Entente, kept until they are read."""

SURFACES_KEPT = 50
"""Dialogs kept for each person; older ones were closed long ago."""


class World(Messages):
    """The whole chat: people and messages (in its base classes), dialogs, and how it begins."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.files: dict[str, tuple[str, bytes]] = {}

    def keep_file(self, name: str, content: bytes) -> str:
        """Keep a file in memory, for Entente to read; answers its id. Older ones go."""
        while len(self.files) >= FILES_KEPT:
            self.files.pop(next(iter(self.files)))
        identifier = f"F{new_id()}"
        self.files[identifier] = (name, content)
        return identifier

    def populate(self, found: Cast, *, now: datetime) -> None:
        """Put a cast in, once."""
        if self.get_fact("token") is not None:
            return
        with self.transaction():
            for workspace in found.workspaces:
                self.write("INSERT INTO workspaces VALUES (?, ?)", workspace.id, workspace.name)
            for person in (*found.people, cast.ENTENTE):
                self.add_person(person)
            for channel in found.channels:
                self.add_channel(channel)
                for person_id in found.members[channel.id]:
                    self.join(channel.id, person_id)
            for line in sorted(found.lines, key=lambda line: line.at):
                at = cast.get_moment(line, now=now)
                self.post(channel=line.channel, author=line.author, text=line.text, at=at)
            for person in found.people:
                self.write(
                    "INSERT OR REPLACE INTO seen SELECT ?, channel, max(number) FROM messages "
                    "GROUP BY channel",
                    person.id,
                )
            self.set_fact("token", secrets.token_urlsafe(24))

    def open_surface(
        self,
        person: str,
        *,
        form: Form | None = None,
        view: View | None = None,
        opened_from: str = "",
        surface: str | None = None,
    ) -> Surface:
        """Open a dialog for somebody, or put something else into one that is open."""
        opened = Surface(
            id=surface or new_id(), person=person, form=form, view=view, opened_from=opened_from
        )
        self.write(
            "INSERT OR REPLACE INTO surfaces VALUES (?, ?, ?, ?, ?)",
            opened.id,
            person,
            form.model_dump_json() if form else None,
            view.model_dump_json() if view else None,
            opened_from,
        )
        self.write(
            "DELETE FROM surfaces WHERE person = ? AND id NOT IN (SELECT id FROM surfaces "
            "WHERE person = ? ORDER BY rowid DESC LIMIT ?)",
            person,
            person,
            SURFACES_KEPT,
        )
        return opened

    def get_surface(self, surface: str, *, person: str) -> Surface | None:
        """A dialog or home of this person's."""
        row = self.row("SELECT * FROM surfaces WHERE id = ? AND person = ?", surface, person)
        if row is None:
            return None
        return Surface(
            id=row["id"],
            person=row["person"],
            form=Form.model_validate_json(row["form"]) if row["form"] else None,
            view=View.model_validate_json(row["view"]) if row["view"] else None,
            opened_from=row["opened_from"],
        )
