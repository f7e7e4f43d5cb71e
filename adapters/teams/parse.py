"""From Teams' activities to events. Whatever is not understood is no event, never an exception."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.teams import fields
from adapters.teams.directory import CHANNEL, GROUP, PERSONAL, Conversation, Person
from adapters.teams.kept import OPENS
from adapters.teams.names import PLATFORM, compact, get_user, make_key, split_thread
from adapters.teams.prose import (
    Payload,
    Users,
    get_mentions,
    read_command,
    read_posted,
    to_words,
)
from bot.core.events import (
    Actor,
    AppInstalled,
    ButtonPressed,
    ChannelChange,
    ChannelChanged,
    CommandInvoked,
    Event,
    FormChanged,
    FormSubmitted,
    HomeOpened,
    MemberJoined,
    MemberLeft,
    MessagePosted,
    Place,
    PlaceKind,
    ReactionAdded,
    ShortcutInvoked,
    Via,
)

DIALOG: Final = "dialog"
"""The trigger of an invoke in whose answer a form can be opened."""

BROKEN: Final = (LookupError, TypeError, AttributeError, ValueError, RecursionError)

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_TAG: Final = re.compile(r"<[^>]*>")
_HOME: Final = frozenset({"home", "start"})


def parse(payload: Payload, users: Users | None = None) -> tuple[Event, ...]:
    """The events in an activity; none if there is nothing that concerns us."""
    try:
        clean = _clean(payload)
        return tuple(_parse(clean, users or {}))
    except BROKEN:
        return ()


def parse_sighting(payload: Payload) -> tuple[Conversation, Person | None] | None:
    """Where an activity comes from, and who is behind it; None if it doesn't say."""
    try:
        payload = _clean(payload)
        conversation = _conversation(payload)
        return (conversation, _person(payload, conversation)) if conversation else None
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


