"""Files that people send: files.info, and their bytes for whoever has a token."""

from dataclasses import dataclass

from aiohttp import web

from .errors import ApiError
from .records import Channel, Json
from .registry import Request, method
from .world import World


@dataclass(eq=False)
class File:
    """A file in a conversation."""

    id: str
    name: str
    content: bytes
    user: str
    channel: Channel
    claimed_size: int | None = None
    address: str = ""


def render_file(file: File) -> Json:
    """A file as events and files.info show it."""
    return {
        "id": file.id,
        "name": file.name,
        "title": file.name,
        "mimetype": "application/octet-stream",
        "filetype": file.name.rpartition(".")[2],
        "user": file.user,
        "mode": "hosted",
        "is_external": False,
        "size": len(file.content) if file.claimed_size is None else file.claimed_size,
        "url_private": file.address,
        "url_private_download": file.address,
        "file_access": "visible",
    }


@method("files.info", "file", scope="files:read", takes_json=False)
def get_file(request: Request) -> Json:
    file = request.world.files.get(request.text("file"))
    if file is None or not request.sees(file.channel):
        raise ApiError("file_not_found")
    return {"file": render_file(file), "comments": []}


def serve_file(world: World, request: web.Request) -> web.Response:
    """The bytes; without a good token, the way to the log-in page, as Slack does it."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    caller = world.installations.get(token)
    file = world.files.get(request.match_info["file"])
    is_allowed = caller is not None and not caller.revoked and "files:read" in caller.scopes
    if file is None or caller is None or not is_allowed or not _sees(world, caller, file):
        return web.Response(status=302, headers={"Location": "/login"})
    return web.Response(body=file.content)


def _sees(world: World, caller: object, file: File) -> bool:
    return any(bot is caller for bot in world.bots_in(file.channel))
