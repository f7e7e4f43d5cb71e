"""Signed requests, ready to be written to a socket."""

import hashlib
import hmac
import random
import time
from urllib.parse import urlencode

import orjson

from benchmarks.stub_slack import OTHER_BOT_USER, OTHER_TEAM, SECRET, TEAM, USER

_TALK = (
    "we could move the steering call to Thursday because the pilot report is late and the sales "
    "figures of the second quarter are not agreed yet please look at the draft before lunch"
)


def message(number: int, channel: str, seed: random.Random) -> bytes:
    """The `message` event of an ordinary message, as Slack sends it."""
    text = " ".join(seed.choices(_TALK.split(), k=seed.randint(6, 40)))
    ts = f"18000{number // 1_000_000:05d}.{number % 1_000_000:06d}"
    blocks = [
        {
            "type": "rich_text",
            "block_id": "b1",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
            ],
        }
    ]
    event: dict[str, object] = {
        "type": "message",
        "user": USER,
        "team": TEAM,
        "text": text,
        "ts": ts,
        "client_msg_id": f"00000000-0000-4000-8000-{number:012d}",
        "blocks": blocks,
        "channel": channel,
        "channel_type": "channel",
        "event_ts": ts,
    }
    return orjson.dumps(_envelope(event, number))


def twin(number: int, channel: str, seed: random.Random) -> bytes:
    """Each message twice, as two installations in its channel may be told of it."""
    if number % 2 == 0:
        seed = random.Random(number)
        return message(number, channel, seed)
    other = orjson.loads(message(number - 1, channel, random.Random(number - 1)))
    other["event_id"] = f"Ev{number:010d}"
    other["authorizations"][0] |= {"team_id": OTHER_TEAM, "user_id": OTHER_BOT_USER}
    return orjson.dumps(other)


def _envelope(event: dict[str, object], number: int) -> dict[str, object]:
    return {
        "token": "verification",
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": "A0BENCH",
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number:010d}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": "U0BOT",
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-bench",
    }


def press(number: int, channel: str, _seed: random.Random) -> bytes:
    """A press on the button that opens the reminder form."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": USER, "username": "member", "name": "member", "team_id": TEAM},
        "api_app_id": "A0BENCH",
        "token": "verification",
        "trigger_id": f"{number}.bench",
        "container": {"type": "message", "message_ts": "1800000000.000001", "channel_id": channel},
        "channel": {"id": channel, "name": "bench"},
        "actions": [
            {
                "action_id": "remind.form",
                "block_id": f"b{number}",
                "type": "button",
                "value": "",
                "action_ts": f"1800000000.{number:06d}",
            }
        ],
    }
    return urlencode({"payload": orjson.dumps(payload).decode()}).encode()


KINDS = {
    "message": (message, b"application/json"),
    "twin": (twin, b"application/json"),
    "press": (press, b"application/x-www-form-urlencoded"),
}


def make_requests(kind: str, channel: str, *, first: int, count: int, seed: int = 1) -> list[bytes]:
    """Requests numbered from `first`, each different, signed as of now."""
    make, content_type = KINDS[kind]
    chance = random.Random(seed)
    bodies = (make(number, channel, chance) for number in range(first, first + count))
    return [sign(body, content_type) for body in bodies]


def sign(body: bytes, content_type: bytes) -> bytes:
    """The whole HTTP request."""
    timestamp = str(int(time.time())).encode()
    base = b"v0:" + timestamp + b":" + body
    signature = hmac.new(SECRET.encode(), base, hashlib.sha256).hexdigest().encode()
    lines = (
        b"POST /slack/events HTTP/1.1",
        b"Host: 127.0.0.1",
        b"User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        b"Accept: */*",
        b"Content-Type: " + content_type,
        b"X-Slack-Signature: v0=" + signature,
        b"X-Slack-Request-Timestamp: " + timestamp,
        b"Content-Length: " + str(len(body)).encode(),
    )
    return b"\r\n".join((*lines, b"", body))
