"""A browser before the playground. Whatever a test does, the page must log no error and ask no
other host for anything."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from adapters.cli.demo import DATABASE
from tests.adapters.local.served import Served

CHROMIUM = os.environ.get("ENTENTE_TEST_CHROMIUM") or shutil.which("chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        reason = "no chromium here: apt-get install chromium, or set ENTENTE_TEST_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def folder(sqlite_template: Path, tmp_path: Path) -> Path:
    """The playground's files, migrated."""
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """The playground, with time that runs."""
    with Served(folder, runs=True) as running:
        yield running


@pytest.fixture
def problems() -> list[str]:
    """What the page logged as an error, and which other hosts it asked. Empty at the end."""
    return []


@pytest.fixture
def scheme() -> str:
    return "light"


@pytest.fixture
def width() -> int:
    return 1280


@pytest.fixture
def page(
    chromium: Browser, served: Served, problems: list[str], scheme: str, width: int
) -> Iterator[Page]:
    """The page as somebody finds it who opens it for the first time."""
    context = chromium.new_context(
        viewport={"width": width, "height": 860},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "request",
        lambda request: (
            None if request.url.startswith(served.url) else problems.append(request.url)
        ),
    )
    opened.goto(served.url)
    opened.wait_for_selector("html[data-connected]")
    yield opened
    context.close()
    assert problems == []
