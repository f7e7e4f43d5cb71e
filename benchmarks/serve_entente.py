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
from adapters.cli.logs import configure
from adapters.settings import load_settings
from benchmarks.processes import ENTENTE, await_ok, free_port, running
from benchmarks.seed import NOTES
from benchmarks.stub_slack import SECRET, TOKEN
from bot.core.events import ButtonPressed, CommandInvoked, Event, MessagePosted, ReactionAdded
from bot.dispatch.context import Context
from bot.dispatch.feature import ButtonAction, Command, Feature, Listener
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
        matcher=lambda text: "the" in text or bool(text),
        listeners=(Listener(kind=MessagePosted, handle=note),),
    )
    return (*others, writer)


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
def entente(database: str, slack_api: str, *, handlers: int = 0) -> Iterator[int]:
    """`entente web` itself, or the same with `handlers` features of this module; its port."""
    port = free_port()
    command = ("-m", "benchmarks.serve_entente", str(handlers)) if handlers else (*ENTENTE, "web")
    with running(command, settings_for(database, slack_api, port)) as process:
        await_ok(process, f"http://127.0.0.1:{port}/readyz")
        yield port


def main() -> None:
    """As the command line does it, with the features."""
    settings = load_settings()
    configure(settings.log_level)
    built = bootstrap.build(settings, features=make_features(int(sys.argv[1])))
    with asyncio.Runner(loop_factory=uvloop.Loop) as runner:
        runner.run(bootstrap.run(built, serves=True, works=False))


if __name__ == "__main__":
    main()
