"""Settings are read all at once, in words, and keep what is secret to themselves."""

import logging
import traceback

import pytest
import structlog

from adapters.settings import Settings, load_settings
from bot.core.errors import SettingsError
from bot.db.engine import parse_url

BOT_TOKEN = "xoxb-hush-bot"
SIGNING = "hush-signing"
APP_TOKEN = "xapp-hush-app"
PASSWORD = "hush-password"
DATABASE = f"postgresql://ada:{PASSWORD}@db.example:5432/entente"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch, tmp_path):
    """No setting comes from where the tests run."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.chdir(tmp_path)


def problems_of(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(**values)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return list(caught.value.problems)


def test_nothing_set_is_a_bot_on_a_file_without_slack():
    settings = load_settings()
    assert settings.database_url == "sqlite:///entente.db"
    assert not settings.has_slack
    assert not settings.is_socket_mode


def test_the_environment_is_read(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", DATABASE)
    monkeypatch.setenv("PORT", "8080")
    monkeypatch.setenv("SLACK_BOT_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SIGNING)
    settings = load_settings()
    assert (settings.database_url, settings.port) == (DATABASE, 8080)
    assert settings.has_slack
    assert not settings.is_socket_mode


def test_empty_values_in_the_environment_count_as_not_set(monkeypatch):
    for field in Settings.model_fields.values():
        monkeypatch.setenv(str(field.alias), "")
    assert load_settings() == Settings(_env_file=None)
    assert not load_settings().has_slack


def test_an_app_token_means_socket_mode_and_needs_no_signing_secret():
    settings = load_settings(SLACK_BOT_TOKEN=BOT_TOKEN, SLACK_APP_TOKEN=APP_TOKEN)
    assert settings.is_socket_mode


MANY = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "hush",
    "SLACK_SIGNING_SECRET": "hush",
    "ENTENTE_SECRET_KEY": "k" * 32,
    "ENTENTE_PUBLIC_URL": "https://entente.example.com/",
}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_address_that_hosts_hand_out_is_taken(scheme):
    settings = load_settings(DATABASE_URL=DATABASE.replace("postgresql", scheme, 1))
    assert parse_url(settings.database_url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"SLACK_BOT_TOKEN": "xoxp-hush", "SLACK_SIGNING_SECRET": "x"}, "begins with xoxb-"),
        ({"SLACK_BOT_TOKEN": BOT_TOKEN}, "SLACK_SIGNING_SECRET is missing"),
        ({"SLACK_APP_TOKEN": APP_TOKEN}, "SLACK_BOT_TOKEN is not"),
        ({"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_APP_TOKEN": "hush"}, "beginning with xapp-"),
        ({"DATABASE_URL": "mysql://a:hush@b/c"}, "sqlite:///… and postgresql://…"),
        ({"DATABASE_URL": "hush"}, "DATABASE_URL is no database address"),
        ({"DATABASE_URL": "postgresql://a:hush@b:port/c"}, "DATABASE_URL is no database address"),
        ({"DATABASE_URL": "postgresql://a:hush@[::1/c"}, "DATABASE_URL is no database address"),
        ({"ENTENTE_LOG_LEVEL": "loud"}, "debug, info, warning or error"),
        ({"ENTENTE_LEASE_SECONDS": 5, "ENTENTE_REQUEST_TIMEOUT": 5}, "must be longer than"),
        ({"ENTENTE_REQUEST_TIMEOUT": 7.5}, "must be at most 7: a process that is told to stop"),
        ({"SLACK_CLIENT_SECRET": "hush"}, "SLACK_CLIENT_ID is not"),
        (MANY | {"SLACK_CLIENT_SECRET": ""}, "SLACK_CLIENT_SECRET is missing"),
        (MANY | {"ENTENTE_SECRET_KEY": ""}, "ENTENTE_SECRET_KEY is missing"),
        (MANY | {"ENTENTE_SECRET_KEY": "hush"}, "at least 32 characters"),
        (MANY | {"ENTENTE_SECRET_KEY": f"{'k' * 32},hush"}, "at least 32 characters"),
        (MANY | {"ENTENTE_PUBLIC_URL": ""}, "ENTENTE_PUBLIC_URL must be the address"),
        (
            MANY | {"ENTENTE_PUBLIC_URL": "http://e.example"},
            "ENTENTE_PUBLIC_URL must be the address",
        ),
        (MANY | {"ENTENTE_PUBLIC_URL": "https://["}, "ENTENTE_PUBLIC_URL must be the address"),
        (MANY | {"SLACK_BOT_TOKEN": BOT_TOKEN}, "Take one out"),
        (MANY | {"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET is missing"),
        ({"SLACK_API_URL": "http://slack.example/api/"}, "must begin with https://"),
        ({"PORT": "many"}, "PORT must be a whole number; it is 'many'."),
        ({"PORT": 70000}, "PORT must be at most 65535; it is '70000'."),
        ({"ENTENTE_SENDERS": 0}, "ENTENTE_SENDERS must be at least 1; it is '0'."),
        ({"ENTENTE_REQUEST_TIMEOUT": "soon"}, "ENTENTE_REQUEST_TIMEOUT must be a number;"),
        ({"ENTENTE_REQUEST_TIMEOUT": 0}, "ENTENTE_REQUEST_TIMEOUT must be more than 0;"),
        ({"ENTENTE_TEAMS_TARGETED": "perhaps"}, "ENTENTE_TEAMS_TARGETED must be true or false"),
    ],
)
def test_what_does_not_fit_is_said_in_words_without_its_secrets(values, words):
    (problem,) = problems_of(**values)
    assert words in problem
    assert "hush" not in problem


def test_many_workspaces_need_no_token_of_their_own():
    settings = load_settings(**MANY)
    assert settings.has_many_workspaces
    assert settings.has_slack
    assert settings.redirect_url == "https://entente.example.com/slack/oauth_redirect"
    assert load_settings(
        **MANY | {"ENTENTE_SECRET_KEY": f" {'a' * 32} , {'b' * 32}"}
    ).secret_keys == (
        "a" * 32,
        "b" * 32,
    )
    assert not {"hush", "k" * 32} & set(repr(settings).replace("'", " ").split())


def test_all_problems_are_listed_at_once_the_unreadable_ones_too(monkeypatch):
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("ENTENTE_SENDERS", "all")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxp-hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://a:hush@b:port/c")
    monkeypatch.setenv("ENTENTE_LOG_LEVEL", "loud")
    said = "\n".join(problems_of())
    for name in (
        "PORT",
        "ENTENTE_SENDERS",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "DATABASE_URL",
        "ENTENTE_LOG_LEVEL",
    ):
        assert name in said
    assert "hush" not in said


def test_secrets_stay_out_of_everything_printed(caplog, capsys):
    settings = load_settings(
        SLACK_BOT_TOKEN=BOT_TOKEN,
        SLACK_SIGNING_SECRET=SIGNING,
        SLACK_APP_TOKEN=APP_TOKEN,
        DATABASE_URL=DATABASE,
    )
    logging.getLogger("entente").warning("settings %s %r", settings, settings)
    structlog.get_logger().warning("settings", settings=settings)
    printed = f"{settings} {settings!r} {caplog.text} {capsys.readouterr()}"
    assert "settings" in printed
    assert "hush" not in printed


def test_a_wrong_setting_leaves_no_secret_in_the_error_that_is_logged():
    with pytest.raises(SettingsError) as caught:
        load_settings(
            SLACK_BOT_TOKEN=BOT_TOKEN,
            SLACK_SIGNING_SECRET=87654321,
            DATABASE_URL=f"postgresql://ada:{PASSWORD}@db:port/x",
            PORT="many",
        )
    logged = "".join(traceback.format_exception_only(caught.value))
    assert "PORT" in logged
    assert "hush" not in logged
    assert "87654321" not in logged
    # The library's own error quotes every value: it must not come along as the context.
    assert caught.value.__context__ is None
