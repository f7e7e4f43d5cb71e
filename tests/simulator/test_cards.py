"""The cards before people's eyes: in Microsoft's simulator, light and dark, wide and narrow. Their
pictures are left in `screenshots`, to be looked at."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from adapters.teams.elements import LINES
from adapters.teams.render import render_card
from bot.core.views import Quote, view
from tests.browser.conftest import SCREENSHOTS
from tests.browser.conftest import chromium as _chromium
from tests.fakes.teams.cards import walk
from tests.harness import ManualClock
from tests.scenarios.casts import in_teams
from tests.simulator.cards import Json, make_cards
from tests.simulator.simulator import HERE, Simulator

pytestmark = pytest.mark.process

chromium = _chromium

SHOWN: Final = ".ac-preview-panel"
"""Where the simulator draws a card."""

DARK: Final = {
    "#ff252424": "#ffffffff",
    "#bf252424": "#bfffffff",
    '"backgroundColor":"#ffffff"': '"backgroundColor":"#ff2d2c2c"',
    "#fff9f8f7": "#ff292828",
    "#c4314b": "#ffd74654",
}
"""Colours of cards in Teams, light and dark. The simulator knows the light ones only. Source:
https://github.com/microsoft/AdaptiveCards/tree/main/samples/HostConfig (microsoft-teams-*.json)"""

DARK_CONTROLS: Final = {
    "colorNeutralBackground1": "#292929",
    "colorNeutralBackground1Hover": "#3d3d3d",
    "colorNeutralForeground1": "#ffffff",
    "colorNeutralForeground1Hover": "#ffffff",
    "colorNeutralForeground2": "#d6d6d6",
    "colorNeutralForeground3": "#adadad",
    "colorNeutralForeground4": "#999999",
    "colorNeutralStroke1": "#666666",
    "colorNeutralStrokeAccessible": "#adadad",
    "colorBrandBackground": "#4f52b2",
    "colorNeutralForegroundOnBrand": "#ffffff",
    "colorPaletteRedForeground3": "#e37d80",
}
"""The same for buttons and inputs: Fluent's teamsDarkTheme."""


@pytest.fixture(scope="module")
def cards(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """Of a whole conversation with Teams."""
    path = tmp_path_factory.mktemp("cards") / "entente.db"
    path.write_bytes(sqlite_template.read_bytes())
    for cast in in_teams(f"sqlite:///{path}", ManualClock()):
        made = make_cards(cast)
    return made


class Silent(BaseHTTPRequestHandler):
    """Takes what the simulator tells of, and says nothing."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@pytest.fixture(scope="module")
def simulator(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """What is to be shown was made before: behind it is nobody."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as nobody:
        thread = threading.Thread(target=nobody.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{nobody.server_port}/api/messages"
        with Simulator(program, tmp_path_factory.mktemp("shown"), address) as made:
            yield made
        nobody.shutdown()
        thread.join()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[320, 640])
def width(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def page(chromium: Browser, simulator: Simulator, scheme: str, width: int) -> Iterator[Page]:
    """Mei's chat with Entente, its cards in these colours and of this width."""
    opened = chromium.new_page(viewport={"width": 1500, "height": 4000})
    opened.route(lambda url: not url.startswith(simulator.url), lambda route: route.abort())
    if scheme == "dark":
        opened.route("**/static/js/main.*.js", darken)
    opened.goto(simulator.url)
    style = f".looked-at {{ width: {width}px; position: fixed; inset: 60px auto auto 420px; }}"
    if scheme == "dark":
        colours = "".join(f"--{name}: {value} !important;" for name, value in DARK_CONTROLS.items())
        style += f"{SHOWN} {{ {colours} }}"
    opened.add_style_tag(content=style)
    yield opened
    opened.close()


def darken(route: Route) -> None:
    """The simulator's script, with Teams' dark colours for cards."""
    script = route.fetch().text()
    first = script.index("""JSON.parse('{"choiceSetInputValueSeparator""")
    last = script.index("')", first)
    colours = script[first:last]
    for light, dark in DARK.items():
        assert light in colours
        colours = colours.replace(light, dark)
    route.fulfill(body=script[:first] + colours + script[last:], content_type="text/javascript")


def test_cards_look_as_they_should(
    page: Page, simulator: Simulator, cards: dict[str, Json], scheme: str, width: int
) -> None:
    wrong: dict[str, Any] = {}
    for name, card in cards.items():
        before = page.locator(SHOWN).count()
        simulator.shows(card)
        expect(page.locator(SHOWN)).to_have_count(before + 1)
        shown = page.locator(SHOWN).nth(before)
        shown.evaluate("card => card.classList.add('looked-at')")
        said = shown.text_content() or ""
        for element in walk(card):
            if element["type"] == "TextRun":
                assert element["text"] in said
        shown.screenshot(path=SCREENSHOTS / "cards" / f"{name}-{scheme}-{width}.png")
        found = shown.evaluate((HERE / "looks.js").read_text("utf-8"))
        if found:
            wrong[name] = found
        shown.evaluate("card => card.classList.remove('looked-at')")
    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light"], indirect=True)
@pytest.mark.parametrize("width", [640], indirect=True)
def test_lines_that_stand_together_in_one_element_are_still_lines(
    page: Page, simulator: Simulator
) -> None:
    lines = [f"Line {number}" for number in range(2 * LINES)]
    before = page.locator(SHOWN).count()
    simulator.shows(render_card(view(Quote(text="\n".join(lines)))))
    expect(page.locator(SHOWN)).to_have_count(before + 1)
    assert page.locator(SHOWN).nth(before).inner_text().splitlines() == lines
