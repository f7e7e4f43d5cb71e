"""Opaque ids: 24 hex digits, ordered by the time they were made, unguessable after the first 11."""

import secrets
import time


def new_id() -> str:
    """A fresh id: 44 bits of milliseconds, then 52 random bits."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.randbits(52):013x}"
