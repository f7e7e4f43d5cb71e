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
