"""Two organisations with Entente in both workspaces, from the invitation to the day one leaves; the
people of the other side need no slash command for any of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.slack import Message, User
from tests.harness import ManualClock
from tests.scenarios.conftest import STAR
from tests.scenarios.test_two_workspaces import Both, make_both

CHARTER = "kubernetes+community__sig-cloud-provider__charter.md"
WORDS = "cloud provider"
"""What its scope is about."""


class Way(Both):
    """What people do on the way."""

    def mentions(self, who: User, words: str) -> str:
        """Jonas and Mia say everything in the shared channel, to Acme's bot."""
        said = self.mention(who, words, bot=self.bot_of(self.acme))
        return "\n".join(self.slack.text_of(message) for message in said)

    def last(self, who: User) -> Message:
        return self.slack.ephemerals(user=who)[-1]

    def close_forms(self, who: User) -> None:
        for form in reversed(self.slack.views(who)):
            who.closes(form)

    def posts(self) -> list[str]:
        return [self.slack.text_of(message) for message in self.posts_in(self.shared)]


@pytest.fixture
def way(database_url: str, clock: ManualClock) -> Iterator[Way]:
    with make_both(database_url, clock, kind=Way) as made:
        yield made


def invite_and_join(way: Way) -> None:
    said = way.say(way.ana, "invite Borealis")
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", said)
    assert found is not None
    way.mentions(way.jonas, f"join {found.group()}")
    way.press(way.jonas, way.last(way.jonas), "Accept the invitation")
    way.jonas.submits(way.slack.views(way.jonas)[-1], name="Borealis", countries="CH")
    way.bot.settle()
    way.close_forms(way.jonas)
    assert way.told(way.ana, "Jonas has joined")


def agree_both(way: Way) -> None:
    way.say(way.ana, "link", channel=way.shared)
    way.agree(way.ana, way.last(way.ana))
    assert way.posts() == []
    way.agree(way.jonas, way.slack.dms(way.jonas)[-1])
    for who in (way.ana, way.jonas):
        way.close_forms(who)
    (hello,) = way.posts()
    assert "Acme · Borealis" in hello


def seat_both(way: Way) -> None:
    way.say(way.ana, f"seat <@{way.ana.id}> on JSC")
    way.press(way.ana, way.last(way.ana), "Set up JSC")
    way.ana.submits(way.slack.views(way.ana)[-1], decides="What we build together.")
    way.bot.settle()
    way.close_forms(way.ana)
    assert "Ana sits on JSC" in way.say(way.ana, f"seat <@{way.ana.id}> on JSC")
    assert "Jonas sits on JSC" in way.mentions(way.jonas, f"seat <@{way.jonas.id}> on JSC")


def bring_charter(way: Way, document: Path) -> None:
    way.ana.shares(document.name, document.read_bytes(), "JSC")
    way.bot.settle()
    shown = way.slack.dms(way.ana)[-1]
    assert "JSC would get these clauses" in way.slack.text_of(shown)
    (label,) = re.findall(r"Put \d+ clauses in force", str(shown.blocks))[:1]
    way.ana.presses(shown, label)
    way.bot.settle()
    assert WORDS in way.say(way.ana, "charter JSC scope").casefold()
    assert WORDS not in way.mentions(way.jonas, "charter JSC scope").casefold()


def confirm_scope(way: Way) -> None:
    way.say(way.ana, "charter JSC scope")
    way.ana.presses(way.last(way.ana), "Ask the partners to confirm")
    way.ana.submits(way.slack.views(way.ana)[-1])
    way.bot.settle()
    way.close_forms(way.ana)
    way.press(way.jonas, way.slack.dms(way.jonas)[-1], "Confirm for Borealis")
    assert "Confirmed by Acme, Borealis" in way.mentions(way.mia, "charter JSC scope")


def remind_of_scope(way: Way) -> None:
    before = len(way.posts())
    way.say(way.ana, "remind add charter JSC scope every monday 09:00", channel=way.shared)
    way.press(way.ana, way.last(way.ana), "Set up a reminder")
    way.bot.advance(timedelta(days=7))
    (post,) = way.posts()[before:]
    assert WORDS in post.casefold()
    assert "Is this how we work at the moment?" in post


def do_all_that_concerns_mia(way: Way) -> None:
    """A member of the other side asks, talks privately, has her say and has her peace, by mention,
    button and direct message."""
    mia = way.mia
    assert "Acme–Borealis" in way.mentions(mia, "status")
    assert WORDS in way.mentions(mia, "charter JSC scope").casefold()
    assert "Borealis" in way.mentions(mia, "am I a member?")
    assert "Jonas" in way.mentions(mia, "who decides what we build?")
    assert STAR not in way.mentions(mia, "north star")
    assert "Jonas" in way.mentions(mia, "members")
    hello = way.posts_in(way.shared)[0]
    way.press(mia, hello, "Talk privately")
    assert way.told(mia, "nobody else reading")
    assert "You get nothing unasked" in way.mentions(mia, "away until 2027-05-01")
    assert "Welcome back" in way.mentions(mia, "undo")
    way.press(mia, hello, "Mute")
    assert "again" in way.mentions(mia, "unmute")


def test_from_the_invitation_to_the_day_one_side_uninstalls(way: Way, data_folder: Path) -> None:
    way.start()
    invite_and_join(way)
    agree_both(way)
    seat_both(way)
    bring_charter(way, data_folder / "charters" / CHARTER)
    confirm_scope(way)
    remind_of_scope(way)
    do_all_that_concerns_mia(way)

    way.uninstall(way.borealis, revoked_first=True)
    assert way.told(way.ana, "has removed Entente")
    before = len(way.posts())
    way.bot.advance(timedelta(days=7))
    assert len(way.posts()) == before + 1, "Acme's part goes on"
    way.bot.advance(timedelta(days=10))
    dump = way.dump()
    assert not [gone for gone in (way.jonas.id, way.mia.id, "Jonas", "Mia") if gone in dump]
    assert WORDS in way.say(way.ana, "charter JSC scope").casefold()
    assert "silent" in way.say(way.ana, "status")
    assert way.chain_holds()
