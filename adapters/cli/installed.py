"""`entente doctor` with many workspaces: can the tokens be read, and does Slack take them?"""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import DBAPIError

from adapters.cli.finding import BROKEN, NOTE, WELL, Finding
from adapters.settings import Settings
from adapters.slack import tokens
from adapters.slack.manifest import INSTALL_PATH, SCOPES
from adapters.slack.parse import PLATFORM
from adapters.slack.vault import Unreadable, Vault
from bot.db.engine import Database
from bot.people import installations
from bot.people.installations import Installation

MOST_ASKED = 50
"""Workspaces whose tokens are tried out; Slack limits how often one may ask."""

Kept = Sequence[tuple[Installation, str]]


async def examine(settings: Settings) -> list[Finding]:
    """Look at the installations, the oldest first. Nothing is changed, no token exchanged."""
    kept = _read(settings)
    if kept is None:
        return []
    address = (settings.public_url or "").rstrip("/") + INSTALL_PATH
    if not kept:
        return [Finding(NOTE, f"No workspace has installed Entente yet. Open {address}.")]
    findings = [Finding(WELL, f"Installed in {len(kept)} workspaces; more at {address}.")]
    vault = Vault(settings.secret_keys, purpose=tokens.PURPOSE)
    client = AsyncWebClient(base_url=settings.slack_api_url.rstrip("/") + "/", timeout=10)
    for installation, workspace in kept[:MOST_ASKED]:
        findings += await _examine_one(client, vault, installation, workspace)
    return findings


def _read(settings: Settings) -> Kept | None:
    database = Database(settings.database_url)
    try:
        with database.read() as session:
            return installations.get_all(session, PLATFORM)
    except DBAPIError:
        return None  # what is wrong with the database is said already
    finally:
        database.close()


async def _examine_one(
    client: AsyncWebClient, vault: Vault, kept: Installation, workspace: str
) -> list[Finding]:
    again = "Have it installed there again."
    try:
        token = str(orjson.loads(vault.open(kept.secret))["token"])
    except Unreadable:
        text = (
            f"ENTENTE_SECRET_KEY does not open the token of {workspace}. Put the key it was kept "
            "with behind the present one, with a comma between, or have Entente installed again."
        )
        return [Finding(BROKEN, text)]
    missing = sorted(set(SCOPES) - {scope.strip() for scope in kept.scopes.split(",")})
    findings = []
    if missing:
        findings.append(Finding(NOTE, f"{workspace} lacks: {', '.join(missing)}. {again}"))
    if kept.expires_at is not None and kept.expires_at <= datetime.now(UTC):
        return findings  # exchanged when it is next needed
    try:
        await client.api_call("auth.test", headers=tokens.bearer(token))
    except SlackApiError as error:
        reason = error.response.get("error")
        findings.append(
            Finding(BROKEN, f"Slack does not accept the token of {workspace} ({reason}). {again}")
        )
    except (OSError, TimeoutError):
        findings.append(Finding(BROKEN, "Slack can't be reached at the moment."))
    return findings
