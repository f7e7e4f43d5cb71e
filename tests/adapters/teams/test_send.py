"""Sending and reading, before a connector that takes its time."""

import pytest

from adapters.teams.directory import CHANNEL, Conversation, Person
from adapters.teams.names import compact
from adapters.teams.send import TeamsPlatform, answering_within
from bot.core.errors import RetryLater, Undeliverable
from bot.core.ports import ChannelQuery, MembersQuery, Outgoing, UserQuery
from bot.core.views import Text, view
from bot.features.people.status import say_reason
from tests.adapters.teams.conftest import Scene
from tests.fakes.teams import FakeTeams


def platform_of(scene: Scene) -> TeamsPlatform:
    assert scene.bot.entente.teams is not None
    return scene.bot.entente.teams.platform


def test_reading_for_an_answer_ends_in_time_however_often_is_read(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    platform = platform_of(scene)
    query = UserQuery(workspace=scene.ana.tenant.id, user=scene.ana.id)

    async def read_twice() -> list[str]:
        reasons = []
        with answering_within(0.05):
            for _ in range(2):
                with pytest.raises(RetryLater) as refused:
                    await platform.fetch(query)
                reasons.append(refused.value.reason)
        return reasons

    scene.teams.server.hangs_reading = True
    assert platform.request_timeout > 1
    assert scene.bot.call(read_twice()) == ["timeout", "timeout"]
    scene.teams.server.hangs_reading = False
    assert scene.bot.call(platform.fetch(query)).name == "Ana"


HELLO = view(Text(text="Hello"))


def outgoing(scene: Scene, *, channel: str | None, user: str | None) -> Outgoing:
    return Outgoing(
        key="k",
        workspace=scene.ana.tenant.id,
        channel=channel,
        user=user,
        thread=None,
        view=HELLO,
    )


@pytest.mark.parametrize("direct", ["a:ana", None])
def test_nothing_goes_to_an_address_that_is_not_allowed_any_more(
    scene: Scene, direct: str | None
) -> None:
    platform, acme = platform_of(scene), scene.ana.tenant.id
    with FakeTeams() as elsewhere:
        address = elsewhere.service_url
        steering = Conversation(
            id="19:x", real_id="19:x", kind=CHANNEL, tenant=acme, service_url=address
        )
        ana = Person(
            person="ana",
            account="29:ana",
            tenant=acme,
            service_url=address,
            seen_in="19:x",
            direct=direct,
            direct_url=address if direct else None,
        )
        scene.bot.call(platform.directory.note(steering, ana))
        for work in (
            platform.send(outgoing(scene, channel="19:x", user=None)),
            platform.send(outgoing(scene, channel="19:x", user="ana")),
            platform.send(outgoing(scene, channel=None, user="ana")),
            platform.update("19:x", "1", None, HELLO),
            platform.update("ana", "1", None, HELLO),
            platform.fetch(UserQuery(workspace=acme, user="ana")),
            platform.fetch(ChannelQuery(workspace=acme, channel="19:x")),
            platform.fetch(MembersQuery(workspace=acme, channel="19:x")),
        ):
            with pytest.raises(Undeliverable, match=r"service_url|channel_not_found"):
                scene.bot.call(work)
        assert elsewhere.world.calls == []
    assert scene.teams.server.logins == 0


def test_a_redirect_takes_our_requests_nowhere(scene: Scene) -> None:
    """A message to one person in a channel goes by no way of the library's."""
    scene.ana.mentions(scene.steering, "help")
    scene.bot.settle()
    message = outgoing(scene, channel=compact(scene.steering.id), user=scene.ana.id)
    with FakeTeams() as elsewhere:
        scene.teams.redirects(f"{elsewhere.service_url}v3/conversations/x/activities")
        scene.bot.call(platform_of(scene).send(message))
        assert elsewhere.world.calls == []
    assert "Hello" in scene.teams.text_of(scene.teams.dms(scene.ana)[-1])


def test_a_chat_that_is_gone_is_made_anew(scene: Scene) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    old = scene.ana.direct
    scene.teams.world.chats.remove(old)
    for number in (1, 2):
        scene.bot.call(platform_of(scene).send(outgoing(scene, channel=None, user=scene.ana.id)))
        assert len(scene.teams.dms(scene.ana)) == number
    assert scene.ana.direct.id != old.id
    made = [call for call in scene.teams.world.calls if call.path == "conversations"]
    assert len(made) == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("MessageWritesBlocked", "blocked_by_user"),
        ("ConversationBlockedByUser", "blocked_by_user"),
        ("BotDisabledByAdmin", "disabled_by_admin"),
    ],
)
def test_who_blocks_entente_is_said_in_a_sentence(scene: Scene, code: str, reason: str) -> None:
    scene.ana.writes("help")
    scene.bot.settle()
    scene.teams.fails(403, code)
    with pytest.raises(Undeliverable, match=reason):
        scene.bot.call(platform_of(scene).send(outgoing(scene, channel=None, user=scene.ana.id)))
    assert "Entente" in say_reason(reason)
    assert reason not in say_reason(reason)
