"""A person before Teams' client, for stories that are told alike on each platform."""

import html
import re
from collections.abc import Sequence
from typing import Any

from adapters.teams import fields
from bot.dispatch.messages import words
from tests.fakes import teams
from tests.fakes.teams.cards import error_below, find_action, find_input, walk
from tests.scenarios.persons import Person, Until


class InTeams(Person):
    """Somebody in Teams."""

    def __init__(
        self, user: teams.TeamsUser, room: teams.Channel, fake: teams.FakeTeams, until: Until
    ) -> None:
        super().__init__(user.name, room, until)
        self.user, self.fake = user, fake

    def says(self, text: str, *about: Any) -> None:
        named = [other.user for other in about]
        assert self.user.mentions(self.room, text, *named).status == 200

    def make_stranger(self, name: str) -> str:
        return str(self.fake.user(name, tenant=self.user.tenant).id)

    def says_below(self, message: Any, text: str) -> None:
        assert self.user.mentions(self.room, text, thread=message).status == 200

    def writes(self, text: str) -> None:
        assert self.user.writes(text).status == 200

    def direct(self) -> list[Any]:
        return self.fake.dms(self.user)

    def chats(self, text: str, thread: Any = None) -> Any:
        plain, formatted = _as_typed(text)
        message, response = self.user.says(self.room, plain, thread=thread, formatted=formatted)
        assert response is None or response.status == 200
        return message

    @property
    def workspace(self) -> str:
        return self.user.tenant.id

    @property
    def gets_letters(self) -> bool:
        return not self.user.member.is_guest

    def names(self, room: teams.Channel) -> str:
        return f"#{room.name}"

    def sends_all(self, files: Sequence[tuple[str, bytes]], text: str = "") -> None:
        assert self.user.sends_all(files, text).status == 200

    def uses_shortcut(self, name: str, message: Any) -> None:
        assert self.user.uses_shortcut(name, message).status == 200

    def press_on(self, message: Any, label: str) -> None:
        assert self.user.presses(message, label).status == 200

    def replies(self, message: Any) -> list[Any]:
        return [each for each in self.public() if each.thread == message.id]

    def press_below(self, message: Any, label: str, words: str) -> None:
        assert self.user.presses(message, label, below=words).status == 200

    def choose_on(self, message: Any, menu: str, option: str) -> None:
        assert self.user.chooses(message, menu, option).status == 200

    def address_on(self, message: Any, label: str) -> str:
        return str(find_action(message.card, label)["url"])

    def values_on(self, message: Any, action: str) -> list[str]:
        marks = [fields.read_mark(each.get("data")) for each in walk(message.card)]
        named = {fields.ACTION, fields.FORM}
        return [m[fields.VALUE] for m in marks if action in {m.get(each) for each in named}]

    def alter_form(self, name: str, choice: str) -> None:
        assert self.user.submits(words("teams.preview"), **{name: choice}).status == 200

    def options_of(self, label: str) -> list[str]:
        assert self.user.dialog is not None
        return [str(each["title"]) for each in find_input(self.user.dialog.card, label)["choices"]]

    def opens_start(self) -> Any:
        self.asks_alone("home")
        return self.direct()[-1]

    def press_in_form(self, label: str) -> None:
        assert self.user.submits(label).status == 200

    def send_form(self, values: dict[str, Any]) -> None:
        assert self.user.submits(**values).status == 200

    def read_form(self) -> str | None:
        return self.user.dialog.text if self.user.dialog is not None else None

    def close_form(self) -> None:
        self.user.dialog = None

    def react_to(self, message: Any) -> None:
        response = self.user.reacts(message)
        assert response is not None
        assert response.status == 200

    def moves_to(self, zone: str) -> None:
        self.user.member.zone = zone

    def loses_account(self) -> None:
        self.fake.loses_account(self.user)

    def forge_press(self, action: str, value: str) -> None:
        self.user.forges_opening(self.room, fields.opening(action, value))

    def regains_account(self) -> None:
        self.fake.regains_account(self.user)

    def joins(self) -> None:
        assert self.fake.joins(self.user, self.room).status == 200

    def leaves(self) -> None:
        assert self.fake.leaves(self.user, self.room).status == 200

    def errors_at(self, name: str) -> str:
        dialog = self.user.dialog
        assert dialog is not None
        return error_below(dialog.card, name)

    def preview_form(self, values: dict[str, Any]) -> None:
        assert self.user.submits("Show a preview", **values).status == 200

    def known_as(self) -> dict[str, str]:
        return {"platform": "teams", "workspace": self.user.tenant.id, "user": self.user.id}

    def mentions_in(self, message: Any) -> list[str]:
        entities = message.card.get("msteams", {}).get("entities", ())
        return [each["text"] for each in entities]

    def forge_form(self, name: str, context: dict[str, str]) -> str:
        return self.user.forges_form(self.room, fields.submission(name, "", context)).text

    def private(self) -> list[Any]:
        return self.fake.private(self.user)

    def public(self) -> list[Any]:
        return self.fake.posts(self.room)

    def closes_messages(self) -> None:
        self.user.member.has_blocked = True

    def text_of(self, message: Any) -> str:
        return self.fake.text_of(message)


def _as_typed(text: str) -> tuple[str, str]:
    """What Teams makes of `code` and of lines that begin with > while somebody types: plain text
    that shows nothing of it, and HTML."""
    formatted = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    formatted = re.sub(r"^&gt; (.*)$", r"<blockquote>\1</blockquote>", formatted, flags=re.M)
    plain = re.sub(r"^> ", "", text.replace("`", ""), flags=re.M)
    return plain, f"<div>{formatted}</div>"
