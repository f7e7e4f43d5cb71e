"""What is remembered of Teams, and that it is forgotten where Entente is removed."""

from dataclasses import replace

from sqlalchemy import event
from sqlmodel import func, select

from adapters.teams.directory import Directory
from adapters.teams.models import TeamsConversation, TeamsPerson
from adapters.teams.names import compact
from bot.core.ports import MembersQuery
from bot.people.models import Workspace
from tests.adapters.teams.conftest import Scene


def count(scene: Scene) -> tuple[int, int]:
    return scene.bot.read(
        lambda session: (
            session.exec(select(func.count()).select_from(TeamsConversation)).one(),
            session.exec(select(func.count()).select_from(TeamsPerson)).one(),
        )
    )


def own(scene: Scene) -> Directory:
    teams = scene.bot.entente.teams
    assert teams is not None
    return teams.platform.directory


def another(scene: Scene) -> Directory:
    """That of another process."""
    return Directory(scene.bot.entente.database, clock=scene.bot.clock)


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
    directory = another(scene)
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


def test_what_another_process_learnt_is_taken_over(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    other = another(scene)
    scene.bot.call(other.follow())
    known = scene.bot.call(other.get_person(scene.ana.id))
    assert known is not None
    moved = replace(known, service_url="https://smba.trafficmanager.net/elsewhere/")
    scene.bot.call(own(scene).note_people([moved]))
    scene.bot.call(other.follow())
    assert scene.bot.call(other.get_person(scene.ana.id)) == moved
    scene.ana.removes_bot()
    scene.bot.settle()
    scene.bot.call(other.follow())
    assert scene.bot.call(other.get_person(scene.ana.id)) is None


def test_a_channels_people_are_noted_together(scene: Scene) -> None:
    acme = scene.ana.tenant
    for number in range(30):
        scene.steering.members.append(scene.teams.user(f"P{number}", tenant=acme).member)
    scene.ana.mentions(scene.steering, "help")
    scene.bot.settle()
    entente = scene.bot.entente
    assert entente.teams is not None
    commits: list[object] = []
    event.listen(entente.database.engine, "commit", commits.append)
    query = MembersQuery(workspace=acme.id, channel=compact(scene.steering.id))
    found = scene.bot.call(entente.teams.platform.fetch(query))
    assert len(found.users) == 32
    assert count(scene)[1] == 32
    assert len(commits) == 1
