"""The requests that the SDK's connector has no method for, or none that answers what is asked.

Sources: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context and
https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import orjson

from adapters.teams.login import Login
from adapters.teams.refusals import read_refusal
from adapters.teams.sdk import CARD
from bot.core.errors import RetryLater, Uncertain, Undeliverable

Json = dict[str, Any]

PAGE: Final = 200
PAGES: Final = 25


class Rest:
    """Asks the service at an address that was found to be trusted. Each raises PlatformError, and
    `until` is the moment of the event loop's clock by which it has ended."""

    def __init__(self, login: Login, connect: Callable[[], aiohttp.ClientSession]) -> None:
        self._login = login
        self._connect = connect

    async def post_to_one(
        self, service_url: str, place: str, account: str, content: Json, *, until: float
    ) -> str:
        """A message in a conversation that only one account sees; its id."""
        activity = {
            "type": "message",
            "summary": content["summary"],
            "recipient": {"id": account},
            "attachments": [{"contentType": CARD, "content": content["card"]}],
        }
        path = f"v3/conversations/{quote(place, safe='')}/activities?isTargetedActivity=true"
        made = await self._request("POST", service_url, path, until, body=activity)
        return str(made.get("id") or "")

    async def get_member(
        self, service_url: str, conversation: str, identifier: str, *, until: float
    ) -> Json:
        """Somebody in a conversation. Raises Undeliverable("user_not_found")."""
        place, who = quote(conversation, safe=""), quote(identifier, safe="")
        path = f"v3/conversations/{place}/members/{who}"
        try:
            return await self._request("GET", service_url, path, until)
        except Undeliverable:
            raise Undeliverable("user_not_found") from None

    async def list_members(
        self, service_url: str, conversation: str, *, until: float
    ) -> list[Json]:
        """Who is in a conversation, the first 5,000."""
        place = quote(conversation, safe="")
        members: list[Json] = []
        token = ""
        for _ in range(PAGES):
            path = f"v3/conversations/{place}/pagedmembers?pageSize={PAGE}"
            path += f"&continuationToken={quote(token, safe='')}" if token else ""
            page = await self._request("GET", service_url, path, until)
            members += [each for each in page.get("members") or () if isinstance(each, dict)]
            token = str(page.get("continuationToken") or "")
            if not token:
                break
        return members

    async def get_team_name(self, service_url: str, team: str, *, until: float) -> str | None:
        """A team's name; None where Teams doesn't say."""
        found = await self._request("GET", service_url, f"v3/teams/{quote(team, safe='')}", until)
        return str(found.get("name") or "") or None

    async def list_channels(self, service_url: str, team: str, *, until: float) -> list[Json]:
        """A team's channels; none where it can't be asked."""
        path = f"v3/teams/{quote(team, safe='')}/conversations"
        try:
            found = await self._request("GET", service_url, path, until)
        except Undeliverable:
            return []
        return [each for each in found.get("conversations") or () if isinstance(each, dict)]

    async def _request(
        self, method: str, service_url: str, path: str, until: float, *, body: Json | None = None
    ) -> Json:
        writes = method != "GET"
        try:
            async with asyncio.timeout_at(until):
                token = await self._login.get_token()
                headers = {"Content-Type": "application/json"}
                if token:
                    headers["Authorization"] = f"Bearer {token}"
                async with self._connect().request(
                    method,
                    f"{service_url.rstrip('/')}/{path}",
                    data=orjson.dumps(body) if body is not None else None,
                    headers=headers,
                    allow_redirects=False,
                ) as answer:
                    status, said = answer.status, await answer.read()
                    found_headers = answer.headers
        except aiohttp.ClientConnectorError:
            raise RetryLater("unreachable") from None
        except TimeoutError:
            raise (Uncertain("timeout") if writes else RetryLater("timeout")) from None
        except aiohttp.ClientError:
            raise (Uncertain("disconnected") if writes else RetryLater("disconnected")) from None
        if status == 401:
            self._login.forget(token)
        if not 200 <= status < 300:
            raise read_refusal(status, found_headers, said, writes=writes)
        try:
            found = orjson.loads(said) if said else {}
        except orjson.JSONDecodeError:
            raise (Uncertain("unreadable") if writes else RetryLater("unreadable")) from None
        return found if isinstance(found, dict) else {"conversations": found}
