"""Slack's rules for whole messages and views; a broken one is an ApiError that says why."""

import json
import re
from typing import Any

from .blocks import check_blocks, elements_of
from .elements import Findings, check_optional_text, check_text
from .errors import ApiError
from .records import Json

STRUCTURED = frozenset({"blocks", "view", "metadata", "attachments", "unfurls"})
MOST_VIEW_BYTES = 250_000


def parse_structured(arguments: Json) -> Json:
    """Arguments with their JSON strings read, as form-encoded requests carry them."""
    return {key: parse_one(key, value) for key, value in arguments.items()}


def parse_one(key: str, value: Any) -> Any:
    """One argument; text that ought to be JSON and is not is refused."""
    if key not in STRUCTURED or not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        error = "invalid_blocks_format" if key == "blocks" else "invalid_arguments"
        raise ApiError(error, f"[ERROR] {key} is not JSON") from None


def validate_message(arguments: Json) -> None:
    """Check what a message is made of, as chat.* does."""
    text, blocks = arguments.get("text"), arguments.get("blocks")
    markdown = arguments.get("markdown_text")
    attachments = arguments.get("attachments")
    if not (text or blocks or attachments or markdown):
        raise ApiError("no_text")
    if markdown and (text or blocks):
        raise ApiError("markdown_text_conflict")
    if markdown and len(markdown) > 12_000:
        raise ApiError("msg_too_long")
    if text is not None and not isinstance(text, str):
        raise ApiError("invalid_arguments", "[ERROR] text must be a string")
    if text and len(text) > 40_000:
        raise ApiError("msg_too_long")
    if blocks is not None:
        validate_blocks(blocks)
    for index, attachment in enumerate(attachments or []):
        if isinstance(attachment, dict) and "blocks" in attachment:
            validate_blocks(attachment["blocks"], f"/attachments/{index}/blocks")
    validate_metadata(arguments.get("metadata"))


def validate_blocks(blocks: Any, path: str = "/blocks") -> None:
    """Check the blocks of a message."""
    found = Findings()
    check_blocks(found, blocks, "message", path)
    if found.messages:
        raise ApiError("invalid_blocks", *found.messages)


def validate_metadata(metadata: Any) -> None:
    """Check message metadata: a type and a payload that is an object."""
    if metadata is None:
        return
    good = isinstance(metadata, dict) and set(metadata) <= {"event_type", "event_payload"}
    if not good or not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format", "[ERROR] event_payload must be an object")
    if not re.fullmatch(r"[a-zA-Z0-9_.-]{1,255}", str(metadata.get("event_type") or "")):
        raise ApiError("invalid_metadata_format", "[ERROR] event_type is missing or malformed")


def validate_view(view: Any, kind: str) -> Json:
    """Check a view for views.open, .push, .update (`modal`) or .publish (`home`)."""
    found = Findings()
    if not isinstance(view, dict):
        raise ApiError("invalid_arguments", "[ERROR] view must be an object")
    if view.get("type") != kind:
        found.add("/view/type", f"must be {kind}")
    check_blocks(found, view.get("blocks"), kind, "/view/blocks")
    found.string(view, "private_metadata", "/view", most=3000)
    found.string(view, "callback_id", "/view", most=255)
    found.string(view, "external_id", "/view", most=255)
    if kind == "modal":
        check_modal(found, view)
    if len(json.dumps(view)) > MOST_VIEW_BYTES:
        raise ApiError("view_too_large")
    if found.messages:
        raise ApiError("invalid_arguments", *found.messages)
    return view


def check_modal(found: Findings, view: Json) -> None:
    """Check what only modals have."""
    check_text(found, view.get("title"), "/view/title", most=24)
    check_optional_text(found, view, "submit", "/view", most=24)
    check_optional_text(found, view, "close", "/view", most=24)
    blocks = view.get("blocks") if isinstance(view.get("blocks"), list) else []
    kinds = [block.get("type") for block in blocks or [] if isinstance(block, dict)]
    if "input" in kinds and not view.get("submit"):
        found.add("/view/submit", "a submit is required when the view has an input block")


def fill_ids(blocks: list[Json], new_id: Any) -> list[Json]:
    """A copy of blocks with the ids that Slack makes up where the app gave none."""
    copied: list[Json] = json.loads(json.dumps(blocks))
    for block in copied:
        block.setdefault("block_id", new_id())
        for element in elements_of(block):
            element.setdefault("action_id", new_id())
    return copied
