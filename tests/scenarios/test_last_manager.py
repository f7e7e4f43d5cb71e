"""The last manager of a partner leaves: the others and the operator are told, nothing opens up."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from tests.harness import ManualClock
from tests.scenarios.casts import ARRANGEMENTS, Cast, begun, in_teams_of_the_host
from tests.scenarios.people_in_teams import InTeams

TOLD = "was the only alliance manager of Borealis Bio"


@pytest.fixture(params=[name for name in ARRANGEMENTS if name != "teams of the host"])
def cast(request: pytest.FixtureRequest, database_url: str, clock: ManualClock) -> Iterator[Cast]:
    yield from begun(ARRANGEMENTS[request.param](database_url, clock))


def test_the_other_managers_and_the_operator_are_told(cast: Cast) -> None:
    if isinstance(cast.jonas, InTeams):
        cast.jonas.writes("status")
    with capture_logs() as logged:
        cast.jonas.loses_account()
        cast.bot.advance(timedelta(days=1, hours=2))
    cast.ana.hears(TOLD)
    assert [line["event"] for line in logged].count("a partner has no manager") == 1
    assert "Jonas" not in cast.ana.asks("members")


def test_whoever_only_leaves_a_channel_is_no_less_a_manager(
    database_url: str, clock: ManualClock
) -> None:
    for cast in ARRANGEMENTS["teams"](database_url, clock):
        cast.begin()
        (teams,) = cast.fakes
        assert isinstance(cast.jonas, InTeams)
        teams.leaves(cast.jonas.user, cast.jonas.room)
        cast.bot.advance(timedelta(days=2))
        assert not any(TOLD in said for said in cast.ana.texts())
        assert "Jonas (alliance manager)" in cast.ana.asks("members")


def test_where_teams_gives_no_chat_of_their_own_it_is_not_guessed(
    database_url: str, clock: ManualClock
) -> None:
    for cast in in_teams_of_the_host(database_url, clock):
        cast.begin()
        cast.jonas.loses_account()
        cast.bot.advance(timedelta(days=2))
        assert not any(TOLD in said for said in cast.ana.texts())
        assert "Jonas (alliance manager)" in cast.ana.asks("members")
