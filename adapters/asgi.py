"""ASGI as the doors in front of the platforms speak it: the types, reading a body, answering."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


async def read_body(receive: Receive, *, most: int) -> bytes | None:
    """The request's body, or None if it has more than `most` bytes."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= most else None
    parts, size = [body], len(body)
    while message.get("more_body") and size <= most:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    return b"".join(parts) if size <= most else None


async def answer(send: Send, status: int, body: bytes, kind: str = "application/json") -> None:
    """A whole response."""
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", kind.encode("latin-1")))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
