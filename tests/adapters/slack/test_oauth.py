"""Installing over OAuth: what the pages say and send, and which ways back are refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlmodel import Session, select

from adapters.slack.oauth import PURPOSE
from adapters.slack.vault import Vault
from bot.people.installations import Installation
from bot.people.models import Workspace
from tests.fakes.slack import FakeSlack, User
from tests.harness import MONDAY, Bot, ManualClock
from tests.installing import KEY, PUBLIC, Browser, Page, install, many_workspaces

INSTALL, REDIRECT = f"{PUBLIC}/slack/install", f"{PUBLIC}/slack/oauth_redirect"


@dataclass
class Stage:
    slack: FakeSlack
    bot: Bot
    clock: ManualClock
    ana: User

    def begin(self) -> tuple[Browser, str]:
        """A browser on our page, and the link to Slack's."""
        browser = Browser(self.bot)
        return browser, browser.get(INSTALL).link

    def kept(self) -> list[Installation]:
        return self.bot.read(lambda session: list(session.exec(select(Installation))))

    def refused(self, page: Page, words: str, status: int = 400) -> None:
        """Nothing was installed, and the page says why."""
        assert (page.status, words in page.text) == (status, True), page.text
        assert page.link == "/slack/install"
        assert self.kept() == []
        self.strict(page)

    def strict(self, page: Page) -> None:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-frame-options"] == "DENY"
        assert "<script" not in page.html
        assert '<html lang="en">' in page.html
        assert page.html.count("<h1>") == 1


@pytest.fixture
def stage(database_url: str, clock: ManualClock) -> Iterator[Stage]:
    with FakeSlack() as slack:
        acme = slack.team("Acme")
        ana = slack.user("Ana", team=acme)
        with Bot(database_url, slack, clock, **many_workspaces(slack)) as bot:
            yield Stage(slack, bot, clock, ana)
        assert slack.strict_errors == []


def test_the_page_gives_a_reason_for_each_scope_and_leads_to_slack(stage: Stage) -> None:
    page = Browser(stage.bot).get(INSTALL)
    stage.strict(page)
    assert "Tell which organisation a person belongs to" in page.text
    query = parse_qs(urlsplit(page.link).query)
    assert query["redirect_uri"] == [REDIRECT]
    assert query["client_id"] == [stage.slack.world.client_id]
    cookie = page.headers["set-cookie"]
    for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/slack/", "Max-Age=600"):
        assert word in cookie


def test_installed_and_told_and_the_token_is_nowhere_in_the_clear(stage: Stage) -> None:
    page = install(stage.bot, stage.slack, stage.ana)
    stage.strict(page)
    assert "Entente is in Acme now" in page.text
    (kept,) = stage.kept()
    token = stage.slack.installation.token
    assert token not in repr(kept)
    assert token not in stage.bot.read(_dump)
    assert (kept.external_id, kept.bot_user) == (stage.ana.team.id, stage.slack.bot_user)


def _dump(session: Session) -> str:
    return "".join(str(row) for row in session.connection().execute(select(Installation)).all())


def test_saying_no_in_slack_is_fine(stage: Stage) -> None:
    browser, link = stage.begin()
    stage.refused(browser.get(stage.slack.declines(link)), "You said no", status=200)


def test_without_a_state_nothing_is_installed(stage: Stage) -> None:
    browser, link = stage.begin()
    code = parse_qs(urlsplit(stage.slack.allows(link, stage.ana)).query)["code"][0]
    stage.refused(browser.get(f"{REDIRECT}?code={code}"), "Something is missing")
    stage.refused(browser.get(REDIRECT), "Something is missing")
    assert stage.slack.calls("oauth.v2.access") == []


@pytest.mark.parametrize("state", ["wrong", "gAAAAA", "ä", "x" * 900, "x" * 5000, "\x00", "a.b"])
def test_a_state_that_is_not_ours_installs_nothing(stage: Stage, state: str) -> None:
    browser, _ = stage.begin()
    page = browser.get(f"{REDIRECT}?{urlencode({'code': 'c', 'state': state})}")
    stage.refused(page, "start" if len(state) < 1000 else "Something is missing")
    assert stage.slack.calls("oauth.v2.access") == []


def test_a_state_that_was_altered_or_made_with_another_key_installs_nothing(stage: Stage) -> None:
    browser, link = stage.begin()
    state = parse_qs(urlsplit(link).query)["state"][0]
    middle = len(state) // 2
    altered = state[:middle] + ("A" if state[middle] != "A" else "B") + state[middle + 1 :]
    forged = Vault(["another key of thirty-two letters"], purpose=PURPOSE)
    other = Vault([KEY], purpose="slack tokens")
    for made in (altered, forged.close("n.h", now=stage.clock()), other.close("n.h", now=MONDAY)):
        page = browser.get(f"{REDIRECT}?{urlencode({'code': 'c', 'state': made})}")
        stage.refused(page, "not begun here")


