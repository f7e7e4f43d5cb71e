"""5,000 people and a hundred committees: every answer fits, and every name is there."""

import re

from sqlalchemy import insert
from sqlmodel import Session, select

from bot.core.ids import new_id
from bot.people.models import AudienceKind, Committee, Member, Partner
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
