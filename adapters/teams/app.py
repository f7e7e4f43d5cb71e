"""Teams: what passed the door becomes events, and their answers Teams' own responses."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, Final

import aiohttp
import structlog

from adapters.teams import fields
from adapters.teams.directory import CHANNEL, GROUP, PERSONAL, Conversation, Person
from adapters.teams.forms import render_view
from adapters.teams.happenings import (
    TEAM_MOVES,
    get_team_change,
    get_update,
    is_arrival,
    is_departure,
    make_changes,
    make_departures,
    make_moves,
)
from adapters.teams.origin import is_from_menu
from adapters.teams.parse import (
    DIALOG,
    parse,
    parse_added,
    parse_kept,
    parse_mentioned,
    parse_picked,
    parse_removed,
    parse_sighting,
)
from adapters.teams.respond import NOTHING, Responder, make_still_working
from adapters.teams.sdk import Turns
from adapters.teams.send import TeamsPlatform, answering_within
from bot.core.events import (
    Actor,
    AppInstalled,
    AppRemoved,
    ButtonPressed,
    Event,
    FormSubmitted,
    Place,
    PlaceKind,
)
from bot.core.forms import Form
from bot.dispatch.dispatcher import Dispatcher

log = structlog.get_logger(__name__)

Payload = dict[str, Any]


PATIENCE: Final = {"composeExtension/fetchTask": 4.0, "composeExtension/submitAction": 4.0}
"""Seconds after which an invoke is answered whether it is done or not: Teams waits 5 seconds for
these."""

LONGEST: Final = 10.0
"""The same for all others: Teams sends again what took longer than 15 seconds."""

READING: Final = {"composeExtension/fetchTask": 3.0, "task/fetch": 8.0}
"""Seconds for reading what a form begins with: rather it opens with less. What is sent off or
pressed is not hurried, since its work goes on after the answer."""

READING_LONGEST: Final = 8.0
"""The same for what is no invoke."""


@dataclass(slots=True)
class Turn:
    """An activity under way. `is_late`: Teams has been answered already."""

    is_late: bool = False


_TURN: ContextVar[Turn] = ContextVar("_TURN")


class Http:
    """The HTTP session of a process: made when first asked for, within its loop."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    def connect(self) -> aiohttp.ClientSession:
        """The session."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=64, keepalive_timeout=10),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
            )
        return self._session

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


class TeamsApp:
    """The inbound half, for all tenants that installed Entente. `patience` and `longest`: after how
    many seconds an invoke is answered at the latest, by its name or any other."""

    def __init__(self, platform: TeamsPlatform, dispatcher: Dispatcher, *, app_id: str) -> None:
        self.patience: Mapping[str, float] = PATIENCE
        self.longest = LONGEST
        self._late: set[asyncio.Task[Payload | None]] = set()
        self._platform = platform
        self._dispatcher = dispatcher
        self.responder = Responder(platform, self._reopen, dispatcher.tell)
        self._turns = Turns(platform.connector, self._hear, app_id=app_id)

    async def handle(self, payload: Payload) -> Payload | None:
        """Run an activity whose origin is established through the library's turn. Whatever keeps
        an event from being handled is raised: Teams sends it again."""
        if payload["type"] != "invoke":
            return await self._run(payload, Turn(), READING_LONGEST)
        name = str(payload.get("name") or "")
        turn = Turn()
        work = asyncio.create_task(self._run(payload, turn, READING.get(name, math.inf)))
        done, _ = await asyncio.wait({work}, timeout=self.patience.get(name, self.longest))
        if done:
            return work.result()
        turn.is_late = True
        self._late.add(work)
        work.add_done_callback(self._finish_late)
        return make_still_working(name)

    async def _run(self, payload: Payload, turn: Turn, reading: float) -> Payload | None:
        _TURN.set(turn)
        with answering_within(reading):
            return await self._turns.run(payload)

    def _finish_late(self, work: asyncio.Task[Payload | None]) -> None:
        """Teams will not send it again: what went wrong is for the log alone."""
        self._late.discard(work)
        error = None if work.cancelled() else work.exception()
        if error is not None:
            log.error("late invoke broke", exc_info=error)

    async def finish(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._late, return_exceptions=True)
        await self.responder.finish()

    async def _hear(self, payload: Payload) -> Payload | None:
        sighting = parse_sighting(payload)
        if sighting is None:
            return None
        conversation, person = sighting
        if is_departure(payload):
            await self._leave(payload, conversation)
            return None
        if await self._note(payload, conversation, person):
            await self._come_back(payload, conversation)
        line = parse_kept(payload)
        if line is not None and person is not None:
            return render_view(await self._platform.kept.open(line, person.person))
        users = await self._meet(payload, conversation)
        events = (*parse(payload, users), *await self._hear_team(payload, conversation, users))
        name = str(payload.get("name") or "") if payload["type"] == "invoke" else ""
        body: Payload | None = NOTHING if name == "adaptiveCard/action" else None
        for event in events:
            answer = await self._dispatcher.dispatch(event)
            mark = _read_mark(payload)
            answered = await self.responder.respond(
                event,
                answer,
                name=name,
                opened=str(mark.get(fields.OPENED) or ""),
                is_alone=bool(mark.get(fields.ALONE)),
                is_late=_TURN.get().is_late,
            )
            body = answered or body
        return body

    async def _note(
        self, payload: Payload, conversation: Conversation, person: Person | None
    ) -> bool:
        """Remember where this comes from and by whom; whether Entente is back in the tenant."""
        directory, people = self._platform.directory, [person] if person else []
        if is_from_menu(payload):
            known = await directory.get_conversation(conversation.id)
            if known is None or known.real_id != conversation.real_id:
                # Entente need not be there: nothing can be written to it, nor told of it.
                await directory.note_people([replace(each, seen_in=None) for each in people])
                return False
        return await directory.note(conversation, *people)

    async def _meet(self, payload: Payload, conversation: Conversation) -> dict[str, str]:
        """Our ids of the people whom a message or a form names, or who joined or left; who was
        never met is looked up, unless they are gone."""
        directory = self._platform.directory
        users: dict[str, str] = {}
        missing: list[str] = []
        for account in await self._get_named(payload):
            user = await directory.get_user(account)
            if user is None:
                missing.append(account)
            else:
                users[account] = user
        found = await asyncio.gather(
            *(self._platform.meet(conversation, account) for account in missing)
        )
        known = {a: user for a, user in zip(missing, found, strict=True) if user is not None}
        gone = {each: await directory.get_user(each) for each in parse_removed(payload)}
        return {**users, **known, **{each: user for each, user in gone.items() if user}}

    async def _get_named(self, payload: Payload) -> Sequence[str]:
        """Teams' ids of those whom an activity names and who should be there."""
        if payload["type"] == "message":
            return parse_mentioned(payload)
        if payload["type"] == "conversationUpdate":
            return parse_added(payload)
        directory = self._platform.directory
        picked = parse_picked(payload)
        return [each for each in picked if await directory.get_person(each) is None]

    async def _hear_team(
        self, payload: Payload, conversation: Conversation, users: dict[str, str]
    ) -> tuple[Event, ...]:
        """What happens to a team happens to its channels; what happens to a group chat, to it."""
        if get_team_change(payload) is not None:
            is_group = conversation.kind == GROUP
            places = [conversation.id] if is_group else await self._channels_of(conversation.team)
            return make_changes(payload, places)
        update = get_update(payload) if payload["type"] == "conversationUpdate" else ""
        if update not in TEAM_MOVES:
            return ()
        if is_arrival(payload):
            await self._platform.meet_channels(conversation)
        others = set(await self._channels_of(conversation.team)) - {conversation.id}
        kinds = await self._platform.read_kinds(conversation) if others else {}
        moved = [each for each in sorted(others) if kinds.get(each) in TEAM_MOVES[update]]
        return make_moves(payload, users, moved)

    async def _channels_of(self, team: str | None) -> list[str]:
        found = await self._platform.directory.get_team(team) if team else []
        return [each.id for each in found if each.kind == CHANNEL]

    async def _leave(self, payload: Payload, conversation: Conversation) -> None:
        """Entente was removed from a team, a chat, or by a person; or, shared as it was, from one
        channel."""
        if get_update(payload) == "channelmemberremoved":
            conversation = replace(conversation, team=None)
        channels = await self._channels_of(conversation.team)
        if (
            not channels
            and await self._platform.directory.get_conversation(conversation.id) is None
        ):
            return  # told already
        if conversation.kind != PERSONAL and conversation.id not in channels:
            channels.append(conversation.id)
        for event in make_departures(payload, channels):
            await self._dispatcher.dispatch(event)
        is_last = await self._platform.directory.forget(
            tenant=conversation.tenant, team=conversation.team, conversation=conversation.id
        )
        if is_last:
            common = self._of_tenant(payload, conversation, "removed")
            await self._dispatcher.dispatch(AppRemoved(**common))

    async def _come_back(self, payload: Payload, conversation: Conversation) -> None:
        """Entente had been removed from a tenant, and is heard from there again."""
        common = self._of_tenant(payload, conversation, "back")
        await self._dispatcher.dispatch(AppInstalled(**common, is_back=True))

    def _of_tenant(
        self, payload: Payload, conversation: Conversation, happening: str
    ) -> dict[str, Any]:
        return {
            "key": f"teams:{happening}:{conversation.tenant}:{payload.get('id')}"[:190],
            "platform": self._platform.name,
            "workspace": conversation.tenant,
            "actor": Actor(user=""),
            "place": Place(kind=PlaceKind.HOME),
        }

    async def _reopen(self, event: FormSubmitted, opened: str) -> Form | None:
        """The form as it was opened, to show what is wrong in it."""
        press = ButtonPressed(
            key=f"{event.key}:again",
            platform=event.platform,
            workspace=event.workspace,
            actor=event.actor,
            place=replace(event.place),
            action=event.form,
            value=opened,
            trigger=DIALOG,
        )
        answer = await self._dispatcher.dispatch(press)
        return answer.form if answer is not None else None


def _read_mark(payload: Payload) -> dict[str, Any]:
    """What a card or a dialog of ours sent along."""
    value = payload.get("value")
    if isinstance(value, dict) and isinstance(value.get("action"), dict):
        value = value["action"]
    return fields.read_mark(value.get("data") if isinstance(value, dict) else None)
