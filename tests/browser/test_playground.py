"""The playground as people use it: with a mouse, with keys alone, on a phone."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.adapters.local.served import Served
from tests.browser.conftest import SCREENSHOTS
from tests.browser.hands import let_settle, move_to_next_event, pane


def test_a_form_with_errors(page: Page) -> None:
    box = pane(page).get_by_role("textbox")
    box.fill("/alliance remind add")
    box.press("Enter")
    dialog = page.get_by_role("dialog")
    cadence = dialog.get_by_label("How often")
    cadence.fill("every wendsday-ish")
    expect(dialog).to_contain_text("I don't understand")
    expect(cadence).to_have_value("every wendsday-ish")
    dialog.get_by_role("button", name="Save").click()
    expect(cadence).to_be_focused()
    expect(cadence).to_have_attribute("aria-invalid", "true")
    expect(dialog.locator("#f-cadence-error")).to_contain_text("I don't understand")
    cadence.fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("#f-cadence-error")).to_have_text("Please fill this in.")
    expect(dialog).to_contain_text("Tom Okafor")
    expect(dialog).not_to_contain_text("Priya Nair")
    cadence.fill("every 2 weeks on tuesday 10:00")
    expect(dialog).to_contain_text("Tuesday")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("Set up: The North Star, to #steering")


def test_with_keys_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the chats")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#chats")).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "acme-text":
            break
    page.keyboard.type("/alliance north")
    options = pane(page).get_by_role("option")
    expect(options).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    for _ in range(3):
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#acme-text")).to_have_value("/alliance north star set ")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Our North Star")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Every child, an ordinary school day.")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Put in force":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("now in force at Acme only")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#acme-text").focus()
    page.keyboard.type("Thanks @To")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#acme-log .message").last).to_contain_text("Thanks @Tom Okafor")
    expect(page.locator("#acme-text")).to_be_focused()


def test_a_question_is_asked_before_something_is_removed(page: Page, served: Served) -> None:
    page.get_by_role("navigation", name="Places at Acme").get_by_role("link", name="Home").click()
    pane(page).get_by_role("button", name="Remove").first.click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator(".time")).to_contain_text("The North Star, #steering")
    pane(page).get_by_role("button", name="Remove").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator(".time")).not_to_contain_text("The North Star, #steering")
    expect(page.locator(".time")).to_contain_text("The charter, one clause at a time")


def test_threads_reactions_and_what_the_other_partner_sees(page: Page) -> None:
    page.get_by_role("navigation", name="Places at Acme").get_by_role(
        "link", name="#acme-borealis"
    ).click()
    expect(page.locator("#pane-acme h3")).to_have_text("#acme-borealis")
    box = pane(page).get_by_role("textbox")
    box.fill("Shall we start at nine? <b>Really</b>")
    box.press("Enter")
    borealis = page.get_by_role("region", name="Borealis", exact=True)
    message = borealis.locator(".message", has_text="Shall we start at nine? <b>Really</b>")
    message.get_by_text("React").click()
    message.get_by_role("button", name="thumbs up").click()
    expect(pane(page).locator(".message").last).to_contain_text("thumbs up 1")
    message.get_by_role("link", name="Reply").click()
    expect(borealis.get_by_role("heading", level=3)).to_have_text("Thread in #acme-borealis")
    borealis.get_by_role("textbox").fill("Yes, at nine.")
    borealis.get_by_role("textbox").press("Enter")
    expect(borealis.locator(".message").last).to_contain_text("Yes, at nine.")
    expect(pane(page).locator(".message").last).to_contain_text("1 reply")


def test_the_menus_of_the_newest_message_are_seen_whole(page: Page) -> None:
    box = pane(page).get_by_role("textbox")
    for number in range(12):
        box.fill(f"Line {number} for the log to be full")
        box.press("Enter")
        expect(page.locator("#acme-log .message").last).to_contain_text(f"Line {number}")
    for message in (
        page.locator("#acme-log .message").last,
        page.locator("#acme-log .message").nth(8),
    ):
        for menu in ("React", "More"):
            message.locator("summary", has_text=menu).click()
            shown = message.locator("details[open] > div").bounding_box()
            log = page.locator("#acme-log").bounding_box()
            assert shown is not None
            assert log is not None
            assert shown["y"] >= log["y"]
            assert shown["y"] + shown["height"] <= log["y"] + log["height"]
            message.locator("summary", has_text=menu).click()


def test_a_thread_is_opened_from_the_decision_that_was_captured_there(page: Page) -> None:
    page.get_by_role("link", name="Tom Okafor").click()
    expect(page.locator("#pane-acme .pane-top")).to_contain_text("as Tom Okafor")
    box = pane(page).get_by_role("textbox")
    box.fill("We use the Basel site.")
    box.press("Enter")
    message = page.locator("#acme-log .message").last
    expect(message).to_contain_text("We use the Basel site.")
    message.locator("summary", has_text="More").click()
    message.get_by_role("button", name="Capture decision").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_contain_text("D-5")
    dialog.get_by_role("button", name="Close").click()
    box.fill("/alliance decisions show D-5")
    box.press("Enter")
    pane(page).get_by_role("link", name="Open the thread").last.click()
    expect(page.locator("#pane-acme h3")).to_have_text("Thread in #steering")
    expect(page.locator("#pane-acme .pane-top")).to_contain_text("as Tom Okafor")
    expect(page.locator("#acme-log")).to_contain_text("We use the Basel site.")


def test_every_command_is_offered_and_can_be_reached(page: Page, served: Served) -> None:
    page.locator("#acme-text").fill("/")
    options = pane(page).get_by_role("option")
    commands = served.playground.dispatcher.registry.commands.values()
    expect(options).to_have_count(sum(1 for each in commands if each.help) + 1)
    page.locator("#acme-text").press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    expect(options.last).to_be_in_viewport()


def test_what_entente_reads_can_be_sent_as_a_file(page: Page) -> None:
    page.get_by_role("navigation", name="Places at Acme").get_by_role(
        "link", name="Entente"
    ).click()
    accepted = page.locator("#pane-acme input[type=file]").get_attribute("accept")
    assert accepted is not None
    assert {".csv", ".tsv", ".xlsx", ".docx", ".md"} <= set(accepted.split(","))


def test_one_workspace_alone_where_both_have_room(page: Page) -> None:
    page.get_by_role("link", name="One at a time").click()
    expect(page.locator("#pane-borealis")).to_be_hidden()
    page.get_by_role("navigation", name="Workspaces").get_by_role("link", name="Borealis").click()
    expect(page.locator("#pane-borealis")).to_be_visible()
    expect(page.locator("#pane-acme")).to_be_hidden()
    page.get_by_role("link", name="Side by side").click()
    expect(page.locator("#pane-acme")).to_be_visible()
    expect(page.locator("#pane-borealis")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_clock_stays_in_view_above_the_chats(page: Page, width: int) -> None:
    box = page.locator("#acme-text")
    box.scroll_into_view_if_needed()
    page.mouse.wheel(0, 3000)
    expect(page.get_by_role("button", name="To the next event")).to_be_in_viewport()
    expect(page.get_by_role("button", name="+1 week")).to_be_in_viewport(ratio=1)
    expect(box).to_be_in_viewport()


def test_a_newcomer_joins_and_leaves(page: Page) -> None:
    page.get_by_role("link", name="Mei Tanaka").click()
    expect(pane(page)).to_contain_text("Join to write here")
    pane(page).get_by_role("button", name="Join").click()
    expect(pane(page).get_by_role("textbox")).to_be_visible()
    pane(page).get_by_role("button", name="Leave").click()
    expect(pane(page)).to_contain_text("Join to write here")


def test_two_tabs_see_one_chat(page: Page, served: Served) -> None:
    other = page.context.new_page()
    other.goto(f"{served.url}/?acme=U-TOM&acme.at=C-STEERING")
    other.wait_for_selector("html[data-connected]")
    box = pane(page).get_by_role("textbox")
    draft = other.locator("#acme-text")
    draft.fill("half a thou")
    box.fill("News for everybody")
    box.press("Enter")
    expect(pane(other)).to_contain_text("News for everybody")
    expect(draft).to_have_value("half a thou")


def test_a_restarted_server_is_found_again(
    page: Page, served: Served, folder: Path, problems: list[str]
) -> None:
    page.locator("#acme-text").fill("kept while away")
    served.stop()
    expect(page.locator("#connection")).to_contain_text("The connection is lost")
    with Served(folder, runs=True, port=served.port) as again:
        again.say("U-TOM", "C-STEERING", "I was here meanwhile")
        expect(pane(page)).to_contain_text("I was here meanwhile")
        expect(page.locator("#connection")).to_have_text("")
        expect(page.locator("#acme-text")).to_have_value("kept while away")
        page.locator("#acme-text").press("Enter")
        expect(page.locator("#acme-log .message").last).to_contain_text("kept while away")
        page.close()
    # What the browser itself logs of a server that is away is no fault of the page's.
    problems[:] = [problem for problem in problems if "ERR_" not in problem]


@pytest.mark.parametrize("width", [390])
def test_on_a_phone_nothing_is_cut_off(page: Page) -> None:
    def is_within() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    assert is_within()
    for place in ("#general", "#acme-borealis", "Entente", "Home"):
        page.locator("#pane-acme").get_by_role("link", name=place).click()
        expect(page.locator("#pane-acme h3")).to_contain_text(place)
        assert is_within(), place
    page.locator("#pane-acme").get_by_role("link", name="Entente").click()
    page.locator("#acme-text").fill("help " + "x" * 3000)
    page.locator("#acme-text").press("Enter")
    expect(page.locator("#acme-log")).to_contain_text("Here is what you can say")
    assert is_within()
    page.locator("#acme-text").fill("/alliance remind add")
    page.locator("#acme-text").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert is_within()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("navigation", name="Workspaces").get_by_role("link", name="Borealis").click()
    expect(page.locator("#pane-borealis")).to_be_visible()
    expect(page.locator("#pane-acme")).to_be_hidden()
    assert is_within()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility_checks_find_nothing_serious(page: Page, scheme: str, width: int) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    places = page.get_by_role("navigation", name="Places at Acme")

    def check(state: str) -> None:
        let_settle(page)
        page.screenshot(path=SCREENSHOTS / f"{state}-{width}-{scheme}.png", full_page=width < 500)
        found = Axe().run(page)
        serious = [
            f"{v['id']}: {v['nodes'][0]['html'][:200]} ({len(v['nodes'])})"
            for v in found.response["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
        assert serious == [], state

    check("channel")
    page.locator("#acme-text").fill("/")
    check("completion")
    page.locator("#acme-text").fill("/alliance status")
    page.locator("#acme-text").press("Enter")
    expect(pane(page)).to_contain_text("Only you see this")
    check("private")
    places.get_by_role("link", name="Home").click()
    expect(page.locator("#pane-acme h3")).to_have_text("Home")
    check("home")
    pane(page).get_by_role("button", name="Set up a reminder").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How often").fill("never")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("p.error:not(:empty)").first).to_be_visible()
    check("form")
    dialog.get_by_role("button", name="Cancel").click()
    places.get_by_role("link", name="#acme-borealis").click()
    for _ in range(6):
        if re.search("18 March 2027", page.locator(".now").inner_text()):
            break
        move_to_next_event(page)
    expect(page.locator("#acme-log .message").last).to_contain_text("Why each of us is here")
    check("reminder")
