"""The guided tour, walked in a browser from its first step to its last.

Each step is walked by the function `walk` of the file in `tests/browser/tour` that has its name.
"""

import importlib

from playwright.sync_api import Page, expect

from adapters.local.steps import STEPS
from tests.browser.hands import tour


def test_the_tour_from_start_to_end(page: Page) -> None:
    for number, step in enumerate(STEPS, start=1):
        expect(tour(page)).to_contain_text(step.text)
        importlib.import_module(f"tests.browser.tour.{step.name}").walk(page)
        expect(tour(page)).to_contain_text(f"{number} of {len(STEPS)} done")
    expect(tour(page)).to_contain_text("That was the tour")
