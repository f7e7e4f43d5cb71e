"""Files that somebody sent to Entente in their own chat with it; elsewhere Teams gives bots none.

The file lies in the sender's OneDrive. Its address comes with the message, opens for a few minutes,
and proves by itself that it may be read: no token of ours goes there. Source:
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote, urldefrag

import aiohttp

from adapters import downloading
from adapters.downloading import NOT_READABLE
from adapters.teams.cloud import Cloud
from bot.core.errors import Undeliverable
from bot.core.events import SharedFile
from bot.core.ports import FileContent

KIND: Final = "application/vnd.microsoft.teams.file.download.info"
MOST: Final = 10
"""Files of one message."""

LONGEST: Final = 4096


def read_files(payload: Mapping[str, Any]) -> tuple[SharedFile, ...]:
    """What was sent along with a message. A file's id is its address, with its name behind the `#`,
    which no server gets to see."""
    files: list[SharedFile] = []
    for attachment in payload.get("attachments") or ():
        if attachment.get("contentType") != KIND:
            continue
        content, name = attachment.get("content") or {}, str(attachment.get("name") or "")
        address = urldefrag(str(content.get("downloadUrl") or "")).url
        if address and len(address) <= LONGEST:
            files.append(SharedFile(file=f"{address}#{quote(name[:200])}", name=name))
    return tuple(files[:MOST])


async def download(
    session: aiohttp.ClientSession, cloud: Cloud, file: str, *, most: int, until: float
) -> FileContent:
    """The bytes of a file, at most so many. `until`: a moment of the loop's clock. Raises
    RetryLater or Undeliverable."""
    address, name = urldefrag(file)
    if not cloud.keeps_files(address):
        raise Undeliverable(NOT_READABLE)
    content = await downloading.download(session, address, most=most, until=until)
    return FileContent(file=file, name=unquote(name), content=content)
