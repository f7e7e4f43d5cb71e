"""A person before the client of a platform, for stories that are told alike on each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Final, Self

Until = Callable[[Callable[[], Any], str], Any]
"""Waits until what was set off has led to something, and answers it; the words say to what."""

CAPTURE: Final = "decisions.capture"


class Person(ABC):
    """What somebody of an alliance does and reads, in the one channel where they work."""

    user: Any
    """Who they are on their platform."""

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

    def plain(self, words: str) -> str:
        """Words of somebody's as they stand in a message, if none of them became markup."""
        return words

    def forge_press(self, action: str, value: str) -> None:
        """Send what a button would that was never shown to them, where that can be."""
        raise NotImplementedError

    def make_stranger(self, name: str) -> str:
        """Somebody of the same company who is nowhere that Entente is; answers their id."""
        raise NotImplementedError

    def id_of(self, message: Any) -> str:
        """What the platform calls a message."""
        return str(message.id)

    def edits(self, message: Any, text: str) -> None:
        """A message of their own."""
        self.user.edits(message, text)

    def deletes(self, message: Any) -> None:
        """A message of their own."""
        self.user.deletes(message)

    def says_below(self, message: Any, text: str) -> None:
        """To Entente, in the thread of a message."""
        raise NotImplementedError

    def forge_form(self, name: str, context: dict[str, str]) -> str:
        """Send off a form that was never opened for them; the answer as it comes."""
        raise NotImplementedError

    @property
    def workspace(self) -> str:
        """The id of the workspace, or tenant, that they are of."""
        raise NotImplementedError

    @property
    def gets_letters(self) -> bool:
        """Whether Entente can write to them in their own chat."""
        return True

    def names(self, room: Any) -> str:
        """A channel, as they name it to Entente."""
        raise NotImplementedError

    def sends_all(self, files: Sequence[tuple[str, bytes]], text: str = "") -> None:
        """Files, to Entente alone; with or without words."""
        raise NotImplementedError

    def choose_on(self, message: Any, menu: str, option: str) -> None:
        """In a menu of a message, both by what stands there."""
        raise NotImplementedError

    def address_on(self, message: Any, label: str) -> str:
        """Where a button of a message leads."""
        raise NotImplementedError

    def values_on(self, message: Any, action: str) -> list[str]:
        """What the buttons of a message for an action carry, which no person sees."""
        raise NotImplementedError

    def regains_account(self) -> None:
        """They are back in the company, and Entente is not told."""
        raise NotImplementedError

    def joins(self) -> None:
        """The channel where they work."""
        raise NotImplementedError

    def leaves(self) -> None:
        """The channel."""
        raise NotImplementedError

    def errors_at(self, name: str) -> str:
        """What the open form says is wrong with one of its inputs; nothing if nothing is."""
        raise NotImplementedError

    def preview_form(self, values: dict[str, Any]) -> None:
        """Fill in part of the open form, and let it show what follows from that."""
        raise NotImplementedError

    def known_as(self) -> dict[str, str]:
        """What an event of theirs says of them."""
        raise NotImplementedError

    def mentions_in(self, message: Any) -> list[str]:
        """Whom a message calls."""
        raise NotImplementedError

    def alter_form(self, name: str, choice: str) -> None:
        """Choose something in the open form that then shows more, without sending it off."""
        raise NotImplementedError

    def options_of(self, label: str) -> list[str]:
        """What can be chosen for a question of the open form."""
        raise NotImplementedError

    def opens_start(self) -> Any:
        """The page that shows what a person can do with Entente, to be read and pressed on."""
        raise NotImplementedError

    def press_in_form(self, label: str) -> None:
        """Another button of the open form than the one that sends it off."""
        raise NotImplementedError

    def replies(self, message: Any) -> list[Any]:
        """What Entente wrote for everybody in the thread of a message."""
        raise NotImplementedError

    def press_below(self, message: Any, label: str, words: str) -> None:
        """The first button of that label below these words of a message."""
        raise NotImplementedError

    def react_to(self, message: Any) -> None:
        """With a thumb up."""
        raise NotImplementedError

    def moves_to(self, zone: str) -> None:
        """Travel to another time zone."""
        raise NotImplementedError

    def sends(self, name: str, content: bytes, text: str = "") -> None:
        """A file, to Entente alone; with or without words."""
        self.sends_all([(name, content)], text)

    def captures(self, message: Any) -> None:
        """Open the form that writes down what a message decided, the way this person has."""
        self.uses_shortcut(CAPTURE, message)

    # What does not

    def at(self, room: Any) -> Self:
        """The same person in another channel."""
        elsewhere = copy(self)
        elsewhere.room = room
        return elsewhere

    def enters(self, room: Any) -> Self:
        """Join a channel; the same person there."""
        there = self.at(room)
        there.joins()
        return there

    def posts(self) -> list[str]:
        """What Entente wrote for everybody in the channel."""
        return [self.text_of(message) for message in self.public()]

    def reads_below(self, message: Any) -> list[str]:
        """What Entente wrote for everybody in the thread of a message."""
        return [self.text_of(reply) for reply in self.replies(message)]

    def _find(self, *words: str) -> Any:
        """The latest message that says all of it; buttons are part of what it says."""
        return self._latest(self.private(), words)

    def _latest(self, messages: list[Any], words: tuple[str, ...]) -> Any:
        for message in reversed(messages):
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

    def presses(self, label: str, *, on: str) -> str:
        """A button of the latest message that says this and has it; what they read for it."""
        return self._use(self._await(on, label), lambda each: self.press_on(each, label))

    def presses_below(self, words: str, label: str, *, on: str) -> str:
        """The same of a message with several such buttons: the first below these words."""
        return self._use(self._await(on, words), lambda each: self.press_below(each, label, words))

    def presses_in_form(self, label: str) -> str:
        """Another button of the form that is open; what they read for it."""
        told = self.learns(lambda: self.press_in_form(label))
        return "\n".join((*told, *self._read_open()))

    def chooses(self, option: str, *, in_menu: str, on: str) -> str:
        """In a menu of the latest message that says this; what they read for it."""
        return self._use(
            self._await(on, in_menu), lambda each: self.choose_on(each, in_menu, option)
        )

    def reacts(self, *, on: str) -> None:
        """With a thumb up, to the latest message that says this."""
        self.react_to(self._await(on))
        self._calm_down()

    def leads_to(self, label: str, *, on: str) -> str:
        """The address behind a button of the latest message that says this and has it."""
        return self.address_on(self._await(on, label), label)

    def carries(self, action: str, *, on: str) -> list[str]:
        """What the buttons for an action send, of the latest message that says this."""
        return self.values_on(self._await(on), action)

    def _await(self, *words: str) -> Any:
        """The latest message that says all of it, to them alone or else to everybody."""
        return self.until(
            lambda: self._find(*words) or self._latest(self.public(), words),
            f"{self.name} to hear {words!r}",
        )

    def _use(self, message: Any, act: Callable[[Any], None]) -> str:
        told = self.learns(lambda: act(message))
        return "\n".join((*told, *self._read_open())) or self.text_of(message)

    def forges(self, action: str, value: str) -> str:
        """Press a button that was never shown to them; what they read for it."""
        self.close_form()
        told = self.learns(lambda: self.forge_press(action, value))
        return "\n".join((*told, *self._read_open()))

    def forges_form(self, name: str, context: dict[str, str]) -> str:
        """Send off an empty form that was never opened for them; what is answered."""
        answers: list[str] = []
        told = self.learns(lambda: answers.append(self.forge_form(name, context)))
        return "\n".join((*answers, *told))

    def learns(self, act: Callable[[], Any]) -> list[str]:
        """Do something; what Entente then tells them alone, if anything."""
        self._calm_down()
        before = len(self.private())
        act()
        self._calm_down()
        return [self.text_of(message) for message in self.private()[before:]]

    def previews(self, **values: Any) -> str:
        """Fill in part of the open form; what it shows then."""
        self.preview_form(values)
        self._calm_down()
        return "\n".join(self._read_open())

    def fills(self, **values: Any) -> str:
        """The form that is open, or opens; what they read when it is sent off."""
        self.until(lambda: self.read_form() is not None, "a form to open")
        told = self.learns(lambda: self.send_form(values))
        return "\n".join((*self._read_open(), *told))

    def _read_open(self) -> list[str]:
        form = self.read_form()
        return [form] if form is not None else []

    def opens(self, text: str, label: str, *about: Any) -> None:
        """Say something that opens a form, at once or by a button of the answer."""
        self.opens_by(lambda: self.says(text, *about), label)

    def opens_by(self, act: Callable[[], Any], label: str) -> None:
        """Do something that opens a form, at once or by a button of the answer."""
        self._calm_down()
        self.close_form()
        before = len(self.private())
        act()

        def offered() -> list[Any]:
            return [m for m in self.private()[before:] if label in self.text_of(m)]

        self.until(lambda: self.read_form() or offered(), f"a form, or a button {label!r} for one")
        if self.read_form() is None:
            self.press_on(offered()[-1], label)
