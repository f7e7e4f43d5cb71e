"""Presses that no button offers: signed by Slack all the same, with any value."""

from tests.fakes.slack import Channel, User
from tests.scenarios.conftest import World


def press_forged(world: World, who: User, action: str, value: str, channel: Channel) -> str:
    """What a person gets to read for pressing a button that was never shown to them."""
    slack = world.slack
    before = len(slack.ephemerals(user=who))
    url, _ = who.courier.response_url("actions", who.id, channel, slack.installation, None)
    slack.sends_payload(
        "interactive",
        {
            "type": "block_actions",
            "user": {"id": who.id, "team_id": who.team.id},
            "team": {"id": who.team.id},
            "container": {"type": "message", "channel_id": channel.id, "is_ephemeral": True},
            "channel": {"id": channel.id, "name": channel.name},
            "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": value}],
            "response_url": url,
            "trigger_id": who.courier.trigger(who.id, None, channel),
        },
    )
    world.bot.settle()
    return "\n".join(slack.text_of(message) for message in slack.ephemerals(user=who)[before:])