def _clean(value: Any) -> Any:
    """The same JSON without characters that cannot be stored."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {str(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


# Where and who


def _data(payload: Payload) -> Payload:
    found = payload.get("channelData")
    return found if isinstance(found, Mapping) else {}


def get_tenant(payload: Payload) -> str:
    """The tenant in which it happened: `conversation.tenantId` is not always there."""
    tenant = _data(payload).get("tenant")
    found = tenant.get("id") if isinstance(tenant, Mapping) else None
    return compact(str(found or payload["conversation"].get("tenantId") or ""))


def _kind(payload: Payload) -> str:
    conversation = payload["conversation"]
    kind = conversation.get("conversationType")
    if kind in {PERSONAL, CHANNEL, GROUP}:
        return str(kind)
    if _data(payload).get("team") or _data(payload).get("channel"):
        return CHANNEL
    return GROUP if conversation.get("isGroup") else PERSONAL


def _conversation(payload: Payload) -> Conversation | None:
    base, _ = split_thread(str(payload["conversation"]["id"]))
    tenant, kind, data = get_tenant(payload), _kind(payload), _data(payload)
    if not base or not tenant:
        return None
    team = data.get("team") or {}
    channel = data.get("channel") or {}
    name = channel.get("name") if kind == CHANNEL else payload["conversation"].get("name")
    return Conversation(
        id=get_user(payload["from"]) if kind == PERSONAL else compact(base),
        real_id=base,
        kind=kind,
        tenant=tenant,
        service_url=str(payload["serviceUrl"])[:200],
        bot=str((payload.get("recipient") or {}).get("id") or "")[:120],
        team=_text(team.get("id")),
        group=_text(team.get("aadGroupId")),
        name=str(name)[:120] if name else None,
    )


def _person(payload: Payload, conversation: Conversation) -> Person | None:
    sender = payload.get("from") or {}
    account = str(sender.get("id") or "")
    if not account or account == conversation.bot:
        return None
    is_personal = conversation.kind == PERSONAL
    return Person(
        person=get_user(sender),
        account=account[:200],
        tenant=conversation.tenant,
        service_url=conversation.service_url,
        home=conversation.tenant if is_personal else None,
        zone=_zone(payload),
        seen_in=conversation.real_id,
        direct=conversation.real_id if is_personal else None,
        direct_url=conversation.service_url if is_personal else None,
    )


def _zone(payload: Payload) -> str | None:
    told = payload.get("localTimezone")
    for entity in payload.get("entities") or ():
        if entity.get("type") == "clientInfo":
            told = told or entity.get("timezone")
    return str(told) if told and _is_zone(str(told)) else None


@lru_cache(maxsize=512)
def _is_zone(name: str) -> bool:
    try:
        return len(name) <= 64 and bool(ZoneInfo(name).key)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False


def _text(value: object) -> str | None:
    return compact(str(value)) if value else None


def _place(payload: Payload) -> Place:
    if _kind(payload) == PERSONAL:
        return Place(kind=PlaceKind.DIRECT, channel=get_user(payload["from"]))
    base, thread = split_thread(str(payload["conversation"]["id"]))
    if thread == payload.get("id"):
        thread = None  # the first message of a thread names itself
    return Place(kind=PlaceKind.CHANNEL, channel=compact(base), thread=_text(thread))


def _common(payload: Payload, *, suffix: str = "") -> dict[str, Any]:
    conversation = str(payload["conversation"]["id"])
    sender = payload.get("from") or {}
    is_personal = _kind(payload) == PERSONAL
    tenant = get_tenant(payload)
    happening = str(payload.get("id") or payload.get("replyToId") or payload.get("timestamp") or "")
    return {
        "key": make_key(conversation, happening) + suffix,
        "platform": PLATFORM,
        "workspace": tenant,
        "actor": Actor(
            user=get_user(sender) if sender.get("id") else "",
            workspace=tenant if is_personal else None,
        ),
        "place": _place(payload),
    }


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
    common = _common(payload)
    if common["place"].kind == PlaceKind.DIRECT:
        if said.casefold() in _HOME:
            yield HomeOpened(**common | {"place": Place(kind=PlaceKind.HOME)})
        else:
            yield CommandInvoked(**common, via=Via.DIRECT, text=said)
    elif is_for_us:
        yield CommandInvoked(**common, via=Via.MENTION, text=said)
    else:
        text = read_posted(payload) or said
        yield MessagePosted(**common, message=_text(payload["id"]) or "", text=text)


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
        **_common(payload),
        action=action,
        value=value,
        message=_text(payload.get("replyToId")),
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
    common = _common(payload) | {"place": Place(kind=PlaceKind.FORM)}
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
        text = to_words(_TAG.sub("", re.sub(r"<(br|/p|/div)\s*/?>", "\n", text))).strip()
    yield ShortcutInvoked(
        **_common(payload),
        shortcut=str(value["commandId"]),
        message=_text(message["id"]) or "",
        text=text,
        trigger=DIALOG,
    )


def _parse_reactions(payload: Payload, users: Users) -> Iterator[Event]:
    if not payload.get("replyToId") or not (payload.get("from") or {}).get("id"):
        return
    for number, reaction in enumerate(payload.get("reactionsAdded") or ()):
        yield ReactionAdded(
            **_common(payload, suffix=f":{number}"),
            message=_text(payload["replyToId"]) or "",
            emoji=str(reaction.get("type") or ""),
        )


_CHANGES: Final = {
    "channelrenamed": ChannelChange.RENAMED,
    "channeldeleted": ChannelChange.DELETED,
    "channelrestored": ChannelChange.UNARCHIVED,
    "channelshared": ChannelChange.SHARED,
    "channelunshared": ChannelChange.UNSHARED,
}
TEAM_CHANGES: Final = {
    "teamarchived": ChannelChange.ARCHIVED,
    "teamunarchived": ChannelChange.UNARCHIVED,
    "teamrestored": ChannelChange.UNARCHIVED,
    "teamdeleted": ChannelChange.DELETED,
    "teamharddeleted": ChannelChange.DELETED,
    "teamrenamed": ChannelChange.TEAM_RENAMED,
}
"""What happens to a whole team, and so to each of its channels."""

TEAM_MOVES: Final = {
    "teammemberadded": frozenset({"standard"}),
    "teammemberremoved": frozenset({"standard", "private"}),
}
"""Who joins a team is in its standard channels; who leaves it, in none but shared ones."""


def get_update(payload: Payload) -> str:
    """What kind of update of a conversation this is, in small letters; empty if it doesn't say."""
    return str(_data(payload).get("eventType") or "").casefold()


