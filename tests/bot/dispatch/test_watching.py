"""What watches count, while what they look things up in is built anew."""

from dataclasses import replace

from sqlmodel import Session, select

from bot.db.engine import Database
from bot.db.revisions import bump
from bot.dispatch.watching import Watching, store
from bot.features.glossary.checks import Checks, Glossary, Place
from bot.features.glossary.consents import Mode
from bot.features.glossary.feature import FEATURE
from bot.features.glossary.models import MessageCount, Sighting
from bot.features.glossary.spotting import Spotter
from bot.people.viewer import Viewer
from tests.builders import make_alliance
from tests.harness import MONDAY


def make_checks(viewer: Viewer) -> Checks:
    place = Place(
        alliance_id=viewer.alliance_id,
        channel_id="",
        mode=Mode.COUNT,
        is_shared=True,
        glossary=Glossary(number=1, forms=[], spotter=Spotter([]), terms=(), known={}),
        users={"U1": viewer.partner_id},
        flagged={},
        ignored={},
    )
    return Checks(places={("slack", "C1"): place})


def count_all(session: Session) -> tuple[int, int]:
    words = session.exec(select(Sighting.count)).all()
    return sum(words), sum(session.exec(select(MessageCount.count)))


def test_what_is_counted_while_terms_are_built_anew_is_kept(database: Database) -> None:
    ana = make_alliance(database)
    watch = replace(FEATURE.watches[0], load=lambda _session: make_checks(ana))
    watching = Watching({watch.name: watch})
    with database.read() as session:
        watching.take_over(watching.load(session))
    watching.wants("slack", "C1", "U1", "the DSMB met")
    before = watching.drain()
    with database.write() as session:
        bump(session, watch.scope)
    with database.read() as session:
        fresh = watching.load(session)
    assert fresh
    watching.wants("slack", "C1", "U1", "the DSMB met again")
    watching.take_over(fresh)
    watching.wants("slack", "C1", "U1", "and so did the DSMB's chair")
    with database.write() as session:
        store(session, before, MONDAY)
        store(session, watching.drain(), MONDAY)
    with database.read() as session:
        assert count_all(session) == (3, 3)
