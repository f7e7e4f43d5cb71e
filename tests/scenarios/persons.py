"""A person before the client of either platform, for stories that are told alike on both."""

import html
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import copy
from typing import Any, Final, Self

from adapters.local import records
from adapters.local.cast import BOT
from adapters.local.render import render_view
from bot.core.forms import ChoiceInput
from tests.adapters.local.served import Served, elements_of, form_in, words_of
from tests.fakes import slack, teams

Until = Callable[[Callable[[], Any], str], Any]
"""Waits until what was set off has led to something, and answers it; the words say to what."""

CAPTURE: Final = "decisions.capture"


class Person(ABC):
    """What somebody of an alliance does and reads, in the one channel where they work."""

    def __init__(self, name: str, room: Any, until: Until) -> None:
        self.name = name
        self.room = room
        self.until = until

    # What differs

    @abstractmethod
    def says(self, text: str, *about: Any) -> None:
        """To Entente, in the channel; people that it is `about` stand in the text as `@Name`."""

    @abstractmethod
    def writes(self, text: str) -> None:
        """To Entente, in their own chat with it."""

    @abstractmethod
    def direct(self) -> list[Any]:
        """What Entente wrote in that chat, oldest first."""

    @abstractmethod
    def chats(self, text: str, thread: Any = None) -> Any:
        """Among people; answers the message."""

    @abstractmethod
    def uses_shortcut(self, name: str, message: Any) -> None:
        """From the menu of a message."""

    @abstractmethod
    def press_on(self, message: Any, label: str) -> None:
        """A button."""

    @abstractmethod
    def send_form(self, values: dict[str, Any]) -> None:
        """Fill in the open form and send it off."""

    @abstractmethod
    def read_form(self) -> str | None:
        """What stands in the form that is open; None if none is."""

    @abstractmethod
    def close_form(self) -> None:
        """If one is open."""

    @abstractmethod
    def loses_account(self) -> None:
        """They leave the company."""

    @abstractmethod
    def private(self) -> list[Any]:
        """What Entente showed to nobody else, oldest first."""

    @abstractmethod
    def public(self) -> list[Any]:
        """What Entente wrote for everybody in the channel, oldest first."""

    @abstractmethod
    def closes_messages(self) -> None:
        """Take no direct messages from Entente any more."""

    @abstractmethod
    def text_of(self, message: Any) -> str:
        """What a message says."""

    # What does not

    def at(self, room: Any) -> Self:
        """The same person in another channel."""
        elsewhere = copy(self)
        elsewhere.room = room
        return elsewhere

    def posts(self) -> list[str]:
        """What Entente wrote for everybody in the channel."""
        return [self.text_of(message) for message in self.public()]

    def _find(self, *words: str) -> Any:
        """The latest message that says all of it; buttons are part of what it says."""
        for message in reversed(self.private()):
            said = self.text_of(message)
            if all(each in said for each in words):
                return message
        return None

    def _calm_down(self) -> None:
        """Let what was set off before come to its end, so that it is not taken for an answer."""
        self.until(lambda: True, "everything to settle")

    def texts(self) -> list[str]:
        """What Entente said to nobody else."""
        return [self.text_of(message) for message in self.private()]

    def hears(self, words: str) -> str:
        """Wait until Entente has told the person these words, in private or in the open form; all
        that it said with them."""

        def told() -> str | None:
            form = self.read_form() or ""
            found = self._find(words)
            return form if words in form else self.text_of(found) if found is not None else None

        return str(self.until(told, f"{self.name} to hear {words!r}"))

    def asks(self, text: str, *about: Any) -> str:
        """Say something in the channel; what Entente answers to them alone."""
        return self._hear_answer(text, lambda: self.says(text, *about), self.private)

    def asks_alone(self, text: str) -> str:
        """Write something in their own chat with Entente; what it answers there."""
        return self._hear_answer(text, lambda: self.writes(text), self.direct)

    def _hear_answer(
        self, text: str, utter: Callable[[], None], read: Callable[[], list[Any]]
    ) -> str:
        self._calm_down()
        before = len(read())
        utter()
        found = self.until(lambda: read()[before:], f"the answer to {text!r}")
        return "\n".join(self.text_of(message) for message in found)

    def letters(self) -> list[str]:
        """What Entente wrote in their own chat."""
        return [self.text_of(message) for message in self.direct()]

    def sees(self, words: str) -> str:
        """Wait until Entente has written these words into the channel."""
        return str(
            self.until(
                lambda: next((text for text in self.posts() if words in text), None),
                f"{self.name} to see {words!r}",
            )
        )

    def presses(self, label: str, *, on: str) -> None:
        """A button of the latest message that says this and has it."""
        message = self.until(lambda: self._find(on, label), f"{self.name} to hear {on!r}")
        self.press_on(message, label)

    def fills(self, **values: Any) -> None:
        """The form that is open, or opens."""
        self.until(lambda: self.read_form() is not None, "a form to open")
        self.send_form(values)
        self._calm_down()

    def opens(self, text: str, label: str) -> None:
        """Say something that opens a form, at once or by a button of the answer."""
        self._calm_down()
        self.close_form()
        before = len(self.private())
        self.says(text)

        def offered() -> list[Any]:
            return [m for m in self.private()[before:] if label in self.text_of(m)]

        self.until(lambda: self.read_form() or offered(), f"a form, or a button {label!r} for one")
        if self.read_form() is None:
            self.press_on(offered()[-1], label)


