"""The briefing book: read in the chat, opened as a document by a private link."""

import re
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
from tests.fakes.slack import User
from tests.scenarios.conftest import STAR, World


@dataclass
class Page:
    status: int
    headers: dict[str, str]
    text: str


class Readers:
    """Acme's world, reached at its own address."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.start()
        world.bot.entente.dispatcher.registry.address = world.bot.url

    def get(self, url: str, *, agent: str = "Mozilla/5.0", method: str = "GET") -> Page:
        request = urllib.request.Request(url, headers={"User-Agent": agent}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return Page(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, dict(error.headers), error.read().decode())

    def link(self, who: User) -> str:
        """The address of a fresh document."""
        self.world.say(who, "briefing")
        slack = self.world.slack
        self.world.press(who, slack.ephemerals(user=who)[-1], "As a document")
        shown = slack.ephemerals(user=who)[-1]
        (url,) = re.findall(r"'url': '([^']+?/documents/[\w-]+)'", str(shown.blocks))
        return str(url)

    def write_charter(self, wording: str, who: User | None = None) -> None:
        person = who or self.world.ana
        self.world.say(person, "charter edit norms")
        person.submits(self.world.slack.views(person)[-1], text=wording)
        self.world.bot.settle()


@pytest.fixture
def readers(world: World) -> Readers:
    return Readers(world)


def test_the_book_is_read_in_parts_and_as_a_document(readers: Readers) -> None:
    world = readers.world
    shown = world.say(world.tom, "briefing")
    assert "Our North Star" in shown
    world.tom.chooses(world.slack.ephemerals(user=world.tom)[-1], "Open a part", "Our North Star")
    world.bot.settle()
    assert STAR in world.slack.text_of(world.slack.ephemerals(user=world.tom)[-1])
    page = readers.get(readers.link(world.tom))
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
    page = readers.get(readers.link(readers.world.ana) + ".md")
    assert page.status == 200
    assert "# Briefing book: Acme–Borealis" in page.text
    assert "In force at Acme only" in page.text
    assert r"> 1\. No \*surprises\* \<b\>ever\</b\> \| please." in page.text


def test_a_side_tells_the_agreement_in_short_and_where_things_are_kept(readers: Readers) -> None:
    world = readers.world
    assert "Only alliance managers" in world.say(world.tom, "briefing edit")
    world.say(world.ana, "briefing edit")
    form = world.slack.views(world.ana)[-1]
    wrong = world.ana.submits(form, links="Shared site, over there")
    assert "no address" in wrong.json["errors"]["links"]
    world.ana.submits(
        form,
        agreement="Co-development until 2030; *each* side brings a site.",
        links="Shared site: https://example.com/alliance?a=1&b=(2)",
        audience="partner",
    )
    world.bot.settle()
    page = readers.get(readers.link(world.tom))
    assert "The agreement in short" in page.text
    assert "Co-development until 2030; *each* side brings a site." in page.text
    assert 'href="https://example.com/alliance?a=1&amp;b=%282%29"' in page.text
    with world.bot.entente.database.write() as session:
        session.execute(text("UPDATE members SET partner_id = NULL WHERE name = 'Tom'"))
    assert "Co-development" not in readers.get(readers.link(world.tom)).text
    assert "Taken back" in world.say(world.ana, "undo")
    assert "Co-development" not in readers.get(readers.link(world.ana)).text


def test_what_people_wrote_never_becomes_markup(readers: Readers) -> None:
    readers.write_charter('<script>alert(1)</script> <img src=x onerror="alert(2)"> {{ 7*7 }}')
    page = readers.get(readers.link(readers.world.ana))
    assert "<script" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{ 7*7 }}" in page.text


def test_what_changed_since_the_last_visit_is_told(readers: Readers) -> None:
    world = readers.world
    readers.write_charter("Questions before judgements.")
    assert "Changed since" not in world.say(world.tom, "briefing")
    world.clock.advance(timedelta(days=2))
    assert "Nothing has changed since you last looked, on 1 March 2027" in world.say(
        world.tom, "briefing"
    )
    world.clock.advance(timedelta(days=2))
    readers.write_charter("Bad news within a day.")
    told = world.say(world.tom, "briefing")
    assert "Changed since you last looked, on 3 March 2027" in told
    page = readers.get(readers.link(world.tom))
    assert "What changed since 3 March 2027" in page.text
    assert page.text.count("Bad news within a day.") == 2


def test_who_reads_for_the_first_time_is_told_what_changed_since_they_joined(
    readers: Readers,
) -> None:
    world = readers.world
    readers.write_charter("Questions before judgements.")
    world.clock.advance(timedelta(days=2))
    mei = world.slack.user("Mei", team=world.acme, tz="Europe/Berlin")
    mei.joins(world.steering)
    assert "Changed since" not in world.say(mei, "help")
    world.clock.advance(timedelta(days=2))
    readers.write_charter("Bad news within a day.")
    assert "Changed since you joined, on 3 March 2027" in world.say(mei, "briefing")
    page = readers.get(readers.link(mei))
    assert "What changed since you joined, on 3 March 2027" in page.text
    assert page.text.count("Bad news within a day.") == 2
    assert STAR in page.text
    world.clock.advance(timedelta(days=1))
    assert "Nothing has changed since you last looked" in world.say(mei, "briefing")


def test_a_link_ends_after_a_day_and_when_closed_and_when_renewed(readers: Readers) -> None:
    world = readers.world
    first = readers.link(world.tom)
    second = readers.link(world.tom)
    assert readers.get(first).status == 404
    assert readers.get(second).status == 200
    world.press(world.tom, world.slack.ephemerals(user=world.tom)[-1], "Close the link")
    assert readers.get(second).status == 404
    third = readers.link(world.tom)
    world.clock.advance(timedelta(hours=23))
    assert readers.get(third).status == 200
    world.clock.advance(timedelta(hours=2))
    assert readers.get(third).status == 404


def test_membership_is_asked_at_every_opening(readers: Readers) -> None:
    world = readers.world
    url = readers.link(world.tom)
    assert readers.get(url).status == 200
    with world.bot.entente.database.write() as session:
        session.execute(text("UPDATE members SET left_at = joined_at WHERE name = 'Tom'"))
    page = readers.get(url)
    assert page.status == 404
    assert STAR not in page.text


def test_a_link_shows_what_its_owner_may_see_and_no_more(readers: Readers) -> None:
    world = readers.world
    borealis = world.slack.team("Borealis")
    jonas = world.slack.user("Jonas", team=borealis, tz="Europe/Zurich")
    world.slack.share(world.steering, borealis)
    jonas.joins(world.steering)
    world.bot.settle()
    url = readers.link(world.ana)
    page = readers.get(url)
    assert STAR in page.text
    with world.bot.entente.database.write() as session:
        session.execute(text("UPDATE members SET partner_id = NULL WHERE name = 'Ana'"))
    assert STAR not in readers.get(url).text


def test_opening_changes_nothing_and_tokens_are_not_kept(readers: Readers) -> None:
    world = readers.world
    url = readers.link(world.tom)

    def dump() -> list[str]:
        tables = ("document_links", "briefing_visits", "seen_events", "deliveries", "changes")
        return world.bot.read(
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
    page = readers.get(readers.link(readers.world.tom), agent=agent)
    assert page.status == 404
    assert "Acme" not in page.text


@pytest.mark.parametrize("token", ["x", "a" * 5000, "%00", "..%2f..%2fetc", "a.md", "%F0%9F%A6%86"])
def test_what_is_no_link_opens_nothing(readers: Readers, token: str) -> None:
    page = readers.get(f"{readers.world.bot.url}/documents/{token}")
    assert page.status == 404


def test_somebody_elses_part_stays_closed(readers: Readers) -> None:
    world = readers.world
    world.say(world.tom, "briefing")
    eve = world.slack.user("Eve", team=world.acme)
    said = world.say(
        eve, "briefing", channel=world.slack.channel("lobby", team=world.acme, members=[eve])
    )
    assert "not in an alliance" in said


def test_members_read_before_a_call_what_is_open_and_which_words_mislead(
    readers: Readers,
) -> None:
    world = readers.world
    with world.bot.entente.database.write() as session:
        account = session.execute(text("SELECT id FROM accounts WHERE name = 'Ana'")).scalar_one()
        (ana,) = get_viewers(session, account)
        site = Draft(what="Use the Basel site", audience=AudienceKind.ALLIANCE)
        capture.save(session, ana, site, now=world.clock())
        own = Draft(what="Our board waits for this", audience=AudienceKind.PARTNER)
        capture.save(session, ana, own, now=world.clock())
        word = Wording(name="API", meaning="The drug substance.", is_shared=True)
        changing.add(session, ana, word, now=world.clock())
        session.execute(text("UPDATE terms SET status = 'contested'"))
        for number in range(25):
            session.add(
                Member(
                    alliance_id=ana.alliance_id,
                    partner_id=_get_borealis(session),
                    name=f"Bea {number:02}",
                    joined_at=world.clock(),
                )
            )
    said = world.say(world.tom, "brief me for a call with Borealis")
    assert "Use the Basel site" in said
    assert "The drug substance." in said
    assert "And 5 more" in said
    with world.bot.entente.database.write() as session:
        session.execute(text("UPDATE members SET partner_id = NULL WHERE name = 'Tom'"))
    assert "Our board" not in world.say(world.tom, "brief me for a call with Borealis")


def _get_borealis(session: Session) -> str:
    chosen = text("SELECT id FROM partners WHERE name LIKE 'Borealis%'")
    return str(session.execute(chosen).scalar_one())


def test_one_page_before_a_call(readers: Readers) -> None:
    world = readers.world
    said = world.say(world.ana, "brief me for a call with Borealis")
    assert "Before your call with Borealis" in said
    assert "Nobody of Borealis is known here yet" in said
    assert STAR in said
    assert "There is: Borealis" in world.say(world.ana, "brief me for a call with Nobody")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-2], "As a document")
    shown = world.slack.ephemerals(user=world.ana)[-1]
    (url,) = re.findall(r"'url': '([^']+?/documents/[\w-]+)'", str(shown.blocks))
    assert "Before your call with Borealis" in readers.get(url).text


def test_without_an_address_there_is_no_link(readers: Readers) -> None:
    world = readers.world
    world.bot.entente.dispatcher.registry.address = None
    world.say(world.tom, "briefing")
    world.press(world.tom, world.slack.ephemerals(user=world.tom)[-1], "As a document")
    told = world.slack.text_of(world.slack.ephemerals(user=world.tom)[-1])
    assert "no address" in told
