"""What stands before the page: loopback names only, no requests from other sites, and headers
that keep the browser from loading or showing anything foreign."""

import secrets
from collections.abc import MutableMapping
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from adapters.asgi import App, Message, Receive, Send

LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
TOKEN_HEADER: Final = "x-entente-token"  # noqa: S105 - a header's name
LARGEST_BODY: Final = 400_000

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Refuses what does not come from the page itself. A page of another site can reach this
    address by its own name (DNS rebinding) or by posting a form; neither gets through."""

    def __init__(self, app: App, *, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
            await send(message)

        problem = self._find_problem(scope["method"], Headers(scope=scope))
        if problem is None:
            await self._app(scope, receive, send_guarded)
            return
        status, text = problem
        refusal = JSONResponse({"error": text}, status_code=status)
        await refusal(scope, receive, send_guarded)

    def _find_problem(self, method: str, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if host.rpartition(":")[0] not in LOOPBACK and host not in LOOPBACK:
            return 403, "The playground answers on this machine's own names alone."
        if method in {"GET", "HEAD"}:
            return None
        if headers.get("origin") != f"http://{host}":
            return 403, "That request came from another page."
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return 403, "That request came from another page."
        if not secrets.compare_digest(headers.get(TOKEN_HEADER, "").encode(), self._token.encode()):
            return 403, "This page is from an earlier playground. Load it again."
        if not headers.get("content-type", "").startswith("application/json"):
            return 415, "Requests are JSON."
        if int(headers.get("content-length") or LARGEST_BODY + 1) > LARGEST_BODY:
            return 413, "That is too long."
        return None
