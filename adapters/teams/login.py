"""Our own token for writing: one an app, kept until it is about to end, fetched without blocking.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import aiohttp

from adapters.teams.cloud import SCOPE, Cloud
from bot.core.errors import PlatformError, RetryLater

SPARE: Final = 300.0
"""Seconds before its end in which a token is not used any more."""

BOT_FRAMEWORK: Final = "botframework.com"
"""The tenant that gives tokens to apps of many tenants."""


class Login:
    """Fetches tokens for one app. Without an app (the local simulator) there is none."""

    def __init__(
        self,
        cloud: Cloud,
        connect: Callable[[], aiohttp.ClientSession],
        *,
        app_id: str,
        password: str,
        tenant: str | None,
        timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = cloud.login_url(tenant or BOT_FRAMEWORK)
        self._connect = connect
        self._app_id = app_id
        self._password = password
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._monotonic = monotonic
        self._token = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get_token(self) -> str:
        """The token; empty if we have no app. Raises RetryLater."""
        if not self._app_id:
            return ""
        if self._monotonic() >= self._until:
            async with self._lock:
                if self._monotonic() >= self._until:
                    await self._fetch()
        return self._token

    def forget(self, token: str) -> None:
        """The connector did not take this token: fetch another next time."""
        if token == self._token:
            self._until = 0.0

    async def _fetch(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._app_id,
            "client_secret": self._password,
            "scope": SCOPE,
        }
        try:
            async with self._connect().post(
                self._url, data=form, timeout=self._timeout, allow_redirects=False
            ) as response:
                status, said = response.status, await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            raise RetryLater("login_unreachable", everywhere=True) from None
        if status != 200 or not isinstance(said, dict) or not said.get("access_token"):
            raise _problem(status, said)
        self._token = str(said["access_token"])
        self._until = self._monotonic() + max(float(said.get("expires_in") or 0) - SPARE, 1.0)


def _problem(status: int, said: Any) -> PlatformError:
    """Always passing: a secret that ran out is replaced, and then what waits is to go out."""
    reason = str(said.get("error") or "") if isinstance(said, dict) else ""
    return RetryLater(f"login: {reason or status}"[:80], after=30.0, everywhere=True)
