"""The tokens of many workspaces: kept encrypted, known to every process, exchanged in time.

With token rotation a token lives twelve hours. Whichever process needs one that ends soon takes
its row and exchanges it; the others go on with the old one, which Slack honours until its end
(https://docs.slack.dev/authentication/using-token-rotation).
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlmodel import Session

from adapters.slack.installations import Installations, Installed
from adapters.slack.parse import PLATFORM
from adapters.slack.vault import Unreadable, Vault
from bot.core.clock import Clock
from bot.core.errors import RetryLater, Undeliverable
from bot.db.engine import Database
from bot.db.revisions import get_number
from bot.people import installations as table
from bot.people.installations import Installation

log = structlog.get_logger(__name__)

PURPOSE = "slack tokens"
AHEAD = timedelta(hours=1)
"""A token that ends within this time is exchanged when it is next needed."""

LEASE = timedelta(seconds=30)
"""After that another process may try to exchange a token."""

LOOK_EVERY = 0.1
"""Seconds between looks whether another process has exchanged one that has ended."""

OUT_OF_REACH = (aiohttp.ClientError, TimeoutError, OSError)


class Tokens:
    """What `installations` are, and the tokens to use. `open` first."""

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        vault: Vault,
        *,
        clock: Clock,
        client_id: str,
        client_secret: str,
        patience: float,
    ) -> None:
        self.installations = Installations()
        self._database = database
        self._client = client
        self._vault = vault
        self._clock = clock
        self._client_id = client_id
        self._client_secret = client_secret
        self._patience = patience
        self._seen = -1
        self._stopping = False
        self._exchanging: dict[str, asyncio.Task[str]] = {}

    async def open(self) -> None:
        """Learn all; what an older key encrypted is encrypted with the present one."""
        await self._database.in_write(self._close_anew)
        await self.follow()

    def _close_anew(self, session: Session) -> None:
        for kept, _ in table.get_all(session, PLATFORM):
            if not self._vault.is_current(kept.secret):
                table.change_secret(session, kept.id, self._close_again, now=self._clock())

    def _close_again(self, secret: str) -> str | None:
        try:
            return self._vault.close(self._vault.open(secret), now=self._clock())
        except Unreadable:
            return None

    async def follow(self) -> bool:
        """Learn what changed here or in another process; whether anything did."""

        def read(session: Session) -> tuple[int, Sequence[tuple[Installation, str]] | None]:
            number = get_number(session, table.INSTALLATIONS_SCOPE)
            return number, None if number == self._seen else table.get_all(session, PLATFORM)

        number, rows = await self._database.in_read(read)
        if rows is None:
            return False
        self.installations.replace(
            known for row, workspace in rows if (known := self._know(row, workspace)) is not None
        )
        self._seen = number
        return True

    def _know(self, row: Installation, workspace: str) -> Installed | None:
        try:
            token = str(orjson.loads(self._vault.open(row.secret))["token"])
        except Unreadable as error:
            log.error("token unreadable", workspace=workspace, reason=str(error))
            return None
        return Installed(
            id=row.id,
            external_id=row.external_id,
            workspace=workspace,
            bot_user=row.bot_user,
            bot_id=row.bot_id,
            is_organisation=row.is_organisation,
            token=token,
            closed=row.secret,
            expires_at=row.expires_at,
        )

    def close(self, token: str, refresh: str | None) -> str:
        """A token and what it is exchanged with, encrypted as they are kept."""
        content = {"token": token, "refresh": refresh}
        return self._vault.close(orjson.dumps(content).decode(), now=self._clock())

    async def get_routes(self, *, channel: str | None, user: str | None) -> list[Installed]:
        """The installations from which a channel or a person may be reached, the nearest first."""
        found = await self._database.in_read(
            lambda session: table.get_routes(session, PLATFORM, channel=channel, user=user)
        )
        return [one for workspace in found for one in self.installations.of_workspace(workspace)]

    async def renew(self, refused: Installed) -> Installed | None:
        """Another token than the one Slack refused, if there is one by now."""
        await self.follow()
        known = self.installations.get(refused.external_id)
        return known if known is not None and known.token != refused.token else None

    async def get_token(self, installed: Installed) -> str:
        """The token to use. Raises RetryLater, Undeliverable (there is none any more)."""
        if not self._ends_soon(installed):
            return installed.token
        task = self._exchanging.get(installed.external_id)
        if task is None:
            task = asyncio.create_task(self._exchange(installed))
            self._exchanging[installed.external_id] = task
            task.add_done_callback(lambda done: self._end_exchange(installed, done))
        # Whoever has no time to wait for it leaves it running: a token that Slack has given
        # must be kept, since the old one can't be exchanged again.
        return await asyncio.shield(task)

    def _end_exchange(self, installed: Installed, task: asyncio.Task[str]) -> None:
        del self._exchanging[installed.external_id]
        if not task.cancelled():
            task.exception()  # told to those who waited, if anybody still did

    def stop(self) -> None:
        """Begin no more exchanges: one that is cut off may cost the token."""
        self._stopping = True

    async def finish(self) -> None:
        """Wait for exchanges that are under way."""
        await asyncio.gather(*self._exchanging.values(), return_exceptions=True)

    def _ends_soon(self, installed: Installed, ahead: timedelta = AHEAD) -> bool:
        return installed.expires_at is not None and installed.expires_at - self._clock() <= ahead

    async def _exchange(self, installed: Installed) -> str:
        """Exchange the token, or see another process do it."""
        until = time.monotonic() + self._patience
        while True:
            await self.follow()
            known = self.installations.get(installed.external_id)
            if known is None:
                raise Undeliverable("app_removed")
            if not self._ends_soon(known):
                return known.token
            if not self._stopping and await self._claim(known):
                return await self._exchange_claimed(known)
            if not self._ends_soon(known, timedelta()):
                return known.token
            if self._stopping or time.monotonic() > until:
                raise RetryLater("token is being exchanged")
            await asyncio.sleep(LOOK_EVERY)

    async def _claim(self, known: Installed) -> bool:
        return await self._database.in_write(
            lambda session: table.claim_refresh(
                session, known.id, known.closed, now=self._clock(), lease=LEASE
            )
        )

    async def _exchange_claimed(self, known: Installed) -> str:
        try:
            answer = await self._ask(known)
        except SlackApiError as error:
            reason = str(error.response.get("error"))
            log.error("token not exchanged", workspace=known.workspace, reason=reason)
            return await self._fall_back(known, reason)
        except OUT_OF_REACH as error:
            log.warning("token not exchanged", reason=type(error).__name__)
            return await self._fall_back(known, type(error).__name__)
        token, refresh = str(answer["access_token"]), str(answer["refresh_token"])
        closed = self.close(token, refresh)
        expires_at = read_expiry(answer, now=self._clock())
        await self._database.in_write(
            lambda session: table.store_refreshed(
                session, known.id, known.closed, secret=closed, expires_at=expires_at
            )
        )
        await self.follow()
        log.info("token exchanged", workspace=known.workspace)
        return token

    async def _ask(self, known: Installed) -> Any:
        refresh = orjson.loads(self._vault.open(known.closed)).get("refresh")
        given = {"grant_type": "refresh_token", "refresh_token": refresh}
        auth = {"client_id": self._client_id, "client_secret": self._client_secret}
        async with asyncio.timeout(self._patience):
            return await self._client.api_call("oauth.v2.access", data=given | auth)

    async def _fall_back(self, known: Installed, reason: str) -> str:
        """The old token does while it lasts."""
        await self._database.in_write(lambda session: table.release_refresh(session, known.id))
        if self._ends_soon(known, timedelta()):
            raise RetryLater(f"token not exchanged: {reason}"[:80])
        return known.token


def read_expiry(answer: Any, *, now: datetime) -> datetime | None:
    """When a token that Slack just gave ends; None if it does not."""
    seconds = answer.get("expires_in")
    return now + timedelta(seconds=int(seconds)) if seconds else None


def bearer(token: str) -> dict[str, str]:
    """The header that names a token."""
    return {"Authorization": f"Bearer {token}"}
