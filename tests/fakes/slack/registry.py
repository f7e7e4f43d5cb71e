"""The Web API's methods: their names, required arguments, scopes, and how a call runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .records import Channel, Installation, Json, Member
from .world import World

# What a client cannot foresee is no fault of its own; these refusals are.
CLIENT_FAULTS = frozenset(
    {
        "unknown_method",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "no_text",
        "msg_too_long",
        "invalid_metadata_format",
        "not_in_channel",
        "missing_scope",
        "not_authed",
        "invalid_auth",
        "not_allowed_token_type",
        "exchanged_trigger_id",
        "invalid_trigger_id",
        "view_too_large",
        "invalid_cursor",
        "invalid_name",
        "push_limit_reached",
        "cant_update_message",
        "invalid_form_data",
    }
)


@dataclass(frozen=True)
class Request:
    """One call of a method: whose token, and with what."""

    world: World
    caller: Installation
    arguments: Json

    def text(self, key: str, default: str = "") -> str:
        """An argument as text."""
        value = self.arguments.get(key)
        return default if value is None else str(value)

    def flag(self, key: str) -> bool:
        """An argument as a boolean, in any of the spellings of forms and JSON."""
        return str(self.arguments.get(key, "")).lower() in ("1", "true")

    def number(self, key: str, default: int, most: int) -> int:
        """A limit: a positive number, and no larger than `most`."""
        value = self.text(key, str(default))
        if not value.isdecimal() or int(value) < 1:
            raise ApiError("invalid_arguments", f"[ERROR] {key} must be a positive number")
        return min(int(value), most)

    def page(self, rows: list[Any], limit: int) -> tuple[list[Any], Json]:
        """One page of rows by `cursor`, and the metadata that points to the next."""
        cursor = self.text("cursor")
        if cursor and not (cursor.startswith("next:") and cursor[5:].isdecimal()):
            raise ApiError("invalid_cursor")
        start = int(cursor[5:]) if cursor else 0
        end = start + limit
        following = f"next:{end}" if end < len(rows) else ""
        return rows[start:end], {"next_cursor": following}

    def channel(self, key: str = "channel") -> Channel:
        """The conversation an argument names, if the caller can see it."""
        channel = self.world.channels.get(self.text(key))
        if channel is None or not self.sees(channel):
            raise ApiError("channel_not_found")
        return channel

    def sees(self, channel: Channel) -> bool:
        """Whether the caller's workspace has a conversation and its bot may know of it."""
        if self.caller.bot.id in channel.members:
            return True
        here = self.caller.team in (channel.team, *channel.shared_with)
        return here and channel.kind == "channel" and not channel.is_private

    def own_channel(self, key: str = "channel") -> Channel:
        """A conversation that the bot is in."""
        channel = self.channel(key)
        if self.caller.bot.id not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def member(self, key: str = "user", error: str = "user_not_found") -> Member:
        """The person an argument names, if the caller's workspace can know of them."""
        member = self.world.members.get(self.text(key))
        if member is None or not self.knows(member):
            raise ApiError(error)
        return member

    def knows(self, member: Member) -> bool:
        """Whether a person is a colleague, or of an organisation that shares a channel."""
        if member.team is self.caller.team:
            return True
        return any(
            {member.team, self.caller.team} <= {channel.team, *channel.shared_with}
            for channel in self.world.channels.values()
        )


Handler = Callable[[Request], Json]


@dataclass(frozen=True)
class Method:
    """A method: `takes_json` is false where Slack reads forms and query strings only."""

    name: str
    run: Handler
    required: tuple[str, ...]
    scope: str
    takes_json: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, *required: str, scope: str = "", takes_json: bool = True
) -> Callable[[Handler], Handler]:
    """Register a handler under a method's name; `scope` may list alternatives."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(name, handler, required, scope, takes_json)
        return handler

    return register


def check_scope(chosen: Method, caller: Installation) -> None:
    """Refuse a method whose scopes the token has none of."""
    if chosen.scope and not caller.scopes & set(chosen.scope.split()):
        provided = ",".join(sorted(caller.scopes))
        raise ApiError("missing_scope", needed=chosen.scope, provided=provided)


def check_required(chosen: Method, arguments: Json) -> None:
    """Refuse a call in which a required argument is missing or empty."""
    missing = [key for key in chosen.required if arguments.get(key) in (None, "")]
    if missing:
        lines = [f"[ERROR] missing required field: {key}" for key in missing]
        raise ApiError("invalid_arguments", *lines)
