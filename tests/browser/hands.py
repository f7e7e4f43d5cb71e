"""What somebody does on the page, in words."""

from playwright.sync_api import Locator, Page, expect


def pane(page: Page, name: str = "Acme") -> Locator:
    """One workspace's part of the page."""
    return page.get_by_role("region", name=name, exact=True)


def tour(page: Page) -> Locator:
    return page.get_by_role("region", name="Guided tour")


def choose_in_tour(page: Page) -> None:
    """Go to where the next step begins."""
    page.get_by_role("link", name="Take me there").click()


def send_what_is_there(page: Page, key: str = "acme") -> None:
    """Send the words that the tour put into the box."""
    box = page.locator(f"#{key}-text")
    expect(box).not_to_have_value("")
    expect(box).to_be_focused()
    box.press("Enter")


def move_to_next_event(page: Page) -> None:
    """Let time pass until the clock stands again: days of the worker's doings lie between."""
    page.get_by_role("button", name="To the next event").click()
    expect(page.locator("[data-step][aria-disabled]")).to_have_count(0, timeout=30_000)


def let_settle(page: Page) -> None:
    """Wait until nothing on the page is fading any more."""
    page.wait_for_function("document.getAnimations().every(a => a.playState !== 'running')")
