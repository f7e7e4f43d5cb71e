"""The HTTP side: Slack's Web API and response_urls, in a thread with an event loop of its own."""

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import aiohttp
from aiohttp import web

from . import chat, conversations, files, users, views  # noqa: F401 - they register the methods
from .errors import ApiError
from .faults import Fault, Faults
from .records import Call, Installation, Json
from .registry import CLIENT_FAULTS, METHODS, Request, check_required, check_scope
from .replies import use_response_url
from .sockets import Sockets
from .users import exchange_code
from .validate import parse_structured
from .world import World

T = TypeVar("T")
RETRY_AFTER = 30
MOST_CALLBACKS = 32


class Server:
    """Serves the Web API for one World."""

    def __init__(self, world: World, faults: Faults, app_token: str) -> None:
        self.world = world
        self.faults = faults
        self.app_token = app_token
        self.base_url = ""
        self.app_token_revoked = False
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="fake-slack", daemon=True)
        self._background: set[asyncio.Task[Any]] = set()

    def start(self) -> None:
        """Listen on a free port of the loopback interface."""
        self._thread.start()
        self._started.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Let go of every waiting request and stop."""
        self.faults.release_all()
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def submit(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run something in the server's loop."""
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("this would wait for itself: call it from another thread")
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def spawn(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Start something in the server's loop without waiting; from the loop's thread or not."""

        def start() -> None:
            task = self.loop.create_task(work())
            self._background.add(task)
            task.add_done_callback(self._background.discard)

        self.loop.call_soon_threadsafe(start)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the thread that starts us
            self._failure = error
            self._started.set()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(MOST_CALLBACKS, "fake-slack-callback"))
        self._stopping = asyncio.Event()
        self.sockets = Sockets(self.world)
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        connector = aiohttp.TCPConnector(force_close=True, limit=0)
        async with aiohttp.ClientSession(connector=connector) as self.session:
            self._started.set()
            await self._stopping.wait()
            for task in list(self._background):
                task.cancel()
            await asyncio.gather(*self._background, return_exceptions=True)
            await self.sockets.close()
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=8 * 1024**2)
        application.router.add_route("*", "/api/{method}", self._web_api)
        application.router.add_post("/{kind:commands|actions|app}/{team}/{secret}", self._answer)
        application.router.add_get("/link/", self.sockets.connect)
        application.router.add_get("/files-pri/{file}/{name}", self._serve_file)
        return application

    async def _web_api(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        arguments, token = await read_arguments(request)
        chosen = METHODS.get(name)
        if request.content_type == "application/json" and chosen and not chosen.takes_json:
            self.world.object(f"{name} does not read JSON bodies")
        call = Call(name, arguments, self.world.now())
        return await self._perform(request, call, lambda: self._execute(call, token))

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        return files.serve_file(self.world, request)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        call = Call("response_url", {}, self.world.now())
        try:
            call.arguments = json.loads(await request.text())
        except ValueError:
            call.arguments = {}
        secret = request.match_info["secret"]
        return await self._perform(request, call, lambda: self._use_url(secret, call.arguments))

    def _use_url(self, secret: str, arguments: Json) -> Json:
        grant = self.world.response_urls.get(secret)
        if grant is None:
            raise ApiError("invalid_url", status=404)
        use_response_url(self.world, grant, arguments)
        return {}

    def _execute(self, call: Call, token: str) -> Json:
        """Run a method for a token; raises ApiError."""
        if call.method == "oauth.v2.access":
            return exchange_code(self.world, call.arguments)
        if call.method not in (*METHODS, "apps.connections.open"):
            raise ApiError("unknown_method", req_method=call.method)
        if token == self.app_token and not self.app_token_revoked:
            return self._execute_for_app(call)
        caller = self._caller(token)
        call.team = caller.team.id
        if call.method == "apps.connections.open":
            raise ApiError("not_allowed_token_type")
        chosen = METHODS[call.method]
        check_scope(chosen, caller)
        arguments = parse_structured(call.arguments)
        call.arguments = arguments
        check_required(chosen, arguments)
        return chosen.run(Request(self.world, caller, arguments))

    def _execute_for_app(self, call: Call) -> Json:
        if call.method == "apps.connections.open":
            return {"url": self.sockets.issue(self.base_url)}
        if call.method == "auth.test":
            return {"app_id": self.world.app_id, "app_name": "Entente"}
        raise ApiError("not_allowed_token_type")

    def _caller(self, token: str) -> Installation:
        if not token:
            raise ApiError("not_authed")
        caller = self.world.installations.get(token)
        ends_at = caller.ends_at if caller else None
        if caller is None:
            caller, ends_at = self.world.former_tokens.get(token, (None, None))
        if caller is None:
            raise ApiError("invalid_auth")
        if caller.revoked:
            raise ApiError("token_revoked")
        if ends_at is not None and ends_at <= self.world.now():
            raise ApiError("token_expired")
        return caller

    async def _perform(
        self, request: web.Request, call: Call, execute: Callable[[], Json]
    ) -> web.StreamResponse:
        """One call with whatever fault is ordered for it."""
        fault = self.faults.take(call)
        if fault is not None and fault.kind == "fail":
            return self._refuse(call, fault.refusal(), fault.retry_after, ordered=True)
        if fault is not None and not fault.recorded:
            self._record(call)
            await self._hold(request, fault)
            if gone(request):
                return web.Response()
            fault = None
            answer = self._run_once(call, execute, record=False)
        else:
            answer = self._run_once(call, execute)
        for callback in self.faults.callbacks(call.method):
            await self._call_back(callback, call)
        if fault is not None:
            await self._hold(request, fault)
        return answer

    async def _call_back(self, callback: Callable[[Call], object], call: Call) -> None:
        """Run a test's callback aside, since it may itself wait for the bot."""
        try:
            await asyncio.to_thread(callback, call)
        except Exception as error:  # noqa: BLE001 - a failing callback must not look like Slack
            self.world.object(f"callback on {call.method}: {type(error).__name__}: {error}")

    async def _hold(self, request: web.Request, fault: Fault) -> None:
        """Keep a request waiting, or cut it off."""
        fault.gate.entered.set()
        self.world.changed()
        if fault.kind == "hang":
            await asyncio.shield(asyncio.wrap_future(fault.gate.released))
        elif request.transport is not None:
            request.transport.abort()

    def _run_once(
        self, call: Call, execute: Callable[[], Json], *, record: bool = True
    ) -> web.Response:
        with self.world.lock:
            try:
                body = {"ok": True, **execute()}
            except ApiError as error:
                return self._refuse(call, error, record=record)
            except Exception as error:  # noqa: BLE001 - arguments of a kind that nobody foresaw
                self.world.object(f"{call.method}: {type(error).__name__}: {error}")
                return self._refuse(call, ApiError("internal_error", status=500), record=record)
            call.status = 200
            if record:
                self._record(call)
            self.world.changed()
        if call.method == "response_url":
            return web.Response(text="ok")
        return web.json_response(body, headers=self._headers(call))

    def _refuse(
        self,
        call: Call,
        error: ApiError,
        retry_after: int | None = None,
        *,
        ordered: bool = False,
        record: bool = True,
    ) -> web.Response:
        with self.world.lock:
            call.status, call.error = error.status, error.error
            if record:
                self._record(call)
            if not ordered and error.error in CLIENT_FAULTS and not self._unforeseen(call, error):
                why = " ".join(error.messages)
                self.world.object(f"{call.method}: {error.error} {why}".rstrip())
            self.world.changed()
        headers = self._headers(call)
        if error.status == 429:
            headers["Retry-After"] = str(RETRY_AFTER if retry_after is None else retry_after)
        return web.json_response(error.body(), status=error.status, headers=headers)

    def _unforeseen(self, call: Call, error: ApiError) -> bool:
        """A bot that was thrown out cannot know it yet."""
        channel = self.world.channels.get(str(call.arguments.get("channel")))
        return error.error == "not_in_channel" and bool(channel and channel.removed_bots)

    def _record(self, call: Call) -> None:
        with self.world.lock:
            self.world.calls.append(call)
        self.world.changed()

    def _headers(self, call: Call) -> dict[str, str]:
        scopes = next(
            (i.scopes for i in self.world.installations.values() if i.team.id == call.team), set()
        )
        chosen = METHODS.get(call.method)
        accepted = chosen.scope.replace(" ", ",") if chosen else ""
        return {"x-oauth-scopes": ",".join(sorted(scopes)), "x-accepted-oauth-scopes": accepted}


def gone(request: web.Request) -> bool:
    """Whether the client has closed its connection."""
    return request.transport is None or request.transport.is_closing()


async def read_arguments(request: web.Request) -> tuple[Json, str]:
    """The arguments and the token of a call, from the query, a form or JSON, as Slack reads them.

    JSON bodies count only for methods that take them, and only with the token in the header.
    """
    arguments: Json = dict(request.query)
    header = request.headers.get("Authorization", "")
    if request.content_type == "application/json":
        chosen = METHODS.get(request.match_info["method"])
        body = await read_json(request)
        if chosen is None or chosen.takes_json:
            body.pop("token", None)
            arguments.update(body)
    elif request.method == "POST":
        form = await request.post()
        arguments.update({key: value for key, value in form.items() if isinstance(value, str)})
    token = str(arguments.pop("token", ""))
    return arguments, header[len("Bearer ") :] if header.startswith("Bearer ") else token


async def read_json(request: web.Request) -> Json:
    """A JSON body, empty if it is none."""
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
