"""The library's faults that end in `sdk.py`: each of these fails without its cure."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web
from botframework.connector.auth import MicrosoftAppCredentials
from msrest.universal_http.requests import ClientRetryPolicy

from adapters.teams.cloud import Cloud
from adapters.teams.keys import KeysOutOfReach, SigningKeys
from adapters.teams.login import Login
from adapters.teams.sdk import Connector, Turns
from bot.core.errors import PlatformError, RetryLater, Uncertain, Undeliverable
from tests.adapters.teams.conftest import Scene
from tests.fakes.teams import FakeTeams
from tests.harness import Bot, ManualClock

CARD = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "fallbackText": "Hello",
    "body": [{"type": "TextBlock", "text": "Hello"}],
}


@dataclass
class Wire:
    """A connector before a server that answers what the test says."""

    connector: Connector
    login: Login
    url: str
    answers: list[web.Response]
    seen: list[tuple[str, str, object, str]]
    logins: list[float]
    lasts: int = 3599

    async def post(self) -> str:
        until = asyncio.get_running_loop().time() + 5
        return await self.connector.post(
            self.url, "19:x", {"card": CARD, "summary": "s"}, until=until
        )


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    held: dict[str, Wire] = {}

    async def log_in(request: web.Request) -> web.Response:
        wire = held["wire"]
        wire.logins.append(asyncio.get_running_loop().time())
        token = f"token-{len(wire.logins)}"
        return web.json_response({"access_token": token, "expires_in": wire.lasts})

    async def answer(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        token = request.headers.get("Authorization", "")
        wire = held["wire"]
        wire.seen.append((request.method, request.path, body, token))
        return wire.answers.pop(0) if wire.answers else web.json_response({"id": "1"}, status=201)

    app = web.Application()
    app.router.add_post("/{tenant}/oauth2/v2.0/token", log_in)
    app.router.add_route("*", "/teams/{rest:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession() as session:
        login = Login(
            Cloud(local=base), lambda: session, app_id="a", password="p", tenant="t", timeout=5
        )
        connector = Connector(login, lambda: session)
        held["wire"] = Wire(connector, login, f"{base}/teams/", [], [], [])
        yield held["wire"]
    await runner.cleanup()


async def refused(wire: Wire) -> PlatformError:
    try:
        await wire.post()
    except PlatformError as error:
        return error
    raise AssertionError("it was taken")


# An invoke's answer is serialised once


async def test_an_invokes_body_comes_out_as_it_went_in(wire: Wire) -> None:
    body = {"task": {"type": "continue", "value": {"title": "“Ünïcode”"}}}

    async def hear(payload: dict[str, object]) -> dict[str, object]:
        return body

    turns = Turns(wire.connector, hear, app_id="a")
    invoke = {"type": "invoke", "id": "1", "name": "task/fetch", "serviceUrl": wire.url}
    assert await turns.run(invoke) == body
    assert wire.logins == []


async def test_what_a_handler_raises_is_raised(wire: Wire) -> None:
    async def hear(payload: dict[str, object]) -> None:
        raise RuntimeError("broken")

    turns = Turns(wire.connector, hear, app_id="a")
    with pytest.raises(RuntimeError, match="broken"):
        await turns.run({"type": "message", "serviceUrl": wire.url})


async def test_the_librarys_own_validation_is_never_asked(wire: Wire) -> None:
    async def hear(payload: dict[str, object]) -> None:
        return None

    turns = Turns(wire.connector, hear, app_id="a")
    with pytest.raises(PermissionError):
        await turns.process_activity("Bearer anything", None, None)


# Clients and tokens


def count_made(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is made for each new client; it grows with them."""
    made: list[object] = []
    real = ClientRetryPolicy.__init__

    def counted(self: ClientRetryPolicy) -> None:
        made.append(self)
        real(self)

    monkeypatch.setattr(ClientRetryPolicy, "__init__", counted)
    return made


