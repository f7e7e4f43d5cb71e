"""The briefing book: read in the chat, opened as a document by a private link."""

import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session

from bot.features.decisions import capture
from bot.features.decisions.capture import Draft
from bot.features.glossary import changing
from bot.features.glossary.changing import Wording
from bot.people.models import AudienceKind, Member
from bot.people.viewer import get_viewers
from tests.harness import Bot
from tests.scenarios.casts import write_clause
from tests.scenarios.conftest import STAR, Home
from tests.scenarios.persons import Person

YOURS_ALONE = "This link is yours alone"


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    text: str


class Readers:
    """Acme at home, and its documents at this machine's address."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.ana, self.tom = home.ana, home.tom
        assert isinstance(home.cast.bot, Bot)
        self.bot = home.cast.bot
        self.bot.entente.dispatcher.registry.address = self.bot.url

    def get(self, url: str, *, agent: str = "Mozilla/5.0", method: str = "GET") -> Page:
        request = urllib.request.Request(url, headers={"User-Agent": agent}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Page(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, dict(error.headers), error.read().decode())

    def link(self, who: Person) -> str:
        """The address of a fresh document."""
        who.says("briefing")
        who.presses("As a document", on="Choose a part, or open all of it")
        return who.leads_to("Open the document", on=YOURS_ALONE)

    def write_charter(self, wording: str) -> None:
        write_clause(self.ana, "norms", wording)

    def change(self, statement: str) -> None:
        """What no command does, in the database."""
        with self.bot.entente.database.write() as session:
            session.execute(text(statement))


@pytest.fixture
def readers(home: Home) -> Readers:
    return Readers(home)


def test_the_book_is_read_in_parts_and_as_a_document(readers: Readers) -> None:
    tom = readers.tom
    assert "Our North Star" in tom.asks("briefing")
    assert STAR in tom.chooses("Our North Star", in_menu="Open a part", on="Choose a part")
    page = readers.get(readers.link(tom))
    assert page.status == 200
    assert STAR in page.text
    assert "as Tom (Acme) may see it" in page.text
    headers = {name.lower(): value for name, value in page.headers.items()}
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    assert "default-src 'none'" in headers["content-security-policy"]


def test_markdown_says_the_same(readers: Readers) -> None:
    readers.write_charter("1. No *surprises* <b>ever</b> | please.")
    page = readers.get(readers.link(readers.ana) + ".md")
    assert page.status == 200
    assert "# Briefing book: Acme–Borealis" in page.text
    assert "In force at Acme only" in page.text
    assert r"> 1\. No \*surprises\* \<b\>ever\</b\> \| please." in page.text


def test_a_side_tells_the_agreement_in_short_and_where_things_are_kept(readers: Readers) -> None:
    ana, tom = readers.ana, readers.tom
    assert "Only alliance managers" in tom.asks("briefing edit")
    ana.opens("briefing edit", "In the briefing book")
    assert "no address" in ana.fills(links="Shared site, over there")
    ana.fills(
        agreement="Co-development until 2030; *each* side brings a site.",
        links="Shared site: https://example.com/alliance?a=1&b=(2)",
        audience="partner",
    )
    ana.close_form()
    page = readers.get(readers.link(tom))
    assert "The agreement in short" in page.text
    assert "Co-development until 2030; *each* side brings a site." in page.text
    assert 'href="https://example.com/alliance?a=1&amp;b=%282%29"' in page.text
    readers.change("UPDATE members SET partner_id = NULL WHERE name = 'Tom'")
    assert "Co-development" not in readers.get(readers.link(tom)).text
    assert "Taken back" in ana.asks("undo")
    assert "Co-development" not in readers.get(readers.link(ana)).text


def test_what_people_wrote_never_becomes_markup(readers: Readers) -> None:
    readers.write_charter('<script>alert(1)</script> <img src=x onerror="alert(2)"> {{ 7*7 }}')
    page = readers.get(readers.link(readers.ana))
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{ 7*7 }}" in page.text


def test_what_changed_since_the_last_visit_is_told(readers: Readers) -> None:
    home, tom = readers.home, readers.tom
    readers.write_charter("Questions before judgements.")
    assert "Changed since" not in tom.asks("briefing")
    home.advance(timedelta(days=2))
    assert "Nothing has changed since you last looked, on 1 March 2027" in tom.asks("briefing")
    home.advance(timedelta(days=2))
    readers.write_charter("Bad news within a day.")
    assert "Changed since you last looked, on 3 March 2027" in tom.asks("briefing")
    page = readers.get(readers.link(tom))
    assert "What changed since 3 March 2027" in page.text
    assert page.text.count("Bad news within a day.") == 2


def test_who_reads_for_the_first_time_is_told_what_changed_since_they_joined(
    readers: Readers,
) -> None:
    home = readers.home
    readers.write_charter("Questions before judgements.")
    home.advance(timedelta(days=2))
    mei = home.cast.make_colleague("Mei").enters(readers.ana.room)
    assert "Changed since" not in mei.asks("help")
    home.advance(timedelta(days=2))
    readers.write_charter("Bad news within a day.")
    assert "Changed since you joined, on 3 March 2027" in mei.asks("briefing")
    page = readers.get(readers.link(mei))
    assert "What changed since you joined, on 3 March 2027" in page.text
    assert page.text.count("Bad news within a day.") == 2
    assert STAR in page.text
    home.advance(timedelta(days=1))
    assert "Nothing has changed since you last looked" in mei.asks("briefing")


def test_a_link_ends_after_a_day_and_when_closed_and_when_renewed(readers: Readers) -> None:
    home, tom = readers.home, readers.tom
    first = readers.link(tom)
    second = readers.link(tom)
    assert readers.get(first).status == 404
    assert readers.get(second).status == 200
    assert "Closed" in tom.presses("Close the link", on=YOURS_ALONE)
    assert readers.get(second).status == 404
    third = readers.link(tom)
    home.advance(timedelta(hours=23))
    assert readers.get(third).status == 200
    home.advance(timedelta(hours=2))
    assert readers.get(third).status == 404


def test_membership_is_asked_at_every_opening(readers: Readers) -> None:
    url = readers.link(readers.tom)
    assert readers.get(url).status == 200
    readers.change("UPDATE members SET left_at = joined_at WHERE name = 'Tom'")
    page = readers.get(url)
    assert page.status == 404
    assert STAR not in page.text


def test_a_link_shows_what_its_owner_may_see_and_no_more(readers: Readers) -> None:
    jonas = readers.home.join()
    url = readers.link(readers.ana)
    assert STAR in readers.get(url).text
    jonas.writes("briefing")
    jonas.presses("As a document", on="Choose a part, or open all of it")
    theirs = readers.get(jonas.leads_to("Open the document", on=YOURS_ALONE))
    assert theirs.status == 200
    assert STAR not in theirs.text
    readers.change("UPDATE members SET partner_id = NULL WHERE name = 'Ana'")
    assert STAR not in readers.get(url).text


def test_opening_changes_nothing_and_tokens_are_not_kept(readers: Readers) -> None:
    url = readers.link(readers.tom)

    def dump() -> list[str]:
        tables = ("document_links", "briefing_visits", "seen_events", "deliveries", "changes")
        return readers.bot.read(
            lambda s: [str(s.execute(text(f"SELECT * FROM {name}")).all()) for name in tables]
        )

    before = dump()
    for _ in range(3):
        readers.get(url)
        readers.get(url, method="HEAD")
    assert dump() == before
    assert url.rsplit("/", 1)[1] not in str(before)
    assert readers.get(url, method="POST").status == 405


@pytest.mark.parametrize(
    "agent",
    [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 SkypeUriPreview Preview/0.5",
    ],
)
def test_programs_that_unfold_links_learn_nothing(readers: Readers, agent: str) -> None:
    page = readers.get(readers.link(readers.tom), agent=agent)
    assert page.status == 404
    assert "Acme" not in page.text


@pytest.mark.parametrize("token", ["x", "a" * 5000, "%00", "..%2f..%2fetc", "a.md", "%F0%9F%A6%86"])
def test_what_is_no_link_opens_nothing(readers: Readers, token: str) -> None:
    page = readers.get(f"{readers.bot.url}/documents/{token}")
    assert page.status == 404


def test_somebody_elses_part_stays_closed(readers: Readers) -> None:
    readers.tom.asks("briefing")
    eve = readers.home.cast.make_colleague("Eve")
    assert "not in an alliance" in eve.asks("briefing")


def test_members_read_before_a_call_what_is_open_and_which_words_mislead(
    readers: Readers,
) -> None:
    now = readers.home.cast.clock.now
    with readers.bot.entente.database.write() as session:
        account = session.execute(text("SELECT id FROM accounts WHERE name = 'Ana'")).scalar_one()
        (ana,) = get_viewers(session, account)
        site = Draft(what="Use the Basel site", audience=AudienceKind.ALLIANCE)
        capture.save(session, ana, site, now=now)
        own = Draft(what="Our board waits for this", audience=AudienceKind.PARTNER)
        capture.save(session, ana, own, now=now)
        word = Wording(name="API", meaning="The drug substance.", is_shared=True)
        changing.add(session, ana, word, now=now)
        session.execute(text("UPDATE terms SET status = 'contested'"))
        for number in range(25):
            session.add(
                Member(
                    alliance_id=ana.alliance_id,
                    partner_id=_get_borealis(session),
                    name=f"Bea {number:02}",
                    joined_at=now,
                )
            )
    said = readers.tom.asks("brief me for a call with Borealis")
    assert "Use the Basel site" in said
    assert "The drug substance." in said
    assert "And 5 more" in said
    readers.change("UPDATE members SET partner_id = NULL WHERE name = 'Tom'")
    assert "Our board" not in readers.tom.asks("brief me for a call with Borealis")


def _get_borealis(session: Session) -> str:
    chosen = text("SELECT id FROM partners WHERE name LIKE 'Borealis%'")
    return str(session.execute(chosen).scalar_one())


def test_one_page_before_a_call(readers: Readers) -> None:
    ana = readers.ana
    said = ana.asks("brief me for a call with Borealis")
    assert "Before your call with Borealis" in said
    assert "Nobody of Borealis is known here yet" in said
    assert STAR in said
    assert "There is: Borealis" in ana.asks("brief me for a call with Nobody")
    ana.presses("As a document", on="Before your call with Borealis")
    url = ana.leads_to("Open the document", on=YOURS_ALONE)
    assert "Before your call with Borealis" in readers.get(url).text


def test_without_an_address_there_is_no_link(readers: Readers) -> None:
    readers.bot.entente.dispatcher.registry.address = None
    readers.tom.says("briefing")
    assert "no address" in readers.tom.presses("As a document", on="Choose a part")