def test_a_state_works_in_its_own_browser_alone(stage: Stage) -> None:
    """Or an attacker could have somebody else's workspace connected to what they began."""
    _, link = stage.begin()
    back = stage.slack.allows(link, stage.ana)
    stage.refused(Browser(stage.bot).get(back), "another browser")
    elsewhere, _ = stage.begin()
    stage.refused(elsewhere.get(back), "another browser")
    assert stage.slack.calls("oauth.v2.access") == []


def test_a_state_works_once(stage: Stage) -> None:
    browser, link = stage.begin()
    cookies = dict(browser.cookies)
    back = stage.slack.allows(link, stage.ana)
    assert browser.get(back).status == 200
    again = Browser(stage.bot, cookies).get(back)
    assert (again.status, "done already" in again.text) == (400, True)
    code = parse_qs(urlsplit(stage.slack.allows(link, stage.ana)).query)["code"][0]
    state = parse_qs(urlsplit(link).query)["state"][0]
    third = Browser(stage.bot, cookies).get(
        f"{REDIRECT}?{urlencode({'code': code, 'state': state})}"
    )
    assert "done already" in third.text
    assert len(stage.slack.calls("oauth.v2.access")) == 1
    assert len(stage.kept()) == 1


def test_a_state_lasts_ten_minutes(stage: Stage) -> None:
    browser, link = stage.begin()
    stage.clock.advance(timedelta(minutes=10, seconds=1))
    stage.refused(browser.get(stage.slack.allows(link, stage.ana)), "more than ten minutes old")


def test_a_code_that_slack_does_not_take_installs_nothing(stage: Stage) -> None:
    browser, link = stage.begin()
    state = parse_qs(urlsplit(link).query)["state"][0]
    query = urlencode({"code": "made-up", "state": state})
    stage.refused(browser.get(f"{REDIRECT}?{query}"), "did not accept the code")
    browser, link = stage.begin()
    state = parse_qs(urlsplit(link).query)["state"][0]
    stage.refused(browser.get(f"{REDIRECT}?{urlencode({'state': state})}"), "sent no code")


def test_slack_out_of_reach_is_said(stage: Stage) -> None:
    browser, link = stage.begin()
    stage.slack.drops("oauth.v2.access")
    page = browser.get(stage.slack.allows(link, stage.ana))
    stage.refused(page, "did not answer", status=502)


def test_the_pages_are_for_reading_alone(stage: Stage) -> None:
    for path in (INSTALL, REDIRECT):
        assert Browser(stage.bot).get(path, method="POST").status == 405


def test_two_workspaces_install_and_each_keeps_its_own(stage: Stage) -> None:
    jonas = stage.slack.user("Jonas", team=stage.slack.team("Borealis"))
    install(stage.bot, stage.slack, stage.ana)
    install(stage.bot, stage.slack, jonas)
    assert {each.external_id for each in stage.kept()} == {stage.ana.team.id, jonas.team.id}
    assert len({each.bot_user for each in stage.kept()}) == 2


def test_installing_again_renews_the_token(stage: Stage) -> None:
    install(stage.bot, stage.slack, stage.ana)
    (before,) = stage.kept()
    install(stage.bot, stage.slack, stage.ana)
    (after,) = stage.kept()
    assert after.id == before.id
    assert after.secret != before.secret
    stage.ana.dm("help")
    stage.bot.settle()
    assert "you can say" in "".join(map(stage.slack.text_of, stage.slack.dms(stage.ana)))


def test_a_whole_organisation_is_one_installation_for_all_its_workspaces(stage: Stage) -> None:
    sales = stage.slack.team("Grid Sales", enterprise="E0GRID")
    lab = stage.slack.team("Grid Lab", enterprise="E0GRID")
    lea, max_ = stage.slack.user("Lea", team=sales), stage.slack.user("Max", team=lab)
    install(stage.bot, stage.slack, lea, is_organisation=True)
    (kept,) = stage.kept()
    assert (kept.external_id, kept.is_organisation) == ("E0GRID", True)
    for who in (lea, max_):
        assert "you can say" in who.slash("/alliance", "help").text
    homes = stage.bot.read(
        lambda session: {w.external_id for w in session.exec(select(Workspace)) if w.bot_user}
    )
    assert homes == {"E0GRID"}
