"""From an answer to Slack's own ways of responding: acknowledge, open or update a form, refresh a
message, publish the home view."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.installations import Installed
from adapters.slack.render import render_errors, render_form, render_home, render_message
from adapters.slack.send import read_error
from adapters.slack.tokens import Tokens, bearer
from bot.core.errors import PlatformError
from bot.core.events import Event, FormChanged, FormSubmitted, PlaceKind
from bot.core.views import Text, View, view
from bot.dispatch.answers import Answer
from bot.dispatch.messages import say, words

log = structlog.get_logger(__name__)

PROMPT = 2.0
"""Seconds for opening a form: Slack's trigger lives three."""

OUT_OF_REACH = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)
"""Slack did not answer, or not as Slack does."""

Body = dict[str, Any]


class Responder:
    """Says answers the platform's way, with `tokens` through the installation at hand. Follow-up
    calls run beside the acknowledgement. What they are refused is counted by `note_error`."""

    def __init__(
        self,
        client: AsyncWebClient,
        tokens: Tokens | None = None,
        *,
        note_error: Callable[[str], None] = lambda _reason: None,
    ) -> None:
        self._note = note_error
        self._client = client
        self._tokens = tokens
        self._follow_ups: set[asyncio.Task[None]] = set()

    async def respond(
        self, event: Event, body: Body, answer: Answer | None, via: Installed | None = None
    ) -> Body | None:
        """What to acknowledge with; the rest is done or under way when this returns. `via`: the
        installation through which the event came, where there are many."""
        if answer is None:
            return None
        if answer.home is not None:
            self._follow(self._publish(self._get_home(event, via), event.actor.user, answer.home))
        if isinstance(event, FormSubmitted):
            return self._to_submission(body, answer)
        if isinstance(event, FormChanged):
            self._follow(self._update_form(via, body, answer))
            return None
        if answer.form is not None:
            await self._open(via, body, render_form(answer.form))
        if "command" in body:
            return _ephemeral(answer.view) if answer.view else None
        await self._to_button(via, event, body, answer)
        return None

    def _to_submission(self, body: Body, answer: Answer) -> Body | None:
        if answer.errors:
            blocks = body["view"].get("blocks") or []
            inputs = [b["block_id"] for b in blocks if b.get("type") == "input"]
            if not inputs:
                return _update(view(*(Text(text=error) for error in answer.errors.values())))
            return {
                "response_action": "errors",
                "errors": render_errors(inputs, answer.errors),
            }
        if answer.form is not None:
            return {"response_action": "update", "view": render_form(answer.form)}
        if answer.view is not None:
            return _update(answer.view)
        return None

    async def _to_button(
        self, via: Installed | None, event: Event, body: Body, answer: Answer
    ) -> None:
        shown = answer.refresh or answer.view
        if shown is None:
            return
        address = body.get("response_url")
        if address:
            replace = answer.refresh is not None
            content = {**render_message(shown), "replace_original": replace}
            if not replace:
                content["response_type"] = "ephemeral"
            self._follow(self._post(str(address), content))
        elif event.place.kind in {PlaceKind.HOME, PlaceKind.FORM}:
            await self._open(via, body, render_dialog(shown))

    async def _open(self, via: Installed | None, body: Body, view: Body) -> None:
        """Open a dialog, on top of an open one if need be. A trigger that grew stale is said."""
        method = "views.push" if (body.get("view") or {}).get("type") == "modal" else "views.open"
        given = {"trigger_id": body.get("trigger_id"), "view": view}
        try:
            await asyncio.wait_for(self._call(via, method, given), PROMPT)
        except SlackApiError as error:
            log.warning("form not opened", reason=read_error(error).reason)
            self._say_too_late(via, body)
        except (*OUT_OF_REACH, PlatformError) as error:
            log.warning("form not opened", reason=type(error).__name__)
            self._say_too_late(via, body)

    def _say_too_late(self, via: Installed | None, body: Body) -> None:
        """Where it was pressed; from the home view or a dialog there is no way back but a direct
        message."""
        address, text = body.get("response_url"), say("help.too_late")
        if address:
            content = {"text": text, "response_type": "ephemeral", "replace_original": False}
            self._follow(self._post(str(address), content))
        elif user := (body.get("user") or {}).get("id"):
            self._follow(self._write(via, str(user), text))

    async def _write(self, via: Installed | None, user: str, text: str) -> None:
        opened = await self._call(via, "conversations.open", {"users": user})
        given = {"channel": opened["channel"]["id"], "text": text}
        await self._call(via, "chat.postMessage", given)

    async def _update_form(self, via: Installed | None, body: Body, answer: Answer) -> None:
        if answer.form is None:
            return
        view = body["view"]
        given = {"view_id": view["id"], "hash": view.get("hash"), "view": render_form(answer.form)}
        await self._call(via, "views.update", given)

    def _get_home(self, event: Event, via: Installed | None) -> Installed | None:
        """A person's home view is that of their own workspace's installation, if it has one."""
        if self._tokens is None or not event.actor.workspace:
            return via
        own = self._tokens.installations.of_workspace(event.actor.workspace)
        return own[0] if own else via

    async def _publish(self, via: Installed | None, user: str, view: View) -> None:
        await self._call(via, "views.publish", {"user_id": user, "view": render_home(view)})

    async def _call(self, via: Installed | None, method: str, given: Body) -> Any:
        headers = None
        if via is not None and self._tokens is not None:
            headers = bearer(await self._tokens.get_token(via))
        try:
            return await self._client.api_call(method, json=given, headers=headers)
        except SlackApiError as error:
            self._note(read_error(error).reason)
            raise
        except OUT_OF_REACH:
            self._note("unreachable")
            raise

    async def _post(self, address: str, content: Body) -> None:
        await AsyncWebhookClient(address, timeout=self._client.timeout).send_dict(content)

    def _follow(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._follow_ups.add(task)
        task.add_done_callback(self._follow_ups.discard)

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except SlackApiError as error:
            # A form that was changed again meanwhile has a newer update on its way.
            log.info("follow-up refused", reason=read_error(error).reason)
        except (*OUT_OF_REACH, PlatformError) as error:
            log.warning("follow-up failed", reason=type(error).__name__)

    async def finish(self) -> None:
        """Wait for the follow-ups that are under way."""
        await asyncio.gather(*self._follow_ups, return_exceptions=True)


def _ephemeral(view: View) -> Body:
    return {"response_type": "ephemeral", **render_message(view)}


def _update(shown: View) -> Body:
    return {"response_action": "update", "view": render_dialog(shown)}


def render_dialog(view: View) -> Body:
    """A view as a dialog without inputs: what a form says when it is done."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": words("help.dialog_title")},
        "close": {"type": "plain_text", "text": words("help.close")},
        "blocks": render_home(view)["blocks"],
    }