class InSlack(Person):
    """Somebody in Slack, with slash commands if their workspace has installed Entente."""

    def __init__(self, user: slack.User, room: slack.Channel, fake: slack.FakeSlack, until: Until):
        super().__init__(user.name, room, until)
        self.user, self.fake = user, fake
        self.has_commands = user.team is fake.installation.team

    def says(self, text: str, *about: Any) -> None:
        for other in about:
            text = text.replace(f"@{other.name}", f"<@{other.user.id}>")
        if self.has_commands:
            assert self.user.slash("/alliance", text, channel=self.room).status == 200
        else:
            self.user.says(self.room, f"<@BOT> {text}")

    def writes(self, text: str) -> None:
        self.user.dm(text)

    def direct(self) -> list[Any]:
        return self.fake.dms(self.user)

    def chats(self, text: str, thread: Any = None) -> Any:
        return self.user.says(self.room, text, thread)

    def uses_shortcut(self, name: str, message: Any) -> None:
        assert self.user.uses_shortcut(name, message).status == 200

    def press_on(self, message: Any, label: str) -> None:
        assert self.user.presses(message, label).status == 200

    def send_form(self, values: dict[str, Any]) -> None:
        assert self.user.submits(self.fake.views(self.user)[-1], **values).status == 200

    def read_form(self) -> str | None:
        views = self.fake.views(self.user)
        return self.fake.text_of(views[-1]) + str(views[-1].blocks) if views else None

    def close_form(self) -> None:
        for view in reversed(self.fake.views(self.user)):
            self.user.closes(view)

    def loses_account(self) -> None:
        self.fake.deactivate(self.user.member)

    def private(self) -> list[Any]:
        found = [*self.fake.ephemerals(user=self.user), *self.fake.dms(self.user)]
        return sorted(found, key=lambda message: message.ts)

    def public(self) -> list[Any]:
        return [m for m in self.fake.messages(self.room) if m.by_bot]

    def closes_messages(self) -> None:
        direct = self.fake.world.dm(self.user.member, self.fake.installation)
        error = "messages_tab_disabled"
        self.fake.fails("chat.postMessage", error=error, times=None, channel=direct)

    def text_of(self, message: Any) -> str:
        return self.fake.text_of(message)


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

    def writes(self, text: str) -> None:
        assert self.user.writes(text).status == 200

    def direct(self) -> list[Any]:
        return self.fake.dms(self.user)

    def chats(self, text: str, thread: Any = None) -> Any:
        plain, formatted = _as_typed(text)
        message, response = self.user.says(self.room, plain, thread=thread, formatted=formatted)
        assert response is None or response.status == 200
        return message

    def uses_shortcut(self, name: str, message: Any) -> None:
        assert self.user.uses_shortcut(name, message).status == 200

    def press_on(self, message: Any, label: str) -> None:
        assert self.user.presses(message, label).status == 200

    def send_form(self, values: dict[str, Any]) -> None:
        assert self.user.submits(**values).status == 200

    def read_form(self) -> str | None:
        return self.user.dialog.text if self.user.dialog is not None else None

    def close_form(self) -> None:
        self.user.dialog = None

    def loses_account(self) -> None:
        self.fake.loses_account(self.user)

    def private(self) -> list[Any]:
        return self.fake.private(self.user)

    def public(self) -> list[Any]:
        return self.fake.posts(self.room)

    def closes_messages(self) -> None:
        self.user.member.has_blocked = True

    def text_of(self, message: Any) -> str:
        return self.fake.text_of(message)


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


def _as_typed(text: str) -> tuple[str, str]:
    """What Teams makes of `code` and of lines that begin with > while somebody types: plain text
    that shows nothing of it, and HTML."""
    formatted = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    formatted = re.sub(r"^&gt; (.*)$", r"<blockquote>\1</blockquote>", formatted, flags=re.M)
    plain = re.sub(r"^> ", "", text.replace("`", ""), flags=re.M)
    return plain, f"<div>{formatted}</div>"
