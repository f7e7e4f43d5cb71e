"""Microsoft's own simulator of Teams before an Entente, driven without a browser."""

import asyncio
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.fakes.teams.cards import find_action, initial_values, words_of
from tests.process import answers, free_port, wait_until

HERE = Path(__file__).parent
TENANT = "00000000-0000-0000-0000-000000000001"
BOT = "00000000-0000-0000-0000-000000000011"
PERSONAL, TEAM, STEERING = "personal-chat-id", "team-id", "channel-steering-id"
PEOPLE = ("Mei Lin", "Leo Ott", "Ida Berg", "Jan Moor", "Zoe Abt", "Kim Rau")
"""Mei sits before it. It insists on five others."""

Json = dict[str, Any]


def directory_id(number: int) -> str:
    """A person's id in their directory."""
    return f"00000000-0000-0000-0000-00000000002{number}"


def make_person(number: int) -> Json:
    given, surname = PEOPLE[number].split()
    address = f"{given.lower()}@borealis.example"
    return {
        "id": f"user-id-{number}",
        "name": PEOPLE[number],
        "userPrincipleName": address,
        "aadObjectId": directory_id(number),
        "givenName": given,
        "surname": surname,
        "email": address,
    }


def make_world() -> Json:
    """What the simulator's configuration says; JSON is YAML too."""
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": BOT, "name": "Entente"},
        "currentUser": make_person(0),
        "users": [make_person(number) for number in range(1, len(PEOPLE))],
        "personalChat": {"id": PERSONAL},
        "groupChat": {"id": "group-chat-id", "name": "Core team"},
        "team": {
            "id": TEAM,
            "name": "Alliance",
            "aadGroupId": "00000000-0000-0000-0000-000000000031",
            "channels": [{"id": STEERING, "name": "steering"}],
        },
    }


class Simulator:
    """One simulator in a process of its own; `shown` is what it would show to a browser."""

    def __init__(self, program: Path, folder: Path, entente: str) -> None:
        self.program, self.folder, self.entente = program, folder, entente
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.shown: list[Json] = []
        self._stop = threading.Event()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch()), daemon=True)

    def __enter__(self) -> Self:
        (self.folder / ".m365agentsplayground.yml").write_text(json.dumps(make_world()))
        self._log = (self.folder / "simulator.log").open("wb")
        arguments = ["-e", self.entente, "-c", "msteams", "-p", str(self.port), "--dt"]
        self._process = subprocess.Popen(
            ["node", str(self.program), *arguments, "--su", f"{self.url}/_connector"],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "NODE_OPTIONS": f"--require {HERE / 'loopback.js'}",
                "TEAMSAPPTESTER_BROWSER": "none",
            },
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        wait_until(lambda: answers(f"{self.url}/_internal/v1/config"), "the simulator to answer")
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._process.kill()
        self._process.wait()
        self._log.close()

    async def _watch(self) -> None:
        """What it would tell a browser."""
        stream = f"{self.url}/_ws_conversation/v1/conversations/stream"
        async with aiohttp.ClientSession() as session, session.ws_connect(stream) as socket:
            self._listening.set()
            while not self._stop.is_set():
                try:
                    frame = await socket.receive(timeout=0.1)
                except TimeoutError:
                    continue
                if frame.type != aiohttp.WSMsgType.TEXT:
                    return
                self._take(json.loads(frame.data))

    def _take(self, told: Json) -> None:
        if told.get("action") in {"createMessage", "updateMessage"}:
            self.shown.append({**told["message"], "conversation": told["actionConversationId"]})

    # What people do

    def call(self, path: str, body: Json) -> Any:
        """A request to it; what it answers."""
        request = urllib.request.Request(
            f"{self.url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            said = answer.read()
        return json.loads(said) if said else None

    def writes(self, text: str, place: str = PERSONAL) -> None:
        """Mei writes; in a channel she mentions Entente."""
        body: Json = {"from": {"id": "user-id-0"}, "text": text, "textFormat": "plain"}
        if place != PERSONAL:
            body["text"] = f"<at>Entente</at> {text}"
            body["mentions"] = [{"mentioned": {"id": BOT}, "text": "<at>Entente</at>"}]
        self.call(f"/_conversation/v1/conversations/{place}/messages", body)

    def happens(self, kind: str, place: str = PERSONAL, **more: Any) -> None:
        """Teams tells Entente of something."""
        is_personal = place == PERSONAL
        data: Json = {"tenant": {"id": TENANT}}
        if not is_personal:
            data |= {"team": {"id": TEAM}, "channel": {"id": place}, **more.pop("channelData", {})}
        activity = {
            "type": kind,
            "id": f"{kind}-{time.monotonic_ns()}",
            "channelId": "msteams",
            "serviceUrl": f"{self.url}/_connector",
            "from": {"id": "user-id-0", "aadObjectId": directory_id(0)},
            "recipient": {"id": BOT, "name": "Entente"},
            "conversation": {
                "id": place,
                "conversationType": "personal" if is_personal else "channel",
                "tenantId": TENANT,
            },
            "channelData": data,
            **more,
        }
        self.call("/_internal/v1/customActivities", activity)

    def invoke(self, name: str, value: Json, place: str, **more: Any) -> Any:
        """Something that Entente answers at once."""
        sender, where = {"id": "user-id-0"}, {"id": place}
        body = {"name": name, "value": value, "from": sender, "conversation": where, **more}
        return self.call("/_conversation/v1/invoke", body)

    def presses(self, message: Json, label: str) -> Any:
        """A button of a card."""
        card = get_card(message)
        action = find_action(card, label)
        assert action["type"] == "Action.Execute"
        data = {**initial_values(card), **action["data"]}
        given = {"type": "Action.Execute", "verb": action["verb"], "data": data}
        return self.invoke(
            "adaptiveCard/action",
            {"action": given, "trigger": "manual"},
            message["conversation"],
            replyToId=message["messageId"],
        )

    def shows(self, card: Json, place: str = PERSONAL) -> None:
        """Entente posts a card."""
        attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
        activity = {"type": "message", "from": {"id": BOT}, "attachments": [attachment]}
        self.call(f"/_connector/v3/conversations/{place}/activities", activity)

    # What people read

    def reads(self, words: str, place: str = PERSONAL) -> Json:
        """Wait for a message with these words in a chat or channel."""

        def find() -> Json | None:
            here = [m for m in self.shown if m["conversation"].startswith(place)]
            return next((m for m in reversed(here) if words in text_of(m)), None)

        found: Json = self.wait(find, words)
        return found

    def wait(self, condition: Callable[[], Any], what: str) -> Any:
        try:
            wait_until(condition, repr(what))
        except AssertionError as error:
            error.add_note("\n".join(f"{m['conversation']}: {text_of(m)}" for m in self.shown))
            raise
        return condition()


def get_card(message: Json) -> Json:
    (attachment,) = message["attachments"]
    card: Json = attachment["content"]
    return card


def text_of(message: Json) -> str:
    """What a message says, whether it is a card or not."""
    cards = [a["content"] for a in message.get("attachments") or () if a.get("content")]
    plain = re.sub("<[^>]*>", "", str(message.get("text") or ""))
    return "\n".join([plain, *(words_of(card) for card in cards)])
