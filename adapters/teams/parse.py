"""From Teams' activities to events. Whatever is not understood is no event, never an exception."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from adapters.teams import fields
from adapters.teams.directory import PERSONAL, Conversation, Person
from adapters.teams.files import read_files
from adapters.teams.happenings import parse_update
from adapters.teams.kept import OPENS
from adapters.teams.origin import (
    BROKEN,
    clean,
    get_kind,
    get_tenant,
    read_common,
    read_conversation,
    read_person,
    to_text,
)
from adapters.teams.prose import (
    Payload,
    Users,
    get_mentions,
    read_command,
    read_posted,
    to_words,
)
from bot.core.events import (
    AppInstalled,
    ButtonPressed,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MessagePosted,
    Place,
    PlaceKind,
    ReactionAdded,
    ShortcutInvoked,
    Via,
)

DIALOG: Final = "dialog"
"""The trigger of an invoke in whose answer a form can be opened."""

_TAG: Final = re.compile(r"<[^>]*>")
_HOME: Final = frozenset({"home", "start"})


def parse(payload: Payload, users: Users | None = None) -> tuple[Event, ...]:
    """The events in an activity; none if there is nothing that concerns us."""
    try:
        return tuple(_parse(clean(payload), users or {}))
    except BROKEN:
        return ()


def parse_sighting(payload: Payload) -> tuple[Conversation, Person | None] | None:
    """Where an activity comes from, and who is behind it; None if it doesn't say."""
    try:
        payload = clean(payload)
        conversation = read_conversation(payload)
        return (conversation, read_person(payload, conversation)) if conversation else None
    except BROKEN:
        return None


def parse_mentioned(payload: Payload) -> tuple[str, ...]:
    """Teams' ids of the people whom a message mentions, without Entente."""
    try:
        me = payload["recipient"]["id"]
        accounts = [str(e["mentioned"]["id"]) for e in get_mentions(payload)]
    except BROKEN:
        return ()
    return tuple(a for a in dict.fromkeys(accounts) if a != me and not a.startswith("19:"))[:20]


def parse_picked(payload: Payload) -> tuple[str, ...]:
    """The people chosen in the inputs of a form that was sent off."""
    try:
        found = payload["value"]["data"]
        return fields.read_people(found) if isinstance(found, Mapping) else ()
    except BROKEN:
        return ()


def parse_kept(payload: Payload) -> str | None:
    """The name of the line whose button was pressed to read what waits; None for all else."""
    try:
        if payload["type"] != "invoke" or payload.get("name") != "task/fetch":
            return None
        mark = fields.read_mark(payload["value"]["data"])
    except BROKEN:
        return None
    return str(mark.get(fields.VALUE) or "") if mark.get(fields.FORM) == OPENS else None


def parse_added(payload: Payload) -> tuple[str, ...]:
    """Teams' ids of the people who joined, without Entente."""
    return _parse_accounts(payload, "membersAdded")


def parse_removed(payload: Payload) -> tuple[str, ...]:
    """Teams' ids of the people who left, without Entente."""
    return _parse_accounts(payload, "membersRemoved")


def _parse_accounts(payload: Payload, names: str) -> tuple[str, ...]:
    try:
        me = payload["recipient"]["id"]
        accounts = [str(account["id"]) for account in payload.get(names) or ()]
    except BROKEN:
        return ()
    return tuple(account for account in dict.fromkeys(accounts) if account != me)[:20]


# What happened


def _parse(payload: Payload, users: Users) -> Iterator[Event]:
    if not get_tenant(payload):
        return
    parser = _KINDS.get(str(payload["type"]))
    if parser is not None:
        yield from parser(payload, users)


def _parse_message(payload: Payload, users: Users) -> Iterator[Event]:
    if not (payload.get("from") or {}).get("id") or not payload.get("id"):
        return
    mark = fields.read_mark(payload.get("value"))
    if mark:
        yield from _parse_press(payload, payload["value"], mark, trigger=None)
        return
    said, is_for_us = read_command(payload, users)
    common = read_common(payload)
    if common["place"].kind == PlaceKind.DIRECT:
        if said.casefold() in _HOME:
            yield HomeOpened(**common | {"place": Place(kind=PlaceKind.HOME)})
        else:
            files = read_files(payload)
            yield CommandInvoked(**common, via=Via.DIRECT, text=said, files=files)
    elif is_for_us:
        yield CommandInvoked(**common, via=Via.MENTION, text=said)
    else:
        text = read_posted(payload) or said
        yield MessagePosted(**common, message=to_text(payload["id"]) or "", text=text)


