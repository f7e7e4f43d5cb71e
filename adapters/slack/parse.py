"""From Slack's payloads to events. Whatever is not understood is None, never an exception."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson

from adapters.slack.installations import read_names
from adapters.slack.plain import to_plain
from adapters.slack.render import read_values, strip_suffix
from bot.core.events import (
    AccountChanged,
    Actor,
    AppRemoved,
    ButtonPressed,
    ChannelChange,
    ChannelChanged,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    FormValue,
    HomeOpened,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    Place,
    PlaceKind,
    ReactionAdded,
    SharedFile,
    ShortcutInvoked,
    Via,
    WorkspaceJoined,
)

PLATFORM = "slack"
Payload = Mapping[str, Any]

_WRITTEN = frozenset({None, "", "file_share", "thread_broadcast"})
"""Subtypes of messages that a person wrote."""

_CHANGES = {
    "channel_rename": ChannelChange.RENAMED,
    "group_rename": ChannelChange.RENAMED,
    "channel_archive": ChannelChange.ARCHIVED,
    "group_archive": ChannelChange.ARCHIVED,
    "channel_unarchive": ChannelChange.UNARCHIVED,
    "group_unarchive": ChannelChange.UNARCHIVED,
    "channel_deleted": ChannelChange.DELETED,
    "group_deleted": ChannelChange.DELETED,
    "channel_shared": ChannelChange.SHARED,
    "channel_unshared": ChannelChange.UNSHARED,
    "channel_id_changed": ChannelChange.MOVED,
}


def parse(body: Payload, *, key: str, workspace: str, bot_users: frozenset[str]) -> Event | None:
    """The event in a payload from Slack, or None if there is none that concerns us.

    `key` identifies requests that carry no id of their own (buttons, commands, forms);
    `workspace` is the installation that heard it; `bot_users` are Entente's own users.
    """
    try:
        clean = body if _is_storable(body) else _clean(body)
        return _parse(clean, key=key, workspace=workspace, bot_users=bot_users)
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return None


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no text column of PostgreSQL takes: the character NUL, and halves of surrogate pairs."""


def _is_storable(body: Payload) -> bool:
    """Whether nothing needs cleaning, told much faster than by cleaning: as JSON, NUL is written
    as an escape, and halves of surrogate pairs can't be written at all."""
    try:
        return rb"\u0000" not in orjson.dumps(body)
    except TypeError:
        return False


