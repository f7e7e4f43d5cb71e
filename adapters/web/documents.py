"""Documents behind private links: HTML to read and print, Markdown, or a file to download.

Opening one reads alone: nothing is counted or changed, so that whatever follows a link (a scanner,
a preview) leaves no trace. Programs that unfold links in chats are told nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from adapters.web.markup import link_addresses, write_html, write_markdown
from bot.core.clock import Clock
from bot.core.documents import Document, File
from bot.core.errors import NotFound
from bot.db.engine import Database
from bot.dispatch.feature import Registry
from bot.people.links import open_link

T = TypeVar("T")

FOLDER = Path(__file__).parent
LONGEST_TOKEN = 100

_UNFOLDERS = ("slackbot", "slack-imgproxy", "skypeuripreview", "microsoftpreview", "teamsbot")
"""What programs that unfold links in Slack and Teams call themselves."""

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow, noarchive, nosnippet",
}

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["markup"] = write_html
_ENVIRONMENT.filters["linked"] = link_addresses


def make_routes(database: Database, registry: Registry, clock: Clock) -> Sequence[Route]:
    """`GET /documents/TOKEN`, the same with `.md`, and the style sheet; `GET /about`, which says to
    anybody what Entente is and what becomes of what it is told."""
    style = (FOLDER / "static" / "document.css").read_text("utf-8")

    async def show(request: Request) -> Response:
        token = request.path_params["token"]
        if _unfolds(request) or len(token) > LONGEST_TOKEN:
            return _nothing()
        as_markdown = token.endswith(".md")
        found = await database.in_read(_reading(registry, token.removesuffix(".md"), clock))
        if found is None:
            return _nothing()
        if isinstance(found, File):
            return _download(found)
        if as_markdown:
            return PlainTextResponse(
                write_markdown(found), headers=_HEADERS, media_type="text/markdown; charset=utf-8"
            )
        return HTMLResponse(render_document(found, token), headers=_HEADERS)

    async def show_style(_request: Request) -> Response:
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"})

    def show_about(_request: Request) -> Response:
        return HTMLResponse(_ENVIRONMENT.get_template("about.html").render(), headers=_HEADERS)

    return (
        Route("/about", show_about, methods=["GET"]),
        Route("/documents/document.css", show_style, methods=["GET"]),
        Route("/documents/{token}", _guarded(show), methods=["GET"]),
    )


def _guarded(
    show: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Awaitable[Response]]:
    """A failure shows no more than a link that does not work."""

    async def run(request: Request) -> Response:
        try:
            return await show(request)
        except NotFound:
            return _nothing()

    return run


def _reading(
    registry: Registry, token: str, clock: Clock
) -> Callable[[Session], Document | File | None]:
    def read(session: Session) -> Document | File | None:
        now = clock()
        opened = open_link(session, token, now=now)
        kind = registry.documents.get(opened.kind) if opened else None
        if opened is None or kind is None:
            return None
        return kind.render(registry, session, opened.viewer, opened.subject, now)

    return read


def _unfolds(request: Request) -> bool:
    agent = request.headers.get("user-agent", "").casefold()
    return any(name in agent for name in _UNFOLDERS)


def _nothing() -> Response:
    """The same words whether a link ended, was closed, or never was."""
    page = _ENVIRONMENT.get_template("nothing.html").render()
    return HTMLResponse(page, status_code=404, headers=_HEADERS)


def _download(found: File) -> Response:
    named = {"content-disposition": f'attachment; filename="{found.name}"'}
    return Response(found.body, media_type=found.media_type, headers=_HEADERS | named)


def render_document(document: Document, token: str = "") -> str:
    """The page."""
    return _ENVIRONMENT.get_template("document.html").render(document=document, token=token)
