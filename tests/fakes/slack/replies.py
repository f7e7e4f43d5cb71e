"""Answers that do not go through the Web API: response_url, and the bodies of acknowledgements."""

import json
from typing import Any

from .chat import change_message, store_message
from .errors import ApiError
from .records import Json, Message, Response, ResponseUrl, View
from .validate import parse_structured, validate_view
from .views import push_view, replace_view
from .world import World

MOST_USES = 5
MOST_SECONDS = 30 * 60


def use_response_url(world: World, grant: ResponseUrl, arguments: Json) -> None:
    """Answer an interaction through its response_url, which is counted."""
    if grant.uses >= MOST_USES:
        raise ApiError("used_url", status=404)
    if world.now() - grant.at > MOST_SECONDS:
        raise ApiError("expired_url", status=404)
    grant.uses += 1
    reply(world, grant, parse_structured(arguments))


def reply(world: World, grant: ResponseUrl, arguments: Json) -> Message | None:
    """Post, replace or delete a message as an answer to an interaction."""
    kind = arguments.get("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        raise ApiError("invalid_arguments", f"[ERROR] response_type: {kind}", status=400)
    original = grant.message
    if original is not None and arguments.get("delete_original"):
        original.deleted = True
        return None
    if original is not None and arguments.get("replace_original"):
        original.metadata = None
        change_message(world, original, {"blocks": [], **arguments})
        return original
    to = grant.user if kind == "ephemeral" else None
    return store_message(world, grant.channel, grant.installation, arguments, to=to)


def take_command_answer(world: World, grant: ResponseUrl, response: Response) -> None:
    """The body of a slash command's acknowledgement is an answer too."""
    if not response.ok or not response.body.strip():
        return
    body = response.json
    arguments = body if isinstance(body, dict) else {"text": response.body}
    if not arguments:
        return
    try:
        reply(world, grant, parse_structured(arguments))
    except ApiError as error:
        world.object(f"answer to a command: {error.error} {list(error.messages)}")


def apply_submission(world: World, view: View, response: Response) -> None:
    """Do what the bot's answer to a submission says: errors, another view, or close."""
    view.errors = {}
    if not response.ok:
        return
    body = response.json if response.body.strip() else {}
    action = body.get("response_action") if isinstance(body, dict) else "?"
    if action is None and not body:
        view.is_open = False
        return
    steps = {"errors": show_errors, "update": show_update, "push": show_push, "clear": clear}
    try:
        if action not in steps:
            raise ApiError("invalid_arguments", f"[ERROR] {json.dumps(body)[:200]}")
        steps[action](world, view, body)
    except ApiError as error:
        world.object(f"answer to a submission: {error.error} {list(error.messages)}")


def show_errors(world: World, view: View, body: Json) -> None:
    """Errors stand under inputs, by block id."""
    errors = body.get("errors")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        raise ApiError("invalid_arguments", f"[ERROR] errors must name inputs: {errors}")
    if any(not isinstance(text, str) or not text for text in errors.values()):
        raise ApiError("invalid_arguments", f"[ERROR] errors must be texts: {errors}")
    view.errors = dict(errors)


def show_update(world: World, view: View, body: Json) -> None:
    """The view shows something else."""
    replace_view(world, view, validate_view(body.get("view"), "modal"))


def show_push(world: World, view: View, body: Json) -> None:
    """Another view comes on top."""
    push_view(world, view, validate_view(body.get("view"), "modal"))


def clear(world: World, view: View, body: Any) -> None:
    """All views close."""
    for other in world.open_views(view.user):
        other.is_open = False
