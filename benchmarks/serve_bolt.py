"""The measure of comparison: a bare Bolt app with one empty listener, served as Bolt serves it.

`python -m benchmarks.serve_bolt PORT SLACK_API`
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.processes import await_ok, free_port, running
from benchmarks.stub_slack import SECRET, TOKEN


async def listen() -> None:
    """Do nothing."""


@contextmanager
def bolt(slack_api: str) -> Iterator[int]:
    """The app in a process of its own; its port."""
    port = free_port()
    with running(("-m", "benchmarks.serve_bolt", str(port), slack_api)) as process:
        await_ok(process, f"http://127.0.0.1:{port}/")
        yield port


if __name__ == "__main__":
    client = AsyncWebClient(TOKEN, base_url=sys.argv[2])
    app = AsyncApp(client=client, signing_secret=SECRET)
    app.event("message")(listen)
    app.start(port=int(sys.argv[1]), host="127.0.0.1")
