"""The measure of comparison: botbuilder's `CloudAdapter` with its aiohttp integration.

`python -m benchmarks.serve_cloud_adapter PORT STUB REPLIES`. Its login is given a token at once:
in truth each turn would ask for one, over the network.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication
from botframework.connector.auth import ChannelValidation, MicrosoftAppCredentials

from benchmarks.processes import await_ok, free_port, running
from benchmarks.stub_teams import APP, PASSWORD, TENANT


class Configuration:
    """What the integration reads."""

    APP_ID = APP
    APP_PASSWORD = PASSWORD
    APP_TYPE = "SingleTenant"
    APP_TENANTID = TENANT


class Empty:
    """A handler that does nothing, or says one word."""

    def __init__(self, *, replies: bool) -> None:
        self._replies = replies

    async def on_turn(self, context: TurnContext) -> None:
        if self._replies:
            await context.send_activity("pong")


@contextmanager
def cloud_adapter(stub: str, *, replies: bool) -> Iterator[int]:
    """The server in a process of its own; its port."""
    port = free_port()
    command = ("-m", "benchmarks.serve_cloud_adapter", str(port), stub, str(int(replies)))
    with running(command) as process:
        await_ok(process, f"http://127.0.0.1:{port}/", seconds=60)
        yield port


def main() -> None:
    """Serve."""
    port, stub, replies = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "1"
    ChannelValidation.open_id_metadata_endpoint = f"{stub}/v1/.well-known/openidconfiguration"
    MicrosoftAppCredentials.get_access_token = lambda self, force_refresh=False: "bench"
    adapter = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration()))
    bot = Empty(replies=replies)

    async def hear(request: web.Request) -> web.StreamResponse:
        return await adapter.process(request, bot)

    async def well(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/messages", hear)
    app.router.add_get("/", well)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
