"""Processes of a benchmark: started, waited for, measured, and ended by this module alone."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ENTENTE = ("-c", "from adapters.cli.main import main; main()")


def free_port() -> int:
    """A port on loopback that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    arguments: Sequence[str], settings: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process, ended with the block; what it wrote is shown if it failed."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**_plain_environment(), **(settings or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        except BaseException:
            output.seek(0)
            print(output.read().decode()[-4000:], file=sys.stderr)
            raise
        finally:
            _end(process)


def _plain_environment() -> dict[str, str]:
    ours = ("ENTENTE_", "SLACK_", "MICROSOFT_", "DATABASE_URL", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def await_ok(process: subprocess.Popen[bytes], url: str, *, seconds: float = 20.0) -> float:
    """Wait until the address answers, with whatever below 500; the seconds that it took."""
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        if process.poll() is not None:
            raise RuntimeError(f"the process for {url} ended with {process.returncode}")
        if _answers(url):
            return time.perf_counter() - started
        time.sleep(0.01)
    raise TimeoutError(f"{url} did not answer within {seconds} s")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status) < 500
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def begin(module: str, question: Mapping[str, Any]) -> subprocess.Popen[bytes]:
    """Start a module that reads JSON and writes JSON; `finish` reads its answer."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(question).encode())
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[bytes], *, seconds: float = 120.0) -> Any:
    """The answer of what `begin` began."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    if process.returncode:
        raise RuntimeError(f"a part of the benchmark ended with {process.returncode}")
    return json.loads(output)


def resident_mib(process: subprocess.Popen[bytes]) -> float:
    """The process's resident memory."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
