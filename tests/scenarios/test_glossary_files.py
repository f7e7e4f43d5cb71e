"""Bringing glossaries in: several files, pasted rows, and files that are another side's."""

import io

import openpyxl

from bot.features.glossary.sheets import MOST_BYTES
from tests.scenarios.conftest import Home
from tests.scenarios.meanings import DRUG, SOFTWARE, mean
from tests.scenarios.persons import Person
from tests.scenarios.teams import TeamsWorld


def offer(who: Person, rows: str) -> str:
    """A manager sends rows of terms; what they would do."""
    return "\n".join(who.learns(lambda: who.sends("terms.csv", rows.encode(), "term import")))


def take_over(who: Person, rows: str) -> str:
    """A manager sends rows of terms and says yes; what they read then."""
    offer(who, rows)
    return who.presses("Import", on="Nothing is changed yet")


def read_history(who: Person, name: str) -> str:
    """What happened to a term, as somebody reads it."""
    who.asks(f"define {name}")
    return who.presses("History", on=name)


def test_what_an_import_overwrote_stays_in_the_history(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    mean(ana, DRUG)
    ana.asks("term add DBL = The lock.")
    take_over(ana, "term,meaning\nAPI,The molecule\nDBL,The bolt\n")
    said = read_history(ana, "API")
    assert "changed by an import" in said
    assert f"“The molecule”, in place of “{DRUG}”" in said
    assert "“The molecule”" in read_history(jonas, "API")

    # An undo takes the import back as one, and its lines with it.
    assert "0 terms are gone again" in ana.asks("undo")
    assert DRUG in jonas.asks("define API")
    assert "The lock." in ana.asks("define DBL")
    assert "changed by an import" not in read_history(ana, "API")
    assert "What you added to “DBL” is gone" in ana.asks("undo")


def test_what_another_partner_confirmed_is_not_for_a_file_to_deny(joined: Home) -> None:
    ana, jonas, tom = joined.ana, joined.jonas, joined.tom
    mean(jonas, SOFTWARE)
    said = offer(ana, "term,meaning,partner\nAPI,A kind of bird,Borealis Bio\n")
    assert "New: 0" in said
    assert "Differs from what another partner means: 1" in said
    assert SOFTWARE in said
    assert "A kind of bird" in said
    assert ana.carries("terms_file.yes", on="A kind of bird") == []
    take_over(ana, "term,meaning,partner\nAPI,A kind of bird,Borealis Bio\nDBL,Lock,\n")
    said = tom.asks("define API")
    assert SOFTWARE in said
    assert "bird" not in said


def test_what_ones_own_side_noted_of_another_is_noted_anew(joined: Home) -> None:
    ana = joined.ana
    take_over(ana, "term,meaning,partner\nAPI,A kind of bird,Borealis Bio\n")
    said = offer(ana, f"term,meaning,partner\nAPI,{SOFTWARE},Borealis Bio\n")
    assert "Says something else or more than so far: 1" in said
    ana.presses("Import", on="Says something else or more")
    said = joined.tom.asks("define API")
    assert SOFTWARE in said
    assert "as somebody understands it" in said
    assert "bird" not in said


MORE = "term,meaning,alias,discouraged,review date,context,examples\n"


def test_what_else_a_file_says_of_ones_own_terms_is_taken_over(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    take_over(ana, "term,meaning,alias\nDBL,Lock,the lock\n")
    rows = MORE + "DBL,Lock,db lock,freeze;the lock,2027-05-01,CMC,The DBL is near.\n"
    said = offer(ana, rows)
    assert "Here already, spelling aside: 0" in said
    assert "Says something else or more than so far: 1" in said
    ana.presses("Import", on="else or more")
    said = tom.asks("define DBL")
    for each in ("db lock", "freeze, the lock", "1 May 2027", "CMC", "The DBL is near."):
        assert each in said
    assert "by an import" in read_history(ana, "DBL")
    assert "Here already, spelling aside: 1" in offer(ana, rows)
    ana.presses("Don't import", on="Here already, spelling aside: 1")

    ana.asks("undo")
    said = tom.asks("define DBL")
    assert "the lock" in said
    for each in ("db lock", "freeze", "2027", "CMC", "The DBL is near."):
        assert each not in said


def test_what_else_a_file_says_of_anothers_term_is_left_aside(joined: Home) -> None:
    mean(joined.jonas, SOFTWARE)
    take_over(joined.ana, MORE + f"API,{SOFTWARE},the api,,2027-05-01,CMC,\n")
    said = joined.tom.asks("define API")
    for each in ("the api", "2027", "CMC"):
        assert each not in said


def test_of_a_workbook_it_is_said_which_sheet_was_read(joined: Home) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["This file", "belongs to Acme"])
    sheet = book.create_sheet("Glossary")
    for row in (["Term", "Meaning"], ["DBL", "Lock"]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    joined.ana.sends("acme.xlsx", out.getvalue(), "term import")
    said = joined.ana.hears("I read 1 row")
    assert "I read the sheet “Glossary”. These are left out: “Read me”." in said
    joined.ana.presses("Import", on="I read 1 row")
    assert "Lock" in joined.tom.asks("define DBL")


def test_each_of_several_files_is_offered(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    files = [("a.csv", b"term,meaning\nAPI,Drug\n"), ("b.tsv", b"term\tmeaning\nDBL\tLock\n")]
    (said,) = ana.learns(lambda: ana.sends_all(files, "term import"))
    assert said.count("I read 1 row") == 2
    ana.presses_below("b.tsv", "Import", on="b.tsv")
    assert "Lock" in tom.asks("define DBL")
    assert "Nobody here has said" in tom.asks("define API")
    ana.presses("Import", on="a.csv")
    assert "Drug" in tom.asks("define API")


def test_a_file_may_be_another_sides_whose_managers_confirm_it(joined: Home) -> None:
    ana = joined.ana
    ana.sends("theirs.csv", b"term,meaning\nDBL,Lock\n", "term import")
    ana.presses("Columns and audience", on="Columns and audience")
    said = ana.fills(whose="Borealis Bio", audience="alliance")
    assert "say what Borealis Bio means" in said
    ana.presses_in_form("Import")
    assert "as somebody understands it" in joined.tom.asks("define DBL")
    assert "Lock" in joined.jonas.asks("terms waiting")


def test_rows_are_pasted_into_a_form_or_below_the_words(joined: Home) -> None:
    ana = joined.ana
    assert "in our direct messages" in ana.asks("term import")
    ana.presses("Paste rows", on="in our direct messages")
    said = ana.fills(rows0="API\tDrug", rows1="DBL\tLock\nthe\tx")
    assert "I read 3 rows" in said
    assert "“the” is an everyday word" in said
    ana.presses_in_form("Import")
    ana.close_form()
    assert "Lock" in joined.tom.asks("define DBL")
    said = ana.asks_alone("term import\nPK;Pharmacokinetics\nPD;Pharmacodynamics")
    assert "I read 2 rows" in said


def test_every_way_to_write_a_new_term_is_looked_at(joined: Home) -> None:
    content = b"term,meaning,alias,discouraged\nDrug product,What patients take,und,the\n"
    joined.ana.sends("acme.csv", content, "term import")
    said = joined.ana.hears("everyday words")
    assert "2 of the words to look for are everyday words, such as “the”, “und”" in said


def test_a_file_in_teams_that_is_too_large_or_lies_elsewhere_is_not_read(
    teams_world: TeamsWorld,
) -> None:
    world = teams_world
    world.set_up()
    assert world.mei.sends("terms.csv", b"x" * (MOST_BYTES + 1), "term import").status == 200
    world.bot.settle()
    assert "That file is too large" in world.teams.text_of(world.last(world.mei))
    world.teams.server.files.clear()
    upload = world.mei._upload("terms.csv", b"PK,Kinetics")
    for address in ("https://evil.example/x.csv", "http://acme.sharepoint.com/x.csv"):
        payload = {
            **world.mei._activity("message", world.mei.direct, address),
            "text": "term import",
        }
        content = {**upload["content"], "downloadUrl": address}
        assert world.teams.post({**payload, "attachments": [{**upload, "content": content}]}).status
        world.bot.settle()
        assert "I can't read that file" in world.teams.text_of(world.last(world.mei))
