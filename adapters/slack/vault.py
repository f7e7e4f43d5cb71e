"""Encryption of what must not be read from the database: the tokens of workspaces.

Each key given is stretched by HKDF (RFC 5869) into one for Fernet (AES-128-CBC with HMAC-SHA256),
another for each purpose. The first key encrypts and all decrypt, so that a new one can be put in
front of an old.
"""

import base64
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.core.errors import EntenteError


class Unreadable(EntenteError):
    """None of the keys fits, or somebody changed what was encrypted."""


class Vault:
    """Encrypts and decrypts texts with the operator's keys, the one in use first."""

    def __init__(self, keys: Sequence[str], *, purpose: str) -> None:
        self._first = Fernet(_stretch(keys[0], purpose))
        self._all = MultiFernet([Fernet(_stretch(key, purpose)) for key in keys])

    def close(self, text: str, *, now: datetime) -> str:
        """The text, encrypted and dated."""
        return self._first.encrypt_at_time(text.encode(), int(now.timestamp())).decode()

    def open(self, closed: str) -> str:
        """The text. Raises Unreadable."""
        try:
            return self._all.decrypt(closed.encode()).decode()
        except (InvalidToken, ValueError):
            raise Unreadable("ENTENTE_SECRET_KEY is not the key this was encrypted with") from None

    def open_within(self, closed: str, lasts: timedelta, *, now: datetime) -> str:
        """The text, if it was closed no longer ago than that. Raises Unreadable."""
        seconds = int(lasts.total_seconds())
        try:
            moment = int(now.timestamp())
            return self._all.decrypt_at_time(closed.encode(), seconds, moment).decode()
        except (InvalidToken, ValueError):
            raise Unreadable("too old, or not ours") from None

    def is_current(self, closed: str) -> bool:
        """Whether the first key opens it: otherwise it is to be closed anew."""
        try:
            self._first.decrypt(closed.encode())
        except (InvalidToken, ValueError):
            return False
        return True


def _stretch(key: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"entente {purpose}".encode())
    return base64.urlsafe_b64encode(derive.derive(key.encode()))
