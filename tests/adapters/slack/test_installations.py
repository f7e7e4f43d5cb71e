"""Through which installation something was heard, in Slack's many ways of saying so; and messages
that are told twice."""

import asyncio
from typing import Any

import pytest

from adapters.slack.installations import Installations, Installed
from adapters.slack.twins import Twins


def make(external_id: str, *, workspace: str = "", wide: bool = False) -> Installed:
    return Installed(
        id=external_id,
        external_id=external_id,
        workspace=workspace or external_id,
        bot_user=f"U{external_id}",
        is_organisation=wide,
        token=f"xoxb-{external_id}",
    )


KNOWN = Installations(
    [make("T1"), make("T2"), make("E3", wide=True), make("T4", workspace="E3"), make("T5")]
)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        ({"team_id": "T2", "authorizations": [{"team_id": "T1"}]}, "T1"),
        ({"team_id": "T2", "authorizations": []}, "T2"),
        ({"team_id": "T9", "authorizations": [{"team_id": "T9"}], "context_team_id": "T2"}, "T2"),
        (
            {
                "authorizations": [
                    {"enterprise_id": "E3", "team_id": None, "is_enterprise_install": True}
                ]
            },
            "E3",
        ),
        # One of an organisation's workspaces, which has only the organisation's installation.
        ({"authorizations": [{"enterprise_id": "E3", "team_id": "T8"}]}, "E3"),
        ({"authorizations": [{"enterprise_id": "E3", "team_id": "T4"}]}, "T4"),
        ({"team": None, "enterprise": {"id": "E3"}, "is_enterprise_install": True}, "E3"),
        ({"team_id": "T8", "enterprise_id": "E3", "is_enterprise_install": "true"}, "E3"),
        # A form opened by T1 in a shared channel, sent off by somebody of T2's.
        ({"team": {"id": "T2"}, "view": {"app_installed_team_id": "T1"}}, "T1"),
        ({"team": {"id": "T9"}, "user": {"id": "U1", "team_id": "T5"}}, "T5"),
        ({"team": {"id": "T9"}}, None),
        ({}, None),
        ({"authorizations": "T1", "team_id": ["T1"], "view": [], "user": "U1"}, None),
        ({"authorizations": [None, {"team_id": {}}], "enterprise": 7}, None),
    ],
)
def test_what_a_payload_came_through(payload: dict[str, Any], found: str | None) -> None:
    via = KNOWN.hear(payload)
    assert (via.external_id if via else None) == found


def test_a_workspace_of_an_organisation_is_reached_by_the_widest_first() -> None:
    assert [each.external_id for each in KNOWN.of_workspace("E3")] == ["E3", "T4"]
    assert [each.external_id for each in KNOWN.of_workspace("T4")] == ["T4"]
    assert KNOWN.of_workspace("T9") == ()


def copy(event_id: str, *, kind: str = "message", ts: str = "1.1") -> dict[str, Any]:
    return {"event_id": event_id, "event": {"type": kind, "channel": "C1", "ts": ts}}


class Handler:
    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.seen: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, payload: dict[str, Any], key: str) -> tuple[int, bytes, str]:
        self.seen.append(str(payload.get("event_id")))
        status = self.statuses.pop(0) if self.statuses else 200
        await self.gate.wait()
        if status == 0:
            raise ValueError
        return status, b"said", "text/plain"


async def test_of_two_copies_one_is_handled_and_slacks_retry_is_no_copy() -> None:
    handler = Handler()
    twins = Twins(handler)
    assert (await twins.handle_once(copy("Ev1"), "a"))[0] == 200
    assert (await twins.handle_once(copy("Ev2"), "b"))[0] == 200
    assert handler.seen == ["Ev1"]
    await twins.handle_once(copy("Ev1"), "a")
    await twins.handle_once(copy("Ev3", kind="app_mention"), "c")
    await twins.handle_once(copy("Ev4", ts="1.2"), "d")
    assert handler.seen == ["Ev1", "Ev1", "Ev3", "Ev4"]


@pytest.mark.parametrize("failure", [500, 0])
async def test_a_copy_is_handled_when_the_first_was_not(failure: int) -> None:
    handler = Handler(failure)
    handler.gate.clear()
    twins = Twins(handler)
    first = asyncio.create_task(twins.handle_once(copy("Ev1"), "a"))
    await asyncio.sleep(0)
    second = asyncio.create_task(twins.handle_once(copy("Ev2"), "b"))
    await asyncio.sleep(0)
    assert handler.seen == ["Ev1"]
    handler.gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert isinstance(results[0], ValueError) if failure == 0 else results[0][0] == 500  # type: ignore[index]
    assert results[1] == (200, b"said", "text/plain")
    assert handler.seen == ["Ev1", "Ev2"]


async def test_what_is_no_message_is_handled_as_it_comes() -> None:
    handler = Handler()
    twins = Twins(handler)
    for payload in ({}, {"event": []}, {"event": {"type": "message", "channel": ["C"], "ts": 1}}):
        await twins.handle_once(payload, "k")
        await twins.handle_once(payload, "k")
    assert len(handler.seen) == 6
