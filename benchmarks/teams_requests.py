"""Teams' activities, ready to be written to a socket."""

import random
from typing import Any

import orjson

from benchmarks.stub_teams import APP, TENANT, USER

_TALK = (
    "we could move the steering call to Thursday because the pilot report is late and the sales "
    "figures of the second quarter are not agreed yet please look at the draft before lunch"
)


def _activity(number: int, service_url: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"18000{number:09d}",
        "timestamp": "2027-03-01T08:00:00.000Z",
        "localTimezone": "Europe/Berlin",
        "channelId": "msteams",
        "serviceUrl": service_url,
        "from": {"id": "29:bench", "name": "Member", "aadObjectId": USER},
        "recipient": {"id": f"28:{APP}", "name": "Entente"},
        "entities": [{"type": "clientInfo", "locale": "en-GB", "platform": "Windows"}],
        "textFormat": "plain",
        "locale": "en-GB",
        **more,
    }


def message(number: int, service_url: str, chance: random.Random) -> bytes:
    """An ordinary message of a channel, as a team's owner lets Entente hear it."""
    channel = "19:bench@thread.tacv2"
    payload = _activity(
        number,
        service_url,
        text=" ".join(chance.choices(_TALK.split(), k=chance.randint(6, 40))),
        conversation={
            "id": f"{channel};messageid=18000{number:09d}",
            "conversationType": "channel",
            "isGroup": True,
            "tenantId": TENANT,
        },
        channelData={
            "tenant": {"id": TENANT},
            "team": {"id": "19:team@thread.tacv2"},
            "channel": {"id": channel},
        },
    )
    return orjson.dumps(payload)


def press(number: int, service_url: str, _chance: random.Random) -> bytes:
    """A press, as older clients send it: a message with a value, in a person's own chat."""
    payload = _activity(
        number,
        service_url,
        conversation={"id": "a:bench", "conversationType": "personal", "tenantId": TENANT},
        channelData={"tenant": {"id": TENANT}},
        value={"entente": {"a": "bench.ping", "v": ""}},
        replyToId="1",
    )
    return orjson.dumps(payload)


KINDS = {"teams_message": message, "teams_press": press}


def make_requests(kind: str, address: str, token: str, *, first: int, count: int) -> list[bytes]:
    """Requests numbered from `first`, each different."""
    chance = random.Random(1)
    found = []
    for number in range(first, first + count):
        body = KINDS[kind](number, address, chance)
        lines = (
            b"POST /api/messages HTTP/1.1",
            b"Host: 127.0.0.1",
            b"Authorization: Bearer " + token.encode(),
            b"Content-Type: application/json; charset=utf-8",
            b"Content-Length: " + str(len(body)).encode(),
        )
        found.append(b"\r\n".join((*lines, b"", body)))
    return found
