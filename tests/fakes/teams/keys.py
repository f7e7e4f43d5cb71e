"""Keys that sign what Teams sends, and tokens made with them."""

import time
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://api.botframework.com"


@lru_cache(maxsize=4)
def make_key(number: int) -> rsa.RSAPrivateKey:
    """A key, the same for each number while the tests run: making one takes its time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Signer:
    """The keys in force, and what is signed with them."""

    def __init__(self, app_id: str, service_url: str) -> None:
        self.app_id = app_id
        self.service_url = service_url
        self.number = 0
        self.reads = 0
        self.endorsements = ["msteams"]

    @property
    def kid(self) -> str:
        return f"key-{self.number}"

    def rotate(self) -> None:
        """From now on another key signs, and the old one is gone."""
        self.number = 1 - self.number

    def jwks(self) -> dict[str, Any]:
        """The public keys."""
        public = jwt.algorithms.RSAAlgorithm.to_jwk(
            make_key(self.number).public_key(), as_dict=True
        )
        said = {"kid": self.kid, "use": "sig", "endorsements": self.endorsements}
        return {"keys": [{**public, **said}]}

    def sign(
        self, *, kid: str | None = None, key: Any = None, alg: str = "RS256", **claims: Any
    ) -> str:
        """A token; claims given as None are left out."""
        now = int(time.time())
        said = {
            "iss": ISSUER,
            "aud": self.app_id,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 3600,
            "serviceurl": self.service_url,
            **claims,
        }
        payload = {name: value for name, value in said.items() if value is not None}
        headers = {"kid": kid or self.kid} if kid != "" else {}
        return jwt.encode(
            payload,
            key if key is not None else make_key(self.number),
            algorithm=alg,
            headers=headers,
        )
