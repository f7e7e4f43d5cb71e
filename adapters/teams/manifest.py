"""The app package: what Teams is told about Entente, with a reason for every permission.

Sources: https://learn.microsoft.com/microsoft-365/extensibility/schema/ and
https://learn.microsoft.com/microsoftteams/platform/graph-api/rsc/resource-specific-consent
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.teams import icons
from bot.core.errors import SettingsError

MANIFEST_VERSION: Final = "1.25"
SCHEMA: Final = (
    "https://developer.microsoft.com/json-schemas/teams/v1.25/MicrosoftTeams.schema.json"
)

PERMISSIONS: Final[dict[str, str]] = {
    "ChannelMessage.Read.Group": (
        "Check messages of linked channels for words that the partners use differently, and let"
        " people capture what a thread decided. A team's owner grants it; without it Entente hears"
        " only what mentions it."
    ),
    "ChatMessage.Read.Chat": "The same in group chats that were linked to an alliance.",
}
"""Resource-specific permissions, each with its reason."""

COMMANDS: Final[dict[str, str]] = {
    "help": "What I can do here",
    "setup": "Start an alliance, or change yours",
    "join": "Accept a partner's invitation: join CODE",
    "status": "How your alliance stands",
    "link": "Let me post in this channel",
    "north star": "What the alliance is here for",
    "charter": "How you work together",
    "remind": "Reminders: list, add, pause, remove",
    "roster": "Who sits on which committee",
    "mute": "Send me nothing unasked",
}
"""What Teams offers while somebody writes to Entente; it shows ten."""

MOST_COMMANDS: Final = 10
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def build_manifest(
    url: str, app_id: str, *, shortcuts: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The manifest for a bot with this id, reached at the public address `url`. `shortcuts`: name
    and label of what can be done with a message. Raises SettingsError for an address that is not
    https, or an id that is none."""
    host = _host_of(url)
    if not _GUID.fullmatch(app_id):
        raise SettingsError(
            ["The bot's app id must look like 00000000-0000-0000-0000-000000000000. Copy it from"
             " the Azure bot's configuration (Microsoft App ID), or set MICROSOFT_APP_ID."]
        )  # fmt: skip
    address = url.rstrip("/")
    manifest: dict[str, Any] = {
        "$schema": SCHEMA,
        "manifestVersion": MANIFEST_VERSION,
        "version": _version(),
        "id": app_id.lower(),
        "developer": {
            "name": "Entente",
            "websiteUrl": f"{address}/about",
            "privacyUrl": f"{address}/about#privacy",
            "termsOfUseUrl": f"{address}/about#terms",
        },
        "name": {"short": "Entente", "full": "Entente for strategic alliances"},
        "description": {
            "short": "Keeps the communication of strategic alliances in order.",
            "full": _description(),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": "#1F3A5F",
        "bots": [_bot(app_id)],
        "validDomains": [host],
        "supportsChannelFeatures": "tier1",
        "authorization": {
            "permissions": {
                "resourceSpecific": [
                    {"name": name, "type": "Application"} for name in sorted(PERMISSIONS)
                ]
            }
        },
        "webApplicationInfo": {"id": app_id.lower(), "resource": "https://AnyString"},
    }
    if shortcuts:
        manifest["composeExtensions"] = [_extension(app_id, shortcuts)]
    return manifest


def make_package(url: str, app_id: str, *, shortcuts: Sequence[tuple[str, str]] = ()) -> bytes:
    """The zip file to upload; see `build_manifest`."""
    manifest = build_manifest(url, app_id, shortcuts=shortcuts)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", json.dumps(manifest, indent=2, ensure_ascii=False))
        package.writestr("color.png", icons.draw_colour())
        package.writestr("outline.png", icons.draw_outline())
    return held.getvalue()


def _host_of(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme != "https" or not host or parts.query or any(map(str.isspace, url)):
        raise SettingsError(
            [f"The public address {url!r} does not fit: Teams needs one that begins with https://."]
        )
    return host


def _version() -> str:
    found = re.match(r"\d+\.\d+\.\d+", version("entente-bot"))
    return found.group() if found else "1.0.0"


def _description() -> str:
    return (
        "Entente helps the partners of an alliance to keep their word and their words: it reminds"
        " of the charter and the North Star at agreed times, and keeps a shared record of what"
        " every partner has confirmed.\n\n"
        "It answers when you mention it or write to it. With a team owner's consent it also reads"
        " messages of channels that were linked to an alliance, to notice words that the partners"
        " use differently; it stores no message. Say help to begin."
    )


def _bot(app_id: str) -> dict[str, Any]:
    commands = [
        {"title": title, "description": what}
        for title, what in list(COMMANDS.items())[:MOST_COMMANDS]
    ]
    scopes = ["personal", "team", "groupChat"]
    return {
        "botId": app_id.lower(),
        "scopes": scopes,
        "supportsFiles": True,
        "isNotificationOnly": False,
        "commandLists": [{"scopes": scopes, "commands": commands}],
    }


def _extension(app_id: str, shortcuts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "botId": app_id.lower(),
        "commands": [
            {
                "id": name,
                "type": "action",
                "title": label[:32],
                "context": ["message"],
                "fetchTask": True,
            }
            for name, label in list(shortcuts)[:10]
        ],
    }
