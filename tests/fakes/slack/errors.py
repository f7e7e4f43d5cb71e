"""What can go wrong: in the Web API, in a test, and between Slack and the bot."""

from collections.abc import Sequence
from typing import Any


class ApiError(Exception):
    """A Web API answer with `ok: false`; `messages` become `response_metadata.messages`."""

    def __init__(self, error: str, *messages: str, status: int = 200, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages: Sequence[str] = messages
        self.status = status
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON that Slack answers."""
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": list(self.messages)}
        return answer


class SlackRefuses(AssertionError):
    """A user tried what Slack's own client would not let them do: the test asks too much."""


class BotUnreachable(AssertionError):
    """A request to the bot found nobody, or no answer in time."""
