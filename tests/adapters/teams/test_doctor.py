"""What the doctor says of Teams, and the package on the command line."""

import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli.doctor import examine
from adapters.cli.main import app
from tests.fakes.teams import FakeTeams
from tests.harness import make_settings


async def say(url: str, teams: FakeTeams, **more: object) -> str:
    settings = make_settings(url, None, teams, **more)
    return "\n".join(f"{f.mark} {f.text}" for f in await examine(settings, ()))


async def test_all_is_well(sqlite_url: str) -> None:
    with FakeTeams() as teams:
        said = await say(sqlite_url, teams)
    assert "ok     Microsoft accepts our app id and secret." in said
    assert "ok     The keys that sign Teams' requests can be read." in said


async def test_a_wrong_secret_and_keys_out_of_reach_are_told(sqlite_url: str) -> None:
    with FakeTeams() as teams:
        teams.server.has_keys = False
        said = await say(sqlite_url, teams, MICROSOFT_APP_PASSWORD="wrong")
    assert "broken Microsoft does not let us log in (login: invalid_client)" in said
    assert "broken The keys" in said
    assert "wrong" not in said


async def test_the_simulators_way_in_is_pointed_out(sqlite_url: str) -> None:
    settings = make_settings(sqlite_url, None, ENTENTE_TEAMS_ALLOW_ANONYMOUS=True)
    said = "\n".join(f.text for f in await examine(settings, ()))
    assert "Take ENTENTE_TEAMS_ALLOW_ANONYMOUS away" in said


def test_the_package_is_written_by_a_command(tmp_path: Path) -> None:
    target = tmp_path / "app.zip"
    app_id = "00000000-0000-0000-0000-000000000001"
    command = ["teams", "package", "--url", "https://e.example", "--out", str(target)]
    done = CliRunner().invoke(app, [*command, "--app-id", app_id])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(target) as package:
        assert "manifest.json" in package.namelist()


@pytest.mark.parametrize("url", ["http://e.example", "e.example"])
def test_an_address_that_does_not_fit_writes_nothing(tmp_path: Path, url: str) -> None:
    target = tmp_path / "app.zip"
    command = ["teams", "package", "--url", url, "--out", str(target), "--app-id", "x"]
    assert CliRunner().invoke(app, command).exit_code != 0
    assert not target.exists()
