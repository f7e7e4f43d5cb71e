"""What is exported can be imported again, whatever kind of file it is."""

from datetime import date
from types import MappingProxyType

import pytest
from sqlmodel import Session

from bot.core.documents import File
from bot.db.engine import Database
from bot.features.catalogue import make_registry
from bot.features.glossary import changing, export, importing, moving, planning, sections, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import FormKind
from bot.features.glossary.planning import Outcome
from bot.features.glossary.sheets import guess_mapping, read_sheet
from bot.people.viewer import Viewer
from tests.builders import make_alliance
from tests.harness import MONDAY

RENDER = MappingProxyType(
    {"csv": export.render_csv, "xlsx": export.render_xlsx, "json": export.render_json}
)


def write_down(session: Session, ana: Viewer) -> None:
    changing.add(
        session,
        ana,
        Wording(
            name="API",
            meaning="=Drug, substance; active",
            forms={FormKind.SPELLED_OUT: ["active ingredient"], FormKind.ALIAS: ["active", "acts"]},
            context="CMC",
            examples="The API is late.",
            review_on=date(2027, 9, 1),
        ),
        now=MONDAY,
    )


def bring_back(session: Session, viewer: Viewer, file: File) -> dict[Outcome, int]:
    sheet = read_sheet(file.name, file.body)
    names = terms.get_partner_names(session, viewer.alliance_id)
    partners = {name: partner for partner, name in names.items()}
    own = terms.require_partner(viewer)
    rows, broken = planning.read_rows(sheet, guess_mapping(sheet), partners, own)
    assert broken == {}
    plan = planning.make_plan(session, viewer, rows)
    importing.apply(session, viewer, plan, import_id="i", is_shared=False, now=MONDAY)
    return plan.counts


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_an_export_comes_back_as_it_was(database: Database, ending: str) -> None:
    ana = make_alliance(database)
    other = make_alliance(database, name="Second", user="UBEN", workspace="TOTHER")
    with database.write() as session:
        write_down(session, ana)
        file = RENDER[ending](make_registry(), session, ana, "", MONDAY)
        assert bring_back(session, ana, file)[Outcome.SAME] == 1
        assert bring_back(session, other, file)[Outcome.NEW] == 1
        (entry,) = terms.find(session, other, "API")
        assert [meaning.text for meaning in entry.meanings] == ["=Drug, substance; active"]
        assert entry.written(FormKind.SPELLED_OUT) == ["active ingredient"]
        assert sorted(entry.written(FormKind.ALIAS)) == ["active", "acts"]
        assert entry.term.review_on == date(2027, 9, 1)
        assert (entry.term.context, entry.term.examples) == ("CMC", "The API is late.")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_an_export_names_owners_and_holds_retired_terms_that_no_import_revives(
    database: Database, ending: str
) -> None:
    ana = make_alliance(database)
    other = make_alliance(database, name="Second", user="UBEN", workspace="TOTHER")
    with database.write() as session:
        for name, owner in (("API", ana.member_id), ("DBL", None)):
            wording = Wording(name=name, meaning=f"What {name} is", owner_id=owner)
            term = changing.add(session, ana, wording, now=MONDAY).term
        changing.retire(session, ana, term.id, now=MONDAY)
        file = RENDER[ending](make_registry(), session, ana, "", MONDAY)
        sheet = read_sheet(file.name, file.body)
        status, owner_column = sheet.columns.index("status"), sheet.columns.index("owner")
        kept = {row[sheet.columns.index("term")]: row for row in sheet.rows}
        assert kept["API"][owner_column] == ana.member_name
        assert kept["DBL"][status] == "retired"
        for viewer in (ana, other):
            own = viewer.partner_id or ""
            rows, left_out = planning.read_rows(sheet, guess_mapping(sheet), {"Acme": own}, own)
            assert [row.name for row in rows] == ["API"]
            assert left_out == {"retired": [3]}
        moving.load(session, other, sections.dump(session, ana), MONDAY)
        assert [entry.term.name for entry in terms.get_every(session, other, most=9)] == ["API"]


def test_a_row_with_no_date_where_one_belongs_is_named(database: Database) -> None:
    ana = make_alliance(database)
    sheet = read_sheet("a.csv", b"term,meaning,review on\nAPI,Drug,soon\nDBL,Lock,2027-05-01\n")
    rows, broken = planning.read_rows(sheet, guess_mapping(sheet), {}, ana.partner_id or "")
    assert broken == {"review": [2]}
    assert [row.review_on for row in rows] == [date(2027, 5, 1)]
