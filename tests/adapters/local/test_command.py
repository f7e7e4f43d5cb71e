"""`entente demo` as people start it: its own process, its own files."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.cli import demo

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from adapters.cli.main import main; main()", "demo"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _demo(
    folder: Path, port: int, *options: str, browser: bool = False, **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    quietly = () if browser else ("--no-browser",)
    process = subprocess.Popen(
        [*COMMAND, *quietly, "--port", str(port), *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait_for_page(port: int, *, within: float) -> str:
    until = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_it_serves_within_four_seconds_and_stops_within_two(tmp_path: Path) -> None:
    port = _free_port()
    # Slow machines get more; the time is measured in the benchmarks.
    allowed = 4.0 * float(os.environ.get("ENTENTE_TEST_PATIENCE", "2"))
    with _demo(tmp_path, port) as process:
        assert "Entente playground" in _wait_for_page(port, within=allowed)
        with socket.create_connection(("127.0.0.1", port)) as stream:
            stream.sendall(f"GET /events HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert stream.recv(100)
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
            assert time.monotonic() - begun < 2
        said = process.stdout.read() if process.stdout else ""
    assert f"http://127.0.0.1:{port}/" in said
    assert "Traceback" not in said
    assert "level" not in said
    assert {path.name for path in (tmp_path / ".entente").iterdir()} >= {"demo.db", "chat.db"}


def test_a_browser_that_stays_in_front_holds_up_neither_the_page_nor_the_end(
    tmp_path: Path,
) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\nexec sleep 60\n')
    browser.chmod(0o755)
    port = _free_port()
    shown = {"DISPLAY": ":99", "BROWSER": str(browser)}
    with _demo(tmp_path, port, browser=True, **shown) as process:
        _wait_for_page(port, within=20)
        until = time.monotonic() + 20
        while not opened.exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert opened.read_text().strip() == f"http://127.0.0.1:{port}/"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0


def test_a_taken_port_is_named_with_another_to_choose(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        with _demo(tmp_path, port) as process:
            said, _ = process.communicate(timeout=20)
            assert process.returncode == 1
    assert f"Port {port} is taken" in said
    assert f"entente demo --port {port + 1}" in said
    assert "Traceback" not in said
    assert not (tmp_path / ".entente").exists()


def test_the_port_is_held_as_tcp() -> None:
    """Only then does the event loop send each answer at once."""
    with demo.reserve(0) as held:
        assert held.proto == socket.IPPROTO_TCP


def test_a_second_one_on_the_same_files_says_so(tmp_path: Path) -> None:
    first, second = _free_port(), _free_port()
    with _demo(tmp_path, first) as running:
        _wait_for_page(first, within=20)
        with _demo(tmp_path, second, "--fresh") as process:
            said, _ = process.communicate(timeout=20)
            assert process.returncode == 1
        assert "A playground is running on the files in" in said
        assert "Traceback" not in said
        assert "Entente playground" in _wait_for_page(first, within=5)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0
    with _demo(tmp_path, second) as again:
        assert "Entente playground" in _wait_for_page(second, within=20)
        again.send_signal(signal.SIGINT)
        assert again.wait(timeout=10) == 0


def test_fresh_starts_over(tmp_path: Path) -> None:
    tokens = []
    for options in ([], [], ["--fresh"]):
        port = _free_port()
        with _demo(tmp_path, port, *options) as process:
            page = _wait_for_page(port, within=20)
            tokens.append(page.split('name="token" content="')[1].split('"')[0])
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=10) == 0
    assert tokens[0] == tokens[1] != tokens[2]
