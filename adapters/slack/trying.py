"""Whether Slack takes a token, tried out for the doctor."""

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import read_error
from adapters.slack.tokens import bearer
from bot.core.errors import Undeliverable

PATIENCE = 10
"""Seconds."""


class TokenRefused(Exception):
    """Slack does not take the token; `reason` is Slack's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutOfReach(Exception):
    """Slack did not answer, or not as Slack does."""


async def try_app_token(api_url: str, token: str) -> None:
    """Ask Slack for a socket, and leave it. Raises TokenRefused, OutOfReach."""
    await try_token(api_url, token, method="apps.connections.open")


async def try_token(api_url: str, token: str, *, method: str = "auth.test") -> Any:
    """Slack's answer to a method that tells whether a token is good. Raises TokenRefused,
    OutOfReach."""
    client = AsyncWebClient(base_url=api_url.rstrip("/") + "/", timeout=PATIENCE, retry_handlers=[])
    try:
        return await client.api_call(method, headers=bearer(token))
    except SlackApiError as error:
        problem = read_error(error, writes=False)
        if isinstance(problem, Undeliverable):
            raise TokenRefused(problem.reason) from None
        raise OutOfReach(problem.reason) from None
    # The library trips over answers that are no JSON objects: something in between.
    except (SlackClientError, aiohttp.ClientError, OSError, AttributeError, ValueError) as error:
        raise OutOfReach(type(error).__name__) from None
