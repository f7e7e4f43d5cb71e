"""Where an activity comes from, who is behind it, and what every event says of that."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.teams.directory import CHANNEL, GROUP, PERSONAL, Conversation, Person
from adapters.teams.names import PLATFORM, compact, get_user, make_key, split_thread
from adapters.teams.prose import Payload
from bot.core.events import Actor, Place, PlaceKind

BROKEN: Final = (LookupError, TypeError, AttributeError, ValueError, RecursionError)
"""What is raised on the way through JSON that is not as Teams sends it."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def clean(value: Any) -> Any:
    """The same JSON without characters that cannot be stored."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, Mapping):
        return {str(name): clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner) for inner in value]
    return value


def get_data(payload: Payload) -> Payload:
    """What Teams adds to Bot Framework's activities."""
    found = payload.get("channelData")
    return found if isinstance(found, Mapping) else {}


def get_tenant(payload: Payload) -> str:
    """The tenant in which it happened: `conversation.tenantId` is not always there."""
    tenant = get_data(payload).get("tenant")
    found = tenant.get("id") if isinstance(tenant, Mapping) else None
    return compact(str(found or payload["conversation"].get("tenantId") or ""))


def get_kind(payload: Payload) -> str:
    """A chat, a group's chat or a channel."""
    conversation = payload["conversation"]
    kind = conversation.get("conversationType")
    if kind in {PERSONAL, CHANNEL, GROUP}:
        return str(kind)
    if get_data(payload).get("team") or get_data(payload).get("channel"):
        return CHANNEL
    is_among_people = conversation.get("isGroup") or str(conversation["id"]).startswith("19:")
    return GROUP if is_among_people else PERSONAL


def is_from_menu(payload: Payload) -> bool:
    """Whether it comes from the menu of a message: that is there in chats among people, too, in
    which Entente is not."""
    return str(payload.get("name") or "").startswith("composeExtension/")


def is_own_chat(payload: Payload) -> bool:
    """Whether it comes from a person's own chat with Entente."""
    return get_kind(payload) == PERSONAL and not is_from_menu(payload)


def read_conversation(payload: Payload) -> Conversation | None:
    """The conversation that an activity comes from; None if it doesn't say."""
    base, _ = split_thread(str(payload["conversation"]["id"]))
    tenant, kind, data = get_tenant(payload), get_kind(payload), get_data(payload)
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
        team=to_text(team.get("id")),
        group=to_text(team.get("aadGroupId")),
        name=str(name)[:120] if name else None,
    )


def read_person(payload: Payload, conversation: Conversation) -> Person | None:
    """Who is behind an activity; None if that is nobody."""
    sender = payload.get("from") or {}
    account = str(sender.get("id") or "")
    if not account or account == conversation.bot:
        return None
    is_personal = is_own_chat(payload)
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


def to_text(value: object) -> str | None:
    """An id as our tables hold it."""
    return compact(str(value)) if value else None


def read_place(payload: Payload) -> Place:
    """Where it happened, as events say it."""
    if get_kind(payload) == PERSONAL:
        return Place(kind=PlaceKind.DIRECT, channel=get_user(payload["from"]))
    base, thread = split_thread(str(payload["conversation"]["id"]))
    if thread == payload.get("id"):
        thread = None  # the first message of a thread names itself
    return Place(kind=PlaceKind.CHANNEL, channel=compact(base), thread=to_text(thread))


def read_common(payload: Payload, *, suffix: str = "") -> dict[str, Any]:
    """What all events have: their key, and where and by whom."""
    conversation = str(payload["conversation"]["id"])
    sender = payload.get("from") or {}
    is_personal = is_own_chat(payload)
    tenant = get_tenant(payload)
    happening = str(payload.get("id") or payload.get("replyToId") or payload.get("timestamp") or "")
    return {
        "key": make_key(conversation, happening) + suffix,
        "platform": PLATFORM,
        "workspace": tenant,
        "actor": Actor(
            user=get_user(sender) if sender.get("id") else "",
            workspace=tenant if is_personal else None,
            zone=_zone(payload),
        ),
        "place": read_place(payload),
    }
