from playwright.sync_api import Page, expect

from tests.browser.hands import choose_in_tour, move_to_next_event, pane


def walk(page: Page) -> None:
    choose_in_tour(page)
    pane(page).get_by_role("button", name="Join #steering").click()
    expect(pane(page)).to_contain_text("joined the channel")
    note = pane(page).get_by_role("link", name="Entente")
    note.click()
    opening = pane(page).get_by_role("button", name="Open")
    for _ in range(4):
        move_to_next_event(page)
        if opening.count():
            break
    opening.click()
    expect(pane(page)).to_contain_text("What we set out to do")
