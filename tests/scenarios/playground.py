"""A person before the playground's page, for stories that are told alike on each platform."""

import base64
from collections.abc import Sequence
from typing import Any

from adapters.local import records
from adapters.local.cast import BOT
from adapters.local.render import render_view
from bot.core.forms import ChoiceInput
from tests.adapters.local.served import Served, elements_of, form_in, view_in, words_of
from tests.scenarios.persons import Person, Until


class InPlayground(Person):
    """Somebody in the playground; what they read is the page's own HTML."""

    def __init__(
        self, user: records.Person, room: records.Channel, served: Served, until: Until
    ) -> None:
        super().__init__(user.name, room, until)
        self.user, self.served = user, served
        self.dialog: str | None = None

    def _post(self, path: str, **body: Any) -> None:
        answer = self.served.post(path, {"person": self.user.id, **body})
        assert answer.status == 200, answer.text
        reply = answer.json
        assert not reply["errors"], reply["errors"]
        if reply["dialog"] or reply["closes"]:
            self.dialog = reply["dialog"]

    def joins(self) -> None:
        self._post("/membership", at=self.room.id, joins=True)

    def says(self, text: str, *about: Any) -> None:
        has_commands = self.user.workspace == self.room.workspace
        opening = "/alliance" if has_commands else "@Entente"
        self._post("/say", at=self.room.id, text=f"{opening} {text}")

    def writes(self, text: str) -> None:
        self._post("/say", at="dm", text=text)

    def direct(self) -> list[Any]:
        found = self.served.messages(self.user.id, self.user.direct)
        return [message for message in found if message.author == BOT]

    def chats(self, text: str, thread: Any = None) -> Any:
        root = thread.id if thread is not None else ""
        self._post("/say", at=self.room.id, text=text, thread=root)
        found = self.served.messages(self.user.id, self.room.id, thread=root or None)
        return [message for message in found if message.author == self.user.id][-1]

    def uses_shortcut(self, name: str, message: Any) -> None:
        self._post("/choose", message=message.id, shortcut=name)

    def press_on(self, message: Any, label: str) -> None:
        item = self.served.find_button(self.user.id, message.id, label)
        self._post("/press", surface=message.id, item=item, option="")

    def send_form(self, values: dict[str, Any]) -> None:
        surface = form_in(self.dialog or "")
        found = self.served.world.get_surface(surface, person=self.user.id)
        assert found is not None
        assert found.form is not None
        filled: dict[str, Any] = {}
        for item in found.form.inputs():
            chosen = values.get(item.name, getattr(item, "value", getattr(item, "selected", ())))
            if isinstance(item, ChoiceInput):
                by_label = {option.label: option.value for option in item.options}
                chosen = by_label.get(chosen, chosen) if isinstance(chosen, str) else list(chosen)
            filled[item.name] = chosen
        assert values.keys() <= filled.keys()
        self._post("/submit", surface=surface, values=filled)

    def read_form(self) -> str | None:
        if self.dialog is None:
            return None
        held = [str(each.get("value") or "") for _, each in elements_of(self.dialog)]
        return " ".join((words_of(self.dialog), *held))

    def close_form(self) -> None:
        self.dialog = None

    def press_in_form(self, label: str) -> None:
        surface = view_in(self.dialog or "")
        item = self.served.find_button(self.user.id, surface, label)
        self._post("/press", surface=surface, item=item, option="")

    def sends_all(self, files: Sequence[tuple[str, bytes]], text: str = "") -> None:
        for name, content in files:
            encoded = base64.b64encode(content).decode()
            self._post("/share", at="dm", name=name, content=encoded, text=text)

    def loses_account(self) -> None:
        self._post("/account", works=False)

    def private(self) -> list[Any]:
        here = [m for m in self._read_room() if m.private_to == self.user.id]
        return sorted((*here, *self.direct()), key=lambda m: m.number)

    def public(self) -> list[Any]:
        return [m for m in self._read_room() if m.private_to is None]

    def closes_messages(self) -> None:
        self._post("/membership", at="dm", joins=False)

    def _read_room(self) -> list[records.Message]:
        """What Entente said in the channel and in its threads, before this person's eyes."""
        at, viewer = self.room.id, self.user.id
        threads = self.served.world.count_replies(at, viewer=viewer)
        found = [m for t in (None, *threads) for m in self.served.messages(viewer, at, thread=t)]
        by_number = {m.number: m for m in found if m.author == BOT}
        return [by_number[number] for number in sorted(by_number)]

    def text_of(self, message: Any) -> str:
        return words_of(render_view(message.view, message.id))
