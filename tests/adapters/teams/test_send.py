"""Sending and reading, before a connector that takes its time."""

import pytest

from adapters.teams.send import TeamsPlatform, answering_within
from bot.core.errors import RetryLater
from bot.core.ports import UserQuery
from tests.adapters.teams.conftest import Scene


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
