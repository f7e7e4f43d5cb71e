"""From an answer to what the page shows: a private message, a dialog, a message in another's
place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from adapters.local.cast import BOT
from adapters.local.parse import Spot
from adapters.local.records import Surface
from adapters.local.world import World
from bot.core.events import ButtonPressed, Event, FormChanged, FormSubmitted, PlaceKind
from bot.core.views import View
from bot.dispatch.answers import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the page does at once: show `dialog`, mark `errors`, or close the dialog that is open.
    Everything else it reads anew."""

    dialog: Surface | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    closes: bool = False


def respond(
    world: World,
    spot: Spot,
    event: Event,
    answer: Answer | None,
    *,
    surface: Surface | None = None,
    at: datetime,
) -> Reply:
    """Put an answer into the chat, and say what the page does."""
    if isinstance(event, FormSubmitted):
        return _to_submission(world, spot, answer, surface)
    if answer is None:
        return Reply()
    if isinstance(event, FormChanged):
        return _to_change(world, spot, answer, surface)
    dialog = None
    if answer.form is not None:
        dialog = world.open_surface(spot.person.id, form=answer.form, opened_from=spot.id)
    if isinstance(event, ButtonPressed) and event.place.kind in {PlaceKind.HOME, PlaceKind.FORM}:
        return _to_dialog(world, spot, answer, dialog)
    _into_chat(world, spot, event, answer, at=at)
    return Reply(dialog=dialog)


def _to_submission(
    world: World, spot: Spot, answer: Answer | None, surface: Surface | None
) -> Reply:
    if answer is not None and answer.errors:
        return Reply(errors=answer.errors)
    if answer is not None and answer.form is not None and surface is not None:
        again = world.open_surface(
            spot.person.id,
            form=answer.form,
            surface=surface.id,
            opened_from=surface.opened_from,
        )
        return Reply(dialog=again)
    if answer is not None and answer.view is not None and surface is not None:
        shown = world.open_surface(
            spot.person.id,
            view=answer.view,
            surface=surface.id,
            opened_from=surface.opened_from,
        )
        return Reply(dialog=shown)
    return Reply(closes=True)


def _to_change(world: World, spot: Spot, answer: Answer, surface: Surface | None) -> Reply:
    if answer.form is None or surface is None:
        return Reply(errors=answer.errors)
    updated = world.open_surface(
        spot.person.id, form=answer.form, surface=surface.id, opened_from=surface.opened_from
    )
    return Reply(dialog=updated)


def _to_dialog(world: World, spot: Spot, answer: Answer, dialog: Surface | None) -> Reply:
    shown: View | None = answer.refresh or answer.view
    if dialog is None and shown is not None:
        dialog = world.open_surface(spot.person.id, view=shown, opened_from=spot.id)
    return Reply(dialog=dialog)


def _into_chat(world: World, spot: Spot, event: Event, answer: Answer, *, at: datetime) -> None:
    pressed = event.message if isinstance(event, ButtonPressed) else None
    if answer.refresh is not None and pressed is not None:
        world.replace_view(pressed, answer.refresh)
    shown = answer.view or (answer.refresh if pressed is None else None)
    if shown is None:
        return
    world.post(
        channel=spot.id,
        author=BOT,
        view=shown,
        thread=spot.thread,
        private_to=spot.person.id,
        at=at,
    )
