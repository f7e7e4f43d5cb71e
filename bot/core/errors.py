"""The error tree.

EntenteError
├── UserError            shown to the person who acted, by its key in the message catalogue
│   ├── NotUnderstood    the words or the value make no sense here; says what would
│   ├── NotAllowed       the person may not do or see this; also logged
│   ├── NotFound         nothing of that name here, or nothing this person may see
│   └── Conflict         it was done already, or somebody else was faster
├── PlatformError        a platform did not take what we sent
│   ├── RetryLater       passing: 429, 5xx; says after how many seconds
│   ├── Uncertain        no answer came: it may have arrived
│   └── Undeliverable    final for this message: no such channel, token revoked, …
├── SettingsError        the settings do not fit; lists every problem
└── DatabaseNotReady     the database is behind, or not there
"""

from collections.abc import Sequence


class EntenteError(Exception):
    """Root of all errors that Entente raises itself."""


class UserError(EntenteError):
    """Something the acting person can put right.

    `key` names a text of the message catalogue, `values` fill its placeholders, `field` names
    the form input at fault if there is one.
    """

    def __init__(self, key: str, *, field: str | None = None, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.values = values


class NotUnderstood(UserError):
    """The words or the value make no sense here."""


class NotAllowed(UserError):
    """This person may not do or see this."""


class NotFound(UserError):
    """Nothing of that name here, or nothing this person may see."""


class Conflict(UserError):
    """It was done already, or somebody else was faster."""


class PlatformError(EntenteError):
    """A platform did not take what was sent; `reason` is the platform's own short word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RetryLater(PlatformError):
    """A passing refusal. `after` is the platform's wish in seconds, if it gave one.

    `everywhere` is true when the platform limits the whole installation, not one channel.
    """

    def __init__(
        self, reason: str, *, after: float | None = None, everywhere: bool = False
    ) -> None:
        super().__init__(reason)
        self.after = after
        self.everywhere = everywhere


class Uncertain(PlatformError):
    """The connection broke or timed out after sending began: it may have arrived."""


class Undeliverable(PlatformError):
    """Sending this again would fail again."""


class SettingsError(EntenteError):
    """The settings do not fit; `problems` lists every one, each in words that say what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class DatabaseNotReady(EntenteError):
    """The database cannot be used as it is; the message says which command mends it."""
