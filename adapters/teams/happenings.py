"""What happens to teams and channels, and who comes and goes there."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from adapters.teams.directory import PERSONAL
from adapters.teams.names import compact, get_user, split_thread
from adapters.teams.origin import BROKEN, clean, get_data, get_kind, read_common
from adapters.teams.prose import Payload, Users
from bot.core.events import (
    Actor,
    ChannelChange,
    ChannelChanged,
    Event,
    MemberJoined,
    MemberLeft,
    Place,
    PlaceKind,
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
    return str(get_data(payload).get("eventType") or "").casefold()


def get_team_change(payload: Payload) -> ChannelChange | None:
    """What happened to a whole team, or to a group chat, if this tells of such a thing."""
    if payload["type"] == "installationUpdate":
        return None if is_departure(payload) else ChannelChange.INSTALLED_ANEW
    return (
        TEAM_CHANGES.get(get_update(payload)) if payload["type"] == "conversationUpdate" else None
    )


def parse_update(payload: Payload, users: Users) -> Iterator[Event]:
    """The events in an update of a conversation."""
    update = get_update(payload)
    if update in _CHANGES:
        yield from _parse_change(payload, _CHANGES[update])
        return
    if get_kind(payload) != PERSONAL:
        yield from _parse_moves(payload, users)


def _parse_moves(payload: Payload, users: Users) -> Iterator[MemberJoined | MemberLeft]:
    me = (payload.get("recipient") or {}).get("id")
    for kind, names in ((MemberJoined, "membersAdded"), (MemberLeft, "membersRemoved")):
        for number, account in enumerate(payload.get(names) or ()):
            user = _get_moved(account, users, me)
            if user is not None:
                yield kind(
                    **read_common(payload, suffix=f":{names}:{number}")
                    | {"actor": Actor(user=user)},
                    is_self=account.get("id") == me,
                )


def _get_moved(account: Payload, users: Users, me: object) -> str | None:
    """Our id of somebody who joined or left. Teams may leave out the one in their directory; under
    its own they would be somebody else than when they act, so that nobody is better."""
    if account.get("aadObjectId") or account.get("objectId") or account.get("id") == me:
        return get_user(account)
    return users.get(str(account["id"]))


def _parse_change(payload: Payload, change: ChannelChange) -> Iterator[Event]:
    channel = get_data(payload).get("channel") or {}
    identifier = channel.get("id") or split_thread(str(payload["conversation"]["id"]))[0]
    name = channel.get("name") if change == ChannelChange.RENAMED else None
    place = Place(kind=PlaceKind.CHANNEL, channel=compact(str(identifier)))
    yield ChannelChanged(
        **read_common(payload) | {"place": place}, change=change, value=name or None
    )


def make_moves(payload: Payload, users: Users, channels: list[str]) -> tuple[Event, ...]:
    """Who joined or left a team, for each of these channels of it."""
    try:
        moves = list(_parse_moves(clean(payload), users))
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
    """What happened to a team, for each of its channels; or to a group chat."""
    try:
        change = get_team_change(payload)
        if change is None:
            return ()
        team = get_data(payload).get("team") or {}
        name = str(team.get("name") or "") if change == ChannelChange.TEAM_RENAMED else ""
        return tuple(
            ChannelChanged(
                **read_common(payload, suffix=f":{channel[-40:]}")
                | {"place": Place(kind=PlaceKind.CHANNEL, channel=channel)},
                change=change,
                value=name or None,
            )
            for channel in channels
        )
    except BROKEN:
        return ()


def is_arrival(payload: Payload) -> bool:
    """Whether Entente was added to where this comes from."""
    try:
        me = payload["recipient"]["id"]
        return any(who["id"] == me for who in payload.get("membersAdded") or ())
    except BROKEN:
        return False


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
                **read_common(payload, suffix=f":{channel[-40:]}")
                | {"place": Place(kind=PlaceKind.CHANNEL, channel=channel)},
                is_self=True,
            )
            for channel in channels
        )
    except BROKEN:
        return ()
