"""The methods conversations.* and users.conversations: places and what was said in them."""

from .chat import open_to, render_message
from .errors import ApiError
from .records import Channel, Installation, Json, Member, Message
from .registry import Request, method

READ = "channels:read groups:read im:read mpim:read"
HISTORY = "channels:history groups:history im:history mpim:history"


def render_channel(channel: Channel, caller: Installation) -> Json:
    """A conversation as the Web API shows it to one installation."""
    if channel.is_im:
        return render_im(channel)
    teams = (channel.team, *channel.shared_with)
    own = caller.team.organisation
    internal = [team.id for team in teams if team.organisation == own] or [caller.team.id]
    others = dict.fromkeys(team.organisation for team in teams if team.organisation != own)
    nothing = {"value": "", "creator": "", "last_set": 0}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "created": channel.created,
        "creator": channel.members[0] if channel.members else "",
        "is_channel": channel.kind == "channel" and not channel.is_private,
        "is_group": channel.kind == "channel" and channel.is_private,
        "is_im": False,
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_member": caller.bot.id in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "pending_shared": [],
        "pending_connected_team_ids": [],
        "shared_team_ids": [team.id for team in teams],
        "internal_team_ids": internal if channel.is_ext_shared else [],
        "connected_team_ids": list(others),
        "conversation_host_id": channel.team.id,
        "context_team_id": caller.team.id,
        "unlinked": 0,
        "topic": nothing,
        "purpose": nothing,
        "previous_names": [],
    }


def render_im(channel: Channel) -> Json:
    """A direct message as the Web API shows it."""
    return {
        "id": channel.id,
        "created": channel.created,
        "user": channel.peer,
        "context_team_id": channel.team.id,
        "is_im": True,
        "is_archived": False,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_user_deleted": False,
    }


@method("conversations.info", "channel", scope=READ, takes_json=False)
def get_info(request: Request) -> Json:
    channel = request.channel()
    rendered = render_channel(channel, request.caller)
    if request.flag("include_num_members"):
        rendered["num_members"] = len(channel.members)
    return {"channel": rendered}


@method("conversations.members", "channel", scope=READ, takes_json=False)
def list_members(request: Request) -> Json:
    channel = request.channel()
    page, metadata = request.page(channel.members, request.number("limit", 100, 1000))
    return {"members": page, "response_metadata": metadata}


def listed(request: Request, channels: list[Channel]) -> Json:
    """A page of those conversations whose kind was asked for."""
    kinds = request.text("types", "public_channel").replace(" ", "").split(",")
    names = {"channel": "public_channel", "group": "private_channel"}
    unknown = set(kinds) - {"public_channel", "private_channel", "im", "mpim"}
    if unknown:
        raise ApiError("invalid_types")
    wanted = [c for c in channels if names.get(c.type, c.type) in kinds]
    if request.flag("exclude_archived"):
        wanted = [c for c in wanted if not c.is_archived]
    page, metadata = request.page(wanted, request.number("limit", 100, 1000))
    rendered = [render_channel(c, request.caller) for c in page]
    return {"channels": rendered, "response_metadata": metadata}


@method("conversations.list", scope=READ, takes_json=False)
def list_channels(request: Request) -> Json:
    return listed(request, [c for c in request.world.channels.values() if request.sees(c)])


@method("users.conversations", scope=READ, takes_json=False)
def list_own_channels(request: Request) -> Json:
    user = request.text("user", request.caller.bot.id)
    seen = [c for c in request.world.channels.values() if request.sees(c)]
    return listed(request, [c for c in seen if user in c.members])


@method("conversations.open", scope="im:write mpim:write channels:manage")
def open_conversation(request: Request) -> Json:
    users = [user for user in request.text("users").replace(" ", "").split(",") if user]
    if request.text("channel"):
        channel = request.own_channel()
    elif len(users) == 1:
        one = Request(request.world, request.caller, {"user": users[0]})
        channel = request.world.dm(open_to_one(one), request.caller)
    elif users:
        channel = open_group(request, users)
    else:
        raise ApiError("users_list_not_supplied")
    shown = render_channel(channel, request.caller) if request.flag("return_im") else {}
    return {"channel": {**shown, "id": channel.id}}


