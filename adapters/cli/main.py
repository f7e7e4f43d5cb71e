"""`entente …`: run it, look after its database, check its settings, write its manifests.

Each command imports what it needs: asking for help takes no second.
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from bot.core.clock import system_clock
from bot.core.errors import EntenteError, SettingsError

if TYPE_CHECKING:
    from adapters.settings import Settings
    from bot.db.engine import Database
    from bot.dispatch.feature import Registry

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help=("Entente keeps the communication of strategic alliances in order, in Slack and Teams."),
)
db_app = typer.Typer(no_args_is_help=True, help="The database.")
slack_app = typer.Typer(no_args_is_help=True, help="Slack.")
teams_app = typer.Typer(no_args_is_help=True, help="Microsoft Teams.")
app.add_typer(db_app, name="db")
app.add_typer(slack_app, name="slack")
app.add_typer(teams_app, name="teams")

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def main() -> None:
    """The console script. Errors are said in words, and the exit code is 1."""
    try:
        app()
    except EntenteError as error:
        err.print(str(error), markup=False)
        sys.exit(1)
    except Exception as error:
        # Of the three broad catches the command line's: what is no fault of ours is said in words.
        said = _say_outside(error)
        if said is None:
            raise
        err.print(said, markup=False)
        sys.exit(1)


def _say_outside(error: Exception) -> str | None:
    """What the database or the machine refused, in words; None for anything else."""
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    if isinstance(error, DBAPIError):
        reason = " ".join(str(error.orig).split())
        return f"The database does not answer ({reason}). Check DATABASE_URL and that it runs."
    if isinstance(error, sqlite3.Error):
        return f"SQLite can't do that ({error}). Check the files and who may read and write them."
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return f"The machine refused ({error.strerror or type(error).__name__}{place})."
    return None


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
    from adapters import bootstrap, running
    from adapters.cli.logs import configure
    from adapters.settings import load_settings

    settings = load_settings()
    configure(settings.log_level)
    if not settings.has_slack and not settings.has_teams:
        raise SettingsError(
            [
                "No platform is configured. For Slack set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET "
                "(or SLACK_APP_TOKEN), or SLACK_CLIENT_ID for many workspaces; for Teams "
                "MICROSOFT_APP_ID, MICROSOFT_APP_PASSWORD and MICROSOFT_APP_TENANT_ID. Then try "
                "again. `entente doctor` checks the settings."
            ]
        )
    entente = bootstrap.build(settings)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(running.run(entente, serves=serves, works=works))


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
    from adapters.cli.folder import hold
    from adapters.cli.logs import configure

    configure("warning")
    held = demos.reserve(port)
    address = f"http://{demos.HOST}:{held.getsockname()[1]}"
    with hold(demos.FOLDER), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        built = demos.build(demos.FOLDER, fresh=fresh, address=address)
        runner.run(demos.run(built, held, opens_browser=not no_browser, out=out))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Set the database up, or bring an older one up to date."""
    from adapters.settings import load_settings
    from bot.db import migrate
    from bot.db.engine import Database

    settings = load_settings()
    database = Database(settings.database_url)
    migrate.upgrade(database)
    out.print(f"The database is up to date (revision {migrate.get_head()}).")
    database.close()


