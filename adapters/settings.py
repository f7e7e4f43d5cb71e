"""Settings: from the environment and `.env`, checked all at once and in words.

The names are fixed: operators rely on them (docs/operating.md lists every one).
"""

import re
from collections.abc import Sequence
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.slack.paths import REDIRECT_PATH
from bot.core.errors import SettingsError
from bot.db.engine import parse_url

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SHORTEST_KEY = 32
"""Characters of a secret key: `openssl rand -base64 32` gives 44."""

LONGEST_REQUEST = 7.0
"""Seconds a request to a platform may take at most: a process that is told to stop waits for those
under way, and is gone within ten."""


class Settings(BaseSettings):
    """Everything an operator can set. Aliases are the names in the environment."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str = Field("sqlite:///entente.db", alias="DATABASE_URL", repr=False)
    host: str = Field("127.0.0.1", alias="ENTENTE_HOST")
    port: int = Field(3000, alias="PORT", ge=0, le=65535)
    worker_port: int | None = Field(None, alias="ENTENTE_WORKER_PORT", ge=0, le=65535)
    public_url: str | None = Field(None, alias="ENTENTE_PUBLIC_URL")
    operator: str | None = Field(None, alias="ENTENTE_OPERATOR", max_length=120)
    log_level: str = Field("info", alias="ENTENTE_LOG_LEVEL")
    senders: int = Field(8, alias="ENTENTE_SENDERS", ge=1, le=64)
    lease_seconds: float = Field(60.0, alias="ENTENTE_LEASE_SECONDS", ge=1, le=3600)
    request_timeout: float = Field(LONGEST_REQUEST, alias="ENTENTE_REQUEST_TIMEOUT", gt=0)

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_client_id: str | None = Field(None, alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(None, alias="SLACK_CLIENT_SECRET")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")
    secret_key: SecretStr | None = Field(None, alias="ENTENTE_SECRET_KEY")

    microsoft_app_id: str | None = Field(None, alias="MICROSOFT_APP_ID")
    microsoft_app_password: SecretStr | None = Field(None, alias="MICROSOFT_APP_PASSWORD")
    microsoft_app_type: str = Field("SingleTenant", alias="MICROSOFT_APP_TYPE")
    microsoft_app_tenant_id: str | None = Field(None, alias="MICROSOFT_APP_TENANT_ID")
    teams_allow_anonymous: bool = Field(False, alias="ENTENTE_TEAMS_ALLOW_ANONYMOUS")
    teams_targeted: bool = Field(True, alias="ENTENTE_TEAMS_TARGETED")
    teams_cloud_url: str | None = Field(None, alias="ENTENTE_TEAMS_CLOUD_URL")

    @property
    def has_teams(self) -> bool:
        """Whether Teams is configured, or its simulator on this machine."""
        return self.microsoft_app_id is not None or self.teams_allow_anonymous

    @property
    def has_slack(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_bot_token is not None or self.has_many_workspaces

    @property
    def has_many_workspaces(self) -> bool:
        """Whether workspaces install Entente by themselves, each with a token of its own."""
        return self.slack_client_id is not None

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """The keys that tokens are encrypted with, the one in use first."""
        return tuple(key.strip() for key in _plain(self.secret_key).split(",") if key.strip())

    @property
    def redirect_url(self) -> str:
        """Where Slack sends people back after they allowed an installation."""
        return (self.public_url or "").rstrip("/") + REDIRECT_PATH

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is heard over a socket rather than over HTTP."""
        return self.slack_app_token is not None

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [
            *self._slack_problems(),
            *self._many_workspaces_problems(),
            *self._teams_problems(),
            *self._other_problems(),
        ]
        if problems:
            raise SettingsError(problems)
        return self

    def _slack_problems(self) -> list[str]:
        problems: list[str] = []
        token, app_token = _plain(self.slack_bot_token), _plain(self.slack_app_token)
        if token and not token.startswith("xoxb-"):
            problems.append("SLACK_BOT_TOKEN must be the bot's token, which begins with xoxb-.")
        if app_token and not app_token.startswith("xapp-"):
            problems.append("SLACK_APP_TOKEN must be an app-level token, beginning with xapp-.")
        if app_token and not self.has_slack:
            problems.append("SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not. Set both.")
        if self.has_slack and not app_token and not _plain(self.slack_signing_secret):
            problems.append(
                "SLACK_SIGNING_SECRET is missing. Set it (Basic Information in your Slack app's "
                "settings), or set SLACK_APP_TOKEN to use Socket Mode."
            )
        return problems

    def _teams_problems(self) -> list[str]:
        problems: list[str] = []
        app_id, password = self.microsoft_app_id, _plain(self.microsoft_app_password)
        if app_id and not _GUID.fullmatch(app_id):
            problems.append(
                "MICROSOFT_APP_ID must be the bot's app id (a GUID), as Azure shows it."
            )
        if app_id and not password:
            problems.append(
                "MICROSOFT_APP_PASSWORD is missing. Make a client secret in the bot's app "
                "registration (Certificates & secrets), and set its value."
            )
        if password and not app_id:
            problems.append("MICROSOFT_APP_PASSWORD is set, but MICROSOFT_APP_ID is not. Set both.")
        if self.microsoft_app_type not in {"SingleTenant", "MultiTenant"}:
            problems.append("MICROSOFT_APP_TYPE must be SingleTenant or MultiTenant.")
        tenant = self.microsoft_app_tenant_id
        if app_id and self.microsoft_app_type == "SingleTenant" and not tenant:
            problems.append(
                "MICROSOFT_APP_TENANT_ID is missing: a SingleTenant app logs in at its own tenant."
            )
        if tenant and not _GUID.fullmatch(tenant):
            problems.append("MICROSOFT_APP_TENANT_ID must be the directory's id (a GUID).")
        return [*problems, *self._anonymous_problems(), *self._cloud_problems()]

    def _anonymous_problems(self) -> list[str]:
        if not self.teams_allow_anonymous:
            return []
        problems: list[str] = []
        if self.host not in LOOPBACK:
            problems.append(
                "ENTENTE_TEAMS_ALLOW_ANONYMOUS serves a simulator on this machine only. Set "
                "ENTENTE_HOST to 127.0.0.1, or take the setting away."
            )
        if self.microsoft_app_id:
            problems.append(
                "ENTENTE_TEAMS_ALLOW_ANONYMOUS and MICROSOFT_APP_ID are both set. Anybody could "
                "speak for Teams then: take one of them away."
            )
        return problems

    def _cloud_problems(self) -> list[str]:
        if self.teams_cloud_url is None:
            return []
        try:
            cloud = urlsplit(self.teams_cloud_url)
            is_local = cloud.scheme == "http" and cloud.hostname in LOOPBACK
        except ValueError:
            is_local = False
        if is_local:
            return []
        return ["ENTENTE_TEAMS_CLOUD_URL is for tests: it must begin with http://127.0.0.1."]

    def _many_workspaces_problems(self) -> list[str]:
        problems: list[str] = []
        secret = _plain(self.slack_client_secret)
        if not self.slack_client_id:
            if secret:
                problems.append("SLACK_CLIENT_SECRET is set, but SLACK_CLIENT_ID is not. Set both.")
            return problems
        if not secret:
            problems.append(
                "SLACK_CLIENT_SECRET is missing. It stands under Basic Information in your Slack "
                "app's settings, beside the client id."
            )
        if self.slack_bot_token is not None:
            problems.append(
                "SLACK_CLIENT_ID is for many workspaces and SLACK_BOT_TOKEN for one. Take one "
                "out; with SLACK_CLIENT_ID, install at /slack/install."
            )
        if not self.secret_keys:
            problems.append(
                "ENTENTE_SECRET_KEY is missing: workspaces' tokens are kept encrypted. Make one "
                "with `openssl rand -base64 32` and keep it apart from the database."
            )
        elif min(map(len, self.secret_keys)) < SHORTEST_KEY:
            problems.append(
                f"ENTENTE_SECRET_KEY must have at least {SHORTEST_KEY} characters (each, if there "
                "are several with commas between them)."
            )
        if not is_public(self.public_url):
            problems.append(
                "ENTENTE_PUBLIC_URL must be the address under which Slack reaches Entente, such as "
                "https://entente.example.com (http:// only on this machine), without a query."
            )
        return problems

    def _other_problems(self) -> list[str]:
        problems = self._database_problems()
        if self.log_level.lower() not in {"debug", "info", "warning", "error"}:
            problems.append("ENTENTE_LOG_LEVEL must be debug, info, warning or error.")
        if self.request_timeout > LONGEST_REQUEST:
            problems.append(
                f"ENTENTE_REQUEST_TIMEOUT must be at most {LONGEST_REQUEST:g}: a process that is "
                "told to stop waits for requests under way, and must be gone within ten seconds."
            )
        if self.lease_seconds <= self.request_timeout:
            problems.append("ENTENTE_LEASE_SECONDS must be longer than ENTENTE_REQUEST_TIMEOUT.")
        if not _is_safe(self.slack_api_url):
            problems.append("SLACK_API_URL must begin with https:// (except on this machine).")
        return problems

    def _database_problems(self) -> list[str]:
        try:
            url = parse_url(self.database_url)
        except SettingsError as error:
            return list(error.problems)
        in_memory = url.database in {None, "", ":memory:"} or "mode=memory" in self.database_url
        if url.get_backend_name() == "sqlite" and in_memory:
            return [
                "DATABASE_URL names a database in memory, which is gone at once. Name a file: "
                "sqlite:///entente.db."
            ]
        return []