async def test_a_client_is_made_once_an_address(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each new one takes 16 ms, in the library's lists of what to repeat."""
    made = count_made(monkeypatch)
    for _ in range(5):
        await wire.post()
    assert len(wire.seen) == 5
    assert len(made) <= 2


async def test_no_turn_makes_a_client_of_its_own(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(payload: dict[str, object]) -> None:
        heard.append(payload)

    heard: list[object] = []
    made = count_made(monkeypatch)
    turns = Turns(wire.connector, hear, app_id="a")
    for _ in range(5):
        await turns.run({"type": "message", "serviceUrl": wire.url})
    assert len(heard) == 5
    assert len(made) <= 2


async def test_one_token_serves_all_who_write_at_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(self: object, force_refresh: bool = False) -> str:
        raise AssertionError("the library logs in by itself")

    monkeypatch.setattr(MicrosoftAppCredentials, "get_access_token", never)
    await asyncio.gather(*(wire.post() for _ in range(8)))
    assert len(wire.logins) == 1
    assert {token for *_, token in wire.seen} == {"Bearer token-1"}


async def test_a_token_is_fetched_anew_before_it_ends(wire: Wire) -> None:
    wire.lasts = 1
    await wire.post()
    await asyncio.sleep(1.05)
    await wire.post()
    assert len(wire.logins) == 2


async def test_a_token_that_is_not_taken_is_forgotten(wire: Wire) -> None:
    wire.answers.append(web.json_response({"error": {"code": "Unauthorized"}}, status=401))
    error = await refused(wire)
    assert isinstance(error, RetryLater)
    await wire.post()
    assert wire.seen[-1][3] == "Bearer token-2"


async def test_a_secret_that_ran_out_loses_no_message() -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"error": "invalid_client"}, status=401)

    app = web.Application()
    app.router.add_post("/{tenant}/oauth2/v2.0/token", refuse)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cloud = Cloud(local=f"http://127.0.0.1:{runner.addresses[0][1]}")
    async with aiohttp.ClientSession() as session:
        login = Login(cloud, lambda: session, app_id="a", password="p", tenant="t", timeout=5)
        with pytest.raises(RetryLater, match="invalid_client") as error:
            await login.get_token()
    assert error.value.everywhere
    await runner.cleanup()


# Sending once, and what refusals mean


async def test_nothing_is_repeated_behind_our_back(wire: Wire) -> None:
    for status, headers in ((503, {}), (429, {"Retry-After": "9"}), (412, {}), (500, {})):
        wire.answers.append(web.Response(status=status, headers=headers))
        await refused(wire)
    assert len(wire.seen) == 4


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, RetryLater),
        (412, RetryLater),
        (408, RetryLater),
        (502, Uncertain),
        (504, Uncertain),
        (500, Uncertain),
        (400, Undeliverable),
        (403, Undeliverable),
        (404, Undeliverable),
        (413, Undeliverable),
    ],
)
async def test_what_a_status_means_for_a_message(
    wire: Wire, status: int, kind: type[PlatformError]
) -> None:
    wire.answers.append(web.json_response({"error": {"code": "Word"}}, status=status))
    assert type(await refused(wire)) is kind


async def test_how_long_to_wait_is_read(wire: Wire) -> None:
    waits = []
    for said in ("9", "0", "soon", "99999"):
        wire.answers.append(web.Response(status=429, headers={"Retry-After": said}))
        error = await refused(wire)
        assert isinstance(error, RetryLater)
        waits.append(error.after)
    assert waits == [9.0, 1.0, 30.0, 3600.0]


async def test_an_answer_that_is_not_json_leaves_it_open(wire: Wire) -> None:
    for body in ("<html>", "{"):
        wire.answers.append(web.Response(text=body, content_type="application/json", status=201))
        assert type(await refused(wire)) is Uncertain


async def test_a_redirect_takes_our_token_nowhere(wire: Wire) -> None:
    wire.answers.append(web.Response(status=302, headers={"Location": f"{wire.url}v3/else"}))
    await refused(wire)
    assert len(wire.seen) == 1


async def test_the_tenant_of_a_new_chat_is_spelt_as_teams_reads_it(wire: Wire) -> None:
    until = asyncio.get_running_loop().time() + 5
    made = await wire.connector.open_direct(
        wire.url, bot="28:b", account="29:a", tenant="T", until=until
    )
    assert made == "1"
    ((method, path, body, _),) = wire.seen
    assert (method, path) == ("POST", "/teams/v3/conversations")
    assert isinstance(body, dict)
    assert body["tenantId"] == "T"
    assert body["isGroup"] is False


# The signing keys


async def test_keys_are_waited_for_no_longer_than_promised_and_block_nobody() -> None:
    async def hang(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", hang)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        keys = SigningKeys(url, lambda: session, timeout=0.3)
        asked = asyncio.create_task(keys.get("key"))
        beats = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            beats += 1
        with pytest.raises(KeysOutOfReach):
            await asked
    assert beats >= 5
    await runner.cleanup()


# All of it, over HTTP


def test_an_app_of_many_tenants_logs_in_at_none_of_them(
    sqlite_url: str, clock: ManualClock
) -> None:
    with FakeTeams(is_multi_tenant=True) as teams:
        ana = teams.user("Ana", tenant=teams.tenant("Acme"))
        with Bot(sqlite_url, None, clock, teams=teams) as bot:
            assert ana.writes("help").status == 200
            bot.settle()
            assert len(teams.dms(ana)) == 1
        assert teams.server.logins == 1


def test_a_turn_costs_one_login_however_many_follow(scene: Scene) -> None:
    for _ in range(4):
        assert scene.ana.writes("help").status == 200
        scene.bot.settle()
    assert len(scene.teams.dms(scene.ana)) == 4
    assert scene.teams.server.logins == 1
