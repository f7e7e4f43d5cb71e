"""One message, told twice: where two partners have Entente in one channel, Slack may send a message
through each installation, under an event id of its own. One is handled; the other shares its fate.

This spares work within a process. That nothing happens twice is the database's to say, over all
processes (bot/delivery/inbox.py).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

Answer = tuple[int, bytes, str]
Handle = Callable[[dict[str, Any], str], Awaitable[Answer]]
"""Takes a payload and its key; answers status, body and content type."""

REMEMBERED: Final = 2048
"""Messages of which the last copy may still be on its way: seconds, at any rate Slack sends."""

DONE: Final[Answer] = (200, b"", "text/plain")

_Key = tuple[str, str, str]


class Twins:
    """Handles one of each pair. A repeat of the same event (Slack's retry) is no twin."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._known: OrderedDict[_Key, tuple[object, asyncio.Future[bool]]] = OrderedDict()

    async def handle_once(self, payload: dict[str, Any], key: str) -> Answer:
        """Handle a payload, unless its twin is handled well."""
        twins = _get_key(payload)
        if twins is None:
            return await self._handle(payload, key)
        known = self._known.get(twins)
        if known is not None and known[0] != payload.get("event_id") and await _is_well(known[1]):
            return DONE
        return await self._handle_first(twins, payload, key)

    async def _handle_first(self, twins: _Key, payload: dict[str, Any], key: str) -> Answer:
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._known[twins] = (payload.get("event_id"), outcome)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        well = False
        try:
            answer = await self._handle(payload, key)
            well = answer[0] == DONE[0]
            return answer
        finally:
            outcome.set_result(well)


async def _is_well(outcome: asyncio.Future[bool]) -> bool:
    # Shielded: whoever waits may go away, and the outcome is others' too.
    return await asyncio.shield(outcome)


def _get_key(payload: dict[str, Any]) -> _Key | None:
    """What two copies of one message share: its kind, channel and moment."""
    event = payload.get("event")
    if not isinstance(event, dict) or event.get("type") not in {"message", "app_mention"}:
        return None
    channel, moment = event.get("channel"), event.get("ts")
    if not (isinstance(channel, str) and isinstance(moment, str) and channel and moment):
        return None
    return str(event["type"]), channel, moment
