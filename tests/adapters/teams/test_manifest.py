"""The app package: valid, complete, with a reason for every permission."""

import io
import json
import struct
import zipfile
from pathlib import Path

import jsonschema
import pytest

from adapters.teams.manifest import (
    COMMANDS,
    PERMISSIONS,
    build_manifest,
    make_package,
)
from bot.core.errors import SettingsError
from bot.features.catalogue import make_registry

APP = "00000000-0000-0000-0000-000000000001"
URL = "https://entente.example.com"
SHORTCUTS = [("decisions.capture", "Capture decision")]


@pytest.mark.parametrize("shortcuts", [[], SHORTCUTS])
def test_the_manifest_is_valid(data_folder: Path, shortcuts: list[tuple[str, str]]) -> None:
    schema = json.loads((data_folder / "schemas/MicrosoftTeams-1.25.schema.json").read_text())
    # Patterns that Python does not read stand in parts of the schema that are not used here.
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(build_manifest(URL, APP, shortcuts=shortcuts))


def test_the_package_holds_the_manifest_and_two_icons_of_their_sizes() -> None:
    with zipfile.ZipFile(io.BytesIO(make_package(URL, APP))) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        assert json.loads(package.read("manifest.json"))["bots"][0]["botId"] == APP
        for name, size in (("color.png", 192), ("outline.png", 32)):
            picture = package.read(name)
            assert picture.startswith(b"\x89PNG\r\n\x1a\n")
            assert struct.unpack(">II", picture[16:24]) == (size, size)


def test_every_command_in_the_menu_is_one_and_there_are_at_most_ten() -> None:
    known = make_registry().commands
    assert [name for name in COMMANDS if name not in known] == []
    assert len(COMMANDS) <= 10
    assert all(len(title) <= 32 and len(what) <= 128 for title, what in COMMANDS.items())


def test_the_menu_of_commands_and_shared_channels_are_offered() -> None:
    manifest = build_manifest(URL, APP)
    (bot,) = manifest["bots"]
    offered = {
        (command["title"], scope)
        for commands in bot["commandLists"]
        for scope in commands["scopes"]
        for command in commands["commands"]
    }
    assert offered == {(name, scope) for name in COMMANDS for scope in bot["scopes"]}
    assert manifest["supportsChannelFeatures"] == "tier1"


def test_every_permission_has_a_reason() -> None:
    asked = build_manifest(URL, APP)["authorization"]["permissions"]["resourceSpecific"]
    assert {each["name"] for each in asked} == set(PERMISSIONS)
    assert all(len(reason) > 20 for reason in PERMISSIONS.values())


def test_a_message_has_entries_where_features_bring_them() -> None:
    (extension,) = build_manifest(URL, APP, shortcuts=SHORTCUTS)["composeExtensions"]
    (command,) = extension["commands"]
    assert command["context"] == ["message"]
    assert command["fetchTask"] is True


def test_there_is_no_personal_tab_and_no_other_platforms_name() -> None:
    manifest = build_manifest(URL, APP)
    assert "staticTabs" not in manifest
    assert "slack" not in json.dumps(manifest).casefold()


@pytest.mark.parametrize(
    ("url", "app"),
    [
        ("http://entente.example.com", APP),
        ("https://", APP),
        ("entente.example.com", APP),
        ("https://a b", APP),
        ("https://[", APP),
        (URL, "entente"),
        (URL, ""),
    ],
)
def test_what_does_not_fit_is_said(url: str, app: str) -> None:
    with pytest.raises(SettingsError):
        build_manifest(url, app)
