"""Twenty partners, all of them joined: whatever they read fits, and all of them count."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from bot.people.committees import add_committee, seat
from bot.people.models import Account, AudienceKind, Member
from bot.people.viewer import get_viewers
from tests.harness import MONDAY
from tests.scenarios.casts import Cast, found_alliance, get_code
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import Person

OTHERS = tuple(
    f"Partner {n:02d} for Research and Development of Medicines Limited" for n in range(2, 21)
)


@dataclass
class Twenty:
    """Acme and nineteen partners with long names, each with a manager, in one channel; all of them
    sit on JSC."""

    cast: Cast
    managers: dict[str, Person]

    @property
    def ana(self) -> Person:
        return self.cast.ana

    @property
    def another(self) -> Person:
        """A manager of the first of the others."""
        return self.managers[OTHERS[0]]

    def confirm(self, partner: str, asked: str) -> None:
        """A partner's manager answers a request with yes."""
        self.managers[partner].presses(f"Confirm for {partner}"[:75], on=asked)


@pytest.fixture
def twenty(strangers: Cast) -> Twenty:
    ana = strangers.ana
    managers = {OTHERS[0]: strangers.jonas}
    managers |= {name: strangers.make_stranger(f"Manager of {name[:10]}") for name in OTHERS[1:]}
    found_alliance(ana, other_partners="\n".join(OTHERS))
    ana.asks("link")
    for name, who in managers.items():
        who.opens(f"join {get_code(ana, f'invite {name}')}", "Accept the invitation")
        who.fills(name=name, countries="DE")
        who.close_form()
    with strangers.bot.entente.database.write() as session:
        seat_all(session)
    return Twenty(strangers, managers)


def seat_all(session: Session) -> None:
    viewers = [v for one in session.exec(select(Account.id)) for v in get_viewers(session, one)]
    placed = [viewer for viewer in viewers if viewer.partner_id is not None]
    assert len(placed) == 20
    jsc = add_committee(session, placed[0], "JSC", now=MONDAY)
    jsc.audience_kind, jsc.audience_id = AudienceKind.ALLIANCE, None
    for viewer in placed:
        member = session.get_one(Member, viewer.member_id)
        seat(session, viewer, jsc, member, kind="member", since=MONDAY)


def agree_everywhere(twenty: Twenty) -> None:
    """Every manager says yes to Entente's speaking in the channel."""
    for who in (twenty.ana, *twenty.managers.values()):
        who.asks("status")
        twenty.cast.agree(who)


def test_who_is_there_and_who_decides_is_read_whole(twenty: Twenty) -> None:
    for line in ("status", "members", "roster", "roster JSC", "who decides budgets?", "invite"):
        said = twenty.another.asks(line)
        if line in {"status", "members", "roster JSC"}:
            assert all(name in said for name in OTHERS), line
    assert twenty.ana.text_of(twenty.ana.opens_start())


def test_all_of_them_agree_and_a_reminder_reaches_all(twenty: Twenty) -> None:
    ana = twenty.ana
    agree_everywhere(twenty)
    (hello,) = ana.posts()
    assert all(name in hello for name in OTHERS)
    ana.asks(f'north star set "{STAR}"')
    ana.presses("Ask the partners to confirm", on="in force at Acme only")
    form = ana.read_form() or ""
    assert all(name in form for name in OTHERS)
    ana.fills()
    ana.close_form()
    for name in OTHERS[:-1]:
        twenty.confirm(name, "can you confirm")
    assert f"Waiting for: {OTHERS[-1]}" in twenty.another.asks("north star")
    twenty.confirm(OTHERS[-1], "can you confirm")
    confirmed = ana.asks("north star")
    assert "Confirmed by" in confirmed
    assert all(name in confirmed for name in OTHERS)
    assert any("confirmed" in text.casefold() for text in ana.letters())
    ana.asks("remind add north star every monday 09:00")
    ana.presses("Set up a reminder", on="Set up a reminder")
    twenty.cast.advance(timedelta(days=8))
    assert STAR in ana.posts()[-1]


def test_a_decision_waits_for_all_of_them_and_is_chased(twenty: Twenty) -> None:
    ana = twenty.ana
    agree_everywhere(twenty)
    ana.asks('decide "Use the Basel site" for JSC')
    ana.presses("Ask the partners to confirm", on="Nothing is saved until you press")
    shown = ana.asks("decisions show D-1")
    assert all(name in shown for name in OTHERS)
    twenty.cast.advance(timedelta(days=8))
    for name in OTHERS:
        asked = [text for text in twenty.managers[name].texts() if "D-1" in text]
        assert len(asked) == 3, name
        twenty.confirm(name, "D-1")
    assert "confirmed" in ana.asks("decisions show D-1").splitlines()[0].casefold()
