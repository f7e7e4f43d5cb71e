"""What one partner notes about another's meaning, and what happens to either's words."""

import pytest
from sqlmodel import select

from bot.db.engine import Database
from bot.features.glossary import changing, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import TermMeaning
from bot.people.viewer import Viewer
from tests.bot.features.glossary.test_importing import bring, take_back
from tests.bot.statements.test_proposals import join
from tests.builders import make_alliance
from tests.harness import MONDAY

GUESSED = "term,meaning,partner\nAPI,Drug substance,Acme\nAPI,Some interface,Borealis\n"


@pytest.fixture
def ana(database: Database) -> Viewer:
    return make_alliance(database)


@pytest.fixture
def jonas(database: Database, ana: Viewer) -> Viewer:
    with database.write() as session:
        return join(session, ana)["Borealis"]


def read(database: Database, viewer: Viewer) -> dict[str, str]:
    """What the viewer reads that the partners mean by API."""
    with database.read() as session:
        return {
            entry.partners[meaning.partner_id]: meaning.text
            for entry in terms.find(session, viewer, "API")
            for meaning in entry.meanings
        }


def note_for_itself(database: Database, ana: Viewer) -> None:
    """Acme keeps to itself what it thinks Borealis means; what Acme means, everybody may read."""
    bring(database, ana, GUESSED, is_shared=False, import_id="guess")
    with database.write() as session:
        (entry,) = terms.find(session, ana, "API")
        changing.share(session, ana, entry.term.id, now=MONDAY)


def test_a_private_meaning_never_lands_in_what_another_noted_of_it(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    note_for_itself(database, ana)
    assert read(database, jonas) == {"Acme": "Drug substance"}
    with database.write() as session:
        changing.add(session, jonas, Wording(name="API", meaning="Project Falcon"), now=MONDAY)
    assert read(database, ana) == {"Acme": "Drug substance"}
    assert read(database, jonas) == {"Acme": "Drug substance", "Borealis": "Project Falcon"}


def test_an_import_meets_what_another_noted_and_what_another_keeps_to_itself(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    note_for_itself(database, ana)
    bring(database, jonas, "term,meaning\nAPI,Project Falcon\n", is_shared=False)
    assert read(database, jonas)["Borealis"] == "Project Falcon"
    bring(database, ana, GUESSED + "B,Bee,Acme\n", is_shared=True, import_id="again")
    assert read(database, jonas)["Borealis"] == "Project Falcon"
    assert read(database, ana) == {"Acme": "Drug substance"}


def test_sharing_comes_together_with_the_others_word_despite_a_note(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    with database.write() as session:
        changing.add(session, jonas, Wording(name="API", meaning="Software interface"), now=MONDAY)
    note_for_itself(database, ana)
    with database.write() as session:
        own = next(
            e for e in terms.find(session, jonas, "API") if e.term.partner_id != ana.partner_id
        )
        shared = changing.share(session, jonas, own.term.id, now=MONDAY)
        assert shared.term.status == "contested"
    assert read(database, ana) == {"Acme": "Drug substance", "Borealis": "Software interface"}


def test_taking_an_import_back_leaves_what_its_own_side_took_over(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    bring(database, ana, "term,meaning\nAPI,Drug\n", is_shared=True, import_id="old")
    _, _, before = bring(database, ana, GUESSED, is_shared=True, import_id="guess")
    with database.write() as session:
        (entry,) = terms.find(session, jonas, "API")
        changing.confirm_own(session, jonas, entry.term.id, now=MONDAY)
        wording = Wording(name="API", meaning="The molecule")
        edition = terms.get_or_raise(session, ana, entry.term.id).term.edition
        changing.edit(session, ana, entry.term.id, wording, edition=edition, now=MONDAY)
        take_back(session, ana, "guess", before)
    assert read(database, jonas) == {"Acme": "The molecule", "Borealis": "Some interface"}


def test_a_members_words_wait_for_their_manager_to_share_them(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    bring(database, ana, GUESSED, is_shared=True)
    mia = Viewer(
        account_id="",
        alliance_id=jonas.alliance_id,
        member_id=jonas.member_id,
        member_name="Mia",
        partner_id=jonas.partner_id,
        partner_name=jonas.partner_name,
        is_manager=False,
    )
    with database.write() as session:
        (entry,) = terms.find(session, mia, "API")
        wording = Wording(name="API", meaning="Project Falcon")
        changing.edit(session, mia, entry.term.id, wording, edition=entry.term.edition, now=MONDAY)
    assert read(database, jonas)["Borealis"] == "Project Falcon"
    assert read(database, ana) == {"Acme": "Drug substance"}
    with database.read() as session:
        assert len(session.exec(select(TermMeaning)).all()) == 2


def import_for(
    database: Database, viewer: Viewer, text: str, *, import_id: str
) -> dict[str, object]:
    _, _, before = bring(database, viewer, text, is_shared=True, import_id=import_id)
    return before


def test_an_import_for_all_widens_no_term_that_it_only_changes(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    bring(database, ana, "term,meaning\nAPI,Project Falcon\n", is_shared=False, import_id="old")
    import_for(database, ana, "term,meaning\nAPI,Project Eagle\n", import_id="new")
    assert read(database, ana) == {"Acme": "Project Eagle"}
    with database.read() as session:
        assert terms.find(session, jonas, "API") == []


def test_taking_an_import_back_makes_a_term_its_own_sides_again(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    bring(database, ana, "term,meaning\nAPI,Project Falcon\n", is_shared=False, import_id="old")
    text = "term,meaning,partner\nAPI,Some interface,Borealis\n"
    before = import_for(database, ana, text, import_id="new")
    assert read(database, jonas) == {"Borealis": "Some interface"}
    with database.write() as session:
        take_back(session, ana, "new", before)
    with database.read() as session:
        assert terms.find(session, jonas, "API") == []
    assert read(database, ana) == {"Acme": "Project Falcon"}


def test_taking_a_changed_meaning_back_ends_the_contest_it_began(
    database: Database, ana: Viewer, jonas: Viewer
) -> None:
    for viewer, import_id in ((ana, "one"), (jonas, "two")):
        bring(database, viewer, "term,meaning\nAPI,Drug substance\n", import_id=import_id)
    before = import_for(database, ana, "term,meaning\nAPI,Some interface\n", import_id="three")
    with database.read() as session:
        (entry,) = terms.find(session, jonas, "API")
        assert entry.term.status == "contested"
    with database.write() as session:
        take_back(session, ana, "three", before)
    with database.read() as session:
        (entry,) = terms.find(session, jonas, "API")
        assert entry.term.status == "proposed"
