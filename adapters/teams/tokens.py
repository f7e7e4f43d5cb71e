"""Whether a request is Teams': its token, checked without the library, remembered while good."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import jwt

from adapters.teams.cloud import ISSUER
from adapters.teams.keys import SigningKeys

LEEWAY: Final = 300
"""Seconds by which clocks may differ."""

REMEMBERED: Final = 600.0
"""Seconds for which a token that was good is taken as good, at most."""

MOST: Final = 2000
LONGEST: Final = 8192

_PAYLOAD: Final = {"require": ["exp", "iss", "aud"]}


class Refused(Exception):
    """The token is not good; `reason` is one word for the counters."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says: the address it was made for, and for which channels its key signs."""

    service_url: str
    endorsements: frozenset[str]
    until: float
    key: str

    def fit(self, activity: dict[str, Any]) -> bool:
        """Whether the token was made for this activity."""
        said = str(activity.get("serviceUrl") or "")
        if not said or _same(said) != _same(self.service_url):
            return False
        return not self.endorsements or activity.get("channelId") in self.endorsements


def _same(address: str) -> str:
    return address.rstrip("/").casefold()


class Tokens:
    """Checks tokens for one app."""

    def __init__(
        self, app_id: str, keys: SigningKeys, *, now: Callable[[], float] = time.time
    ) -> None:
        self._app_id = app_id
        self._keys = keys
        self._now = now
        self._good: dict[bytes, Claims] = {}

    async def check(self, header: bytes) -> Claims:
        """What an `Authorization` header says. Raises Refused, KeysOutOfReach."""
        claims = self._good.get(header)
        if claims is not None and claims.until > self._now() and self._keys.has(claims.key):
            return claims
        claims = await self._read(header)
        if len(self._good) >= MOST:
            self._good.clear()
        self._good[header] = claims
        return claims

    async def _read(self, header: bytes) -> Claims:
        scheme, _, token = header.partition(b" ")
        if scheme.lower() != b"bearer" or not token or len(token) > LONGEST:
            raise Refused("no_token")
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, UnicodeDecodeError, ValueError):
            raise Refused("not_a_token") from None
        if head.get("alg") != "RS256" or not isinstance(head.get("kid"), str):
            raise Refused("algorithm")
        key = await self._keys.get(head["kid"])
        if key is None:
            raise Refused("unknown_key")
        try:
            said = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._app_id,
                issuer=ISSUER,
                leeway=LEEWAY,
                options=_PAYLOAD,  # type: ignore[arg-type]
            )
        except (jwt.PyJWTError, UnicodeDecodeError, ValueError, TypeError, OverflowError):
            raise Refused("token") from None
        address = said.get("serviceurl") or said.get("serviceUrl")
        if not isinstance(address, str) or not address:
            raise Refused("no_address")
        until = min(float(said["exp"]) + LEEWAY, self._now() + REMEMBERED)
        return Claims(address, key.endorsements, until, head["kid"])
