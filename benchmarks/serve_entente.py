"""Entente with features of the benchmarks', served as `entente web` serves it.

`python -m benchmarks.serve_entente HANDLERS` (settings from the environment)
"""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvloop
from sqlalchemy import insert

from adapters import bootstrap
from adapters import running as processes
from adapters.cli.logs import configure
from adapters.settings import load_settings
from benchmarks.processes import ENTENTE, await_ok, free_port, running
from benchmarks.seed import NOTES
from benchmarks.stub_slack import SECRET, TOKEN
from benchmarks.stub_teams import APP, PASSWORD, TENANT
from bot.core.events import ButtonPressed, CommandInvoked, Event, MessagePosted, ReactionAdded
from bot.core.views import Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import ButtonAction, Command, Feature, Listener, Watch
from bot.dispatch.grammar import Arguments

INSERT = insert(NOTES)


def note(context: Context, event: Event) -> None:
    """The one write."""
    assert isinstance(event, MessagePosted)
    values = {"message": event.message, "at": context.now}
    context.session.connection().execute(INSERT, values)


def _command(_context: Context, _event: CommandInvoked, _arguments: Arguments) -> None:
    """Nothing."""


def _button(_context: Context, _event: ButtonPressed) -> None:
    """Nothing."""


def _react(_context: Context, _event: Event) -> None:
    """Nothing."""


def make_features(handlers: int) -> tuple[Feature, ...]:
    """The feature that writes, and so many that want other things."""
    others = (
        Feature(
            name=f"other{n}",
            commands=(Command(phrase=f"other{n} word", handle=_command),),
            buttons=(ButtonAction(name=f"other{n}.press", handle=_button),),
            listeners=(Listener(kind=ReactionAdded, handle=_react),),
        )
        for n in range(handlers - 1)
    )
    writer = Feature(
        name="writer",
        watches=(
            Watch(
                name="writer",
                scope="writer",
                load=lambda _session: None,
                wants=lambda _state, _platform, _channel, _user, text: "the" in text or bool(text),
                handle=lambda context, event, _state: note(context, event),
            ),
        ),
    )
    return (*others, writer)


MANY = {
    "SLACK_BOT_TOKEN": "",
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "bench",
    "ENTENTE_SECRET_KEY": "a key of thirty-two letters or more",
    "ENTENTE_PUBLIC_URL": "https://entente.example.com",
}
"""The settings for many workspaces instead of one."""


def settings_for(database: str, slack_api: str, port: int) -> dict[str, str]:
    """The environment of a process of Entente."""
    return {
        "DATABASE_URL": database,
        "PORT": str(port),
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": slack_api,
    }


@contextmanager
def entente(
    database: str, slack_api: str, *, handlers: int = 0, many: bool = False
) -> Iterator[int]:
    """`entente web` itself, or the same with `handlers` features of this module; its port."""
    port = free_port()
    command = ("-m", "benchmarks.serve_entente", str(handlers)) if handlers else (*ENTENTE, "web")
    settings = settings_for(database, slack_api, port) | (MANY if many else {})
    with running(command, settings) as process:
        await_ok(process, f"http://127.0.0.1:{port}/readyz")
        yield port


def ping(_context: Context, _event: ButtonPressed) -> Answer:
    """One word."""
    return Answer(view=view(Text(text="pong")))


PING = Feature(name="ping", buttons=(ButtonAction(name="bench.ping", handle=ping, reads=True),))


@contextmanager
def entente_in_teams(database: str, stub: str) -> Iterator[int]:
    """Entente with Teams alone, and a feature that answers with one word; its port."""
    port = free_port()
    settings = {
        "DATABASE_URL": database,
        "PORT": str(port),
        "MICROSOFT_APP_ID": APP,
        "MICROSOFT_APP_PASSWORD": PASSWORD,
        "MICROSOFT_APP_TENANT_ID": TENANT,
        "ENTENTE_TEAMS_CLOUD_URL": stub,
    }
    with running(("-m", "benchmarks.serve_entente", "teams"), settings) as process:
        await_ok(process, f"http://127.0.0.1:{port}/readyz", seconds=60)
        yield port


def main() -> None:
    """As the command line does it, with the features."""
    settings = load_settings()
    configure(settings.log_level)
    chosen = (PING,) if sys.argv[1] == "teams" else make_features(int(sys.argv[1]))
    built = bootstrap.build(settings, features=chosen)
    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(processes.run(built, serves=True, works=False))


if __name__ == "__main__":
    main()
