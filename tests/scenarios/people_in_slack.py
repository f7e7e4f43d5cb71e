"""A person before Slack's client, for stories that are told alike on each platform."""

import html
import re
from collections.abc import Sequence
from typing import Any

from tests.fakes import slack
from tests.fakes.slack.forms import controls, find_control, offers
from tests.scenarios import forging
from tests.scenarios.persons import Person, Until

BOLD = r"(?<!\w)\*([^*\n]+)\*(?!\w)"


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

    def make_stranger(self, name: str) -> str:
        return str(self.fake.user(name, team=self.user.team).id)

    def id_of(self, message: Any) -> str:
        return str(message.ts)

    def says_below(self, message: Any, text: str) -> None:
        self.user.says(self.room, f"<@BOT> {text}", message)

    def writes(self, text: str) -> None:
        self.user.dm(text)

    def direct(self) -> list[Any]:
        return self.fake.dms(self.user)

    def chats(self, text: str, thread: Any = None) -> Any:
        return self.user.says(self.room, text, thread)

    @property
    def workspace(self) -> str:
        return self.user.team.id

    def names(self, room: slack.Channel) -> str:
        return room.mention

    def sends_all(self, files: Sequence[tuple[str, bytes]], text: str = "") -> None:
        self.user.shares_all(files, text)

    def uses_shortcut(self, name: str, message: Any) -> None:
        assert self.user.uses_shortcut(name, message).status == 200

    def captures(self, message: Any) -> None:
        if self.has_commands:
            super().captures(message)
        else:
            self.user.reacts(message, "pushpin")
            self.presses("Capture decision", on="Capture decision")

    def press_on(self, message: Any, label: str) -> None:
        """The first of that label."""
        elements = [each for block in message.blocks for each in block.get("elements", ())]
        buttons = [each for each in elements if each["type"] == "button"]
        named = [each for each in buttons if each["text"]["text"] == label]
        value = named[0].get("value") if len(named) > 1 else None
        assert self.user.presses(message, label, value).status == 200

    def replies(self, message: Any) -> list[Any]:
        return [each for each in self.public() if each.thread_ts == message.ts]

    def press_below(self, message: Any, label: str, words: str) -> None:
        said = (re.sub(BOLD, r"\1", str(block)) for block in message.blocks)
        first = next(n for n, text in enumerate(said) if words in text)
        below = controls(message.blocks[first:])
        found = next(each for each in below if label == each.label or offers(each, label))
        value = label if found.kind == "overflow" else None
        assert self.user.presses(message, found.element["action_id"], value).status == 200

    def choose_on(self, message: Any, menu: str, option: str) -> None:
        self.user.chooses(message, menu, option)

    def address_on(self, message: Any, label: str) -> str:
        found = [each for each in controls(message.blocks) if each.label == label]
        return str(found[-1].element["url"])

    def values_on(self, message: Any, action: str) -> list[str]:
        elements = [each for block in message.blocks for each in block.get("elements", ())]
        found = [each for each in elements if str(each.get("action_id")).startswith(action)]
        return [str(each["value"]) for each in found if "value" in each]

    def alter_form(self, name: str, choice: str) -> None:
        self.user.chooses(self.fake.views(self.user)[-1], name, choice)
        self._calm_down()

    def options_of(self, label: str) -> list[str]:
        control = find_control(self.fake.views(self.user)[-1].blocks, label)
        return [str(option["text"]["text"]) for option in control.element["options"]]

    def opens_start(self) -> Any:
        self.user.opens_home()
        self._calm_down()
        return self.fake.home(self.user)

    def press_in_form(self, label: str) -> None:
        assert self.user.presses(self.fake.views(self.user)[-1], label).status == 200

    def send_form(self, values: dict[str, Any]) -> None:
        assert self.user.submits(self.fake.views(self.user)[-1], **values).status == 200

    def read_form(self) -> str | None:
        views = self.fake.views(self.user)
        if not views:
            return None
        wrong = "\n".join(views[-1].errors.values())
        return f"{self.text_of(views[-1])}{views[-1].blocks}{wrong}"

    def close_form(self) -> None:
        for view in reversed(self.fake.views(self.user)):
            self.user.closes(view)

    def react_to(self, message: Any) -> None:
        self.user.reacts(message, "thumbsup")

    def moves_to(self, zone: str) -> None:
        self.user.member.tz = zone

    def loses_account(self) -> None:
        self.fake.deactivate(self.user.member)

    def forge_press(self, action: str, value: str) -> None:
        forging.forge_press(self.fake, self.user, action, value, self.room)

    def regains_account(self) -> None:
        self.user.member.deleted = False

    def joins(self) -> None:
        self.user.joins(self.room)

    def leaves(self) -> None:
        self.user.leaves(self.room)

    def errors_at(self, name: str) -> str:
        return self.fake.views(self.user)[-1].errors.get(name, "")

    def preview_form(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            form = self.fake.views(self.user)[-1]
            is_typed = find_control(form.blocks, name).state_key == "value"
            answer = (self.user.types if is_typed else self.user.chooses)(form, name, value)
            assert answer is None or answer.status == 200
            self._calm_down()

    def known_as(self) -> dict[str, str]:
        return {"platform": "slack", "workspace": self.user.team.id, "user": self.user.id}

    def mentions_in(self, message: Any) -> list[str]:
        return re.findall(r"<[!@][^>]+>", str(message.blocks))

    def forge_form(self, name: str, context: dict[str, str]) -> str:
        return forging.forge_submission(self.fake, self.user, name, [], context, {}).text

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
        """As it is read, without Slack's own signs of bold letters."""
        return re.sub(BOLD, r"\1", self.fake.text_of(message))

    def plain(self, words: str) -> str:
        return html.escape(words, quote=False)
