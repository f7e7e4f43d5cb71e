"""The manifest is valid, asks for the least, and gives a reason for everything it asks for."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from adapters.slack.manifest import EVENTS, build_manifest, to_json
from adapters.slack.scopes import SCOPES
from bot.core.errors import SettingsError
from bot.features.catalogue import make_registry

REPOSITORY = Path(__file__).resolve().parents[3]
SCHEMA = "schemas/manifest.schema.2.0.0.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    folder = os.environ.get("ENTENTE_SHARED_DATA") or REPOSITORY.parent / "shared" / "data"
    path = Path(folder) / SCHEMA
    if not path.is_file():
        why = f"the shared test data is not at {folder}; set ENTENTE_SHARED_DATA to its folder"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize("url", [None, "https://bot.example.org", "http://localhost:3000"])
def test_the_manifest_fits_slacks_schema(schema: dict[str, Any], url: str | None) -> None:
    assert not list(Draft7Validator(schema).iter_errors(build_manifest(url)))
    assert json.loads(to_json(url)) == build_manifest(url)


def test_every_event_has_the_scope_it_needs() -> None:
    assert {scope for scope in EVENTS.values() if scope} <= set(SCOPES)


def test_every_scope_has_a_reason_in_one_sentence() -> None:
    assert all(reason.endswith(".") and reason.count(".") == 1 for reason in SCOPES.values())
    manifest = build_manifest(None)
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)


def test_messages_are_heard_in_channels_but_not_in_groups_of_people() -> None:
    assert {"message.channels", "message.groups"} <= set(EVENTS)
    assert "message.mpim" not in EVENTS


def test_over_http_everything_arrives_at_one_address() -> None:
    manifest = build_manifest("https://bot.example.org/")
    address = "https://bot.example.org/slack/events"
    assert manifest["features"]["slash_commands"][0]["url"] == address
    assert manifest["settings"]["interactivity"]["request_url"] == address
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert manifest["settings"]["socket_mode_enabled"] is False


def test_in_socket_mode_no_address_is_named() -> None:
    assert build_manifest(None)["settings"]["socket_mode_enabled"] is True
    assert "/slack/events" not in to_json(None)


def test_the_shortcuts_are_those_that_features_registered() -> None:
    offered = build_manifest(None)["features"].get("shortcuts", [])
    assert {shortcut["callback_id"] for shortcut in offered} == set(make_registry().shortcuts)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://e.org/bot"])
def test_safe_addresses_are_taken(url: str) -> None:
    assert build_manifest(url)["settings"]["interactivity"]["request_url"].startswith(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://e.org",
        "ftp://e.org",
        "e.org",
        "",
        "https://",
        "http://localhost.e.org",
        "https://[x",
        "https://e.org?x=1",
        "https://e.org#x",
        "https://e.org/a b",
    ],
)
def test_unsafe_addresses_are_refused_with_advice(url: str) -> None:
    with pytest.raises(SettingsError, match="https://"):
        build_manifest(url)


def test_for_many_workspaces_people_come_back_and_tokens_rotate(schema: dict[str, Any]) -> None:
    manifest = build_manifest("https://bot.example.org/", many_workspaces=True)
    assert not list(Draft7Validator(schema).iter_errors(manifest))
    address = "https://bot.example.org/slack/oauth_redirect"
    assert manifest["oauth_config"]["redirect_urls"] == [address]
    assert manifest["settings"]["token_rotation_enabled"] is True
    assert manifest["settings"]["org_deploy_enabled"] is True
    one = build_manifest("https://bot.example.org/")
    assert "redirect_urls" not in one["oauth_config"]
    assert one["settings"]["token_rotation_enabled"] is False
    with pytest.raises(SettingsError, match="public address"):
        build_manifest(None, many_workspaces=True)