def _clean(value: Any) -> Any:
    """The same JSON without characters that cannot be stored."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {name: _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


def _parse(body: Payload, *, key: str, workspace: str, bot_users: frozenset[str]) -> Event | None:
    kind = body.get("type")
    if kind == "event_callback":
        return _parse_event(body, key=key, workspace=workspace, bot_users=bot_users)
    if "command" in body and kind is None:
        return _parse_slash(body, key=key, workspace=workspace)
    parser = _INTERACTIVE.get(str(kind))
    return parser(body, key, workspace) if parser else None


def _parse_event(
    body: Payload, *, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    event = body["event"]
    kind = str(event["type"])
    key = _key_of(body, event, kind) or f"slack:{body.get('event_id') or key}"
    if kind in {"app_uninstalled", "tokens_revoked"}:
        return _parse_removal(body, event, key=key, workspace=workspace)
    if kind in {"message", "app_mention"}:
        return _parse_message(event, workspace=workspace, bot_users=bot_users)
    if kind in _CHANGES:
        return _parse_change(event, _CHANGES[kind], key=key, workspace=workspace)
    parser = _EVENTS.get(kind)
    return parser(event, key, workspace, bot_users) if parser else None


def _key_of(body: Payload, event: Payload, kind: str) -> str | None:
    """A key of the happening itself, where two installations in a channel may both be told of it,
    each under an event id of its own."""
    moment = event.get("event_ts")
    if not moment or not (kind in _CHANGES or kind in _HAPPENING):
        return None
    item = event.get("item")
    named = item if isinstance(item, Mapping) else event
    channel = named.get("channel") or named.get("old_channel_id")
    place = channel.get("id") if isinstance(channel, Mapping) else channel
    parts = (kind, place, named.get("ts"), event.get("user"), event.get("reaction"), moment)
    return "slack:" + ":".join(str(part) for part in parts if part)


_HAPPENING = frozenset({"reaction_added", "member_joined_channel", "member_left_channel"})


def _parse_removal(body: Payload, event: Payload, *, key: str, workspace: str) -> Event | None:
    """Tokens of people may be revoked too; Entente has none, so that is nothing to it."""
    tokens = event.get("tokens")
    if isinstance(tokens, Mapping) and not tokens.get("bot"):
        return None
    named = next(read_names(body), None)
    at = body.get("event_time")
    return AppRemoved(
        key=key,
        platform=PLATFORM,
        workspace=workspace or (named.workspace if named else ""),
        actor=Actor(user=""),
        place=Place(kind=PlaceKind.HOME),
        installation=named.external_id if named else "",
        at=datetime.fromtimestamp(at, UTC) if isinstance(at, int) and at > 0 else None,
    )


def _parse_message(event: Payload, *, workspace: str, bot_users: frozenset[str]) -> Event | None:
    if event.get("subtype") not in _WRITTEN or event.get("bot_id") or not event.get("user"):
        return None
    channel, ts = str(event["channel"]), str(event["ts"])
    is_direct = event.get("channel_type") == "im" or channel.startswith("D")
    text = str(event.get("text") or "")
    actor = Actor(
        user=str(event["user"]), workspace=_text(event.get("user_team") or event.get("team"))
    )
    thread = _text(event.get("thread_ts"))
    place = Place(
        kind=PlaceKind.DIRECT if is_direct else PlaceKind.CHANNEL, channel=channel, thread=thread
    )
    # A mention comes as two events with two ids: they share the channel and the moment.
    key = f"slack:{channel}:{ts}"
    said = _without_mention(text, bot_users)
    if said is None and not is_direct:
        return MessagePosted(
            key=key,
            platform=PLATFORM,
            workspace=workspace,
            actor=actor,
            place=place,
            message=ts,
            text=text,
        )
    return CommandInvoked(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=actor,
        place=place,
        via=Via.DIRECT if is_direct else Via.MENTION,
        text=_unescape(text if said is None else said),
        files=_files(event) if is_direct else (),
    )


def _files(event: Payload) -> tuple[SharedFile, ...]:
    """What was sent along. Slack may send no more than an id of files from another workspace."""
    return tuple(
        SharedFile(file=str(file["id"]), name=str(file.get("name") or ""))
        for file in (event.get("files") or ())[:5]
        if isinstance(file, Mapping) and file.get("id")
    )


_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


_ADJOINING = re.compile(r"\s*" + _MENTION.pattern)


def _without_mention(text: str, bot_users: frozenset[str]) -> str | None:
    """The text without its first mention of Entente; None if there is none. Two installations in
    a channel are two users, and somebody may name both in one breath."""
    for match in _MENTION.finditer(text):
        if match.group(1) in bot_users:
            rest = text[match.end() :]
            while (other := _ADJOINING.match(rest)) and other.group(1) in bot_users:
                rest = rest[other.end() :]
            return (text[: match.start()] + rest).strip()
    return None


def get_mentioned(text: str, bot_users: frozenset[str]) -> str | None:
    """Which of Entente's users a text mentions first."""
    found = (match.group(1) for match in _MENTION.finditer(text))
    return next((user for user in found if user in bot_users), None)


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text(value: object) -> str | None:
    return str(value) if value else None


def _parse_change(
    event: Payload, change: ChannelChange, *, key: str, workspace: str
) -> Event | None:
    channel, value = event.get("channel"), None
    if isinstance(channel, Mapping):
        channel, value = channel["id"], channel.get("name")
    if change == ChannelChange.MOVED:
        channel, value = event["old_channel_id"], event["new_channel_id"]
    if not channel:
        return None
    return ChannelChanged(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=str(event.get("user") or "")),
        place=Place(kind=PlaceKind.CHANNEL, channel=str(channel)),
        change=change,
        value=_text(value),
    )


def _parse_reaction(
    event: Payload, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    if event["item"]["type"] != "message":
        return None
    return ReactionAdded(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=str(event["user"])),
        place=Place(kind=PlaceKind.CHANNEL, channel=str(event["item"]["channel"])),
        message=str(event["item"]["ts"]),
        emoji=str(event["reaction"]),
    )


def _parse_membership(
    event: Payload, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    joined = event["type"] == "member_joined_channel"
    kind = MemberJoined if joined else MemberLeft
    user = str(event["user"])
    return kind(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=user, workspace=_text(event.get("team"))),
        place=Place(kind=PlaceKind.CHANNEL, channel=str(event["channel"])),
        is_self=user in bot_users,
    )


def _parse_home(
    event: Payload, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    if event.get("tab", "home") != "home" or not event.get("user"):
        return None
    return HomeOpened(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=str(event["user"])),
        place=Place(kind=PlaceKind.HOME),
    )


