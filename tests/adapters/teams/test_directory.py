"""What is remembered of Teams, and that it is forgotten where Entente is removed."""

from sqlmodel import func, select

from adapters.teams.models import TeamsConversation, TeamsPerson
from bot.people.models import Workspace
from tests.adapters.teams.conftest import Scene


def count(scene: Scene) -> tuple[int, int]:
    return scene.bot.read(
        lambda session: (
            session.exec(select(func.count()).select_from(TeamsConversation)).one(),
            session.exec(select(func.count()).select_from(TeamsPerson)).one(),
        )
    )


def test_who_was_met_where_is_remembered_once(scene: Scene) -> None:
    for _ in range(3):
        scene.ana.writes("help")
        scene.tom.mentions(scene.steering, "help")
    scene.bot.settle()
    assert count(scene) == (2, 2)


def test_what_one_process_heard_another_can_write_to(scene: Scene) -> None:
    """The cache of this one is empty, as it is after a start."""
    scene.ana.writes("help")
    scene.bot.settle()
    teams = scene.bot.entente.teams
    assert teams is not None
    directory = type(teams.platform.directory)(scene.bot.entente.database, clock=scene.bot.clock)
    person = scene.bot.call(directory.get_person(scene.ana.id))
    assert person is not None
    assert (person.account, person.direct) == (scene.ana.member.account, scene.ana.direct.id)
    assert scene.bot.call(directory.get_user(scene.ana.member.account)) == scene.ana.id
    assert scene.bot.call(directory.get_user("29:nobody")) is None


def test_all_is_forgotten_with_the_last_place(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.tom.mentions(scene.steering, "help")
    scene.bot.settle()
    scene.teams.removes_bot(scene.steering.team)
    assert count(scene) == (1, 2)
    scene.ana.removes_bot()
    scene.bot.settle()
    assert count(scene) == (0, 0)
    removed = scene.bot.read(lambda session: session.exec(select(Workspace.removed_at)).one())
    assert removed is not None
    scene.ana.writes("help")
    scene.bot.settle()
    assert scene.bot.read(lambda s: s.exec(select(Workspace.removed_at)).one()) is None
