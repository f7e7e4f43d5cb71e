"""The public keys that sign what Teams sends, read anew as soon as an unknown one turns up.

Source: https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
import jwt
import structlog

log = structlog.get_logger(__name__)

LASTS: Final = 24 * 3600.0
"""Seconds for which keys are good without asking."""

LOOKS: Final = 5
"""Looks a minute at most: unknown ids cost nobody more than that."""

TIMEOUT: Final = 5.0
"""Seconds for one request."""


class KeysOutOfReach(Exception):
    """The keys could not be read, so nothing can be said of a token."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A public key, and the channels it may sign for (none named: any)."""

    key: Any
    endorsements: frozenset[str]


class SigningKeys:
    """Keys by id. `connect` gives the HTTP session of this process."""

    def __init__(
        self,
        url: str,
        connect: Callable[[], aiohttp.ClientSession],
        *,
        timeout: float = TIMEOUT,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._url = url
        self._connect = connect
        self._monotonic = monotonic
        self._keys: dict[str, SigningKey] = {}
        self._read_at: float | None = None
        self._looks: deque[float] = deque(maxlen=LOOKS)
        self._lock = asyncio.Lock()

    async def get(self, identifier: str) -> SigningKey | None:
        """The key with this id, or None. Raises KeysOutOfReach if none could ever be read."""
        if identifier not in self._keys or self._is_old():
            await self._refresh(identifier)
        if self._read_at is None:
            raise KeysOutOfReach
        return self._keys.get(identifier)

    def has(self, identifier: str) -> bool:
        """Whether this key was there when the keys were last read."""
        return identifier in self._keys

    def _is_old(self) -> bool:
        return self._read_at is None or self._monotonic() - self._read_at > LASTS

    async def _refresh(self, identifier: str) -> None:
        async with self._lock:
            if identifier in self._keys and not self._is_old():
                return  # whoever held the lock has read it
            now = self._monotonic()
            if len(self._looks) == LOOKS and now - self._looks[0] < 60:
                return
            self._looks.append(now)
            try:
                self._keys = await self._read()
                self._read_at = now
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
                log.warning("signing keys out of reach", reason=type(error).__name__)

    async def _read(self) -> dict[str, SigningKey]:
        address = str((await self._get(self._url))["jwks_uri"])
        if urlsplit(address).scheme != urlsplit(self._url).scheme:
            raise ValueError("the keys' address is less safe than the metadata's")
        found = (await self._get(address))["keys"]
        return {str(each["kid"]): _read_key(each) for each in found if each.get("kty") == "RSA"}

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._connect().get(
            url, timeout=self._timeout, allow_redirects=False
        ) as response:
            response.raise_for_status()
            found = await response.json(content_type=None)
        if not isinstance(found, dict):
            raise ValueError("not an object")
        return found


def _read_key(found: dict[str, Any]) -> SigningKey:
    key = jwt.PyJWK({"kty": "RSA", "alg": "RS256", "n": found["n"], "e": found["e"]})
    return SigningKey(key.key, frozenset(str(each) for each in found.get("endorsements") or ()))
