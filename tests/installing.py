"""Installing Entente as people do: a browser with its cookies, our pages, and Slack's."""

import http.client
import re
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from tests.fakes.slack import Channel, FakeSlack, User
from tests.harness import Bot

PUBLIC = "https://entente.example.com"
KEY = "a key of thirty-two letters or more"


def many_workspaces(slack: FakeSlack, **more: object) -> dict[str, object]:
    """The settings for many workspaces."""
    return {
        "SLACK_BOT_TOKEN": None,
        "SLACK_CLIENT_ID": slack.world.client_id,
        "SLACK_CLIENT_SECRET": slack.world.client_secret,
        "ENTENTE_SECRET_KEY": KEY,
        "ENTENTE_PUBLIC_URL": PUBLIC,
        **more,
    }


@dataclass(frozen=True)
class Page:
    status: int
    headers: dict[str, str]
    html: str

    @property
    def text(self) -> str:
        """What a person reads."""
        body = self.html.partition("<body>")[2]
        return unescape(re.sub(r"<[^>]+>", " ", body))

    @property
    def link(self) -> str:
        """Where its one link leads."""
        (found,) = re.findall(r'href="([^"]+)"', self.html)
        return unescape(found)


@dataclass
class Browser:
    """Keeps cookies as browsers do; `PUBLIC` is where the bot serves."""

    bot: Bot
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str, method: str = "GET") -> Page:
        parts, own = urlsplit(address), urlsplit(self.bot.url)
        assert f"{parts.scheme}://{parts.netloc}" in {PUBLIC, "://"}
        connection = http.client.HTTPConnection(own.hostname or "", own.port, timeout=10)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            connection.request(method, path, headers={"Cookie": kept} if kept else {})
            answer = connection.getresponse()
            self._keep(answer.headers.get_all("Set-Cookie") or [])
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Page(answer.status, headers, answer.read().decode())
        finally:
            connection.close()

    def _keep(self, given: list[str]) -> None:
        for line in given:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def install(bot: Bot, slack: FakeSlack, who: User, *, is_organisation: bool = False) -> Page:
    """All of it: our page, Slack's, and back."""
    browser = Browser(bot)
    asked = browser.get(f"{PUBLIC}/slack/install")
    assert asked.status == 200, asked.text
    page = browser.get(slack.allows(asked.link, who, is_organisation=is_organisation))
    assert page.status == 200, page.text
    bot.settle()
    return page


def read_export(bot: Bot, slack: FakeSlack, who: User, channel: Channel) -> dict[str, str]:
    """What a manager takes along, through the links they get: the files by the kind of each."""
    who.says(channel, "<@BOT> export")
    bot.settle()
    blocks = str(slack.ephemerals(user=who)[-1].blocks)
    links = re.findall(rf"{PUBLIC}/documents/[\w-]+", blocks)
    pages = [Browser(bot).get(link) for link in links]
    return {page.headers["content-type"].partition(";")[0]: page.html for page in pages}
