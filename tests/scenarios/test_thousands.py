"""5,000 people and a hundred committees: every answer fits, and every name is there."""

import re

from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.features.charter.clauses import CLAUSES, KIND, PRIVATE, make_subject
from bot.people.models import Account, AudienceKind, Committee, Member, Partner
from bot.people.viewer import Viewer, get_viewers
from bot.statements import versions
from tests.harness import MONDAY
from tests.scenarios.conftest import World

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


def test_five_thousand_members_are_paged_through(world: World) -> None:
    world.start()
    with world.bot.entente.database.write() as session:
        fill(session)
    said = world.say(world.ana, "members")
    assert f"and {COUNT + 1 - 20} more" in said
    first = world.slack.ephemerals(user=world.ana)[-1]
    world.ana.chooses(first, "members.page", f"Acme: all {COUNT + 1}")
    seen: set[str] = set()
    pages = 0
    while True:
        world.bot.settle()
        page = world.slack.ephemerals(user=world.ana)[-1]
        shown = world.slack.text_of(page)
        assert len(page.blocks) <= 50
        seen |= set(re.findall(r"Person \d{4}", shown))
        pages += 1
        if "Later" not in shown:
            break
        world.ana.presses(page, "Later")
    assert pages == 51
    assert len(seen) == COUNT
    world.ana.presses(page, "Earlier")
    world.bot.settle()
    assert "Later" in world.slack.text_of(world.slack.ephemerals(user=world.ana)[-1])


def test_a_hundred_committees_are_paged_through(world: World) -> None:
    world.start()
    with world.bot.entente.database.write() as session:
        fill(session)
    assert "And 92 more committees" in world.say(world.ana, "roster")
    seen: set[str] = set()
    page = world.slack.ephemerals(user=world.ana)[-1]
    while True:
        shown = world.slack.text_of(page)
        assert len(page.blocks) <= 50
        seen |= set(re.findall(r"Committee \d{3}", shown))
        if "More committees" not in shown:
            break
        world.ana.presses(page, "More committees")
        world.bot.settle()
        page = world.slack.ephemerals(user=world.ana)[-1]
    assert len(seen) == 100
    assert "Committee 042" in world.say(world.ana, "roster Committee 042")


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


def test_five_hundred_clauses_are_paged_through(world: World) -> None:
    world.start()
    with world.bot.entente.database.write() as session:
        fill(session)
        account = session.exec(
            select(Account.id).where(col(Account.external_id) == world.ana.id)
        ).one()
        (viewer,) = get_viewers(session, account)
        assert write_clauses(session, viewer) == 500
    world.say(world.ana, "charters")
    seen: set[str] = set()
    while True:
        page = world.slack.ephemerals(user=world.ana)[-1]
        shown = world.slack.text_of(page)
        assert len(page.blocks) <= 50
        seen |= set(re.findall(r"Committee (\d{3})\W*, 10 of 11 clauses", shown))
        if "Next" not in shown:
            break
        world.ana.presses(page, "Next")
        world.bot.settle()
    assert len(seen) == 50
    for clause in ("scope", "conflict"):
        assert f"says of {clause}" in world.say(world.ana, f"charter Committee 049 {clause}")
