"""What the links of `export` open: for whom, and until when."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlmodel import Session, col, select

from adapters.local import sample
from bot.core.documents import File
from bot.db.engine import Database
from bot.features.catalogue import make_registry
from bot.features.decisions import capture
from bot.features.decisions.capture import Draft
from bot.features.decisions.models import Weight
from bot.people import links
from bot.people.models import Account, Role
from bot.people.viewer import Viewer, get_viewers
from bot.record.reading import read
from bot.statements import versions
from bot.statements.models import Version
from tests.harness import MONDAY

GUIDE = Path(__file__).parents[4] / "docs" / "checking-a-record.md"
KINDS = ("record.json", "record.yaml", "record.md")


@pytest.fixture
def settled(database: Database) -> Database:
    with database.write() as session:
        links.DocumentLink.__table__.create(session.connection(), checkfirst=True)
        sample.load(session, make_registry(), now=MONDAY)
    return database


def _viewer(session: Session, name: str) -> Viewer:
    account = session.exec(select(Account).where(col(Account.name) == name)).one()
    return get_viewers(session, account.id)[0]


def _open(session: Session, token: str) -> File | None:
    registry = make_registry()
    opened = links.open_link(session, token, now=MONDAY)
    if opened is None:
        return None
    found = registry.documents[opened.kind].render(registry, session, opened.viewer, "", MONDAY)
    assert isinstance(found, File)
    return found


def test_each_link_opens_what_its_owner_may_see(settled: Database) -> None:
    with settled.write() as session:
        ana, jonas = _viewer(session, "Ana Keller"), _viewer(session, "Jonas Lindqvist")
        for kind in KINDS:
            own = _open(session, links.make_link(session, ana, kind, now=MONDAY))
            other = _open(session, links.make_link(session, jonas, kind, now=MONDAY))
            assert own is not None
            assert other is not None
            assert own.name.startswith("acme-borealis-2027-03-01.")
            assert b"second Tuesday" in b" ".join(own.body.split())
            assert b"second Tuesday" not in b" ".join(other.body.split())
        as_json = _open(session, links.make_link(session, ana, "record.json", now=MONDAY))
        as_yaml = _open(session, links.make_link(session, ana, "record.yaml", now=MONDAY))
        assert orjson.loads(as_json.body) == read(as_yaml.body, "a")


def test_whoever_has_the_file_can_check_it_without_entente(
    settled: Database, tmp_path: Path
) -> None:
    script = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)[0]
    (tmp_path / "check.py").write_text(script, "utf-8")
    with settled.write() as session:
        ana = _viewer(session, "Ana Keller")
        for day, text in enumerate(("Phase 2 – “only”.", "Phase 3,\n\ttoo.")):
            now = MONDAY + timedelta(days=day, microseconds=5)
            versions.put_in_force(session, ana, "charter", subject="/scope", text=text, now=now)
        draft = Draft(what="Use the Basel site", weight=Weight.ASKED)
        capture.save(session, ana, draft, now=MONDAY)
        exported = _open(session, links.make_link(session, ana, "record.json", now=MONDAY))
        hashes = session.exec(select(Version.hash).order_by(col(Version.number).desc())).all()
    assert exported is not None
    said, code = _check(tmp_path, exported.body)
    assert code == 0, said
    assert hashes[0] in said
    assert "changed" not in said
    assert [d["chain"][0]["text"] for d in orjson.loads(exported.body)["decisions"] if d["chain"]]
    for before, after in ((b"Phase 2 ", b"Phase 1 "), (b"Use the Basel", b"Use the Basle")):
        said, code = _check(tmp_path, exported.body.replace(before, after))
        assert (said.count("changed: "), code) == (1, 1)


def _check(folder: Path, content: bytes) -> tuple[str, int]:
    """What the script of the documentation prints about a file, and its exit code."""
    (folder / "record.json").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", folder / "check.py", folder / "record.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr, done.returncode


def test_a_link_ends_with_its_owners_membership_and_after_a_day(settled: Database) -> None:
    with settled.write() as session:
        ana = _viewer(session, "Ana Keller")
        token = links.make_link(session, ana, "record.json", now=MONDAY)
        assert links.open_link(session, token, now=MONDAY + timedelta(hours=25)) is None
        assert _open(session, token) is not None
        assert _open(session, token + "x") is None
        newer = links.make_link(session, ana, "record.json", now=MONDAY)
        assert _open(session, token) is None
        assert _open(session, newer) is not None


def test_whoever_is_no_manager_any_more_exports_nothing(settled: Database) -> None:
    with settled.write() as session:
        ana = _viewer(session, "Ana Keller")
        token = links.make_link(session, ana, "record.json", now=MONDAY)
        role = session.exec(select(Role).where(col(Role.member_id) == ana.member_id)).one()
        role.until = MONDAY
        session.add(role)
        session.flush()
        with pytest.raises(Exception, match="managers_only"):
            _open(session, token)
