"""Files that people send in Teams: what their addresses may be, and who is told of them."""

import pytest

from adapters.teams.cloud import Cloud
from adapters.teams.files import read_files
from bot.core.events import SharedFile
from tests.adapters.teams.conftest import Scene

KIND = "application/vnd.microsoft.teams.file.download.info"
ADDRESS = (
    "https://acme-my.sharepoint.com/personal/ana/_layouts/15/download.aspx?UniqueId=1&tempauth=x"
)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        (ADDRESS, True),
        ("https://acme.sharepoint.us/x", True),
        ("https://acme.sharepoint.com:443/x", True),
        ("https://acme.sharepoint.com:8443/x", False),
        ("http://acme.sharepoint.com/x", False),
        ("https://sharepoint.com.evil.example/x", False),
        ("https://evilsharepoint.com/x", False),
        ("https://acme.sharepoint.com@evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("https://smba.trafficmanager.net/x", False),
        ("https://[x", False),
        ("", False),
    ],
)
def test_files_are_read_from_where_teams_keeps_them_alone(address: str, may: bool) -> None:
    assert Cloud().keeps_files(address) is may
    assert Cloud(is_anonymous=True).keeps_files(address) is may


def test_the_name_travels_behind_the_address() -> None:
    attachment = {"contentType": KIND, "name": "a b.csv", "content": {"downloadUrl": ADDRESS}}
    others = [
        {"contentType": "text/html", "content": "<div>x</div>"},
        {"contentType": KIND, "name": "x.csv"},
    ]
    found = read_files({"attachments": [*others, attachment]})
    assert found == (SharedFile(file=f"{ADDRESS}#a%20b.csv", name="a b.csv"),)


def test_a_file_without_words_is_offered_to_whoever_reads_its_kind(scene: Scene) -> None:
    assert scene.ana.sends("notes.exe", b"MZ").status == 200
    scene.bot.settle()
    said = scene.teams.text_of(scene.teams.private(scene.ana)[-1])
    assert "I don't know what to do with “notes.exe”" in said
