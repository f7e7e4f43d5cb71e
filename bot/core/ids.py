"""Opaque ids: 24 hex digits, ordered by the time they were made and unguessable after the first 11;
or, where that time must not be told, in no order."""

import secrets
import time


def new_id() -> str:
    """A fresh id: 44 bits of milliseconds, then 52 random bits."""
    return f"{time.time_ns() // 1_000_000:011x}{secrets.randbits(52):013x}"


def new_unordered_id() -> str:
    """A fresh id of 96 random bits: it tells nothing of when it was made."""
    return secrets.token_hex(12)
