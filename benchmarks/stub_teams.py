"""Microsoft's servers, answering everything at once: `python -m benchmarks.stub_teams PORT`.

It checks nothing; the tests' fake Teams does, and is too slow to measure by.
"""

import itertools
import json
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import jwt
import uvicorn
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.processes import await_ok, free_port, running

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

APP = "00000000-0000-4000-8000-000000000001"
TENANT = "00000000-0000-4000-8000-000000000002"
PASSWORD = "bench-secret"
USER = "00000000-0000-4000-8000-000000000003"

_numbers = itertools.count(1)
_posts = [0]


def make_key() -> str:
    """A private key, as text."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def sign(key: str, service_url: str) -> str:
    """A token as Teams sends it."""
    now = int(time.time())
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP,
        "nbf": now - 10,
        "exp": now + 3600,
        "serviceurl": service_url,
    }
    return jwt.encode(claims, key, "RS256", headers={"kid": "bench"})


def _public(key: str) -> dict[str, Any]:
    private = serialization.load_pem_private_key(key.encode(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    found = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    return {**found, "kid": "bench", "use": "sig", "endorsements": ["msteams"]}


def make_answer(key: str, base: str) -> Callable[..., Awaitable[None]]:
    """Yes to everything."""
    keys = json.dumps({"keys": [_public(key)]}).encode()
    metadata = json.dumps(
        {
            "issuer": "https://api.botframework.com",
            "jwks_uri": f"{base}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
    ).encode()
    login = b'{"token_type":"Bearer","expires_in":3599,"access_token":"bench"}'
    member = json.dumps({"id": "29:bench", "name": "B", "aadObjectId": USER, "tenantId": TENANT})

    def say(path: str) -> bytes:
        if path.endswith("/activities"):
            _posts[0] = next(_numbers)
            return b'{"id":"%d"}' % _posts[0]
        if path.endswith("/posts"):
            return b"%d" % _posts[0]
        if path.endswith("/token"):
            return login
        if path.endswith("/keys"):
            return keys
        return member.encode() if "/members/" in path else metadata

    async def answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": say(scope["path"])})

    return answer


@contextmanager
def stub_teams(key: str) -> Iterator[str]:
    """The stub in a process of its own; its base address."""
    port = free_port()
    with running(("-m", "benchmarks.stub_teams", str(port)), {"BENCH_KEY": key}) as process:
        await_ok(process, f"http://127.0.0.1:{port}/keys")
        yield f"http://127.0.0.1:{port}"


def count_posts(stub: str) -> int:
    """How many messages were written so far."""
    with urllib.request.urlopen(f"{stub}/posts", timeout=5) as said:
        return int(said.read())


if __name__ == "__main__":
    import os

    served = int(sys.argv[1])
    app = make_answer(os.environ["BENCH_KEY"], f"http://127.0.0.1:{served}")
    uvicorn.run(app, host="127.0.0.1", port=served, lifespan="off", log_config=None)