def open_to_one(request: Request) -> Member:
    """The person to open a DM with; conversations.open names the fault in its own way."""
    try:
        return open_to(request, "user")
    except ApiError as error:
        raise ApiError(error.error.replace("channel_not_found", "user_not_found")) from None


def open_group(request: Request, users: list[str]) -> Channel:
    """The group DM of the bot with some people."""
    world = request.world
    for user in users:
        open_to_one(Request(world, request.caller, {"user": user}))
    people = sorted({*users, request.caller.bot.id})
    for channel in world.channels.values():
        if channel.kind == "mpim" and channel.members == people:
            return channel
    made = Channel(world.new_id("G"), "mpdm", request.caller.team, people, kind="mpim")
    world.channels[made.id] = made
    return made


@method("conversations.join", "channel", scope="channels:join")
def join_channel(request: Request) -> Json:
    channel = request.channel()
    if channel.is_private or channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    if request.caller.bot.id not in channel.members:
        channel.members.append(request.caller.bot.id)
    return {"channel": render_channel(channel, request.caller)}


@method("conversations.leave", "channel", scope="channels:write groups:write im:write mpim:write")
def leave_channel(request: Request) -> Json:
    request.own_channel().members.remove(request.caller.bot.id)
    return {}


def ration(request: Request, name: str) -> int:
    """The most messages a call may return; ApiError 429 when it comes too early."""
    world = request.world
    if world.history_ration is None:
        return 1000
    per_minute, most = world.history_ration
    now = world.now()
    calls = world.history_calls.setdefault((request.caller.token, name), [])
    recent = [at for at in calls if now - at < 60]
    if len(recent) >= per_minute:
        raise ApiError("ratelimited", status=429)
    calls.append(now)
    return most


def history(request: Request, messages: list[Message], most: int) -> Json:
    """A page of messages between `oldest` and `latest`."""
    inclusive, metadata = request.flag("inclusive"), request.flag("include_all_metadata")
    oldest, latest = request.text("oldest", "0"), request.text("latest")
    chosen = [m for m in messages if in_range(m.ts, oldest, latest, inclusive)]
    page, following = request.page(chosen, min(request.number("limit", 100, 999), most))
    rendered = []
    for message in page:
        shown = render_message(message)
        if metadata and message.metadata:
            shown["metadata"] = message.metadata
        rendered.append(shown)
    answer: Json = {"messages": rendered, "has_more": bool(following["next_cursor"])}
    return {**answer, "pin_count": 0, "response_metadata": following}


def in_range(ts: str, oldest: str, latest: str, inclusive: bool) -> bool:
    """Whether a timestamp lies between two others, which may be empty."""
    at, start = float(ts), float(oldest or 0)
    end = float(latest) if latest else float("inf")
    return start <= at <= end if inclusive else start < at < end


def kept(request: Request, channel: Channel) -> list[Message]:
    """The messages that Slack keeps of a conversation."""
    everything = request.world.messages
    return [m for m in everything if m.channel is channel and not (m.deleted or m.ephemeral_to)]


@method("conversations.history", "channel", scope=HISTORY, takes_json=False)
def get_history(request: Request) -> Json:
    channel = request.own_channel()
    most = ration(request, "conversations.history")
    roots = [m for m in kept(request, channel) if m.thread_ts in (None, m.ts)]
    return history(request, roots[::-1], most)


@method("conversations.replies", "channel", "ts", scope=HISTORY, takes_json=False)
def get_replies(request: Request) -> Json:
    channel = request.own_channel()
    most = ration(request, "conversations.replies")
    root = request.text("ts")
    thread = [m for m in kept(request, channel) if root in (m.ts, m.thread_ts)]
    if not thread:
        raise ApiError("thread_not_found")
    return history(request, thread, most)
