"""Orders to misbehave: refuse, hang, drop the connection, or run something in between."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Literal

from .errors import ApiError
from .records import Call

Kind = Literal["fail", "hang", "drop"]
SERVER_ERRORS = {"internal_error": 500, "fatal_error": 500, "service_unavailable": 503}


class Gate:
    """A request that is kept waiting: `entered` is set when it has come, `release()` lets it go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.released: Future[None] = Future()

    def release(self) -> None:
        """Let the waiting requests be answered; those that come later do not wait."""
        if not self.released.done():
            self.released.set_result(None)


@dataclass
class Fault:
    """What happens to the next `left` calls of a method (None: to all of them)."""

    method: str
    kind: Kind
    left: int | None = 1
    channel: str | None = None
    recorded: bool = False
    status: int | None = None
    error: str | None = None
    retry_after: int | None = None
    gate: Gate = field(default_factory=Gate)

    def meets(self, call: Call) -> bool:
        """Whether this fault is for that call."""
        wanted = self.channel is None or call.arguments.get("channel") == self.channel
        return self.method in (call.method, "*") and wanted and self.left != 0

    def refusal(self) -> ApiError:
        """The answer of a `fail`."""
        if self.retry_after is not None or self.status == 429:
            return ApiError("ratelimited", status=429)
        error = self.error or "internal_error"
        return ApiError(error, status=self.status or SERVER_ERRORS.get(error, 200))


class Faults:
    """The orders in force, and the callbacks on calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._gates: list[Gate] = []
        self._callbacks: list[tuple[str, Callable[[Call], object]]] = []

    def add(self, fault: Fault) -> Fault:
        """Put an order in force."""
        with self._lock:
            self._faults.append(fault)
            self._gates.append(fault.gate)
        return fault

    def take(self, call: Call) -> Fault | None:
        """The fault for this call, one use of it spent."""
        with self._lock:
            for fault in self._faults:
                if fault.meets(call):
                    if fault.left is not None:
                        fault.left -= 1
                    return fault
        return None

    def clear(self, method: str | None = None) -> None:
        """End the faults of a method, or all."""
        with self._lock:
            ended = [f for f in self._faults if method in (None, f.method)]
            self._faults = [f for f in self._faults if f not in ended]
        for fault in ended:
            fault.gate.release()

    def release_all(self) -> None:
        """Open every gate, for shutting down."""
        for gate in self._gates:
            gate.release()

    def on_call(self, method: str, callback: Callable[[Call], object]) -> None:
        """Run something in the server whenever a method was called."""
        with self._lock:
            self._callbacks.append((method, callback))

    def callbacks(self, method: str) -> list[Callable[[Call], object]]:
        """What to run after a call of a method."""
        with self._lock:
            return [callback for name, callback in self._callbacks if name in (method, "*")]
