"""Reading a file from a platform's own store, no more of it than somebody wants."""

import asyncio
from collections.abc import Mapping
from typing import Final

import aiohttp

from bot.core.errors import RetryLater, Undeliverable
from bot.core.ports import TOO_LARGE

NOT_READABLE: Final = "file_not_readable"


async def download(
    session: aiohttp.ClientSession,
    address: str,
    *,
    most: int,
    until: float,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes at an address that the caller trusts, at most so many. `until`: a moment of the
    loop's clock. Nothing is followed elsewhere: whoever may not read a file is sent on to a page
    for logging in. Raises RetryLater or Undeliverable."""
    try:
        async with asyncio.timeout_at(until):
            return await _read(session, address, most, headers)
    except TimeoutError:
        raise RetryLater("timeout") from None
    except aiohttp.ClientError:
        raise RetryLater("disconnected") from None


async def _read(
    session: aiohttp.ClientSession, address: str, most: int, headers: Mapping[str, str] | None
) -> bytes:
    async with session.get(address, headers=headers, allow_redirects=False) as response:
        if response.status >= 500:
            raise RetryLater(f"http_{response.status}")
        if response.status != 200:
            raise Undeliverable(NOT_READABLE)
        parts, size = [], 0
        async for part in response.content.iter_chunked(64_000):
            parts.append(part)
            size += len(part)
            if size > most:
                raise Undeliverable(TOO_LARGE)
        return b"".join(parts)
