"""The methods views.*: modals by trigger, their stack, and home tabs."""

from typing import Any

from .errors import ApiError
from .records import Installation, Json, Trigger, View
from .registry import Request, method
from .validate import fill_ids, validate_view
from .world import World

TRIGGER_SECONDS = 3.0
MOST_IN_STACK = 3
MODAL_TEXTS = ("title", "submit", "close")


def render_view(view: View, world: World, values: Json | None = None) -> Json:
    """A view as the Web API and interaction payloads show it."""
    payload = view.payload
    rendered: Json = {
        "id": view.id,
        "team_id": world.members[view.user].team.id,
        "type": view.type,
        "blocks": view.blocks,
        "private_metadata": payload.get("private_metadata") or "",
        "callback_id": payload.get("callback_id") or "",
        "external_id": payload.get("external_id") or "",
        "state": {"values": values or {}},
        "hash": view.hash,
        "clear_on_close": bool(payload.get("clear_on_close")),
        "notify_on_close": bool(payload.get("notify_on_close")),
        "previous_view_id": view.previous_id,
        "root_view_id": view.root_id,
        "app_id": world.app_id,
        "app_installed_team_id": view.installation.team.id,
        "bot_id": view.installation.bot_id,
    }
    return {**rendered, **{key: payload.get(key) for key in MODAL_TEXTS}}


def new_hash(world: World) -> str:
    """A version of a view."""
    return f"{int(world.now())}.{world.new_secret()[:8]}"


def make_view(
    world: World, installation: Installation, user: str, payload: Json, parent: View | None = None
) -> View:
    """A new view, on top of `parent` if it has one."""
    name = world.new_id("V")
    return View(
        name,
        user,
        complete(world, payload),
        installation,
        new_hash(world),
        parent.root_id if parent else name,
        parent.id if parent else None,
        origin=parent.origin if parent else None,
    )


def complete(world: World, payload: Json) -> Json:
    """A view's payload with ids in its blocks."""
    blocks = fill_ids(payload["blocks"], lambda: world.new_secret()[:5])
    return {**payload, "blocks": blocks}


def replace_view(world: World, view: View, payload: Json) -> None:
    """Show something else in a view; what was typed stays in inputs that keep their ids."""
    view.payload = complete(world, payload)
    view.hash = new_hash(world)
    view.errors = {}
    kept = {block["block_id"] for block in view.blocks}
    view.entered = {block: value for block, value in view.entered.items() if block in kept}


def push_view(world: World, parent: View, payload: Json) -> View:
    """Put a modal on top of another."""
    if len(world.open_views(parent.user)) >= MOST_IN_STACK:
        raise ApiError("push_limit_reached")
    view = make_view(world, parent.installation, parent.user, payload, parent)
    world.views[view.id] = view
    return view


def spend_trigger(request: Request) -> Trigger:
    """The trigger of a call: known, fresh and unused."""
    trigger = request.world.triggers.get(request.text("trigger_id"))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if request.world.now() - trigger.at > TRIGGER_SECONDS:
        raise ApiError("expired_trigger_id")
    trigger.used = True
    return trigger


def checked(request: Request, kind: str) -> Json:
    """The view in a call, valid and with every rule kept."""
    return validate_view(request.arguments.get("view"), kind)


def check_external_id(world: World, payload: Json, own: View | None = None) -> None:
    """An external_id stands for one view only."""
    name = payload.get("external_id")
    others = (v for v in world.views.values() if v is not own and v.is_open)
    if name and any(v.payload.get("external_id") == name for v in others):
        raise ApiError("duplicate_external_id")


def answer(view: View, world: World) -> Json:
    """What views.* return."""
    return {"view": render_view(view, world)}


@method("views.open", "trigger_id", "view")
def open_view(request: Request) -> Json:
    world, payload = request.world, checked(request, "modal")
    check_external_id(world, payload)
    trigger = spend_trigger(request)
    for other in world.open_views(trigger.user):
        other.is_open = False
    view = make_view(world, request.caller, trigger.user, payload)
    view.origin = trigger.channel
    world.views[view.id] = view
    return answer(view, world)


@method("views.push", "trigger_id", "view")
def push(request: Request) -> Json:
    world, payload = request.world, checked(request, "modal")
    check_external_id(world, payload)
    trigger = spend_trigger(request)
    parent = world.views.get(trigger.view or "")
    if parent is None or not parent.is_open:
        raise ApiError("not_found", "[ERROR] no open modal to push onto")
    return answer(push_view(world, parent, payload), world)


def named_view(request: Request) -> View:
    """The open modal with a view_id or an external_id."""
    name, external = request.text("view_id"), request.text("external_id")
    if not (name or external):
        raise ApiError("invalid_arguments", "[ERROR] missing required field: view_id")
    for view in request.world.views.values():
        known_as = view.payload.get("external_id")
        if view.is_open and name in ("", view.id) and external in ("", known_as):
            return view
    raise ApiError("not_found")


@method("views.update", "view")
def update(request: Request) -> Json:
    payload, view = checked(request, "modal"), named_view(request)
    check_external_id(request.world, payload, view)
    check_hash(request, view)
    replace_view(request.world, view, payload)
    return answer(view, request.world)


def check_hash(request: Request, view: View | None) -> None:
    """Refuse to overwrite a version that the app has not seen."""
    expected: Any = request.arguments.get("hash")
    if expected and (view is None or view.hash != expected):
        raise ApiError("hash_conflict")


@method("views.publish", "user_id", "view")
def publish(request: Request) -> Json:
    world, payload = request.world, checked(request, "home")
    member = request.member("user_id", "user_not_found")
    view = world.homes.get(member.id)
    check_hash(request, view)
    if view is None:
        view = make_view(world, request.caller, member.id, payload)
        world.homes[member.id] = view
    else:
        view.installation = request.caller
        replace_view(world, view, payload)
    return answer(view, world)
