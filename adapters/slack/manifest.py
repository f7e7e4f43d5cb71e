"""The app manifest: what Slack is told about Entente, with a reason for every permission.

Scopes and events are the least that the features need. Messages of channels are looked at in
linked channels alone, after every partner's manager has agreed. Sources: https://docs.slack.dev/reference/app-manifest,
https://docs.slack.dev/reference/scopes and https://docs.slack.dev/reference/events.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from adapters.slack.paths import PATH, REDIRECT_PATH
from adapters.slack.scopes import SCOPES
from bot.core.errors import SettingsError
from bot.dispatch.messages import words
from bot.features.catalogue import make_registry

EVENTS: dict[str, str | None] = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "groups:read",
    "channel_rename": "channels:read",
    "channel_shared": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_unshared": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "reaction_added": "reactions:read",
    "team_join": "users:read",
    "tokens_revoked": None,
    "user_change": "users:read",
}
"""Bot events, each with the scope it needs; None where it needs none."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def build_manifest(url: str | None, *, many_workspaces: bool = False) -> dict[str, Any]:
    """The manifest for an app reached at the public address `url`; None means Socket Mode.
    `many_workspaces`: each installs it by itself, whole organisations too, and tokens rotate.

    Raises `SettingsError` for an address that is neither https nor loopback, and for many
    workspaces without one: people come back from Slack to it.
    """
    request_url = None if url is None else _request_url(url)
    oauth: dict[str, Any] = {"scopes": {"bot": sorted(SCOPES)}}
    if many_workspaces:
        if request_url is None:
            raise SettingsError(["Many workspaces need a public address: give --url."])
        oauth["redirect_urls"] = [request_url.removesuffix(PATH) + REDIRECT_PATH]
    return {
        "display_information": _display_information(),
        "features": _features(request_url),
        "oauth_config": oauth,
        "settings": _settings(request_url, many_workspaces=many_workspaces),
    }


def to_json(url: str | None, *, many_workspaces: bool = False) -> str:
    """The manifest as JSON to paste into Slack's app settings; see `build_manifest`."""
    built = build_manifest(url, many_workspaces=many_workspaces)
    return json.dumps(built, indent=2, ensure_ascii=False) + "\n"


def _request_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise _unfit(url) from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    if not host or not secure or parts.query or parts.fragment or any(map(str.isspace, url)):
        raise _unfit(url)
    return url.rstrip("/") + PATH


def _unfit(url: str) -> SettingsError:
    problem = (
        f"The public address {url!r} does not fit: Slack needs one that begins with https://"
        " (http:// only for this machine) and has no query. Leave it out to use Socket Mode."
    )
    return SettingsError([problem])


def _display_information() -> dict[str, str]:
    return {
        "name": "Entente",
        "description": "Keeps the communication of strategic alliances in order.",
        "long_description": (
            "Entente helps the partners of an alliance to keep their word and their words: it"
            " reminds of the charter and the North Star at agreed times, and keeps a shared record"
            " of what every partner has confirmed. In shared channels, everything a member may do"
            " works by mention, button or reaction, for each partner alike."
        ),
        "background_color": "#1f3a5f",
    }


def _features(request_url: str | None) -> dict[str, Any]:
    features: dict[str, Any] = {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Entente", "always_online": True},
        "slash_commands": [_command(request_url)],
    }
    shortcuts = [
        {
            "name": words(shortcut.label)[:24],
            "type": "message",
            "callback_id": shortcut.name,
            "description": words(shortcut.description)[:150],
        }
        for shortcut in make_registry().shortcuts.values()
    ]
    return {**features, "shortcuts": shortcuts} if shortcuts else features


def _command(request_url: str | None) -> dict[str, Any]:
    command = {
        "command": "/alliance",
        "description": "Work with your alliances: their charter, North Star and reminders",
        "usage_hint": "help",
        "should_escape": True,
    }
    return {**command, "url": request_url} if request_url else command


def _settings(request_url: str | None, *, many_workspaces: bool) -> dict[str, Any]:
    address = {"request_url": request_url} if request_url else {}
    return {
        "event_subscriptions": {**address, "bot_events": sorted(EVENTS)},
        "interactivity": {"is_enabled": True, **address},
        "org_deploy_enabled": many_workspaces,
        "socket_mode_enabled": request_url is None,
        "token_rotation_enabled": many_workspaces,
    }
