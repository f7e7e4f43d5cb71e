"""`entente doctor`: what is well, what is missing, what is broken, and what to do about it."""

from sqlalchemy.exc import DBAPIError

from adapters.cli import installed
from adapters.cli.finding import BROKEN, NOTE, WELL, Finding
from adapters.settings import LOOPBACK, Settings
from adapters.slack.scopes import SCOPES
from adapters.slack.trying import OutOfReach, TokenRefused, try_app_token, try_token
from bot.core.errors import DatabaseNotReady
from bot.db import migrate
from bot.db.engine import Database


async def examine(settings: Settings | None, problems: tuple[str, ...]) -> list[Finding]:
    """Look at everything. `problems` are those of the settings, if they could not be read."""
    if settings is None:
        return [Finding(BROKEN, problem) for problem in problems]
    return [
        Finding(WELL, "The settings can be read."),
        _examine_database(settings),
        *_examine_address(settings),
        *await _examine_slack(settings),
        *await _examine_teams(settings),
    ]


def _examine_database(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    try:
        migrate.check_ready(database)
    except DatabaseNotReady as error:
        return Finding(BROKEN, str(error))
    except DBAPIError as error:
        return Finding(BROKEN, f"The database does not answer: {error.orig}")
    finally:
        database.close()
    return Finding(WELL, f"The database ({kind}) is up to date.")


def _examine_address(settings: Settings) -> list[Finding]:
    if settings.host in LOOPBACK:
        return [
            Finding(
                NOTE,
                f"Serving on {settings.host} only. For requests from elsewhere set ENTENTE_HOST.",
            )
        ]
    return [Finding(WELL, f"Serving on {settings.host}:{settings.port}.")]


async def _examine_slack(settings: Settings) -> list[Finding]:
    if settings.has_many_workspaces:
        return [*await installed.examine(settings), await _examine_transport(settings)]
    if settings.slack_bot_token is None:
        return [
            Finding(
                NOTE,
                "Slack is not configured. Make an app from `entente slack manifest`, install it, "
                "and set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN); for many "
                "workspaces see docs/slack.md.",
            )
        ]
    try:
        who = await try_token(settings.slack_api_url, settings.slack_bot_token.get_secret_value())
    except TokenRefused as error:
        text = f"Slack does not accept SLACK_BOT_TOKEN ({error.reason}). Copy it again."
        return [Finding(BROKEN, text)]
    except OutOfReach as error:
        return [Finding(BROKEN, f"Slack can't be reached at {settings.slack_api_url} ({error}).")]
    granted = {s.strip() for s in str(who.headers.get("x-oauth-scopes", "")).split(",")}
    return [
        Finding(WELL, f"Slack knows us as {who.get('user')} in {who.get('team')}."),
        _examine_scopes(granted),
        await _examine_transport(settings),
    ]


async def _examine_teams(settings: Settings) -> list[Finding]:
    if settings.teams_allow_anonymous:
        return [
            Finding(
                NOTE,
                "Teams: the simulator on this machine may speak without proof. Take "
                "ENTENTE_TEAMS_ALLOW_ANONYMOUS away before anybody else can reach this address.",
            )
        ]
    if settings.microsoft_app_id is None:
        return [
            Finding(
                NOTE,
                "Teams is not configured. Make an Azure bot (docs/teams.md), and set "
                "MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD and MICROSOFT_APP_TENANT_ID.",
            )
        ]
    # As the library takes a second or two to import, only whoever uses Teams waits for it.
    from adapters.bootstrap import make_teams_access
    from adapters.teams.process import examine

    login, keys = await examine(make_teams_access(settings))
    found = [Finding(WELL, "Hearing Teams over HTTP at /api/messages.")]
    if login is None:
        found.append(Finding(WELL, "Microsoft accepts our app id and secret."))
    else:
        found.append(
            Finding(
                BROKEN,
                f"Microsoft does not let us log in ({login}). Check MICROSOFT_APP_ID, "
                "MICROSOFT_APP_PASSWORD (the secret's value; it may have run out) and "
                "MICROSOFT_APP_TENANT_ID.",
            )
        )
    if keys:
        found.append(Finding(WELL, "The keys that sign Teams' requests can be read."))
    else:
        text = "The keys that sign Teams' requests can't be read: login.botframework.com."
        found.append(Finding(BROKEN, text))
    return found


def _examine_scopes(granted: set[str]) -> Finding:
    missing = sorted(set(SCOPES) - granted)
    if missing:
        return Finding(
            BROKEN,
            f"The app lacks these scopes: {', '.join(missing)}. Update it from "
            "`entente slack manifest` and install it again.",
        )
    return Finding(WELL, "The app has every scope it needs.")


async def _examine_transport(settings: Settings) -> Finding:
    if settings.slack_app_token is None or not settings.is_socket_mode:
        return Finding(WELL, "Hearing Slack over HTTP at /slack/events.")
    token = settings.slack_app_token.get_secret_value()
    try:
        await try_app_token(settings.slack_api_url, token)
    except TokenRefused as error:
        return Finding(
            BROKEN,
            f"Slack does not accept SLACK_APP_TOKEN ({error.reason}). Make one under Basic "
            "Information, App-Level Tokens, with the scope connections:write.",
        )
    except OutOfReach as error:
        return Finding(BROKEN, f"Slack gives no socket for SLACK_APP_TOKEN ({error}).")
    return Finding(WELL, "Hearing Slack over Socket Mode.")
