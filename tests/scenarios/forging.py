"""Requests that nobody was offered, signed by Slack all the same."""

import json
from typing import Any

from tests.fakes.slack import Channel, FakeSlack, Response, User

Json = dict[str, Any]


def forge_press(
    slack: FakeSlack, user: User, action: str, value: str, channel: Channel
) -> Response:
    """A press on a button that was never shown to this person."""
    url, _ = user.courier.response_url("actions", user.id, channel, slack.installation, None)
    payload = {
        "type": "block_actions",
        "user": {"id": user.id, "team_id": user.team.id},
        "team": {"id": user.team.id},
        "container": {"type": "message", "channel_id": channel.id, "is_ephemeral": True},
        "channel": {"id": channel.id, "name": channel.name},
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
        "response_url": url,
        "trigger_id": user.courier.trigger(user.id, None, channel),
    }
    return slack.sends_payload("interactive", payload)


def forge_submission(
    slack: FakeSlack, user: User, name: str, blocks: list[Json], context: Json, values: Json
) -> Response:
    """A form sent off with another context than it was opened with."""
    view = {
        "id": "V0FORGED",
        "hash": "1.a",
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(context),
        "blocks": blocks,
        "state": {"values": values},
    }
    body = {"user": {"id": user.id, "team_id": user.team.id}, "view": view}
    return slack.sends_payload("interactive", {"type": "view_submission", **body})
