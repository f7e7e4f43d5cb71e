"""The playground's sample alliance in a database of each kind: both partners have joined, have
confirmed one thing together, and Acme wrote a front for the briefing book."""

import pytest
from sqlmodel import Session, col, select

from adapters.local import sample
from bot.db.engine import Database
from bot.dispatch.feature import Registry
from bot.features.briefing.models import Front
from bot.features.catalogue import make_registry
from bot.people.models import Account, AudienceKind
from bot.people.viewer import Viewer, get_viewers
from bot.statements import proposals, voices
from tests.harness import MONDAY

AGREEMENT = "We share phases 1 and 2, and each side pays its own people."
TOGETHER = "What stands open after a week goes to the two alliance managers."


def viewer_of(session: Session, name: str) -> Viewer:
    account = session.exec(select(Account).where(col(Account.name) == name)).one()
    return get_viewers(session, account.id)[0]


@pytest.fixture
def registry() -> Registry:
    return make_registry(address="https://entente.example.com")


@pytest.fixture
def settled(database: Database, registry: Registry) -> Database:
    with database.write() as session:
        sample.load(session, registry, now=MONDAY)
        ana, jonas = viewer_of(session, "Ana Keller"), viewer_of(session, "Jonas Lindqvist")
        version = proposals.propose(
            session, ana, "charter", subject="/conflict", text=TOGETHER, now=MONDAY
        )
        found, statement = voices.get_version_or_raise(session, jonas, version.id)
        voices.confirm(session, jonas, found, statement, now=MONDAY)
        assert found.state == "confirmed"
        session.add(
            Front(
                alliance_id=ana.alliance_id,
                partner_id=ana.partner_id or "",
                member_id=ana.member_id,
                agreement=AGREEMENT,
                links="Protocols: https://files.example/protocols\nhttps://files.example/minutes",
                audience_kind=AudienceKind.ALLIANCE,
                changed_at=MONDAY,
            )
        )
    return database
