"""The playground's platform keeps what every platform promises to the core."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.local.cast import BOT, CAST
from adapters.local.hub import Hub
from adapters.local.platform import LocalPlatform
from adapters.local.world import World
from bot.core.clock import system_clock
from bot.testing.contract import PlatformContract, Stage

SOUND = "nothing comes between the playground and its chat: they are one process"


@dataclass
class LocalStage:
    platform: LocalPlatform
    world: World
    workspace: str = "T-ACME"
    channel: str = "C-STEERING"
    other_channel: str = "C-GENERAL"
    person: str = "U-ANA"

    def read(self, place: str) -> list[str]:
        here = f"D-{place}" if place.startswith("U-") else place
        found = self.world.get_messages(here, viewer="U-NOBODY")
        return [m.view.plain_text() for m in found if m.author == BOT and m.view]

    def limits(self, seconds: int) -> None:
        pytest.skip(SOUND)

    def fails(self) -> None:
        pytest.skip(SOUND)

    def loses(self, *, arrives: bool) -> None:
        pytest.skip(SOUND)

    def hangs(self) -> None:
        pytest.skip(SOUND)

    def archives(self) -> None:
        channel = self.world.get_channel(self.channel)
        assert channel is not None
        self.world.add_channel(replace(channel, is_archived=True))

    def removes_bot(self) -> None:
        self.world.leave(self.channel, BOT)


class TestLocalPlatform(PlatformContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> Iterator[Stage]:
        world = World(tmp_path / "chat.db")
        world.populate(CAST, now=system_clock())
        yield LocalStage(LocalPlatform(world, Hub(), clock=system_clock), world)
        world.close()
