"""ASGI as the doors in front of the platforms speak it: the types, reading a body, answering."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class Counts:
    """A door's requests since the process started, by what became of them."""

    turned_away: int = 0
    passed: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, reason: str) -> None:
        """Count a request that was refused."""
        self.refused[reason] = self.refused.get(reason, 0) + 1

    def by_outcome(self) -> dict[str, int]:
        """All of them."""
        refused = {f"refused_{reason}": number for reason, number in self.refused.items()}
        return {"turned_away": self.turned_away, "passed": self.passed, **refused}


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
