"""From an answer to Teams' own ways of responding: a refreshed card, a dialog, a private message.

Sources: https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model and
https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

import structlog

from adapters.teams.forms import render_form, render_view
from adapters.teams.render import render_card
from adapters.teams.sdk import CARD
from adapters.teams.send import TeamsPlatform
from bot.core.errors import PlatformError
from bot.core.events import (
    ButtonPressed,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
)
from bot.core.forms import Form, TextInput
from bot.core.views import Block, Button, Quote, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.messages import say, words

log = structlog.get_logger(__name__)

Json = dict[str, Any]
Reopen = Callable[[FormSubmitted, str], Awaitable[Form | None]]
"""Opens a form anew with the value it was opened with."""

Tell = Callable[[Event, View], Awaitable[None]]
"""Says something by message to the one who acted, and to nobody else."""

NOTHING: Final[Json] = {
    "statusCode": 200,
    "type": "application/vnd.microsoft.activity.message",
    "value": "",
}


def make_still_working(name: str) -> Json:
    """The body of the invoke `name` whose work takes longer than Teams waits."""
    if name == "adaptiveCard/action":
        return {**NOTHING, "value": words("teams.still_working")}
    return render_view(view(Text(text=say("teams.still_working"))))


class Responder:
    """Says answers Teams' way. Messages run beside the acknowledgement."""

    def __init__(self, platform: TeamsPlatform, reopen: Reopen, tell: Tell) -> None:
        self._platform = platform
        self._reopen = reopen
        self._tell = tell
        self._follow_ups: set[asyncio.Task[None]] = set()

    async def respond(
        self,
        event: Event,
        answer: Answer | None,
        *,
        name: str,
        opened: str = "",
        is_alone: bool = False,
        is_late: bool = False,
    ) -> Json | None:
        """The body of the invoke `name`, or None for what is no invoke. `opened`: the value with
        which the form that was sent off had been opened; `is_alone`: one person alone sees the card
        that was pressed; `is_late`: the invoke has been answered already."""
        if is_late:
            await self._to_latecomer(event, answer, opened, is_alone=is_alone)
            return None
        if isinstance(event, HomeOpened):
            if answer is not None and answer.home is not None:
                await self._tell(event, answer.home)
            return None
        if isinstance(event, FormSubmitted):
            return await self._to_submission(event, answer, opened)
        if isinstance(event, FormChanged):
            return self._to_change(event, answer, opened)
        if name == "adaptiveCard/action":
            return await self._to_action(event, answer, is_alone=is_alone)
        if name:
            return self._to_dialog(event, answer)
        await self._to_message(event, answer)
        return None

    async def _to_submission(
        self, event: FormSubmitted, answer: Answer | None, opened: str
    ) -> Json | None:
        if answer is None:
            return None
        if answer.errors:
            form = await self._reopen(event, opened)
            if form is None:
                return render_view(view(*(Text(text=text) for text in answer.errors.values())))
            return render_form(form, opened, values=event.values, errors=answer.errors)
        if answer.form is not None:
            return render_form(answer.form, _opened(answer, opened))
        return render_view(answer.view) if answer.view is not None else None

    @staticmethod
    def _to_change(event: FormChanged, answer: Answer | None, opened: str) -> Json | None:
        if answer is None:
            return None
        if answer.form is not None:
            return render_form(answer.form, opened, values=event.values)
        texts = [Text(text=text) for text in answer.errors.values()]
        return render_view(view(*texts)) if texts else None

    def _to_dialog(self, event: Event, answer: Answer | None) -> Json | None:
        if answer is None:
            return None
        if answer.form is not None:
            value = event.value if isinstance(event, ButtonPressed) else ""
            return render_form(answer.form, _opened(answer, value))
        shown = answer.refresh or answer.view
        return render_view(shown) if shown is not None else None

    async def _to_action(self, event: Event, answer: Answer | None, *, is_alone: bool) -> Json:
        """The answer refreshes the card for whoever pressed; others' are refreshed beside it."""
        if answer is None or answer.refresh is None or not is_alone:
            await self._to_message(event, answer)
        if answer is None or answer.refresh is None:
            return NOTHING
        card = render_card(answer.refresh, is_alone=is_alone)
        return {"statusCode": 200, "type": CARD, "value": card}

    async def _to_latecomer(
        self, event: Event, answer: Answer | None, opened: str, *, is_alone: bool
    ) -> None:
        """By message, since the dialog or the card can't be answered any more."""
        is_sent = isinstance(event, FormSubmitted)
        if answer is None or (isinstance(event, FormChanged) and not is_sent):
            return
        if answer.errors:
            wrong = [Text(text=text) for text in answer.errors.values()]
            kept = await self._give_back(event, opened) if isinstance(event, FormSubmitted) else []
            await self._tell(event, view(Text(text=say("teams.late_errors")), *wrong, *kept))
        elif answer.form is not None and not isinstance(event, ButtonPressed):
            await self._tell(event, view(Text(text=say("help.too_late"))))
        elif answer.refresh is not None and is_alone:
            await self._tell(event, answer.refresh)
        else:
            await self._to_message(event, answer)

    async def _give_back(self, event: FormSubmitted, opened: str) -> list[Block | None]:
        """What was written in a form whose dialog is gone, to be copied into a new one."""
        form = await self._reopen(event, opened)
        if form is None:
            return []
        blocks: list[Block | None] = []
        for item in form.inputs():
            written = event.values.get(item.name)
            if isinstance(item, TextInput) and isinstance(written, str) and written.strip():
                blocks += [Text(text=say("teams.late_written", label=item.label))]
                blocks += [Quote(text=written)]
        again = Button(label=words("help.open_form"), opens=form.name, value=opened)
        return [*blocks, actions(again)]

    async def _to_message(self, event: Event, answer: Answer | None) -> None:
        """What follows in the chat: for all who see the message, or for the one who acted."""
        if answer is None:
            return
        if answer.refresh is not None:
            self._follow(self._update(event, answer.refresh))
        elif answer.view is not None:
            await self._tell(event, answer.view)
        elif answer.form is not None and isinstance(event, ButtonPressed):
            button = Button(
                label=words("help.open_form"),
                opens=event.action,
                value=event.value,
                style="primary",
            )
            await self._tell(event, view(Text(text=say("help.form_here")), actions(button)))

    async def _update(self, event: Event, shown: View) -> None:
        message = getattr(event, "message", None)
        if message and event.place.channel:
            await self._platform.update(event.place.channel, message, event.place.thread, shown)

    def _follow(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(self._guarded(work))
        self._follow_ups.add(task)
        task.add_done_callback(self._follow_ups.discard)

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except PlatformError as error:
            log.warning("follow-up refused", reason=error.reason)

    async def finish(self) -> None:
        """Wait for the follow-ups that are under way."""
        await asyncio.gather(*self._follow_ups, return_exceptions=True)


def _opened(answer: Answer, value: str) -> str:
    return answer.opens[1] if answer.opens is not None else value
