"""The briefing book as somebody reads it: on a screen, on a phone, on paper."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.adapters.local.served import Served
from tests.browser.conftest import SCREENSHOTS


def open_book(page: Page, served: Served) -> None:
    """Tom opens the book as a document."""
    tom = served.world.get_person("U-TOM")
    assert tom is not None
    served.say("U-TOM", "dm", "briefing")
    served.press("U-TOM", served.last("U-TOM", tom.direct).id, "As a document")
    link = served.last("U-TOM", tom.direct)
    assert link.view is not None
    (url, *_) = [i.url for b in link.view.blocks for i in getattr(b, "items", ()) if i.url]
    # A browser asks for an icon, and a document has none.
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto(url)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_book_is_read_by_everybody(page: Page, served: Served, width: int) -> None:
    open_book(page, served)
    found = Axe().run(page)
    told = [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found.response["violations"]]
    assert told == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"book-{width}.png", full_page=True)


def test_on_paper_it_has_no_buttons_and_nothing_is_cut_off(page: Page, served: Served) -> None:
    open_book(page, served)
    page.emulate_media(media="print")
    assert not page.get_by_role("link", name="The same as Markdown").is_visible()
    page.set_viewport_size({"width": 720, "height": 1000})
    cut = "[...document.querySelectorAll('.table')].filter(t => t.scrollWidth > t.clientWidth + 1)"
    assert page.evaluate(f"{cut}.length") == 0
