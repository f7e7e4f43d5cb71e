"""The command line: whatever goes wrong is said in words, and the exit code is 1."""

import json
import sqlite3
import sys
import zipfile
from pathlib import Path

import pytest

from adapters.cli.main import main
from adapters.settings import Settings

APP = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from where the tests run."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.chdir(tmp_path)


class Shell:
    """Types commands in a folder of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def sets(self, **values: str) -> None:
        for name, value in values.items():
            self._monkeypatch.setenv(name, value)

    def types(self, *words: str) -> tuple[int, str]:
        """The exit code, and all that was printed."""
        self._monkeypatch.setattr(sys, "argv", ["entente", *words])
        self._capsys.readouterr()
        code: object = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        printed = self._capsys.readouterr()
        assert isinstance(code, int)
        return code, printed.out + printed.err


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.mark.parametrize(
    "address",
    ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all/entente.db"],
)
def test_a_database_that_does_not_answer_is_told_in_words(shell: Shell, address: str) -> None:
    shell.sets(DATABASE_URL=address)
    code, said = shell.types("db", "upgrade")
    assert code == 1
    assert "The database does not answer" in said


def test_a_file_that_is_no_database_is_told_in_words(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "entente.db").write_text("This is no database. " * 100)
    for command in (["db", "upgrade"], ["backup", "copy.db"]):
        code, said = shell.types(*command)
        assert code == 1
        assert "file is not a database" in said


def test_a_database_in_memory_is_refused(shell: Shell) -> None:
    shell.sets(DATABASE_URL="sqlite://")
    code, said = shell.types("db", "upgrade")
    assert code == 1
    assert "in memory" in said


def test_settings_in_another_encoding_are_told_of(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("ENTENTE_HOST=m\u00fcnchen".encode("latin-1"))
    assert shell.types("db", "upgrade") == (
        1,
        ".env is not written in UTF-8. Save it anew as UTF-8.\n",
    )


def test_an_address_that_makes_no_sense_gives_no_token_away(shell: Shell) -> None:
    shell.sets(SLACK_API_URL="http://[bad", SLACK_BOT_TOKEN="xoxb-hush", SLACK_SIGNING_SECRET="s")
    code, said = shell.types("run")
    assert code == 1
    assert "SLACK_API_URL must begin with https://" in said
    assert "hush" not in said


def test_a_backup_holds_what_the_database_holds(shell: Shell, tmp_path: Path) -> None:
    assert shell.types("db", "upgrade")[0] == 0
    with sqlite3.connect(tmp_path / "entente.db") as database:
        database.execute("INSERT INTO organisations (id, name) VALUES ('o', 'Acme')")
    database.close()
    code, said = shell.types("backup", "copy.db")
    assert code == 0, said
    assert "Copied to copy.db" in said
    with sqlite3.connect(tmp_path / "copy.db") as copied:
        assert copied.execute("SELECT name FROM organisations").fetchall() == [("Acme",)]
    copied.close()
    code, said = shell.types("backup", "copy.db")
    assert code == 1
    assert "exists already" in said


def test_a_backup_of_nothing_or_to_nowhere_is_refused(shell: Shell, tmp_path: Path) -> None:
    assert "There is no database" in shell.types("backup", "copy.db")[1]
    (tmp_path / "entente.db").touch()
    assert "is empty" in shell.types("backup", "copy.db")[1]
    assert not (tmp_path / "copy.db").exists()
    code, said = shell.types("backup", "nowhere/copy.db")
    assert code == 1
    assert "There is no folder" in said


def test_the_package_for_teams_is_written_with_the_menu_of_a_message(
    shell: Shell, tmp_path: Path
) -> None:
    shell.sets(MICROSOFT_APP_ID=APP, MICROSOFT_APP_PASSWORD="secret", MICROSOFT_APP_TENANT_ID=APP)
    address = "https://entente.example.com"
    code, said = shell.types("teams", "package", "--url", address, "--out", "app.zip")
    assert code == 0, said
    assert "Wrote app.zip" in said
    with zipfile.ZipFile(tmp_path / "app.zip") as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        manifest = json.loads(package.read("manifest.json"))
    assert manifest["bots"][0]["botId"] == APP
    assert "entente.example.com" in manifest["validDomains"]
    (extension,) = manifest["composeExtensions"]
    assert [each["title"] for each in extension["commands"]] == ["Capture decision"]


def test_a_package_without_an_app_or_for_a_plain_address_is_refused(
    shell: Shell, tmp_path: Path
) -> None:
    for words in (
        ("--url", "https://entente.example.com"),
        ("--url", "http://entente.example.com", "--app-id", APP),
    ):
        code, said = shell.types("teams", "package", *words)
        assert code == 1, said
        assert "Traceback" not in said
    assert not (tmp_path / "entente-teams.zip").exists()
