"""The methods chat.* and reactions.*: what the bot says."""

import re
from bisect import bisect_left

from .errors import ApiError
from .records import Channel, Installation, Json, Member, Message
from .registry import Request, method
from .validate import fill_ids, validate_message
from .world import World

CONTENT = ("text", "markdown_text", "blocks", "attachments", "metadata")


def render_message(message: Message) -> Json:
    """A message as the Web API and events show it."""
    rendered: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": message.team,
    }
    optional = {
        "bot_id": message.bot_id,
        "client_msg_id": message.client_msg_id,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "reactions": [
            {"name": name, "users": list(users), "count": len(users)}
            for name, users in message.reactions.items()
            if users
        ],
    }
    rendered.update({key: value for key, value in optional.items() if value})
    return rendered


def target_channel(request: Request) -> Channel:
    """Where a message goes: a conversation the bot is in, or the DM of a user."""
    world, name = request.world, request.text("channel")
    if name in world.members:
        return world.dm(open_to(request, "channel"), request.caller)
    channel = request.channel()
    if channel.is_archived:
        raise ApiError("is_archived")
    return request.own_channel()


def open_to(request: Request, key: str) -> Member:
    """The person whom the bot may write to: a colleague, or someone in a shared channel."""
    member = request.member(key, "channel_not_found")
    if member.is_bot:
        raise ApiError("cannot_dm_bot")
    stranger = member.team is not request.caller.team
    if stranger and not request.world.share_a_channel(member, request.caller):
        raise ApiError("channel_not_found")
    return member


def store_message(
    world: World, channel: Channel, caller: Installation, arguments: Json, to: str | None = None
) -> Message:
    """Record what the bot says, checked; `to` makes it ephemeral."""
    message = Message(
        channel,
        world.new_ts(),
        caller.bot.id,
        "",
        caller.team.id,
        bot_id=caller.bot_id,
        ephemeral_to=to,
        thread_ts=arguments.get("thread_ts"),
        arguments=arguments,
    )
    write_content(world, message, arguments)
    world.messages.append(message)
    if to is None:
        for hook in world.on_post:
            hook(message)
    return message


def write_content(world: World, message: Message, arguments: Json) -> None:
    """Put text, blocks, attachments and metadata into a message, checked."""
    validate_message(arguments)
    blocks = arguments.get("blocks") or []
    if blocks and not arguments.get("text"):
        world.object("a message with blocks and no text: notifications and readers get nothing")
    message.text = arguments.get("text") or arguments.get("markdown_text") or ""
    message.blocks = fill_ids(blocks, lambda: world.new_secret()[:5])
    message.attachments = arguments.get("attachments") or []
    message.metadata = arguments.get("metadata") or message.metadata


def check_thread(request: Request, channel: Channel) -> None:
    """Slack takes any well-formed thread_ts; one of no message is the client's mistake."""
    ts = request.text("thread_ts")
    if ts and not re.fullmatch(r"\d{1,10}\.\d{6}", ts):
        raise ApiError("invalid_thread_ts")
    if ts and request.world.message_at(channel, ts) is None:
        request.world.object(f"thread_ts {ts} is of no message in {channel.id}")


@method("chat.postMessage", "channel", scope="chat:write")
def post_message(request: Request) -> Json:
    channel = target_channel(request)
    check_thread(request, channel)
    message = store_message(request.world, channel, request.caller, request.arguments)
    return {"channel": channel.id, "ts": message.ts, "message": render_message(message)}


@method("chat.postEphemeral", "channel", "user", scope="chat:write")
def post_ephemeral(request: Request) -> Json:
    channel = request.channel()
    if channel.is_archived:
        raise ApiError("is_archived")
    request.own_channel()
    reader = request.member(error="user_not_found")
    if reader.id not in channel.members:
        raise ApiError("user_not_in_channel")
    message = store_message(request.world, channel, request.caller, request.arguments, to=reader.id)
    return {"message_ts": message.ts}


def own_message(request: Request, error: str) -> Message:
    """A message that this bot wrote."""
    message = request.world.message_at(request.channel(), request.text("ts"))
    if message is None:
        raise ApiError("message_not_found")
    if message.bot_id != request.caller.bot_id:
        raise ApiError(error)
    return message


@method("chat.update", "channel", "ts", scope="chat:write")
def update_message(request: Request) -> Json:
    message = own_message(request, "cant_update_message")
    if message.channel.is_archived:
        raise ApiError("is_inactive")
    change_message(request.world, message, request.arguments)
    rendered = render_message(message)
    return {
        "channel": message.channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": rendered,
    }


def change_message(world: World, message: Message, arguments: Json) -> None:
    """Write new content; blocks stay when only the text is given, as with chat.update."""
    content = {key: arguments[key] for key in CONTENT if arguments.get(key) is not None}
    write_content(world, message, content)
    message.edited = {"user": message.user, "ts": world.new_ts()}


@method("chat.delete", "channel", "ts", scope="chat:write")
def delete_message(request: Request) -> Json:
    message = own_message(request, "cant_delete_message")
    message.deleted = True
    return {"channel": message.channel.id, "ts": message.ts}


@method("chat.getPermalink", "channel", "message_ts", takes_json=False)
def get_permalink(request: Request) -> Json:
    channel, ts = request.channel(), request.text("message_ts")
    message = request.world.message_at(channel, ts)
    if message is None:
        raise ApiError("message_not_found")
    address = f"https://{channel.team.domain}.slack.com/archives/{channel.id}"
    thread = f"?thread_ts={message.thread_ts}&cid={channel.id}" if message.thread_ts else ""
    return {
        "channel": channel.id,
        "permalink": f"{address}/p{ts.replace('.', '')}{thread}",
    }


def reacted_message(request: Request) -> tuple[Message, str]:
    """The message and the name of the emoji in a call of reactions.*."""
    name = request.text("name")
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", name):
        raise ApiError("invalid_name")
    message = request.world.message_at(request.own_channel(), request.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    return message, name


@method("reactions.add", "channel", "name", "timestamp", scope="reactions:write")
def add_reaction(request: Request) -> Json:
    message, name = reacted_message(request)
    users = message.reactions.setdefault(name, [])
    if request.caller.bot.id in users:
        raise ApiError("already_reacted")
    users.append(request.caller.bot.id)
    return {}


@method("reactions.remove", "name", scope="reactions:write")
def remove_reaction(request: Request) -> Json:
    message, name = reacted_message(request)
    users = message.reactions.get(name, [])
    if request.caller.bot.id not in users:
        raise ApiError("no_reaction")
    users.remove(request.caller.bot.id)
    return {}


def rate_of(world: World, channel: Channel) -> int:
    """The most messages that bots posted to a channel within any one second."""
    times = sorted(
        float(m.ts) for m in world.messages if m.channel is channel and m.by_bot and m.arguments
    )
    return max((end + 1 - bisect_left(times, t - 1.0) for end, t in enumerate(times)), default=0)
