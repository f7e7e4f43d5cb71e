"""Where Microsoft's servers are, and which addresses a token may be sent to."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

ISSUER: Final = "https://api.botframework.com"
SCOPE: Final = "https://api.botframework.com/.default"

SERVICE_HOSTS: Final = frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"})
"""Hosts of Teams' connector. Messages and our token go there and nowhere else."""

FILE_DOMAINS: Final = (".sharepoint.com", ".sharepoint.us")
"""Where the files lie that people send in Teams, of which each tenant has hosts of its own."""

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
        parts = _split(service_url)
        if parts is None or parts.query:
            return False
        if self.is_anonymous:
            return parts.scheme == "http" and parts.hostname in _LOOPBACK
        return self._is_local(parts) or (_is_secure(parts) and parts.hostname in SERVICE_HOSTS)

    def keeps_files(self, address: str) -> bool:
        """Whether a file may be read there."""
        parts = _split(address)
        if parts is None:
            return False
        host = parts.hostname or ""
        return self._is_local(parts) or (_is_secure(parts) and host.endswith(FILE_DOMAINS))

    def _is_local(self, parts: SplitResult) -> bool:
        if self.local is None:
            return False
        ours = urlsplit(self.local)
        return (parts.scheme, parts.hostname, parts.port) == (ours.scheme, ours.hostname, ours.port)


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None if it is none, or names somebody who logs in."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return None if parts.username is not None or parts.fragment else parts


def _is_secure(parts: SplitResult) -> bool:
    return parts.scheme == "https" and parts.port in {None, 443}
