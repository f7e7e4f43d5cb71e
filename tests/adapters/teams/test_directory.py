"""What is remembered of Teams, and that it is forgotten where Entente is removed."""

from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlmodel import func, select

from adapters.teams.directory import CHANNEL, Conversation, Directory, Person
from adapters.teams.models import TeamsConversation, TeamsPerson
from adapters.teams.names import compact
from bot.core.ports import MembersQuery, Outgoing
from bot.core.views import Text, view
from bot.people.models import Workspace
from tests.adapters.teams.conftest import Scene
from tests.scenarios.persons import CAPTURE


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


def test_apps_in_a_list_of_members_are_nobody_to_meet(scene: Scene) -> None:
    scene.teams.world.lists_bot = True
    scene.ana.mentions(scene.steering, "help")
    scene.bot.settle()
    teams = scene.bot.entente.teams
    assert teams is not None
    query = MembersQuery(workspace=scene.ana.tenant.id, channel=compact(scene.steering.id))
    found = scene.bot.call(teams.platform.fetch(query))
    assert set(found.users) == {scene.ana.id, scene.tom.id}
    assert count(scene)[1] == 2


GONE = "https://smba.example.com/"
EMEA, AMER = "https://smba.trafficmanager.net/emea/", "https://smba.trafficmanager.net/amer/"


def meet(scene: Scene, person: str, *, home: str, last_in: str, has_chat: bool) -> None:
    """Somebody of a tenant who was met last in one, with a chat of their own or without."""
    met = Person(
        person=person,
        account=f"29:{person}",
        tenant=last_in,
        service_url=AMER,
        home=home,
        seen_in="19:somewhere",
        direct=f"a:{person}" if has_chat else None,
        direct_url=EMEA if has_chat else None,
    )
    scene.bot.call(own(scene).note_people([met]))


def place(scene: Scene, tenant: str) -> None:
    """A channel of a tenant."""
    found = Conversation(
        id=f"19:{tenant}", real_id=f"19:{tenant}", kind=CHANNEL, tenant=tenant, service_url=EMEA
    )
    scene.bot.call(own(scene).note(found))


def test_who_has_a_chat_elsewhere_is_reached_there_when_entente_leaves_a_tenant(
    scene: Scene,
) -> None:
    for tenant in ("acme", "borealis"):
        place(scene, tenant)
    meet(scene, "jonas", home="borealis", last_in="acme", has_chat=True)
    meet(scene, "mei", home="borealis", last_in="acme", has_chat=False)
    meet(scene, "ana", home="acme", last_in="acme", has_chat=True)
    meet(scene, "tom", home="acme", last_in="borealis", has_chat=True)
    directory = own(scene)
    assert scene.bot.call(directory.get_address("acme")) == EMEA
    assert scene.bot.call(directory.forget(tenant="acme", team=None, conversation="19:acme"))
    jonas = scene.bot.call(directory.get_person("jonas"))
    assert jonas is not None
    assert (jonas.tenant, jonas.service_url, jonas.seen_in) == ("borealis", EMEA, "a:jonas")
    tom = scene.bot.call(directory.get_person("tom"))
    assert tom is not None
    assert (tom.tenant, tom.direct, tom.direct_url) == ("borealis", None, None)
    for gone in ("ana", "mei"):
        assert scene.bot.call(directory.get_person(gone)) is None
    assert scene.bot.call(directory.get_address("acme")) is None


def test_ones_own_chat_keeps_its_address_when_one_is_met_elsewhere(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    directory = own(scene)
    known = scene.bot.call(directory.get_person(scene.ana.id))
    assert known is not None
    elsewhere = replace(
        known, service_url=GONE, tenant="borealis", seen_in="19:x", direct=None, direct_url=None
    )
    scene.bot.call(directory.note_people([elsewhere]))
    found = scene.bot.call(another(scene).get_person(scene.ana.id))
    assert (found.service_url, found.direct_url) == (GONE, scene.teams.service_url)
    assert scene.bot.entente.teams is not None
    message = Outgoing(
        key="k",
        workspace=scene.ana.tenant.id,
        channel=None,
        user=scene.ana.id,
        thread=None,
        view=view(Text(text="Only for you.")),
    )
    scene.bot.call(scene.bot.entente.teams.platform.send(message))
    assert "Only for you." in scene.teams.text_of(scene.teams.dms(scene.ana)[-1])


def use_menu_elsewhere(scene: Scene, *, kind: str | None) -> None:
    """Ana uses an entry of a message's menu in a chat in which Entente is not. `kind`: as Teams
    names it, where it does."""
    chat = scene.teams.group(scene.ana, scene.tom, name="Test meeting")
    chat.has_bot = False
    payload = scene.ana._activity("invoke", chat)
    payload["name"] = "composeExtension/fetchTask"
    payload["value"] = {"commandId": CAPTURE, "commandContext": "message", "messagePayload": {}}
    payload["conversation"] = {"id": chat.id, "tenantId": scene.ana.tenant.id}
    if kind is not None:
        payload["conversation"]["conversationType"] = kind
    assert scene.teams.post(payload).status == 200
    scene.bot.settle()


@pytest.mark.parametrize("kind", [None, "personal", "groupChat"])
def test_a_menu_in_a_chat_among_people_changes_no_address(scene: Scene, kind: str | None) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    before, known = count(scene), len(scene.teams.dms(scene.ana))
    use_menu_elsewhere(scene, kind=kind)
    assert count(scene) == before
    shown = Outgoing(
        key="k",
        workspace=scene.ana.tenant.id,
        channel=None,
        user=scene.ana.id,
        thread=None,
        view=view(Text(text="For you alone")),
    )
    teams = scene.bot.entente.teams
    assert teams is not None
    scene.bot.call(teams.platform.send(shown))
    assert len(scene.teams.dms(scene.ana)) == known + 1


def test_a_menu_in_a_chat_among_people_keeps_no_installation_alive(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    scene.teams.removes_bot(scene.steering.team)
    scene.ana.removes_bot()
    scene.bot.settle()
    for kind in (None, "groupChat"):
        use_menu_elsewhere(scene, kind=kind)
    removed = scene.bot.read(lambda session: session.exec(select(Workspace.removed_at)).all())
    assert removed
    assert all(removed)
