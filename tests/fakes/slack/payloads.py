"""The payloads that Slack sends, in the shapes of real ones."""

from typing import Any

from .chat import render_message
from .forms import Control, values_of
from .records import Channel, Delivery, Installation, Json, Member, Message, View
from .texts import with_names
from .views import render_view
from .world import World

CHANNEL_LETTERS = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}


def event_delivery(
    world: World,
    installation: Installation,
    event: Json,
    *,
    team: str | None = None,
    channel: Channel | None = None,
    event_id: str | None = None,
) -> Delivery:
    """An event in its envelope: `authorizations` names the one installation it comes through,
    `team_id` the workspace where it happened."""
    shared = bool(channel and channel.is_ext_shared)
    happened_in = team if team and shared else installation.team.id
    authorization = {
        "enterprise_id": installation.enterprise,
        "team_id": None if installation.is_organisation else installation.team.id,
        "user_id": installation.bot.id,
        "is_bot": True,
        "is_enterprise_install": installation.is_organisation,
    }
    context = f"4-{event['type']}-{happened_in}-{channel.id if channel else ''}"
    payload = {
        "token": world.verification_token,
        "team_id": happened_in,
        "context_team_id": installation.team.id,
        "context_enterprise_id": installation.enterprise,
        "api_app_id": world.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id or world.new_id("Ev"),
        "event_time": int(world.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": shared,
        "event_context": context,
    }
    return Delivery("events_api", payload)


def message_event(message: Message, member: Member | None = None) -> Json:
    """The `message` event of a new message."""
    event = render_message(message)
    event.pop("reactions", None)
    event.update(channel=message.channel.id, channel_type=message.channel.type, event_ts=message.ts)
    if member is not None and message.channel.is_ext_shared:
        event.update(user_team=member.team.id, source_team=member.team.id)
    if message.metadata:
        event["metadata"] = message.metadata
    return event


def bot_profile(world: World, installation: Installation) -> Json:
    """What message events of apps carry about their author."""
    return {
        "id": installation.bot_id,
        "deleted": False,
        "name": installation.bot.name,
        "updated": 1_700_000_000,
        "app_id": world.app_id,
        "team_id": installation.team.id,
    }


def mention_event(event: Json) -> Json:
    """The `app_mention` event that goes with a message event: same channel, same ts."""
    mention = {key: value for key, value in event.items() if key != "channel_type"}
    return {**mention, "type": "app_mention"}


def membership_event(world: World, kind: str, member: Member, channel: Channel) -> Json:
    """`member_joined_channel` or `member_left_channel`."""
    return {
        "type": kind,
        "user": member.id,
        "channel": channel.id,
        "channel_type": CHANNEL_LETTERS[channel.type],
        "team": member.team.id,
        "event_ts": world.new_ts(),
    }


def membership_message(world: World, kind: str, member: Member, channel: Channel) -> Json:
    """The `message` that Slack posts when somebody comes or goes."""
    verb = "joined" if kind == "channel_join" else "left"
    ts = world.new_ts()
    return {
        "type": "message",
        "subtype": kind,
        "user": member.id,
        "text": f"<@{member.id}> has {verb} the channel",
        "ts": ts,
        "channel": channel.id,
        "channel_type": channel.type,
        "event_ts": ts,
    }


def reaction_event(world: World, kind: str, member: Member, message: Message, name: str) -> Json:
    """`reaction_added` or `reaction_removed`."""
    item = {"type": "message", "channel": message.channel.id, "ts": message.ts}
    return {
        "type": kind,
        "user": member.id,
        "item": item,
        "reaction": name,
        "item_user": message.user,
        "event_ts": world.new_ts(),
    }


def home_event(world: World, member: Member, channel: Channel, tab: str, home: View | None) -> Json:
    """`app_home_opened`, with the view when one was published."""
    event: Json = {
        "type": "app_home_opened",
        "user": member.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": world.new_ts(),
    }
    if home is not None and tab == "home":
        event["view"] = render_view(home, world)
    return event


def change_event(world: World, message: Message, before: Json) -> Json:
    """`message_changed`, or `message_deleted` when it is gone."""
    kind = "message_deleted" if message.deleted else "message_changed"
    ts = world.new_ts()
    event: Json = {
        "type": "message",
        "subtype": kind,
        "hidden": True,
        "channel": message.channel.id,
        "channel_type": message.channel.type,
        "previous_message": before,
        "ts": ts,
        "event_ts": ts,
    }
    if message.deleted:
        return {**event, "deleted_ts": message.ts}
    return {**event, "message": render_message(message)}


def person(member: Member) -> Json:
    """The user in an interaction."""
    return {
        "id": member.id,
        "username": member.handle,
        "name": member.handle,
        "team_id": member.team.id,
    }


def interaction(world: World, kind: str, member: Member, team: Json | None = None) -> Json:
    """What all interactions begin with; `team` defaults to the user's own."""
    return {
        "type": kind,
        "team": team or {"id": member.team.id, "domain": member.team.domain},
        "enterprise": {"id": member.team.enterprise} if member.team.enterprise else None,
        "is_enterprise_install": is_organisation_wide(world, member),
        "user": person(member),
        "api_app_id": world.app_id,
        "token": world.verification_token,
    }


def is_organisation_wide(world: World, member: Member) -> bool:
    """Whether what a person meets is installed for all of their enterprise."""
    met = world.installation_of(member.team)
    return bool(met and met.is_organisation)


def install_team(installation: Installation) -> Json:
    """The workspace of an installation, as interactions name it."""
    return {"id": installation.team.id, "domain": installation.team.domain}


def action_of(world: World, control: Control, state: Json) -> Json:
    """The entry in `actions` for a used control."""
    element = control.element
    action: Json = {"action_id": element["action_id"], "block_id": control.block["block_id"]}
    for key in ("text", "value", "style", "placeholder", "confirm"):
        if key in element and (control.kind == "button" or key in ("placeholder", "confirm")):
            action[key] = element[key]
    return {**action, **state, "type": control.kind, "action_ts": world.new_ts()}


def message_actions(
    world: World,
    member: Member,
    message: Message,
    installation: Installation,
    actions: list[Json],
) -> Json:
    """`block_actions` on a message; an ephemeral one is not shown to the app again."""
    channel, ephemeral = message.channel, message.ephemeral_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    values = values_of(message.blocks, message.entered.get(member.id, {}))
    payload = {
        **interaction(world, "block_actions", member, install_team(installation)),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": values},
        "actions": actions,
    }
    if not ephemeral:
        payload["message"] = {**render_message(message), "app_id": world.app_id}
    return payload


def view_actions(world: World, member: Member, view: View, actions: list[Json]) -> Json:
    """`block_actions` in a modal or a home tab."""
    values = values_of(view.blocks, view.entered)
    return {
        **interaction(world, "block_actions", member),
        "container": {"type": "view", "view_id": view.id},
        "view": render_view(view, world, values),
        "actions": actions,
    }


def suggestion(
    world: World, member: Member, surface: Message | View, control: Control, typed: str
) -> Json:
    """`block_suggestion`: what was typed into a menu whose options the app supplies."""
    payload: Json = {
        **interaction(world, "block_suggestion", member),
        "action_id": control.element["action_id"],
        "block_id": control.block["block_id"],
        "value": typed,
    }
    if isinstance(surface, View):
        container: Json = {"type": "view", "view_id": surface.id}
        return {**payload, "container": container, "view": render_view(surface, world)}
    channel = surface.channel
    container = {"type": "message", "message_ts": surface.ts, "channel_id": channel.id}
    where = {"id": channel.id, "name": channel.name}
    return {**payload, "container": container, "channel": where}


def submission(world: World, member: Member, view: View, response_urls: list[Json]) -> Json:
    """`view_submission`: the user's own team, the installation inside the view."""
    shown = render_view(view, world, values_of(view.blocks, view.entered))
    payload = interaction(world, "view_submission", member)
    return {**payload, "view": shown, "response_urls": response_urls}


def closing(world: World, member: Member, view: View, *, is_cleared: bool) -> Json:
    """`view_closed`."""
    shown = render_view(view, world, values_of(view.blocks, view.entered))
    return {**interaction(world, "view_closed", member), "view": shown, "is_cleared": is_cleared}


def shortcut(
    world: World, member: Member, callback_id: str, message: Message | None, url: str
) -> Json:
    """`message_action` on a message, else the global `shortcut`."""
    kind = "shortcut" if message is None else "message_action"
    payload = {
        **interaction(world, kind, member),
        "callback_id": callback_id,
        "action_ts": world.new_ts(),
    }
    if message is None:
        return payload
    channel = message.channel
    return {
        **payload,
        "channel": {"id": channel.id, "name": channel.name},
        "message_ts": message.ts,
        "message": render_message(message),
        "response_url": url,
    }


def command(
    world: World, member: Member, name: str, text: str, channel: Channel, links: dict[str, Any]
) -> Json:
    """A slash command, mentions escaped with names."""
    return {
        "token": world.verification_token,
        "team_id": member.team.id,
        "team_domain": member.team.domain,
        "channel_id": channel.id,
        "channel_name": "privategroup" if channel.is_private else channel.name,
        "user_id": member.id,
        "user_name": member.handle,
        "command": name,
        "text": with_names(text, world),
        "api_app_id": world.app_id,
        "is_enterprise_install": str(is_organisation_wide(world, member)).lower(),
        **({"enterprise_id": member.team.enterprise} if member.team.enterprise else {}),
        **links,
    }
