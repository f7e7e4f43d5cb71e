"""`entente web` and `entente worker` by a clock that tests put forward and back.

A program of the tests' own, since no installation is to be told another time: the file that
`SECONDS_AHEAD` names says how far its clock is ahead of the machine's.
"""

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from adapters import bootstrap, running
from adapters.cli.logs import configure
from adapters.settings import load_settings
from bot.core.clock import system_clock

SECONDS_AHEAD = "SECONDS_AHEAD"
PROGRAM = "from tests.set_clock import main; main()"


def main() -> None:
    """As the command line does it, with the clock."""
    ahead = Path(os.environ[SECONDS_AHEAD])

    def clock() -> datetime:
        return system_clock() + timedelta(seconds=float(ahead.read_text()))

    settings = load_settings()
    configure(settings.log_level)
    (command,) = sys.argv[1:]
    built = bootstrap.build(settings, clock=clock)
    asyncio.run(running.run(built, serves=command == "web", works=command == "worker"))
