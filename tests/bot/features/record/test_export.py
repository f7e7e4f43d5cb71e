"""What the links of `export` open: for whom, and until when."""

from datetime import timedelta

import orjson
import pytest
from sqlmodel import Session, col, select

from adapters.local import sample
from bot.core.documents import File
from bot.db.engine import Database
from bot.features.catalogue import make_registry
from bot.people import links
from bot.people.models import Account, Role
from bot.people.viewer import Viewer, get_viewers
from bot.record.reading import read
from tests.harness import MONDAY

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
