"""Requests that nobody was offered, with any value: signed by Slack all the same."""

import json
from typing import Any

from tests.fakes.slack import Channel, FakeSlack, Response, User

Json = dict[str, Any]


def make_press(slack: FakeSlack, user: User, action: str, value: str, channel: Channel) -> Json:
    """What Slack sends for a press on a button."""
    url, _ = user.courier.response_url("actions", user.id, channel, slack.installation, None)
    return {
        "type": "block_actions",
        "user": {"id": user.id, "team_id": user.team.id},
        "team": {"id": user.team.id},
        "container": {"type": "message", "channel_id": channel.id, "is_ephemeral": True},
        "channel": {"id": channel.id, "name": channel.name},
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
        "response_url": url,
        "trigger_id": user.courier.trigger(user.id, None, channel),
    }


def forge_press(
    slack: FakeSlack, user: User, action: str, value: str, channel: Channel
) -> Response:
    """A press on a button that was never shown to this person."""
    return slack.sends_payload("interactive", make_press(slack, user, action, value, channel))


def _forge_form(user: User, name: str, blocks: list[Json], context: Json, values: Json) -> Json:
    view = {
        "id": "V0FORGED",
        "hash": "1.a",
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(context),
        "blocks": blocks,
        "state": {"values": values},
    }
    return {"user": {"id": user.id, "team_id": user.team.id}, "view": view}


def forge_submission(
    slack: FakeSlack, user: User, name: str, blocks: list[Json], context: Json, values: Json
) -> Response:
    """A form sent off with another context than it was opened with, or by somebody else."""
    body = _forge_form(user, name, blocks, context, values)
    return slack.sends_payload("interactive", {"type": "view_submission", **body})


def forge_change(
    slack: FakeSlack, user: User, name: str, blocks: list[Json], context: Json, values: Json
) -> Response:
    """Something typed into such a form."""
    block = next(iter(values), "text")
    action = {"type": "plain_text_input", "action_id": block, "block_id": block, "value": "x"}
    body = {"actions": [action], **_forge_form(user, name, blocks, context, values)}
    return slack.sends_payload("interactive", {"type": "block_actions", **body})
