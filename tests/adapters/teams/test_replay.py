"""Real activities, from Microsoft's own tests, documents and simulator: an answer or silence."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.teams.door import read_activity
from adapters.teams.parse import parse, parse_mentioned, parse_picked, parse_sighting
from tests.adapters.teams.conftest import Scene


def activities(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "teams/activities.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line)["payload"] for line in lines]
    recorded = (folder / "teams/playground_activities.jsonl").read_text("utf-8").splitlines()
    return [*found, *(json.loads(line) for line in recorded)]


def test_every_one_is_answered_and_none_breaks_anything(scene: Scene, data_folder: Path) -> None:
    """As they are, and as Teams would send them: from its address, from a tenant."""
    answers: dict[int, int] = {}
    for activity in activities(data_folder):
        for sent in (activity, complete(scene, activity)):
            status = scene.teams.post(sent).status
            answers[status] = answers.get(status, 0) + 1
    scene.bot.settle()
    assert set(answers) <= {200, 400, 401}, answers
    assert answers[200] >= 150
    assert scene.ana.writes("help").status == 200
    counts = scene.bot.entente.dispatcher.counts
    assert [name for name in counts.by_outcome if "failed" in name] == []


def complete(scene: Scene, activity: Any) -> Any:
    if not isinstance(activity, dict):
        return activity
    data = activity.get("channelData")
    return {
        "type": "message",
        **activity,
        "channelId": "msteams",
        "serviceUrl": scene.teams.service_url,
        "channelData": {
            **(data if isinstance(data, dict) else {}),
            "tenant": {"id": "11111111-2222-3333-4444-555555555555"},
        },
    }


def test_most_that_are_complete_are_understood(data_folder: Path) -> None:
    lines = (data_folder / "teams/activities.jsonl").read_text("utf-8").splitlines()
    whole = [json.loads(line) for line in lines if json.loads(line)["complete"]]
    told = [each for each in whole if each["type"] in {"message", "conversationUpdate"}]
    understood = [
        each["id"]
        for each in told
        if read_activity(json.dumps({**each["payload"], "channelId": "msteams"}).encode())
        and parse_sighting(each["payload"])
    ]
    assert len(understood) >= len(told) * 0.6, (len(understood), len(told))


@pytest.mark.parametrize("cut", ["from", "recipient", "conversation", "channelData", "id", "value"])
def test_what_lacks_a_part_is_no_event_or_a_whole_one(data_folder: Path, cut: str) -> None:
    for activity in activities(data_folder):
        if isinstance(activity, dict):
            for wrong in ({k: v for k, v in activity.items() if k != cut}, {**activity, cut: 7}):
                parse(wrong)
                parse_sighting(wrong)
                parse_mentioned(wrong)
                parse_picked(wrong)
