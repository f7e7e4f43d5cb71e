from playwright.sync_api import Page, expect

from adapters.local.sample import NORTH_STAR
from tests.browser.hands import choose_in_tour, move_to_next_event, pane

MOST = 10
"""Other things come due before the reminder."""


def walk(page: Page) -> None:
    choose_in_tour(page)
    expect(page.get_by_role("link", name="Tom Okafor")).to_have_attribute("aria-current", "true")
    reminder = pane(page).get_by_text(NORTH_STAR)
    for _ in range(MOST):
        move_to_next_event(page)
        if reminder.count():
            break
    expect(reminder.first).to_be_visible()
