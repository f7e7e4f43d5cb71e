"""`entente doctor` with many workspaces: can the tokens be read, and does Slack take them?"""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson
from sqlalchemy.exc import DBAPIError

from adapters.cli.finding import BROKEN, NOTE, WELL, Finding
from adapters.settings import Settings
from adapters.slack import tokens
from adapters.slack.parse import PLATFORM
from adapters.slack.paths import INSTALL_PATH
from adapters.slack.scopes import SCOPES
from adapters.slack.trying import OutOfReach, TokenRefused, try_token
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
    for installation, workspace in kept[:MOST_ASKED]:
        findings += await _examine_one(settings, vault, installation, workspace)
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
    settings: Settings, vault: Vault, kept: Installation, workspace: str
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
        await try_token(settings.slack_api_url, token)
    except TokenRefused as error:
        text = f"Slack does not accept the token of {workspace} ({error.reason}). {again}"
        findings.append(Finding(BROKEN, text))
    except OutOfReach as error:
        findings.append(Finding(BROKEN, f"Slack can't be reached at the moment ({error})."))
    return findings
