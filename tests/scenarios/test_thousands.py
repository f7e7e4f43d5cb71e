"""5,000 people and a hundred committees: every answer fits, and every name is there."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.features.charter.clauses import CLAUSES, KIND, PRIVATE, make_subject
from bot.people.models import Account, AudienceKind, Committee, Member, Partner
from bot.people.viewer import Viewer, get_viewers
from bot.statements import versions
from tests.harness import MONDAY, Bot
from tests.scenarios.conftest import Home
from tests.scenarios.persons import Person

COUNT = 5_000


def fill(session: Session) -> None:
    acme = next(p for p in session.exec(select(Partner)) if p.name == "Acme")
    people = [
        {
            "id": new_id(),
            "alliance_id": acme.alliance_id,
            "partner_id": acme.id,
            "name": f"Person {n:04d}",
            "joined_at": MONDAY,
        }
        for n in range(COUNT)
    ]
    session.execute(insert(Member), people)
    for n in range(100):
        session.add(
            Committee(
                alliance_id=acme.alliance_id,
                name=f"Committee {n:03d}",
                decides="Budgets. " * 60,
                created_at=MONDAY,
                audience_kind=AudienceKind.ALLIANCE,
            )
        )


@pytest.fixture
def filled(home: Home) -> Home:
    """Acme has grown."""
    assert isinstance(home.cast.bot, Bot)
    with home.cast.bot.entente.database.write() as session:
        fill(session)
    return home


def walk(who: Person, shown: str, label: str, *, on: str) -> Iterator[str]:
    """The page that is shown, and those behind its button, to the last."""
    yield shown
    while label in shown:
        shown = who.presses(label, on=on)
        yield shown


def test_five_thousand_members_are_paged_through(filled: Home) -> None:
    ana = filled.ana
    assert f"and {COUNT + 1 - 20} more" in ana.asks("members")
    first = ana.chooses(f"Acme: all {COUNT + 1}", in_menu="See all of one side", on="more")
    pages = list(walk(ana, first, "Later", on="Person"))
    assert len(pages) == 51
    assert len(set(re.findall(r"Person \d{4}", "\n".join(pages)))) == COUNT
    assert "Later" in ana.presses("Earlier", on="Person")


def test_a_hundred_committees_are_paged_through(filled: Home) -> None:
    ana = filled.ana
    first = ana.asks("roster")
    assert "And 92 more committees" in first
    pages = walk(ana, first, "More committees", on="Committee")
    assert len(set(re.findall(r"Committee \d{3}", "\n".join(pages)))) == 100
    assert "Committee 042" in ana.asks("roster Committee 042")


def write_clauses(session: Session, viewer: Viewer) -> int:
    """Ten clauses for each of fifty committees; how many that is."""
    fifty = session.exec(select(Committee).order_by(col(Committee.name)).limit(50)).all()
    clauses = [clause for clause in CLAUSES if clause != PRIVATE]
    for committee in fifty:
        for clause in clauses:
            versions.put_in_force(
                session,
                viewer,
                KIND,
                text=f"What {committee.name} says of {clause}. " * 20,
                subject=make_subject(committee, clause),
                now=MONDAY,
            )
    return len(fifty) * len(clauses)


def test_five_hundred_clauses_are_paged_through(filled: Home) -> None:
    ana = filled.ana
    user = ana.known_as()["user"]
    assert isinstance(filled.cast.bot, Bot)
    with filled.cast.bot.entente.database.write() as session:
        account = session.exec(select(Account.id).where(col(Account.external_id) == user)).one()
        (viewer,) = get_viewers(session, account)
        assert write_clauses(session, viewer) == 500
    pages = walk(ana, ana.asks("charters"), "Next", on="Committee")
    line = re.compile(r"Committee (\d{3})\W*, 10 of 11 clauses")
    assert len(set(line.findall("\n".join(pages)))) == 50
    for clause in ("scope", "conflict"):
        assert f"says of {clause}" in ana.asks(f"charter Committee 049 {clause}")
