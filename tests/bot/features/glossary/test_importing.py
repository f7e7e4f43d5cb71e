"""Glossaries as files: what is read, what would happen, and that all or nothing does."""

import contextlib
import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace

import openpyxl
import orjson
import pytest
from sqlmodel import Session, col, func, select

from bot.core.errors import NotFound, NotUnderstood
from bot.db.engine import Database
from bot.features.catalogue import make_registry
from bot.features.glossary import importing, moving, planning, reporting, sections, terms
from bot.features.glossary.models import Term, TermImport, TermMeaning
from bot.features.glossary.planning import Outcome
from bot.features.glossary.sheets import Sheet, guess_mapping, read_sheet
from bot.people import history
from bot.people.models import Change, Partner
from bot.people.viewer import Viewer
from tests.builders import make_alliance
from tests.harness import MONDAY


def as_xlsx(rows: list[list[object]]) -> bytes:
    return as_book({"Sheet": rows})


def as_book(sheets: dict[str, list[list[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "Term,Definition\r\nAPI,Drug substance\r\n".encode("utf-8-sig")),
        ("a.csv", "Acronym;Meaning\nAPI;Drug substance\n".encode("utf-16")),
        ("a.tsv", b"term\tmeaning\nAPI\tDrug substance\n"),
        ("a.csv", b"API,Drug substance\n"),
        ("a.xlsx", as_xlsx([["Word", "Description"], ["API", "Drug substance"]])),
        ("a.json", b'[{"term": "API", "meaning": "Drug substance"}]'),
        ("a.json", b'{"terms": [{"term": "API", "meanings": {"Acme": ["Drug substance"]}}]}'),
        ("a.json", b'{"API": "Drug substance"}'),
        ("a.json", b'{"term": "API", "meaning": "Drug substance"}\n{"term": "B", "meaning": "c"}'),
    ],
)
def test_files_of_many_kinds_are_read(name: str, content: bytes) -> None:
    sheet = read_sheet(name, content)
    mapping = guess_mapping(sheet)
    row = sheet.rows[0]
    assert (row[mapping["term"]], row[mapping["meaning"]]) == ("API", "Drug substance")


@pytest.mark.parametrize(
    "content", [b"", b"one\ntwo\n", b"PK\x03\x04broken", b"[1, 2]", b"{", b"\xff\xfe"]
)
def test_what_is_no_table_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read_sheet("a.csv", content)


def test_the_sheet_that_is_a_glossary_is_read_wherever_it_stands() -> None:
    about = [["This file", "belongs to Acme"]]
    changes = [["Version", "Name", "Description"], ["1", "Ana", "First"]]
    glossary = [["Term", "Meaning"], ["DBL", "Lock"]]
    for sheets in ({"Read me": about, "G": glossary}, {"Changes": changes, "G": glossary}):
        sheet = read_sheet("a.xlsx", as_book({**sheets, "Empty": []}))
        assert sheet.rows == (("DBL", "Lock"),)
        assert (sheet.name, sheet.others) == ("G", (next(iter(sheets)),))
    sheet = read_sheet("a.xlsx", as_book({"G": [["DBL", "Lock"]], "H": [["PK", "Kinetics"]]}))
    assert (sheet.rows, sheet.others) == ((("DBL", "Lock"),), ("H",))
    alone = read_sheet("a.xlsx", as_book({"G": glossary, "Empty": []}))
    assert (alone.name, alone.others) == ("", ())


def test_a_workbook_damaged_anywhere_is_read_or_said_to_be_unreadable() -> None:
    good = as_xlsx([["Word", "Description"], *([f"T{n}", n] for n in range(20))])
    with zipfile.ZipFile(io.BytesIO(good)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for name, content in parts.items():
        half = len(content) // 2
        for damaged in (None, b"", content[:half], content[:half] + b"<&\xff" + content[half:]):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as packed:
                for other, kept in (parts | {name: damaged}).items():
                    if kept is not None:
                        packed.writestr(other, kept)
            with contextlib.suppress(NotUnderstood):
                assert read_sheet("a.xlsx", out.getvalue()).rows
    for place in range(4, len(good), 97):
        with contextlib.suppress(NotUnderstood):
            assert read_sheet("a.xlsx", good[:place] + b"\x00\xff" + good[place + 2 :]).rows


def bring(
    database: Database, viewer: Viewer, text: str, *, is_shared: bool = True, import_id: str = "i"
) -> tuple[dict[Outcome, int], dict[str, list[int]], dict[str, object]]:
    sheet = read_sheet("a.csv", text.encode())
    with database.write() as session:
        names = terms.get_partner_names(session, viewer.alliance_id)
        partners = {name: partner for partner, name in names.items()}
        rows, broken = planning.read_rows(
            sheet, guess_mapping(sheet), partners, terms.require_partner(viewer)
        )
        plan = planning.make_plan(session, viewer, rows)
        before = importing.apply(
            session, viewer, plan, import_id=import_id, is_shared=is_shared, now=MONDAY
        )
    return plan.counts, broken, before


def let_wait(session: Session, viewer: Viewer, sheet: Sheet, *, is_shared: bool) -> TermImport:
    """A file that waits for the viewer's yes."""
    waiting = TermImport(
        alliance_id=viewer.alliance_id,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        content=reporting.keep(sheet),
        mapping=orjson.dumps({"columns": guess_mapping(sheet), "shared": is_shared}).decode(),
        created_at=MONDAY,
    )
    session.add(waiting)
    session.flush()
    return waiting


def take_back(
    session: Session, viewer: Viewer, import_id: str, before: Mapping[str, object]
) -> int:
    """An import, all of it at once; how many terms went."""
    gone = importing.hide(session, viewer.alliance_id, import_id)
    while importing.remove_some(session, import_id, now=MONDAY):
        pass
    importing.put_back(session, import_id, before, now=MONDAY)
    return gone


def count(database: Database, model: type[Term | TermMeaning]) -> int:
    with database.read() as session:
        return session.exec(select(func.count(col(model.id)))).one()


def test_both_partners_in_one_file_and_again(database: Database) -> None:
    viewer = make_alliance(database)
    text = (
        "term,meaning,partner\nAPI,Drug substance,Acme\nAPI,Software interface,Borealis\n"
        "2FA,Two-factor authentication,Acme\n2FA,2-Factor Authentication,Borealis\n"
        "X,nobody's,Cobalt\n,empty,Acme\nY,,Acme\n"
    )
    counts, broken, _ = bring(database, viewer, text)
    assert counts[Outcome.NEW] == 3
    assert counts[Outcome.CONFLICTING] == 1
    assert broken == {"partner": [6], "no_term": [7], "no_meaning": [8]}
    with database.read() as session:
        found = {entry.term.key: entry for entry in terms.get_all(session, viewer)}
        assert found["api"].term.status == "contested"
        assert found["2fa"].term.status == "proposed"
        unconfirmed = [m for m in found["api"].meanings if m.confirmed_by_id is None]
        names = {session.get_one(Partner, m.partner_id).name for m in unconfirmed}
        assert names == {"Borealis"}
    counts, _, _ = bring(database, viewer, text, import_id="again")
    assert counts[Outcome.SAME] == 4
    assert sum(counts.values()) == 4


def test_a_partner_that_one_row_knows_gets_a_second_sense_from_another(database: Database) -> None:
    viewer = make_alliance(database)
    bring(database, viewer, "term,meaning,partner\nAPI,Interface,Borealis\n")
    with database.write() as session:
        meaning = session.exec(select(TermMeaning)).one()
        meaning.confirmed_by_id = viewer.member_id
        session.add(meaning)
    counts, _, _ = bring(database, viewer, "term,meaning,partner\nAPI,Bird,Borealis\n")
    assert (counts[Outcome.CONFLICTING], count(database, Term)) == (1, 1)
    text = "term,meaning,partner\nAPI,Interface,Borealis\nAPI,Bird,Borealis\n"
    counts, _, _ = bring(database, viewer, text)
    assert (counts[Outcome.SAME], counts[Outcome.NEW], count(database, Term)) == (1, 1, 2)


def test_an_import_is_taken_back_with_what_it_changed(database: Database) -> None:
    viewer = make_alliance(database)
    bring(database, viewer, "term,meaning\nAPI,Drug substance\n", import_id="one")
    counts, _, before = bring(
        database, viewer, "term,meaning\nAPI,A thing\nB,Bee\n", import_id="two"
    )
    assert counts[Outcome.CHANGED] == 1
    with database.write() as session:
        assert take_back(session, viewer, "two", before) == 1
    with database.read() as session:
        (entry,) = terms.get_all(session, viewer)
        assert entry.meanings[0].text == "Drug substance"
    assert count(database, Term) == count(database, TermMeaning) == 1


def test_each_of_many_changed_meanings_is_noted_and_taken_back(database: Database) -> None:
    viewer = make_alliance(database)
    bring(database, viewer, write_rows("meaning"), import_id="one")
    counts, _, before = bring(database, viewer, write_rows("words"), import_id="two")
    assert counts[Outcome.CHANGED] == 1200
    noted = select(Change).where(col(Change.action) == "term.reworded")
    with database.write() as session:
        changes = session.exec(noted).all()
        assert len({change.subject_id for change in changes}) == len(changes) == 1200
        assert history.get_last_change(session, viewer, now=MONDAY) is None
        take_back(session, viewer, "two", before)
        session.expire_all()
        assert {change.undone_at for change in session.exec(noted)} == {MONDAY}
        texts = session.exec(select(TermMeaning.text)).all()
        assert sorted(texts) == sorted(f"meaning {n}" for n in range(1200))


def write_rows(word: str) -> str:
    return "term,meaning\n" + "\n".join(f"T{n},{word} {n}" for n in range(1200))


def test_thousands_of_rows_with_broken_ones_among_them(database: Database) -> None:
    viewer = make_alliance(database)
    rows = [f"T{n},meaning {n}" if n % 100 else f"T{n}," for n in range(5000)]
    counts, broken, _ = bring(database, viewer, "term,meaning\n" + "\n".join(rows))
    assert counts[Outcome.NEW] == 4950
    assert len(broken["no_meaning"]) == 50
    assert count(database, Term) == 4950


def test_every_broken_row_is_named_however_many_there_are(database: Database) -> None:
    viewer = make_alliance(database)
    rows = [f"T{n},=meaning {n}" if n % 2 else f"=T{n}," for n in range(2, 20_002)]
    sheet = read_sheet("a.csv", ("term,meaning\n" + "\n".join(rows)).encode())
    with database.write() as session:
        waiting = let_wait(session, viewer, sheet, is_shared=False)
        file = reporting.render_broken(make_registry(), session, viewer, waiting.id, MONDAY)
        other = replace(viewer, member_id="0" * 24)
        with pytest.raises(NotFound):
            reporting.render_broken(make_registry(), session, other, waiting.id, MONDAY)
    lines = list(csv.reader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert lines[0] == ["Row", "Problem", "term", "meaning"]
    assert lines[1] == ["2", "No meaning: row 2", "'=T2", ""]
    assert [int(line[0]) for line in lines[1:]] == list(range(2, 20_002, 2))


def test_the_record_of_one_alliance_arrives_in_another_as_proposals(database: Database) -> None:
    viewer = make_alliance(database)
    bring(database, viewer, "term,meaning,synonyms\nAPI,Drug substance,active; actives\n")
    with database.read() as session:
        data = json.loads(json.dumps(sections.dump(session, viewer)))
    other = make_alliance(database, name="Second", user="UBEN", workspace="TOTHER")
    with database.write() as session:
        assert moving.load(session, other, data, MONDAY) == (
            "1 meaning was taken over as a proposal.",
        )
        assert moving.load(session, other, data, MONDAY) == ()
        (entry,) = terms.get_all(session, other)
        assert entry.meanings[0].confirmed_by_id is None
        assert {form.text for form in entry.forms} == {"API", "active", "actives"}
        assert moving.load(session, other, ["x", {"term": 1}, {"meanings": [7]}], MONDAY) == ()
