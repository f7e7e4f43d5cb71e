from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, pane

WORDS = "As one team, an ordinary school day for every child."


def walk(page: Page) -> None:
    choose_in_tour(page)
    pane(page).get_by_role("button", name="Change", exact=True).first.click()
    page.get_by_label("Our North Star").fill(WORDS)
    expect(page.get_by_role("dialog").locator("blockquote")).to_have_text(WORDS)
    expect(page.get_by_label("Our North Star")).to_be_focused()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("dialog")).to_contain_text("now in force at Acme only")
    page.get_by_role("button", name="Close").click()