def _parse_press(
    payload: Payload, values: Payload, mark: Payload, *, trigger: str | None
) -> Iterator[Event]:
    value = str(mark.get(fields.VALUE) or "")
    if fields.MENU in mark:
        value = fields.decode_option(str(values.get(str(mark[fields.MENU])) or ""))
        if not value:
            return
    action = str(mark.get(fields.ACTION) or mark.get(fields.FORM) or "")
    if not action:
        return
    yield ButtonPressed(
        **read_common(payload),
        action=action,
        value=value,
        message=to_text(payload.get("replyToId")),
        trigger=trigger,
    )


def _parse_invoke(payload: Payload, users: Users) -> Iterator[Event]:
    value = payload.get("value") or {}
    name = payload.get("name")
    if name == "adaptiveCard/action":
        given = value["action"].get("data") or {}
        yield from _parse_press(payload, given, fields.read_mark(given), trigger=None)
    elif name == "task/fetch":
        given = value.get("data") or {}
        yield from _parse_press(payload, given, fields.read_mark(given), trigger=DIALOG)
    elif name in {"task/submit", "composeExtension/submitAction"}:
        yield from _parse_submission(payload, value.get("data") or {}, users)
    elif name == "composeExtension/fetchTask":
        yield from _parse_shortcut(payload, value)


def _parse_submission(payload: Payload, given: Payload, users: Users) -> Iterator[Event]:
    mark = fields.read_mark(given)
    common = read_common(payload) | {"place": Place(kind=PlaceKind.FORM)}
    if fields.OPENED not in mark:
        for event in _parse_press(payload, given, mark, trigger=DIALOG):
            assert isinstance(event, ButtonPressed)  # noqa: S101 - all it yields
            yield ButtonPressed(
                **common, action=event.action, value=event.value, trigger=event.trigger
            )
        return
    context = mark.get(fields.CONTEXT)
    values = fields.read_values(given)
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = tuple(users.get(each, each) for each in value)
    kind = FormChanged if mark.get(fields.CHANGED) else FormSubmitted
    yield kind(
        **common,
        form=str(mark.get(fields.FORM) or ""),
        values=values,
        context={str(k): str(v) for k, v in context.items()} if context else {},
    )


def _parse_shortcut(payload: Payload, value: Payload) -> Iterator[Event]:
    message = value.get("messagePayload") or {}
    if not message.get("id") or not value.get("commandId"):
        return
    body = message.get("body") or {}
    text = str(body.get("content") or "")
    if body.get("contentType") == "html":
        text = re.sub(r"<(br|/p|/div)\s*/?>", "\n", re.sub(r"<at\b[^>]*>", "@", text))
        text = to_words(_TAG.sub("", text)).strip()
    yield ShortcutInvoked(
        **read_common(payload),
        shortcut=str(value["commandId"]),
        message=to_text(message["id"]) or "",
        text=text,
        trigger=DIALOG,
    )


def _parse_reactions(payload: Payload, users: Users) -> Iterator[Event]:
    if not payload.get("replyToId") or not (payload.get("from") or {}).get("id"):
        return
    for number, reaction in enumerate(payload.get("reactionsAdded") or ()):
        yield ReactionAdded(
            **read_common(payload, suffix=f":{number}"),
            message=to_text(payload["replyToId"]) or "",
            emoji=str(reaction.get("type") or ""),
        )


def _parse_installation(payload: Payload, users: Users) -> Iterator[Event]:
    if payload.get("action") not in {"add", "add-upgrade"}:
        return
    yield AppInstalled(**read_common(payload))
    if get_kind(payload) == PERSONAL and payload["action"] == "add":
        common = read_common(payload, suffix=":home")
        yield HomeOpened(**common | {"place": Place(kind=PlaceKind.HOME)})


_KINDS: Final[dict[str, Callable[[Payload, Users], Iterator[Event]]]] = {
    "message": _parse_message,
    "invoke": _parse_invoke,
    "messageReaction": _parse_reactions,
    "conversationUpdate": parse_update,
    "installationUpdate": _parse_installation,
}
