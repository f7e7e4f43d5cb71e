"""What people wrote in a thread of the playground."""

import asyncio
from pathlib import Path

from adapters.local.cast import BOT, CAST
from adapters.local.hub import Hub
from adapters.local.platform import LocalPlatform
from adapters.local.world import World
from bot.core.clock import system_clock
from bot.core.ports import ThreadProfile, ThreadQuery


def test_a_thread_is_read_oldest_first_from_any_of_its_messages(tmp_path: Path) -> None:
    world = World(tmp_path / "chat.db")
    world.populate(CAST, now=system_clock())
    platform = LocalPlatform(world, Hub(), clock=system_clock)
    room, now = "C-STEERING", system_clock()
    root = world.post(channel=room, author="U-ANA", at=now, text="Basel or Zurich?")
    world.post(channel=room, author=BOT, at=now, text="Noted.", thread=root)
    answer = world.post(channel=room, author="U-TOM", at=now, text="Basel", thread=root)
    for message in (root, answer):
        query = ThreadQuery(workspace="T-ACME", channel=room, message=message)
        found = asyncio.run(platform.fetch(query))
        assert isinstance(found, ThreadProfile)
        assert [(said.user, said.text) for said in found.messages] == [
            ("U-ANA", "Basel or Zurich?"),
            ("U-TOM", "Basel"),
        ]
        assert found.thread == root
    world.close()
