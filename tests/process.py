"""Real processes of Entente, started, paused and killed by tests; and the world before them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.slack import FakeSlack
from tests.fakes.teams import FakeTeams

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "from adapters.cli.main import main; main()"
START_WITHIN = 30.0
"""Seconds; a machine that is busy with other tests takes its time."""

LEASE = 2.0
REQUEST_TIMEOUT = 1.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_environment(database_url: str, slack: FakeSlack | None, **more: str) -> dict[str, str]:
    """An environment that points at the fake Slack, if any, with short leases, and nothing else."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
        "DATABASE_URL": database_url,
        **(name_slack(slack) if slack is not None else {}),
        "ENTENTE_LEASE_SECONDS": str(LEASE),
        "ENTENTE_REQUEST_TIMEOUT": str(REQUEST_TIMEOUT),
        "ENTENTE_LOG_LEVEL": "debug",
        **more,
    }


def name_slack(slack: FakeSlack) -> dict[str, str]:
    """What of an environment points at the fake Slack."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
    }


def name_teams(teams: FakeTeams) -> dict[str, str]:
    """What of an environment points at the fake Teams."""
    return {
        "MICROSOFT_APP_ID": teams.app_id,
        "MICROSOFT_APP_PASSWORD": teams.password,
        "MICROSOFT_APP_TENANT_ID": teams.home,
        "ENTENTE_TEAMS_CLOUD_URL": teams.url,
    }


def wait_until(condition: Callable[[], object], what: str, within: float = START_WITHIN) -> None:
    """Wait for what neither Slack nor a process announces; AssertionError after the time."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {within} s for {what}")
        NOTHING.wait(0.02)


NOTHING = threading.Event()
"""Never set: waiting for it lets others run."""


class Process:
    """One `entente …`, in a folder of its own so that no `.env` is read. Ends with the block."""

    def __init__(
        self, folder: Path, environment: dict[str, str], *arguments: str, program: str = PROGRAM
    ) -> None:
        self.arguments = arguments
        self._program = program
        self.environment = environment
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._errors = folder / f"{'-'.join(arguments)}-{time.monotonic_ns()}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.is_running:
            self.kill()
        if error is not None:
            error.add_note(f"entente {' '.join(self.arguments)} said:\n{self.said[-4000:]}")

    def start(self) -> None:
        """Start, and don't wait."""
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-c", self._program, *self.arguments],
                cwd=self._folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None, "not started"
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def said(self) -> str:
        """All it wrote to its outputs."""
        return self._errors.read_text("utf-8", errors="replace")

    def wait_for(self, words: str, within: float = START_WITHIN) -> None:
        """Wait until it said these words; if it ended before, that is an error."""

        def spoken() -> bool:
            if words in self.said:
                return True
            assert self.is_running, f"it ended with {self.process.poll()}:\n{self.said[-2000:]}"
            return False

        wait_until(spoken, f"{words!r} of entente {' '.join(self.arguments)}", within)

    def wait_until_started(self) -> Self:
        """Wait until it is connected and at work."""
        self.wait_for('"started"')
        return self

    def kill(self) -> None:
        """SIGKILL: no line of code runs any more."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def pause(self) -> None:
        """SIGSTOP, until it stands still."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def go_on(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self, within: float = 10.0) -> int:
        """The exit code, once it has ended by itself."""
        return self.process.wait(within)


def run(folder: Path, environment: dict[str, str], *arguments: str) -> Process:
    """Run an `entente …` that ends by itself."""
    with Process(folder, environment, *arguments) as process:
        process.wait(START_WITHIN)
    return process


@contextmanager
def serving(
    folder: Path,
    environment: dict[str, str],
    slack: FakeSlack | None,
    *arguments: str,
    teams: FakeTeams | None = None,
    program: str = PROGRAM,
) -> Iterator[Process]:
    """`entente web` or `run` over HTTP on a free port; platforms send there once it is ready."""
    port = free_port()
    environment = {**environment, "PORT": str(port)}
    with Process(folder, environment, *arguments, program=program) as process:
        process.wait_until_started()
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "/readyz to answer 200")
        if slack is not None:
            slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        if teams is not None:
            teams.messages_url = f"http://127.0.0.1:{port}/api/messages"
        yield process


def answers(address: str) -> bool:
    """Whether something answers 200 there."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
