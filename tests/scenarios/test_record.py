"""An alliance comes by file: its first manager joins with a code, and decides what of it counts."""

from collections.abc import Mapping
from importlib.resources import files

from sqlmodel import col, select

from bot.db.engine import Database
from bot.features.catalogue import make_registry
from bot.people.models import Brought
from bot.record.bringing import Arrival, bring
from bot.record.reading import read
from bot.record.schema import check, make_schema
from tests.scenarios.conftest import STAR, World
from tests.scenarios.forging import press_forged
from tests.scenarios.teams import TeamsWorld


def _bring(database_url: str, world: World | TeamsWorld) -> Arrival:
    registry = make_registry()
    known = {section.name for section in registry.record} | {"entente"}
    found = read(files("adapters.local").joinpath("sample.yaml").read_bytes(), "sample.yaml")
    for name in set(found) - known:
        del found[name]
    assert check(found, make_schema(registry)) == []
    database = Database(database_url)
    with database.write() as session:
        arrival = bring(registry, session, found, name="sample.yaml", now=world.clock())
    database.close()
    return arrival


def _join(world: World, codes: Mapping[str, str]) -> None:
    world.say(world.ana, f"join {codes['Acme']}")
    form = world.slack.views(world.ana)[-1]
    assert world.ana.submits(form, name="Acme", countries="DE").status == 200
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def _waiting(world: World, section: str, partner: str) -> list[str]:
    return world.bot.read(
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


def test_the_first_manager_decides_what_of_a_record_counts(world: World, database_url: str) -> None:
    arrival = _bring(database_url, world)
    _join(world, arrival.codes)
    assert "No North Star" in world.say(world.ana, "north star")
    world.ana.opens_home()
    world.bot.settle()
    home = world.slack.text_of(world.slack.home(world.ana))
    assert "From the imported record" in home
    assert STAR in home
    assert "seat @Helen Brandt on JSC as co-chair" in home
    assert "data protection officer" not in home
    (star,) = _waiting(world, "north_star", "Acme")
    said = press_forged(world, world.ana, "record.use", star, world.steering)
    assert "in force at Acme only" in said
    assert STAR in world.say(world.ana, "north star")
    again = press_forged(world, world.ana, "record.use", star, world.steering)
    assert "taken care of already" in again


def test_the_first_manager_in_teams_decides_by_buttons(
    teams_world: TeamsWorld, database_url: str
) -> None:
    world = teams_world
    arrival = _bring(database_url, world)
    world.open(world.mei, f"join {arrival.codes['Acme']}", "Accept the invitation")
    world.submit(world.mei, name="Acme", countries="DE")
    world.mei.dialog = None
    assert "No North Star" in world.write(world.mei, "north star")
    assert "From the imported record" in world.write(world.mei, "home")
    home = world.last(world.mei)
    assert STAR in world.teams.text_of(home)
    assert "in force at Acme only" in world.press(world.mei, home, "Put in force")
    assert STAR in world.write(world.mei, "north star")
    assert "in an alliance" in world.write(world.leo, "export")


def test_nobody_decides_for_the_other_side_or_without_being_a_manager(
    world: World, database_url: str
) -> None:
    arrival = _bring(database_url, world)
    (theirs,) = _waiting(world, "north_star", "Borealis")
    said = press_forged(world, world.ana, "record.use", theirs, world.steering)
    assert "in force" not in said
    _join(world, arrival.codes)
    for action in ("record.use", "record.leave"):
        said = press_forged(world, world.ana, action, theirs, world.steering)
        assert "not yours to decide" in said
        said = press_forged(world, world.ana, action, "x" * 24, world.steering)
        assert "not yours to decide" in said
    (ours,) = _waiting(world, "north_star", "Acme")
    for action, value in (("record.use", ours), ("record.use_all", arrival.alliance_id)):
        said = press_forged(world, world.tom, action, value, world.steering)
        assert "in force" not in said
    assert _waiting(world, "north_star", "Borealis") == [theirs]
    assert _waiting(world, "north_star", "Acme") == [ours]


def test_a_reminder_from_a_record_goes_nowhere_before_somebody_says_where(
    world: World, database_url: str
) -> None:
    _join(world, _bring(database_url, world).codes)
    assert "Paused" in world.say(world.ana, "remind list")
    assert "goes nowhere yet" in world.say(world.ana, "remind resume 1")


def test_export_says_so_where_no_browser_can_come(world: World) -> None:
    world.set_up()
    assert "browsers can't reach this installation" in world.say(world.ana, "export")
    assert "not in an alliance" in world.say(world.tom, "export")
