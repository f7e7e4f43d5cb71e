from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, pane, send_what_is_there


def walk(page: Page) -> None:
    choose_in_tour(page)
    send_what_is_there(page)
    expect(pane(page).get_by_role("button", name="As a document").last).to_be_visible()
