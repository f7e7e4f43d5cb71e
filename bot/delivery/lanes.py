"""Lanes: all that goes to one channel or one person, in order.

A worker leases whole lanes, never single deliveries (claiming those directly inverts their order).
A lease that ran out is anybody's; what was `sending` in it may have arrived, so it is looked for
before it is sent again. `claiming` takes lanes, `settling` gives them back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.ports import Receipt


@dataclass(slots=True, kw_only=True)
class Claimed:
    """A message that this worker holds, and those bundled with it."""

    id: int
    lane_id: int
    platform: str
    workspace: str
    channel: str | None
    user: str | None
    alliance_id: str | None
    topic: str
    subject: str
    view: dict[str, Any] | None
    thread: str | None
    private_to: str | None
    unasked: bool
    attempts: int
    created_at: datetime
    not_before: datetime
    expires_at: datetime | None
    started_at: datetime | None
    must_look: bool
    free_at: datetime | None = None
    """From when on its place takes a message, as far as was known when it was claimed."""
    bundle: list["Claimed"] = field(default_factory=list)
    left_over: list["Claimed"] = field(default_factory=list)
    """Those of the bundle for which one message has no room."""
    skipped: str | None = None
    """Why this one, of those that travel together, is not shown after all."""

    def all(self) -> list["Claimed"]:
        """The message and those that travel with it."""
        return [self, *self.bundle]


class Fate(StrEnum):
    """What became of one attempt."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one attempt at a message. `free_at`: from when on the place takes another.
    `is_put_off`: nothing was wrong, it goes out only at `retry_at`, and others may pass it."""

    message: Claimed
    fate: Fate
    at: datetime
    free_at: datetime | None = None
    receipt: Receipt | None = None
    reason: str | None = None
    retry_at: datetime | None = None
    is_put_off: bool = False
    uncertain: bool = False
    pause_until: datetime | None = None
