"""`make pictures`: the pictures in the README, taken of the playground as it is now."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.adapters.local.served import Served
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.hands import let_settle, pane

IMAGES = Path(__file__).parents[2] / "docs" / "images"


def take_all() -> None:
    """Both of them, each of a playground that nobody has used yet."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        _take_wide(chromium)
        _take_phone(chromium)
        chromium.close()


def _take_wide(chromium: Browser) -> None:
    """Both sides: a word that they use differently, and a decision that waits for one of them."""
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        served.settle()
        page = _open(chromium, served, width=1280, height=860, scheme="light")
        page.locator("#acme-text").fill("/alliance define API")
        page.locator("#acme-text").press("Enter")
        expect(pane(page)).to_contain_text("The interface through which")
        places = page.get_by_role("navigation", name="Places at Borealis")
        places.get_by_role("link", name="Entente").click()
        expect(pane(page, "Borealis")).to_contain_text("can you confirm D-4")
        _save(page, "playground.png")


def _take_phone(chromium: Browser) -> None:
    """A form with an error at its field, dark."""
    with tempfile.TemporaryDirectory() as folder, Served(Path(folder)) as served:
        served.settle()
        page = _open(chromium, served, width=390, height=844, scheme="dark")
        page.locator("#acme-text").fill("/alliance remind add")
        page.locator("#acme-text").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("How often").fill("when it rains")
        expect(dialog).to_contain_text("I don't understand")
        dialog.get_by_role("button", name="Save").click()
        expect(dialog.locator("#f-cadence-error")).to_contain_text("I don't understand")
        _save(page, "playground-phone.png")


def _open(chromium: Browser, served: Served, *, width: int, height: int, scheme: str) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    page.goto(served.url)
    page.wait_for_selector("html[data-connected]")
    return page


def _save(page: Page, name: str) -> None:
    page.evaluate("document.activeElement.blur()")
    let_settle(page)
    page.screenshot(path=IMAGES / name)


if __name__ == "__main__":
    take_all()
