"""`entente …`: run it, look after its database, check its settings, write its manifests."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from slack_sdk.errors import SlackApiError

from adapters.cli import backup as backups
from adapters.cli.doctor import examine
from adapters.cli.logs import configure
from adapters.settings import Settings, load_settings
from adapters.slack import manifest
from bot.core.errors import EntenteError, SettingsError
from bot.db import migrate
from bot.db.engine import Database

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=("Entente keeps the communication of strategic alliances in order, in Slack and Teams."),
)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
slack_app = typer.Typer(no_args_is_help=True, help="Slack.")
app.add_typer(db_app, name="db")
app.add_typer(slack_app, name="slack")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """The console script. Errors are said in words, and the exit code is 1."""
    try:
        app()
    except EntenteError as error:
        err.print(str(error), markup=False)
        sys.exit(1)
    except SlackApiError as error:
        reason = error.response.get("error")
        err.print(
            f"Slack does not accept SLACK_BOT_TOKEN ({reason}). Copy it again from OAuth & "
            "Permissions in your Slack app's settings.",
            markup=False,
        )
        sys.exit(1)


@app.command()
def run() -> None:
    """Serve and work in one process. Right for one machine."""
    _run(serves=True, works=True)


@app.command()
def web() -> None:
    """Serve only: hear the platforms and answer."""
    _run(serves=True, works=False)


@app.command()
def worker() -> None:
    """Work only: fire reminders and send what is queued."""
    _run(serves=False, works=True)


def _run(*, serves: bool, works: bool) -> None:
    from adapters import bootstrap

    settings = load_settings()
    configure(settings.log_level)
    if not settings.has_slack:
        raise SettingsError(
            [
                "No platform is configured. Set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (or "
                "SLACK_APP_TOKEN), then try again. `entente doctor` checks the settings."
            ]
        )
    entente = bootstrap.build(settings)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(bootstrap.run(entente, serves=serves, works=works))


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.Loop


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to serve.")] = 8787,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what was done, start over.")
    ] = False,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser.")] = False,
) -> None:
    """Show the whole bot in a browser, with a simulated chat. Needs no accounts."""
    from adapters.cli import demo as demos

    configure("warning")
    held = demos.reserve(port)
    built = demos.build(demos.FOLDER, fresh=fresh)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(demos.run(built, held, opens_browser=not no_browser, out=out))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Set the database up, or bring an older one up to date."""
    settings = load_settings()
    database = Database(settings.database_url)
    migrate.upgrade(database)
    out.print(f"The database is up to date (revision {migrate.get_head()}).")
    database.close()


@app.command()
def doctor() -> None:
    """Check settings, database and platforms, and say what to do."""
    settings: Settings | None = None
    problems: tuple[str, ...] = ()
    try:
        settings = load_settings()
    except EntenteError as error:
        problems = tuple(str(error).splitlines())
    findings = asyncio.run(examine(settings, problems))
    for finding in findings:
        out.print(f"{finding.mark}  {finding.text}", markup=False)
    if any(finding.is_broken for finding in findings):
        sys.exit(1)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Copy the database to a file, while everything runs (SQLite)."""
    settings = load_settings()
    size = backups.copy(settings.database_url, target)
    out.print(f"Copied to {target} ({size:,} bytes).", markup=False)


@slack_app.command("manifest")
def slack_manifest(
    url: Annotated[
        str | None,
        typer.Option(
            help="The public address, such as https://entente.example.com. Without it: Socket Mode."
        ),
    ] = None,
) -> None:
    """Write the Slack app's manifest, to paste at api.slack.com/apps."""
    print(manifest.to_json(url))
