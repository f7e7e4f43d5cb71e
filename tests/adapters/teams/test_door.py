"""Who gets past the door, and what is refused: each bad request answers what it is, and no more."""

import json
import time
from datetime import datetime, timedelta, tzinfo
from typing import Any, Self

import jwt
import pytest
from sqlmodel import col, func, select

from adapters.teams.models import TeamsConversation
from bot.delivery.models import SeenEvent
from tests.adapters.teams.conftest import Scene
from tests.fakes.teams.keys import make_key


def message(scene: Scene, text: str = "help") -> dict[str, Any]:
    payload = scene.ana._activity("message", scene.ana.direct, scene.teams.world.new_id())
    return {**payload, "text": text}


def rows(scene: Scene) -> list[int]:
    return scene.bot.read(
        lambda session: [
            session.exec(select(func.count(col(column)))).one()
            for column in (SeenEvent.key, TeamsConversation.id)
        ]
    )


def hs256(scene: Scene) -> str:
    """Signed with what everybody can read: the public key's words as a secret."""
    now = int(time.time())
    claims = {
        "iss": "https://api.botframework.com",
        "aud": scene.teams.app_id,
        "exp": now + 600,
        "serviceurl": scene.teams.service_url,
    }
    return jwt.encode(claims, "secret" * 8, "HS256", headers={"kid": scene.teams.signer.kid})


def unsigned(scene: Scene) -> str:
    _, body, _ = scene.teams.signer.sign().split(".")
    none = jwt.utils.base64url_encode(json.dumps({"alg": "none", "kid": "key-0"}).encode()).decode()
    return f"{none}.{body}."