def _parse_update(payload: Payload, users: Users) -> Iterator[Event]:
    update = get_update(payload)
    if update in _CHANGES:
        yield from _parse_change(payload, _CHANGES[update])
        return
    if _kind(payload) != PERSONAL:
        yield from _parse_moves(payload, users)


def _parse_moves(payload: Payload, users: Users) -> Iterator[MemberJoined | MemberLeft]:
    me = (payload.get("recipient") or {}).get("id")
    for kind, names in ((MemberJoined, "membersAdded"), (MemberLeft, "membersRemoved")):
        for number, account in enumerate(payload.get(names) or ()):
            user = _get_moved(account, users, me)
            if user is not None:
                yield kind(
                    **_common(payload, suffix=f":{names}:{number}") | {"actor": Actor(user=user)},
                    is_self=account.get("id") == me,
                )


def _get_moved(account: Payload, users: Users, me: object) -> str | None:
    """Our id of somebody who joined or left. Teams may leave out the one in their directory; under
    its own they would be somebody else than when they act, so that nobody is better."""
    if account.get("aadObjectId") or account.get("objectId") or account.get("id") == me:
        return get_user(account)
    return users.get(str(account["id"]))


def _parse_change(payload: Payload, change: ChannelChange) -> Iterator[Event]:
    channel = _data(payload).get("channel") or {}
    identifier = channel.get("id") or split_thread(str(payload["conversation"]["id"]))[0]
    name = channel.get("name") if change == ChannelChange.RENAMED else None
    place = Place(kind=PlaceKind.CHANNEL, channel=compact(str(identifier)))
    yield ChannelChanged(**_common(payload) | {"place": place}, change=change, value=name or None)


def make_moves(payload: Payload, users: Users, channels: list[str]) -> tuple[Event, ...]:
    """Who joined or left a team, for each of these channels of it."""
    try:
        moves = list(_parse_moves(_clean(payload), users))
    except BROKEN:
        return ()
    return tuple(
        replace(
            move,
            key=f"{move.key}:{channel[-40:]}"[:190],
            place=Place(kind=PlaceKind.CHANNEL, channel=channel),
        )
        for channel in channels
        for move in moves
    )


def make_changes(payload: Payload, channels: list[str]) -> tuple[Event, ...]:
    """What happened to a team, for each of its channels."""
    try:
        change = TEAM_CHANGES[get_update(payload)]
        team = _data(payload).get("team") or {}
        name = str(team.get("name") or "") if change == ChannelChange.TEAM_RENAMED else ""
        return tuple(
            ChannelChanged(
                **_common(payload, suffix=f":{channel[-40:]}")
                | {"place": Place(kind=PlaceKind.CHANNEL, channel=channel)},
                change=change,
                value=name or None,
            )
            for channel in channels
        )
    except BROKEN:
        return ()


def is_departure(payload: Payload) -> bool:
    """Whether Entente was removed from where this comes from. Teams tells of it twice: as an
    installation that ended, and as a member that left."""
    try:
        if payload["type"] == "installationUpdate":
            return str(payload.get("action")).startswith("remove")
        me = payload["recipient"]["id"]
        gone = payload.get("membersRemoved") or ()
        return payload["type"] == "conversationUpdate" and any(who["id"] == me for who in gone)
    except BROKEN:
        return False


def make_departures(payload: Payload, channels: list[str]) -> tuple[Event, ...]:
    """Entente was removed from a team, and so from each of its channels."""
    try:
        return tuple(
            MemberLeft(
                **_common(payload, suffix=f":{channel[-40:]}")
                | {"place": Place(kind=PlaceKind.CHANNEL, channel=channel)},
                is_self=True,
            )
            for channel in channels
        )
    except BROKEN:
        return ()


def _parse_installation(payload: Payload, users: Users) -> Iterator[Event]:
    if payload.get("action") not in {"add", "add-upgrade"}:
        return
    yield AppInstalled(**_common(payload))
    if _kind(payload) == PERSONAL and payload["action"] == "add":
        common = _common(payload, suffix=":home")
        yield HomeOpened(**common | {"place": Place(kind=PlaceKind.HOME)})


_KINDS: Final[dict[str, Callable[[Payload, Users], Iterator[Event]]]] = {
    "message": _parse_message,
    "invoke": _parse_invoke,
    "messageReaction": _parse_reactions,
    "conversationUpdate": _parse_update,
    "installationUpdate": _parse_installation,
}