def _parse_account(
    event: Payload, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    user = event["user"]
    return AccountChanged(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=""),
        place=Place(kind=PlaceKind.HOME),
        user=str(user["id"]),
        is_active=not user.get("deleted"),
    )


def _parse_newcomer(
    event: Payload, key: str, workspace: str, bot_users: frozenset[str]
) -> Event | None:
    user = event["user"]
    return WorkspaceJoined(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=str(user["id"]), workspace=_text(user.get("team_id"))),
        place=Place(kind=PlaceKind.HOME),
    )


_EVENTS: dict[str, Callable[[Payload, str, str, frozenset[str]], Event | None]] = {
    "reaction_added": _parse_reaction,
    "member_joined_channel": _parse_membership,
    "member_left_channel": _parse_membership,
    "app_home_opened": _parse_home,
    "team_join": _parse_newcomer,
    "user_change": _parse_account,
}


def _parse_slash(body: Payload, *, key: str, workspace: str) -> Event | None:
    channel = str(body.get("channel_id") or "")
    if not body.get("user_id"):
        return None
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    return CommandInvoked(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=Actor(user=str(body["user_id"]), workspace=_text(body.get("team_id"))),
        place=Place(kind=kind, channel=channel),
        via=Via.SLASH,
        text=_unescape(str(body.get("text") or "")),
        trigger=_text(body.get("trigger_id")),
    )


def _actor(body: Payload) -> Actor:
    user = body["user"]
    return Actor(user=str(user["id"]), workspace=_text(user.get("team_id")))


def _place(body: Payload) -> Place:
    view = body.get("view")
    if view:
        kind = PlaceKind.HOME if view.get("type") == "home" else PlaceKind.FORM
        return Place(kind=kind)
    channel = str((body.get("channel") or {}).get("id") or "")
    kind = PlaceKind.DIRECT if channel.startswith("D") else PlaceKind.CHANNEL
    container = body.get("container") or {}
    return Place(kind=kind, channel=channel or None, thread=_text(container.get("thread_ts")))


def _parse_action(body: Payload, key: str, workspace: str) -> Event | None:
    action = body["actions"][0]
    view = body.get("view") or {}
    action_id = str(action["action_id"])
    if view.get("type") == "modal" and action.get("block_id") == action_id:
        # An input of an open form has its name as both ids (adapters/slack/render.py).
        return FormChanged(
            key=key,
            platform=PLATFORM,
            workspace=workspace,
            actor=_actor(body),
            place=_place(body),
            form=str(view.get("callback_id") or ""),
            values=_values(view),
            context=_context(view),
        )
    return ButtonPressed(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=_actor(body),
        place=_place(body),
        action=strip_suffix(action_id),
        value=_value(action),
        message=_text((body.get("container") or {}).get("message_ts")),
        trigger=_text(body.get("trigger_id")),
    )


def _value(action: Payload) -> str:
    chosen = action.get("selected_option")
    return str((chosen or {}).get("value") or "") if chosen else str(action.get("value") or "")


def _context(view: Payload) -> dict[str, str]:
    try:
        found = orjson.loads(view.get("private_metadata") or "{}")
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(name): str(value) for name, value in _clean(found).items()}


def _values(view: Payload) -> dict[str, FormValue]:
    """What the inputs hold: a text, several, or nothing."""
    return {
        name: _form_value(value) for name, value in read_values(view["state"]["values"]).items()
    }


def _form_value(value: object) -> FormValue:
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    return _text(value)


def _parse_submission(body: Payload, key: str, workspace: str) -> Event | None:
    view = body["view"]
    if view.get("type") != "modal" or not view.get("callback_id"):
        return None
    return FormSubmitted(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=_actor(body),
        place=Place(kind=PlaceKind.FORM),
        form=str(view.get("callback_id") or ""),
        values=_values(view),
        context=_context(view),
    )


def _parse_shortcut(body: Payload, key: str, workspace: str) -> Event | None:
    message = body["message"]
    place = replace(_place(body), thread=_text(message.get("thread_ts")))
    return ShortcutInvoked(
        key=key,
        platform=PLATFORM,
        workspace=workspace,
        actor=_actor(body),
        place=place,
        shortcut=str(body["callback_id"]),
        message=str(message["ts"]),
        text=to_plain(str(message.get("text") or "")),
        trigger=_text(body.get("trigger_id")),
    )


_INTERACTIVE: dict[str, Callable[[Payload, str, str], Event | None]] = {
    "block_actions": _parse_action,
    "view_submission": _parse_submission,
    "message_action": _parse_shortcut,
}
