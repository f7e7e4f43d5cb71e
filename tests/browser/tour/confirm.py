from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, pane


def walk(page: Page) -> None:
    choose_in_tour(page)
    borealis = pane(page, "Borealis")
    expect(borealis).to_contain_text("Test the small pump with school nurses")
    borealis.get_by_role("button", name="Confirm for Borealis").last.click()
    expect(borealis).to_contain_text("You confirmed D-4 for Borealis")