@app.command()
def doctor() -> None:
    """Check settings, database and platforms, and say what to do."""
    from adapters.cli.doctor import examine
    from adapters.settings import load_settings

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
def manager(
    alliance: Annotated[str | None, typer.Argument(help="The alliance's name.")] = None,
    partner: Annotated[str | None, typer.Argument(help="The partner's name.")] = None,
    user: Annotated[
        str | None, typer.Argument(help="The person's id on the platform, such as U0123456789.")
    ] = None,
    platform: Annotated[str, typer.Option(help="Where that id is from.")] = "slack",
) -> None:
    """Make somebody a manager of a partner that has none any more; alone: show which have none."""
    from adapters.cli import managers
    from adapters.settings import load_settings
    from bot.db.engine import Database

    database = Database(load_settings().database_url)
    try:
        for line in managers.run(
            database, alliance, partner, user, platform=platform, now=system_clock()
        ):
            out.print(line, markup=False)
    finally:
        database.close()


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Copy the database to a file, while everything runs (SQLite)."""
    from adapters.cli import backup as backups
    from adapters.settings import load_settings

    settings = load_settings()
    size = backups.copy(settings.database_url, target)
    out.print(f"Copied to {target} ({size:,} bytes).", markup=False)


@app.command()
def purge(
    workspace: Annotated[str, typer.Argument(help="The workspace's or tenant's id, or its name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
) -> None:
    """Delete what is known of a workspace and its people, now instead of in two weeks."""
    from adapters.cli import purge as purges

    with _database() as (database, registry):
        found = purges.find(database, workspace)
        for line in purges.describe(found):
            out.print(line, markup=False)
        if not yes and not purges.is_meant(typer.prompt("Type its id to go on"), found):
            raise SettingsError(["Nothing was deleted."])
        purges.run(database, registry, found)
    out.print("Deleted.", markup=False)


@app.command("export")
def export_alliance(
    alliance: Annotated[str, typer.Argument(help="The alliance's name, or its id.")],
    target: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
) -> None:
    """Write a whole alliance to a file, to take it to another installation."""
    from adapters.cli import moving

    with _database() as (database, registry):
        size = moving.write_file(database, registry, alliance, target, now=system_clock())
    out.print(f"Wrote {target} ({size:,} bytes). It holds what each partner keeps to itself.")


@app.command("import")
def import_alliance(
    source: Annotated[Path, typer.Argument(help="A file that `entente export` wrote.")],
) -> None:
    """Take an alliance over from a file: as proposals, all of it or nothing, never twice."""
    from adapters.cli import moving

    with _database() as (database, registry):
        arrival = moving.read_file(database, registry, source, now=system_clock())
    begun = "is here now" if arrival.is_new else "was here already"
    out.print(f"{arrival.name} {begun}.", markup=False)
    for line in arrival.done or ["Nothing in the file is new."]:
        out.print(f"- {line}", markup=False)
    for partner, code in arrival.codes.items():
        out.print(
            f"{partner}: its manager says to Entente: join {code} (works once, for two weeks)",
            markup=False,
        )


@app.command("schema")
def print_schema() -> None:
    """Write the JSON schema of the file that `export` writes and `import` reads."""
    from bot.features.catalogue import make_registry
    from bot.record.schema import to_text

    print(to_text(make_registry()), end="")


@contextmanager
def _database() -> "Iterator[tuple[Database, Registry]]":
    from adapters.settings import load_settings
    from adapters.teams import purge as teams_purge
    from bot.db import migrate
    from bot.db.engine import Database
    from bot.features.catalogue import make_registry

    database = Database(load_settings().database_url)
    try:
        migrate.check_ready(database)
        yield database, make_registry(teams_purge.FEATURE)
    finally:
        database.close()


@teams_app.command("package")
def teams_package(
    url: Annotated[str, typer.Option(help="The public address: https://entente.example.com.")],
    target: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path(
        "entente-teams.zip"
    ),
    app_id: Annotated[
        str | None, typer.Option(help="The bot's app id. Without it: MICROSOFT_APP_ID.")
    ] = None,
) -> None:
    """Write the app package for Teams, to upload in its admin center."""
    from adapters.settings import load_settings
    from adapters.teams.manifest import make_package
    from bot.dispatch.messages import words
    from bot.features.catalogue import make_registry

    found = app_id or load_settings().microsoft_app_id or ""
    shortcuts = [(each.name, words(each.label)) for each in make_registry().shortcuts.values()]
    package = make_package(url, found, shortcuts=shortcuts)
    target.write_bytes(package)
    out.print(f"Wrote {target} ({len(package):,} bytes).", markup=False)


@slack_app.command("manifest")
def slack_manifest(
    url: Annotated[
        str | None,
        typer.Option(
            help="The public address, such as https://entente.example.com. Without it: Socket Mode."
        ),
    ] = None,
    many_workspaces: Annotated[
        bool,
        typer.Option(
            "--many-workspaces",
            help="For several workspaces or a whole Enterprise Grid, installed at /slack/install.",
        ),
    ] = False,
) -> None:
    """Write the Slack app's manifest, to paste at api.slack.com/apps."""
    from adapters.slack import manifest

    print(manifest.to_json(url, many_workspaces=many_workspaces))
