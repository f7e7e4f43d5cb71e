"""A scene with a clock that the test moves, and postmen before a platform in memory."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.db.engine import Database
from tests.fakes.slack import FakeSlack
from tests.harness import ManualClock
from tests.scene import Scene


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at the real now: the fake Slack's messages carry its time."""
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def postgres_scene(slack: FakeSlack, postgres_url: str, clock: ManualClock) -> Iterator[Scene]:
    database = Database(postgres_url)
    yield Scene(slack, database, clock)
    database.close()


@pytest.fixture
def scene(slack: FakeSlack, database: Database, clock: ManualClock) -> Scene:
    return Scene(slack, database, clock)
