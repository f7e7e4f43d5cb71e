from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, pane, send_what_is_there


def walk(page: Page) -> None:
    choose_in_tour(page)
    send_what_is_there(page)
    expect(pane(page)).to_contain_text("Only you see this.")
    expect(pane(page)).to_contain_text("At Acme: The active pharmaceutical ingredient")
    expect(pane(page)).to_contain_text("The interface through which the registry hands data")
    expect(pane(page).get_by_role("button", name="Preview a clarification")).to_be_visible()
