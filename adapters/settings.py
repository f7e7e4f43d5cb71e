"""Settings: from the environment and `.env`, checked all at once and in words.

The names are fixed: operators rely on them (docs/operating.md lists every one).
"""

from collections.abc import Sequence
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import SettingsError
from bot.db.engine import parse_url

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Settings(BaseSettings):
    """Everything an operator can set. Aliases are the names in the environment."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str = Field("sqlite:///entente.db", alias="DATABASE_URL", repr=False)
    host: str = Field("127.0.0.1", alias="ENTENTE_HOST")
    port: int = Field(3000, alias="PORT", ge=0, le=65535)
    public_url: str | None = Field(None, alias="ENTENTE_PUBLIC_URL")
    log_level: str = Field("info", alias="ENTENTE_LOG_LEVEL")
    senders: int = Field(8, alias="ENTENTE_SENDERS", ge=1, le=64)
    lease_seconds: float = Field(60.0, alias="ENTENTE_LEASE_SECONDS", ge=1, le=3600)
    request_timeout: float = Field(8.0, alias="ENTENTE_REQUEST_TIMEOUT", gt=0, le=60)

    slack_bot_token: SecretStr | None = Field(None, alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field("https://slack.com/api/", alias="SLACK_API_URL")

    @property
    def has_slack(self) -> bool:
        """Whether Slack is configured."""
        return self.slack_bot_token is not None

    @property
    def is_socket_mode(self) -> bool:
        """Whether Slack is heard over a socket rather than over HTTP."""
        return self.slack_app_token is not None

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._slack_problems(), *self._other_problems()]
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
        if app_token and not token:
            problems.append("SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not. Set both.")
        if token and not app_token and not _plain(self.slack_signing_secret):
            problems.append(
                "SLACK_SIGNING_SECRET is missing. Set it (Basic Information in your Slack app's "
                "settings), or set SLACK_APP_TOKEN to use Socket Mode."
            )
        return problems

    def _other_problems(self) -> list[str]:
        problems: list[str] = []
        try:
            parse_url(self.database_url)
        except SettingsError as error:
            problems += error.problems
        if self.log_level.lower() not in {"debug", "info", "warning", "error"}:
            problems.append("ENTENTE_LOG_LEVEL must be debug, info, warning or error.")
        if self.lease_seconds <= self.request_timeout:
            problems.append("ENTENTE_LEASE_SECONDS must be longer than ENTENTE_REQUEST_TIMEOUT.")
        api = urlsplit(self.slack_api_url)
        if api.scheme != "https" and api.hostname not in LOOPBACK:
            problems.append("SLACK_API_URL must begin with https:// (except on this machine).")
        return problems


def load_settings(**overrides: object) -> Settings:
    """Read the settings. Raises SettingsError that lists everything that does not fit."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
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
    if any(word in name.upper() for word in ("TOKEN", "SECRET", "URL")):
        return f"{name}: {problem['msg']}."
    return f"{name}: {problem['msg']} (it is {str(problem['input'])[:40]!r})."


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