BAD = {
    "another's key": lambda s: s.teams.signer.sign(key=make_key(2)),
    "expired": lambda s: s.teams.signer.sign(exp=int(time.time()) - 3600),
    "without an end": lambda s: s.teams.signer.sign(exp=None),
    "not yet": lambda s: s.teams.signer.sign(nbf=int(time.time()) + 3600),
    "an unknown key": lambda s: s.teams.signer.sign(kid="nobody's"),
    "no key named": lambda s: s.teams.signer.sign(kid=""),
    "alg none": unsigned,
    "HS256": hs256,
    "garbage": lambda s: "garbage",
    "three parts of garbage": lambda s: "a.b.c",
    "for another bot": lambda s: s.teams.signer.sign(aud="11111111-1111-1111-1111-111111111111"),
    "the emulator's": lambda s: s.teams.signer.sign(
        iss="https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
    ),
    "without an address": lambda s: s.teams.signer.sign(serviceurl=None),
    "for another address": lambda s: s.teams.signer.sign(serviceurl="https://evil.example/"),
    "no issuer": lambda s: s.teams.signer.sign(iss=None),
    "too long": lambda s: "a" * 9000,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_401_and_reaches_nobody(scene: Scene, name: str) -> None:
    before = rows(scene)
    answer = scene.teams.post(message(scene), token=BAD[name](scene))
    assert (answer.status, answer.text) == (401, "refused")
    scene.bot.settle()
    assert rows(scene) == before
    assert scene.teams.world.calls == []
    assert scene.teams.server.logins == 0
    assert scene.ana.writes("help").status == 200


def test_no_token_at_all_and_another_scheme_are_401(scene: Scene) -> None:
    assert scene.teams.post(message(scene), token=None).status == 401
    basic = {"Authorization": "Basic YTpi"}
    assert scene.teams.post(message(scene), token=None, headers=basic).status == 401


def test_what_is_no_activity_is_400(scene: Scene) -> None:
    whole = message(scene)
    for wrong in (
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        {**whole, "type": 7},
        {**whole, "type": ""},
        {**whole, "channelId": "webchat"},
        {key: value for key, value in whole.items() if key != "serviceUrl"},
        {**whole, "serviceUrl": ["x"]},
    ):
        assert scene.teams.post(wrong).status == 400, wrong


def test_other_content_types_methods_and_sizes_have_their_own_answers(scene: Scene) -> None:
    teams = scene.teams
    plain = {"Content-Type": "text/plain"}
    assert teams.post(message(scene), headers=plain).status == 415
    assert teams.post(message(scene, "x" * 1_100_000)).status == 413


def test_a_service_url_that_is_not_teams_gets_no_token(scene: Scene) -> None:
    for address in (
        "https://evil.example/teams/",
        "http://smba.trafficmanager.net/teams/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil.example@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net:8443/",
        "file:///etc/passwd",
        "http://127.0.0.1:1/",
    ):
        token = scene.teams.signer.sign(serviceurl=address)
        payload = {**message(scene), "serviceUrl": address}
        assert scene.teams.post(payload, token=token).status == 403, address
    scene.bot.settle()
    assert scene.teams.server.logins == 0
    assert rows(scene) == [0, 0]


def test_a_new_key_is_noticed_at_once_and_the_old_one_too(scene: Scene) -> None:
    assert scene.ana.writes("help").status == 200
    old = scene.teams.signer.sign()
    scene.teams.signer.rotate()
    assert scene.ana.writes("help").status == 200
    assert scene.teams.signer.reads == 2
    assert scene.teams.post(message(scene), token=old).status == 401


def test_unknown_keys_do_not_make_us_ask_without_end(scene: Scene) -> None:
    for number in range(20):
        bad = scene.teams.signer.sign(kid=f"no-{number}")
        assert scene.teams.post(message(scene), token=bad).status == 401
    assert scene.teams.signer.reads == 5


def test_a_token_is_remembered_and_still_bound_to_its_address(scene: Scene) -> None:
    token = scene.teams.signer.sign()
    assert scene.teams.post(message(scene), token=token).status == 200
    other = {**message(scene), "serviceUrl": "https://smba.trafficmanager.net/emea/"}
    assert scene.teams.post(other, token=token).status == 401


def test_a_token_is_remembered_no_longer_than_it_is_good(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = scene.teams.signer.sign(exp=int(time.time()) + 60)
    assert scene.teams.post(message(scene), token=token).status == 200
    later = timedelta(seconds=400)

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + later

    tokens = scene.bot.entente.teams.door._tokens  # type: ignore[union-attr]
    monkeypatch.setattr(tokens, "_now", lambda: time.time() + later.total_seconds())
    monkeypatch.setattr("jwt.api_jwt.datetime", Later)
    assert scene.teams.post(message(scene), token=token).status == 401


@pytest.mark.parametrize(
    ("channels", "status"), [(["webchat"], 401), (["webchat", "msteams"], 200), ([], 200)]
)
def test_a_key_signs_for_the_channels_that_it_is_endorsed_for(
    scene: Scene, channels: list[str], status: int
) -> None:
    scene.teams.signer.endorsements = channels
    assert scene.teams.post(message(scene)).status == status


def test_without_keys_teams_is_asked_to_send_again(scene: Scene) -> None:
    """Nobody's token can be told good or bad then."""
    scene.teams.server.has_keys = False
    assert scene.teams.post(message(scene)).status == 503


def test_what_nobody_wants_is_turned_away_and_counted(scene: Scene) -> None:
    teams, door = scene.teams, scene.bot.entente.teams.door  # type: ignore[union-attr]
    teams.hears_all = True
    _, answer = scene.tom.says(scene.steering, "good morning")
    assert answer is not None
    assert answer.status == 200
    assert teams.post({**message(scene), "type": "typing"}).status == 200
    invoke = {**message(scene), "type": "invoke", "name": "fileConsent/invoke", "value": {}}
    answer = teams.post(invoke)
    assert (answer.status, answer.text) == (200, "{}")
    bot = {**message(scene), "from": {"id": "28:other-bot", "role": "bot"}}
    assert teams.post(bot).status == 200
    assert (door.counts.turned_away, door.counts.passed) == (4, 0)
    assert rows(scene) == [0, 0]


def test_other_paths_are_the_rest_of_ententes(scene: Scene) -> None:
    answer = scene.teams.post({}, url=f"{scene.bot.url}/nowhere")
    assert answer.status == 404
