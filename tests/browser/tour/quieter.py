from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, pane


def walk(page: Page) -> None:
    choose_in_tour(page)
    pane(page).get_by_role("button", name="Mute").click()
    expect(pane(page)).to_contain_text("Your name is not given")
