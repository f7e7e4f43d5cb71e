"""Where Microsoft's servers are, and which addresses a token may be sent to."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

ISSUER: Final = "https://api.botframework.com"
SCOPE: Final = "https://api.botframework.com/.default"

SERVICE_HOSTS: Final = frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"})
"""Hosts of Teams' connector. Messages and our token go there and nowhere else."""

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The servers. `local`: a server of this machine that stands for all of them, for tests."""

    local: str | None = None
    is_anonymous: bool = False

    @property
    def keys_url(self) -> str:
        """Where the metadata of the keys is that sign what reaches us."""
        base = self.local or "https://login.botframework.com"
        return f"{base}/v1/.well-known/openidconfiguration"

    def login_url(self, tenant: str) -> str:
        """Where a token for writing is to be had."""
        base = self.local or "https://login.microsoftonline.com"
        return f"{base}/{tenant}/oauth2/v2.0/token"

    def trusts(self, service_url: str) -> bool:
        """Whether this may be written to, with our token."""
        try:
            parts = urlsplit(service_url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.query or parts.fragment:
            return False
        if self.is_anonymous:
            return parts.scheme == "http" and host in _LOOPBACK
        if self.local is not None:
            ours = urlsplit(self.local)
            if (parts.scheme, host, port) == (ours.scheme, ours.hostname, ours.port):
                return True
        return parts.scheme == "https" and host in SERVICE_HOSTS and port in {None, 443}
