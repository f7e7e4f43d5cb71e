"""The playground's routes."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import orjson
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.asgi import App
from adapters.local.guard import Guard
from adapters.local.page import read_page
from adapters.local.playground import Playground, Refused
from adapters.local.records import Surface
from adapters.local.render import render_dialog, render_page
from adapters.local.respond import Reply
from bot.core.views import plain

_STATIC = Path(__file__).parent / "static"
Body = dict[str, Any]
Act = Callable[[Playground, Body], Awaitable[Reply]]


def make_app(playground: Playground, others: Sequence[Route] = ()) -> App:
    """The page, its stream of changes, one route for each thing that people do, and `others`."""

    async def show(request: Request) -> Response:
        page = await read_page(playground, request.query_params)
        return HTMLResponse(render_page(page))

    async def stream(_request: Request) -> Response:
        return EventSourceResponse(playground.hub.listen(), ping=20)

    routes = [
        Route("/", show),
        Route("/events", stream),
        Mount("/static", StaticFiles(directory=_STATIC)),
        *others,
        *(Route(f"/{name}", _make_action(playground, act), methods=["POST"]) for name, act in ACTS),
    ]
    token = playground.world.get_fact("token") or ""
    return Guard(Starlette(routes=routes), token=token)


def _make_action(playground: Playground, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def run(request: Request) -> Response:
        try:
            body = _read_body(await request.body())
            if act is not _switch_account:
                playground.require_account(_text(body, "person"))
            reply = await act(playground, body)
        except Refused as refused:
            return JSONResponse({"error": refused.text}, status_code=refused.status)
        return JSONResponse(
            {
                "dialog": _render(playground, reply.dialog) if reply.dialog else None,
                "errors": {name: plain(text) for name, text in reply.errors.items()},
                "closes": reply.closes,
            }
        )

    return run


def _render(playground: Playground, dialog: Surface) -> str:
    """A dialog, in which people choose among those of their own workspace."""
    home = playground.get_person(dialog.person).workspace
    people = [each for each in playground.world.get_people() if each.workspace == home]
    return render_dialog(dialog, people)


def _read_body(raw: bytes) -> Body:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused("Requests are JSON.") from None
    if not isinstance(body, dict):
        raise Refused("Requests are JSON objects.")
    return body


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


async def _say(playground: Playground, body: Body) -> Reply:
    thread = _text(body, "thread") or None
    spot = playground.find_spot(_text(body, "person"), _text(body, "at"), thread)
    return await playground.say(spot, _text(body, "text"))


async def _share(playground: Playground, body: Body) -> Reply:
    spot = playground.find_spot(_text(body, "person"), _text(body, "at"))
    return await playground.share(
        spot, _text(body, "name"), _text(body, "content"), _text(body, "text")
    )


async def _press(playground: Playground, body: Body) -> Reply:
    return await playground.press(
        _text(body, "person"), _text(body, "surface"), _text(body, "item"), _text(body, "option")
    )


async def _change(playground: Playground, body: Body) -> Reply:
    person, surface = _text(body, "person"), _text(body, "surface")
    return await playground.change(person, surface, body.get("values"))


async def _submit(playground: Playground, body: Body) -> Reply:
    person, surface = _text(body, "person"), _text(body, "surface")
    return await playground.submit(person, surface, body.get("values"))


async def _react(playground: Playground, body: Body) -> Reply:
    return await playground.react(
        _text(body, "person"), _text(body, "message"), _text(body, "emoji")
    )


async def _choose(playground: Playground, body: Body) -> Reply:
    return await playground.choose(
        _text(body, "person"), _text(body, "message"), _text(body, "shortcut")
    )


async def _change_membership(playground: Playground, body: Body) -> Reply:
    spot = playground.find_spot(_text(body, "person"), _text(body, "at"))
    joins = body.get("joins") is True
    return await playground.change_membership(spot, spot.person.id, joins=joins)


async def _switch_account(playground: Playground, body: Body) -> Reply:
    works = body.get("works") is True
    return await playground.switch_account(_text(body, "person"), works=works)


async def _step(playground: Playground, body: Body) -> Reply:
    await playground.step(_text(body, "by"))
    return Reply()


ACTS: tuple[tuple[str, Act], ...] = (
    ("say", _say),
    ("share", _share),
    ("press", _press),
    ("change", _change),
    ("submit", _submit),
    ("react", _react),
    ("choose", _choose),
    ("membership", _change_membership),
    ("account", _switch_account),
    ("step", _step),
)