def _is_safe(url: str) -> bool:
    """Whether what is said there can't be overheard."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)


def is_public(url: str | None) -> bool:
    """Whether Slack can send people to this address."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
    except ValueError:
        return False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    return bool(host) and secure and not (parts.query or parts.fragment)


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises SettingsError that lists everything that does not fit."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except UnicodeDecodeError:
        raise SettingsError([".env is not written in UTF-8. Save it anew as UTF-8."]) from None
    except ValidationError as error:
        found = error.errors()
    problems = [_say(problem) for problem in found]
    raise SettingsError([*problems, *_check_rest(overrides, [each["loc"] for each in found])])


def _check_rest(
    overrides: dict[str, object], misread: Sequence[tuple[int | str, ...]]
) -> list[str]:
    """What else does not fit, with defaults for the values that could not even be read."""
    names = {str(place[0]) for place in misread if place}
    defaults = {
        field.alias: field.default
        for name, field in Settings.model_fields.items()
        if field.alias in names or name in names
    }
    kept = {name: value for name, value in overrides.items() if name not in names}
    try:
        Settings(**kept | defaults)  # type: ignore[arg-type]
    except SettingsError as error:
        return list(error.problems)
    return []


def _say(problem: ErrorDetails) -> str:
    name = ".".join(str(part) for part in problem["loc"]) or "settings"
    if not problem["loc"] or any(
        word in name.upper() for word in ("TOKEN", "SECRET", "PASSWORD", "URL", "KEY")
    ):
        return f"{name} {_explain(problem)}."
    return f"{name} {_explain(problem)}; it is {str(problem['input'])[:40]!r}."


_EXPECTED: Final = {
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be true or false",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


def _explain(problem: ErrorDetails) -> str:
    """What is expected instead; pydantic's own words where there are no better ones."""
    expected = _EXPECTED.get(problem["type"])
    if expected is None:
        return f"does not fit: {problem['msg']}"
    return expected.format(**problem.get("ctx", {}))


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
