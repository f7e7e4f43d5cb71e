"""Reading a file that somebody sent to Entente: what it is, then its bytes.

Source: https://docs.slack.dev/reference/objects/file-object (`url_private` wants the bot's token).
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.errors import RetryLater, Undeliverable
from bot.core.ports import TOO_LARGE, FileContent

NOT_READABLE: Final = "file_not_readable"


async def download(
    client: AsyncWebClient, info: Mapping[str, Any], *, most: int, until: float, token: str
) -> FileContent:
    """The bytes of the file that `files.info` described to this token, at most so many. `until`: a
    moment of the loop's clock. Raises RetryLater or Undeliverable."""
    size, url = info.get("size"), str(info.get("url_private_download") or info.get("url_private"))
    if isinstance(size, int) and size > most:
        raise Undeliverable(TOO_LARGE)
    if info.get("is_external") or not _is_slacks(url, client):
        # Our token is for Slack alone: files that only stand as links elsewhere are not read.
        raise Undeliverable(NOT_READABLE)
    try:
        async with asyncio.timeout_at(until):
            content = await _read(client, url, most, token)
    except TimeoutError:
        raise RetryLater("timeout") from None
    except aiohttp.ClientError:
        raise RetryLater("disconnected") from None
    return FileContent(file=str(info["id"]), name=str(info.get("name") or ""), content=content)


def _is_slacks(url: str, client: AsyncWebClient) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    own = urlsplit(client.base_url)
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    return parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))


async def _read(client: AsyncWebClient, url: str, most: int, token: str) -> bytes:
    session = client.session or aiohttp.ClientSession()
    headers = {"Authorization": f"Bearer {token}"}
    try:
        # Whoever may not read a file is sent on to a page for logging in.
        async with session.get(url, headers=headers, allow_redirects=False) as response:
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
    finally:
        if client.session is None:
            await session.close()
