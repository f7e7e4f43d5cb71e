"""Reading a file that somebody sent to Entente: what it is, then its bytes.

Source: https://docs.slack.dev/reference/objects/file-object (`url_private` wants the bot's token).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters import downloading
from adapters.downloading import NOT_READABLE
from bot.core.errors import Undeliverable
from bot.core.ports import TOO_LARGE, FileContent


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
    session = client.session or aiohttp.ClientSession()
    headers = {"Authorization": f"Bearer {token}"}
    try:
        content = await downloading.download(session, url, most=most, until=until, headers=headers)
    finally:
        if client.session is None:
            await session.close()
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
