"""A person before Teams' client: what they write, press and fill in, as the activities it sends."""

import html
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .cards import (
    MOST_DIALOG,
    check_card,
    check_entered,
    check_size,
    enter,
    find_action,
    find_input,
    initial_values,
    inputs_of,
    words_of,
)
from .errors import TeamsRefuses
from .world import Card, Channel, Chat, Json, Member, Message, Tenant

if TYPE_CHECKING:
    from .fake import FakeTeams

BOT_NAME = "Entente"
CARD = "application/vnd.microsoft.card.adaptive"


MENTION = "http://schema.skype.com/Mention"


def _escape(text: str) -> str:
    """What somebody types, as Teams' client writes it down: plain text too is escaped."""
    return html.escape(text, quote=False)


def _format(text: str) -> str:
    return f"<div>{_escape(text)}</div>"


def _say(escaped: str, formatted: str) -> Json:
    """A message as Teams sends it: plain, and beside that as HTML."""
    attachment = {"contentType": "text/html", "content": formatted}
    return {"text": escaped, "textFormat": "plain", "attachments": [attachment]}


@dataclass
class Response:
    """What the bot answered."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text) if self.text else None


@dataclass(eq=False)
class Dialog:
    """An open dialog; it says where what is filled in goes."""

    title: str
    card: Card
    place: Channel | Chat
    invoke: str
    message: Message | None = None
    command: str = ""
    values: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return words_of(self.card)

    @property
    def has_form(self) -> bool:
        return bool(inputs_of(self.card))


class TeamsUser:
    """A person in front of their Teams."""

    def __init__(self, teams: "FakeTeams", member: Member) -> None:
        self.teams = teams
        self.member = member
        self.dialog: Dialog | None = None
        self.last_response: Response | None = None

    def __repr__(self) -> str:
        return f"<{self.name} of {self.tenant.name}>"

    @property
    def id(self) -> str:
        """The id by which Entente knows the person."""
        return self.member.aad

    @property
    def name(self) -> str:
        return self.member.name

    @property
    def tenant(self) -> Tenant:
        return self.member.tenant

    @property
    def direct(self) -> Chat:
        return self.teams.world.direct(self.member)

    # What is written

    def writes(self, text: str) -> Response:
        """To Entente, in their own chat."""
        return self._send_message(self.direct, _escape(text), [])

    def sends(
        self, name: str, content: bytes, text: str = "", *, place: Channel | Chat | None = None
    ) -> Response:
        """A file, with words beside it; outside their own chat Teams tells a bot of the words
        alone."""
        return self.sends_all([(name, content)], text, place=place)

    def sends_all(
        self,
        files: Sequence[tuple[str, bytes]],
        text: str = "",
        *,
        place: Channel | Chat | None = None,
    ) -> Response:
        """The same with several files in one message."""
        where = place or self.direct
        message = self._make_message(where, text, None, _format(text))
        said = _say(_escape(text), message.formatted)
        payload = {**self._activity("message", where, message.id), **said}
        if where is self.direct:
            uploads = [self._upload(name, content) for name, content in files]
            payload["attachments"] = [*payload["attachments"], *uploads]
        return self.teams.post(payload)

    def _upload(self, name: str, content: bytes) -> Json:
        """Into their OneDrive; where it lies, and the address that opens it."""
        server, identifier = self.teams.server, str(uuid.uuid4())
        server.files[identifier] = content
        address = f"{server.base_url}/files/{identifier}"
        return {
            "contentType": "application/vnd.microsoft.teams.file.download.info",
            "contentUrl": address,
            "name": name,
            "content": {
                "downloadUrl": f"{address}?tempauth={server.password}",
                "uniqueId": identifier,
                "fileType": name.rpartition(".")[2],
            },
        }

    def mentions(
        self,
        place: Channel | Chat,
        text: str,
        *people: "TeamsUser",
        thread: Message | None = None,
    ) -> Response:
        """`@Entente …` in a channel or group chat; people in `text` stand as `@Name`."""
        said = f"<at>{BOT_NAME}</at> {_escape(text)}"
        entities = [self._entity(BOT_NAME, self.teams.bot)]
        for person in people:
            said = said.replace(f"@{person.name}", f"<at>{person.name}</at>", 1)
            entities.append(self._entity(person.name, person.member.account))
        return self._send_message(place, said, entities, thread=thread)

    def says(
        self,
        place: Channel | Chat,
        text: str,
        *,
        thread: Message | None = None,
        formatted: str | None = None,
    ) -> tuple[Message, Response | None]:
        """Among people; Entente hears it only where the team granted that. `formatted`: the same
        as HTML, where it holds more than plain text can."""
        message = self._make_message(place, text, thread, formatted or _format(text))
        if not self.teams.hears_all or not place.has_bot:
            return message, None
        payload = self._activity("message", place, message.id, thread=thread or message)
        said = _say(_escape(text), message.formatted)
        return message, self.teams.post({**payload, **said})

    def edits(self, message: Message, text: str) -> Response | None:
        """Their own message; Entente hears of it as it heard of the message."""
        message.text, message.formatted = text, _format(text)
        said = _say(_escape(text), message.formatted)
        return self._send_change("messageUpdate", "editMessage", message, said)

    def deletes(self, message: Message) -> Response | None:
        """Their own message."""
        message.deleted = True
        return self._send_change("messageDelete", "softDeleteMessage", message, {})

    def _send_change(self, kind: str, event: str, message: Message, said: Json) -> Response | None:
        if not self.teams.hears_all or not message.place.has_bot:
            return None
        thread = self._thread_of(message)
        payload = {**self._activity(kind, message.place, message.id, thread=thread), **said}
        payload["channelData"] = {**payload["channelData"], "eventType": event}
        return self.teams.post(payload)

    def _entity(self, name: str, identifier: str) -> Json:
        mentioned = {"id": identifier, "name": name}
        return {"type": "mention", "text": f"<at>{name}</at>", "mentioned": mentioned}

    def _send_message(
        self,
        place: Channel | Chat,
        escaped: str,
        entities: list[Json],
        *,
        thread: Message | None = None,
    ) -> Response:
        formatted = escaped
        for number, entity in enumerate(entities):
            name = entity["mentioned"]["name"]
            span = f'<span itemtype="{MENTION}" itemscope="" itemid="{number}">{name}</span>'
            formatted = formatted.replace(entity["text"], span, 1)
        formatted = f"<div>{formatted}</div>"
        message = self._make_message(place, html.unescape(escaped), thread, formatted)
        payload = self._activity("message", place, message.id, thread=thread or message)
        payload["entities"] = [*entities, *payload["entities"]]
        return self.teams.post({**payload, **_say(escaped, formatted)})

    def _make_message(
        self, place: Channel | Chat, text: str, thread: Message | None, formatted: str
    ) -> Message:
        self._must_be_in(place)
        world = self.teams.world
        message = Message(
            id=world.new_id(),
            place=place,
            by_bot=False,
            author=self.member,
            text=text,
            formatted=formatted,
            thread=thread.id if thread else None,
        )
        world.messages.append(message)
        return message

    def _must_be_in(self, place: Channel | Chat) -> None:
        if self.member not in place.members:
            raise TeamsRefuses(f"{self.name} is not there")

    def _activity(
        self,
        kind: str,
        place: Channel | Chat,
        identifier: str | None = None,
        *,
        thread: Message | None = None,
    ) -> Json:
        now = datetime.now(UTC).isoformat()
        return {
            "type": kind,
            "id": identifier or f"f:{uuid.uuid4()}",
            "timestamp": now,
            "localTimezone": self.member.zone,
            "channelId": "msteams",
            "serviceUrl": self.teams.service_url,
            "from": {
                "id": self.member.account,
                "name": self.name,
                "aadObjectId": self.member.aad,
            },
            "recipient": {"id": self.teams.bot, "name": BOT_NAME},
            "conversation": self.teams.conversation(place, thread),
            "channelData": self.teams.channel_data(place),
            "entities": [{"type": "clientInfo", "locale": "en-GB", "timezone": self.member.zone}],
            "locale": "en-GB",
        }

    # Buttons and dialogs

    def sees(self, message: Message) -> bool:
        """Whether the message is shown to this person."""
        return self.member in message.place.members and message.target in (None, self.member)

    def presses(self, message: Message, label: str, *, below: str = "", **values: Any) -> Response:
        """A button of a message by its label, the first `below` these words; `values` of inputs
        beside it, by id or label."""
        if not self.sees(message) or message.card is None:
            raise TeamsRefuses(f"{self.name} does not see this card")
        action = find_action(message.card, label, below=below)
        given = self._fill(message.card, {}, values)
        if action["type"] == "Action.OpenUrl":
            raise TeamsRefuses(f"“{label}” leads to {action['url']}")
        thread = self._thread_of(message)
        if action["type"] == "Action.Execute":
            data = {**(action.get("data") or {})}
            data |= given if action.get("associatedInputs") != "none" else {}
            value = {
                "action": {
                    "type": "Action.Execute",
                    "verb": action["verb"],
                    "title": action["title"],
                    "data": data,
                },
                "trigger": "manual",
            }
            response = self._invoke("adaptiveCard/action", message.place, value, thread, message)
            self._take_card(message, response)
            return response
        value = {"data": action["data"], "context": {"theme": "default"}}
        response = self._invoke("task/fetch", message.place, value, thread, message)
        self._take_dialog(response, message.place, "task/submit", message)
        return response

    def forges_opening(self, place: Channel | Chat, data: Json) -> Response:
        """Send what a button that opens a dialog would, without one."""
        self._must_be_in(place)
        value = {"data": data, "context": {"theme": "default"}}
        response = self._invoke("task/fetch", place, value, None, None)
        self._take_dialog(response, place, "task/submit", None)
        return response

    def forges_form(self, place: Channel | Chat, data: Json) -> Response:
        """Send what a dialog would, without one."""
        self._must_be_in(place)
        return self._invoke("task/submit", place, {"data": data}, None, None)

    def chooses(
        self, message: Message, label: str, value: str, *, button: str = "Choose"
    ) -> Response:
        """In a menu of a message."""
        return self.presses(message, button, **{label: value})

    def submits(self, label: str | None = None, **values: Any) -> Response:
        """Fill in the open dialog and press its button (the first, if none is named)."""
        dialog = self._open_dialog()
        actions = dialog.card.get("actions") or ()
        if label is None and not actions:
            raise TeamsRefuses("this dialog has nothing to send")
        action = find_action(dialog.card, label) if label else actions[0]
        dialog.values = self._fill(dialog.card, dialog.values, values)
        data = {**(action.get("data") or {})}
        if action.get("associatedInputs") != "none":
            check_entered(dialog.card, dialog.values)
            data |= dialog.values
        value: Json = {"data": data, "context": {"theme": "default"}}
        if dialog.command:
            value |= {"commandId": dialog.command, "commandContext": "message"}
        thread = self._thread_of(dialog.message) if dialog.message else None
        response = self._invoke(dialog.invoke, dialog.place, value, thread, dialog.message)
        self.dialog = None
        self._take_dialog(
            response, dialog.place, dialog.invoke, dialog.message, command=dialog.command
        )
        return response

    def closes(self) -> None:
        """Close the open dialog."""
        self._open_dialog()
        self.dialog = None

    def uses_shortcut(self, command: str, message: Message) -> Response:
        """An entry of a message's menu."""
        if not self.sees(message):
            raise TeamsRefuses(f"{self.name} does not see this message")
        value = {
            "commandId": command,
            "commandContext": "message",
            "messagePayload": {
                "id": message.id,
                "replyToId": message.thread,
                "body": {
                    "contentType": "html",
                    "content": message.formatted or _format(message.text),
                },
                "from": {"user": {"id": message.author.aad if message.author else None}},
            },
        }
        thread = self._thread_of(message)
        response = self._invoke("composeExtension/fetchTask", message.place, value, thread, None)
        self._take_dialog(
            response,
            message.place,
            "composeExtension/submitAction",
            message,
            command=command,
        )
        return response

    def _fill(self, card: Card, held: dict[str, str], values: dict[str, Any]) -> dict[str, str]:
        given = {**initial_values(card), **held}
        for name, value in values.items():
            element = find_input(card, name)
            given[element["id"]] = enter(element, value)
        return given

    def _thread_of(self, message: Message) -> Message | None:
        if not isinstance(message.place, Channel):
            return None
        root = message.thread or message.id
        return next((m for m in self.teams.world.messages if m.id == root), message)

    def _open_dialog(self) -> Dialog:
        if self.dialog is None:
            raise TeamsRefuses(f"{self.name} has no dialog open")
        return self.dialog

    def _invoke(
        self,
        name: str,
        place: Channel | Chat,
        value: Json,
        thread: Message | None,
        message: Message | None,
    ) -> Response:
        payload = {**self._activity("invoke", place, thread=thread), "name": name, "value": value}
        if message is not None:
            payload["replyToId"] = message.id
        response = self.teams.post(payload)
        self.last_response = response
        if response.status == 200 and response.json is None:
            self.teams.world.object(f"{name} was answered with nothing")
        return response

    def _take_card(self, message: Message, response: Response) -> None:
        """A card in the answer takes the place of the one that was pressed."""
        if response.status != 200:
            return
        body = response.json
        if body.get("statusCode") != 200 or "type" not in body:
            self.teams.world.object(f"adaptiveCard/action was answered with {body}")
        elif body["type"] == CARD:
            self.teams.check(lambda: check_card(body["value"]), "refreshed card")
            message.card = body["value"]

    def _take_dialog(
        self,
        response: Response,
        place: Channel | Chat,
        invoke: str,
        message: Message | None,
        *,
        command: str = "",
    ) -> None:
        task = (response.json or {}).get("task") if response.status == 200 else None
        if task is None:
            return
        if task["type"] == "message":
            self.dialog = None
            return
        value = task["value"]
        card = value["card"]["content"]
        self.teams.check(lambda: check_card(card, in_dialog=True), "dialog")
        self.teams.check(lambda: check_size(card, MOST_DIALOG), "dialog")
        if not value.get("title") or "height" not in value:
            self.teams.world.object("a dialog without title or height")
        self.dialog = Dialog(
            value["title"], card, place, invoke, message, command, initial_values(card)
        )

    # The rest

    def reacts(self, message: Message, kind: str = "like") -> Response | None:
        """To one of Entente's messages; of others it is not told."""
        if not message.by_bot:
            return None
        payload = self._activity("messageReaction", message.place, thread=self._thread_of(message))
        payload |= {"replyToId": message.id, "reactionsAdded": [{"type": kind}]}
        return self.teams.post(payload)

    def adds_bot(self) -> Response:
        """Add Entente to their own chat."""
        payload = self._activity("installationUpdate", self.direct)
        return self.teams.post({**payload, "action": "add"})

    def removes_bot(self) -> Response:
        """Remove it again."""
        payload = self._activity("installationUpdate", self.direct)
        return self.teams.post({**payload, "action": "remove"})
