"""A Slack that answers everything at once, for benchmarks: `python -m benchmarks.stub_slack PORT`.

It checks nothing; the tests' fake Slack does, and is too slow to measure by.
"""

import itertools
import json
import sys
import urllib.request
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import uvicorn

from benchmarks.processes import await_ok, free_port, running

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TEAM, BOT_USER, USER = "T0BENCH", "U0BOT", "U0MEMBER"
OTHER_TEAM, OTHER_BOT_USER = "T0OTHER", "U0OTHERBOT"
TOKEN, SECRET = "xoxb-bench", "bench-signing-secret"

_WHO = (
    f'{{"ok":true,"team_id":"{TEAM}","team":"Bench","user_id":"{BOT_USER}",'
    '"user":"entente","bot_id":"B0BOT","url":"http://127.0.0.1/"}'
)
_ALIKE = '{"ok":true,"view":{"id":"V1"}}'
_moments = itertools.count(1)
_calls: Counter[str] = Counter()


async def answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Yes to everything."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": _say(scope["path"]).encode()})


def _say(path: str) -> str:
    method = path.rpartition("/")[2]
    if method == "counts":
        return json.dumps(_calls)
    _calls[method] += 1
    if path.endswith("auth.test"):
        return _WHO
    if path.endswith("chat.postMessage"):
        return f'{{"ok":true,"channel":"C0","ts":"1800000000.{next(_moments):06d}"}}'
    return _ALIKE


@contextmanager
def stub_slack() -> Iterator[str]:
    """The stub in a process of its own; the base address of its Web API."""
    port = free_port()
    with running(("-m", "benchmarks.stub_slack", str(port))) as process:
        await_ok(process, f"http://127.0.0.1:{port}/api/auth.test")
        yield f"http://127.0.0.1:{port}/api/"


def get_calls(slack_api: str) -> Counter[str]:
    """How often each method was called so far."""
    with urllib.request.urlopen(f"{slack_api}counts", timeout=5) as said:
        return Counter(json.load(said))


if __name__ == "__main__":
    uvicorn.run(answer, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off", log_config=None)
