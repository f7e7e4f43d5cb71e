"""An alliance comes by file: its first manager joins with a code, and decides what of it counts."""

from importlib.resources import files

import pytest
from sqlmodel import col, select

from bot.features.catalogue import make_registry
from bot.people.models import Brought
from bot.record.bringing import Arrival, bring
from bot.record.reading import read
from bot.record.schema import check, make_schema
from tests.harness import Bot
from tests.scenarios.casts import Cast, found_alliance
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import Person


@pytest.fixture
def arrival(strangers: Cast) -> Arrival:
    """An operator has imported the sample record."""
    registry = make_registry()
    known = {section.name for section in registry.record} | {"entente"}
    found = read(files("adapters.local").joinpath("sample.yaml").read_bytes(), "sample.yaml")
    for name in set(found) - known:
        del found[name]
    assert check(found, make_schema(registry)) == []
    assert isinstance(strangers.bot, Bot)
    with strangers.bot.entente.database.write() as session:
        return bring(registry, session, found, name="sample.yaml", now=strangers.clock.now)


def join_with(code: str, who: Person) -> None:
    """Somebody brings Acme in."""
    who.opens(f"join {code}", "Accept the invitation")
    who.fills(name="Acme", countries="DE")
    who.close_form()


def get_waiting(cast: Cast, section: str, partner: str) -> list[str]:
    """What of the record waits for a partner's manager."""
    return cast.bot.read(
        lambda session: [
            brought.id
            for brought in session.exec(
                select(Brought).where(
                    col(Brought.section) == section, col(Brought.done_at).is_(None)
                )
            )
            if partner in str(brought.content.get("record", {}).get("partner"))
        ]
    )


def test_the_first_manager_decides_what_of_a_record_counts(
    strangers: Cast, arrival: Arrival
) -> None:
    ana = strangers.ana
    join_with(arrival.codes["Acme"], ana)
    assert "No North Star" in ana.asks("north star")
    start = ana.opens_start()
    said = ana.text_of(start)
    assert "From the imported record" in said
    assert STAR in said
    assert "seat @Helen Brandt on JSC as co-chair" in said
    assert "data protection officer" not in said
    (star,) = get_waiting(strangers, "north_star", "Acme")
    assert star in ana.values_on(start, "record.use")
    ana.press_on(start, "Put in force")
    ana.hears("in force at Acme only")
    assert STAR in ana.asks("north star")
    assert "taken care of already" in ana.forges("record.use", star)


def test_nobody_decides_for_the_other_side_or_without_being_a_manager(
    strangers: Cast, arrival: Arrival
) -> None:
    ana, tom = strangers.ana, strangers.make_colleague("Tom")
    (theirs,) = get_waiting(strangers, "north_star", "Borealis")
    assert "in force" not in ana.forges("record.use", theirs)
    join_with(arrival.codes["Acme"], ana)
    for action in ("record.use", "record.leave"):
        assert "not yours to decide" in ana.forges(action, theirs)
        assert "not yours to decide" in ana.forges(action, "x" * 24)
    (ours,) = get_waiting(strangers, "north_star", "Acme")
    for action, value in (("record.use", ours), ("record.use_all", arrival.alliance_id)):
        assert "in force" not in tom.forges(action, value)
    assert get_waiting(strangers, "north_star", "Borealis") == [theirs]
    assert get_waiting(strangers, "north_star", "Acme") == [ours]


def test_a_reminder_from_a_record_goes_nowhere_before_somebody_says_where(
    strangers: Cast, arrival: Arrival
) -> None:
    ana = strangers.ana
    join_with(arrival.codes["Acme"], ana)
    assert "Paused" in ana.asks("remind list")
    assert "goes nowhere yet" in ana.asks("remind resume 1")


def test_export_says_so_where_no_browser_can_come(strangers: Cast) -> None:
    found_alliance(strangers.ana)
    assert "browsers can't reach this installation" in strangers.ana.asks("export")
    assert "not in an alliance" in strangers.make_colleague("Tom").asks("export")
