"""A common language: what a word means to whom, and how partners come to mean the same."""

import pytest
from sqlmodel import select

from bot.features.glossary.models import Term
from tests.scenarios.conftest import Home
from tests.scenarios.meanings import DRUG, SOFTWARE, bring, contest, mean
from tests.scenarios.persons import Person

SHARE = "Share with the alliance"


def write_term(who: Person, **values: str) -> str:
    """Somebody fills in the form for a term; what they read then."""
    who.opens("term add", "Term")
    said = who.fills(**values)
    who.close_form()
    return said


def hand_over(who: Person, name: str, content: bytes) -> str:
    """Somebody sends a file of terms; what they read then."""
    return "\n".join(who.learns(lambda: who.sends(name, content, "term import")))


def read_term(home: Home) -> Term:
    """The only one there is."""
    return home.cast.bot.read(lambda session: session.exec(select(Term)).one())


def test_a_meaning_is_its_own_sides_until_it_is_shared(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    said = ana.asks(f"term add API = {DRUG}")
    assert "“API” is saved" in said
    assert "Acme means (only Acme can see this)" in said
    assert "Nobody here has said what “API” means" in jonas.asks("what is API?")
    assert DRUG in joined.tom.asks("what does API mean?")
    ana.asks("define API")
    assert "Shared: everybody" in ana.presses(SHARE, on="API")
    assert DRUG in jonas.asks("What's an API?")
    assert "is as it was" in ana.asks("undo")
    assert "Nobody here has said" in jonas.asks("define API")


def test_two_meanings_make_a_contested_term_and_spelling_does_not(joined: Home) -> None:
    tom, jonas = joined.tom, joined.jonas
    mean(joined.ana, DRUG)
    said = jonas.asks(f'term add "API" = {SOFTWARE}')
    assert "Borealis Bio means (only Borealis Bio can see this)" in said
    assert "Contested" not in tom.asks("define API")
    assert "Contested" in jonas.presses(SHARE, on=SOFTWARE)
    said = tom.asks("define api")
    assert DRUG in said
    assert SOFTWARE in said
    assert "API" in tom.asks("terms contested")
    jonas.asks("term edit API = drug substances")
    assert "Contested" not in tom.asks("define API")


def test_a_member_proposes_and_their_own_manager_confirms(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    said = tom.asks("term add DBL = The database lock.")
    assert "saved as your proposal" in said
    assert "Confirm for Acme" not in said
    assert "their manager has not confirmed it" in ana.asks("define DBL")
    said = ana.presses("Confirm for Acme", on="has not confirmed it")
    assert "this is what Acme means" in said
    assert "has confirmed that meaning" in tom.asks("term edit DBL = Something else.")
    history = ana.presses("History", on="this is what Acme means")
    assert "confirmed" in history
    assert "Tom" in history


def test_unknown_words_lead_somewhere(joined: Home) -> None:
    tom = joined.tom
    joined.ana.asks("term add pharmacokinetics = What the body does to a drug.")
    assert "Did you mean one of these?" in tom.asks("define pharmacokinetcs")
    assert "What the body does" in tom.presses("pharmacokinetics", on="Did you mean")
    tom.asks("what is XYZQ?")
    tom.presses("Ask the alliance", on="XYZQ")
    assert "XYZQ" in joined.jonas.hears("Tom (Acme) would like to know")


def test_questions_about_other_things_reach_their_commands(joined: Home) -> None:
    assert "Marlow" in joined.ana.asks("what is our North Star?")
    said = joined.ana.asks("what is the reason that we never seem to finish anything on time?")
    assert "Say" in said
    assert "help" in said


def test_the_form_keeps_everything_and_notices_that_somebody_was_faster(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    write_term(
        ana,
        name="API",
        meaning=DRUG,
        spelled_out="active pharmaceutical ingredient",
        discouraged="drug stuff\nsubstance",
        context="CMC",
        audience="alliance",
    )
    said = tom.asks("what is active pharmaceutical ingredient?")
    assert "CMC" in said
    assert "drug stuff, substance" in said
    ana.opens("term edit API", "Term")
    assert "is saved" in ana.asks("term edit API = The active substance.")
    assert "Somebody changed" in ana.fills(name="API", meaning="Another.")
    ana.close_form()
    assert "The active substance." in tom.asks("define API")


def test_who_adds_a_meaning_leaves_the_words_of_who_brought_the_term(joined: Home) -> None:
    tom, jonas = joined.tom, joined.jonas
    spelled_out = "active pharmaceutical ingredient"
    given = {"name": "API", "spelled_out": spelled_out, "context": "CMC"}
    write_term(joined.ana, **given, meaning=DRUG, audience="alliance")
    given = {"name": "API", "spelled_out": "", "alias": "the interface"}
    write_term(jonas, **given, meaning=SOFTWARE, audience="partner")
    said = tom.asks(f"what is {spelled_out}?")
    assert DRUG in said
    assert "the interface" not in said

    # Shared and taken back: only one's own meaning goes.
    jonas.asks("define API")
    jonas.presses(SHARE, on="API")
    assert SOFTWARE in tom.asks("define API")
    assert "is as it was" in jonas.asks("undo")
    said = tom.asks("define API")
    assert spelled_out in said
    assert "CMC" in said
    assert SOFTWARE not in said


def test_a_term_taken_back_stays_for_those_who_keep_a_meaning_there(joined: Home) -> None:
    tom, jonas = joined.tom, joined.jonas
    mean(jonas, SOFTWARE)
    tom.asks("term add API = Project Falcon.")
    assert "is as it was" in jonas.asks("undo")
    assert "Project Falcon." in tom.asks("define API")
    jonas.asks("undo")
    assert "Project Falcon." in tom.asks("define API")
    assert "Falcon" not in jonas.asks("define API")


def test_an_import_for_one_side_says_what_everybody_reads_all_the_same(joined: Home) -> None:
    mean(joined.ana, DRUG)
    said = hand_over(joined.ana, "acme.csv", b"term,meaning\nAPI,The molecule\n")
    assert "Only your side will see these." in said
    assert "everybody reads its new words" in said


def test_many_broken_rows_are_not_cut_short_in_silence(joined: Home) -> None:
    rows = "\n".join(f"T{n},{'m' if n % 2 else ''}" for n in range(3000))
    said = hand_over(joined.ana, "acme.csv", f"term,meaning\n{rows}\n".encode())
    assert "No meaning: row 2, 4, 6" in said
    assert "All of them as a file" in said or "These are not all." in said


def test_disputing_and_retiring(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    ana.asks("term add DBL = The database lock.")
    assert "Only your side can see" in ana.asks("term dispute DBL")
    ana.presses(SHARE, on="“DBL” is saved")
    assert "marked as contested" in jonas.asks("term dispute DBL")
    assert "Contested" in tom.asks("define DBL")
    assert "is as it was" in jonas.asks("undo")
    assert "Another side added" in jonas.asks("term retire DBL")
    assert "is retired" in ana.asks("term retire DBL")
    assert "Retired" in tom.asks("define DBL")
    assert "is as it was" in ana.asks("undo")
    assert "Not agreed yet" in tom.asks("define DBL")


def test_partners_confirm_a_meaning_and_it_is_agreed(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    contest(ana, jonas)
    ana.asks("define API")
    ana.presses("Propose a meaning for all", on="API")
    ana.fills(meaning="Write “drug substance”; API is the software interface.")
    ana.close_form()
    assert DRUG in jonas.hears("the meaning of “API”")
    assert "Contested" in tom.asks("define API")
    jonas.presses("Confirm for Borealis Bio", on="the meaning of “API”")
    said = tom.asks("define API")
    assert "Agreed by the partners" in said
    assert "Write “drug substance”" in said
    assert "Agreed: 1. Contested: 0." in tom.asks("term")
    assert "marked as contested" in jonas.asks("term dispute API")
    assert "Contested" in tom.asks("define API")


ACME = """Acronym,Meaning,Topic
API,Drug substance,CMC
JSC,Joint steering committee,
DBL,Database lock,
,nothing,
XYZ,,
"""
BOREALIS = """term;definition
API;Software interface
JSC;Joint Steering-Committee
PK;Pharmacokinetics
"""


def test_two_glossaries_make_the_contested_list(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    said = hand_over(ana, "acme.csv", ACME.encode())
    assert "I read 5 rows" in said
    assert "“Acronym” is read as: the term" in said
    assert "New: 3" in said
    assert "No term: row 5" in said
    assert "No meaning: row 6" in said
    assert "Nobody here has said" in tom.asks("define DBL")
    ana.presses("Columns and audience", on="I read 5 rows")
    assert "Everybody in the alliance will see these" in ana.fills(audience="alliance")
    ana.presses_in_form("Import")
    assert "Database lock" in jonas.asks("define DBL")
    bring(jonas, "borealis.csv", BOREALIS)
    contested = tom.asks("terms contested")
    assert "contested" in contested
    assert "Software interface" in contested
    assert "steering" not in contested.casefold()
    assert "PK" in tom.asks("terms proposed")
    assert "1 term is gone again" in jonas.asks("undo")
    assert "different things: 0" in tom.asks("terms contested")
    assert "Nobody here has said" in tom.asks("define PK")
    assert "3 terms are gone again" in ana.asks("undo")


def test_files_that_are_none_change_nothing(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    for name, content, expected in (
        ("a.csv", b"", "I find no table"),
        ("a.csv", b"only\none\ncolumn\n", "I find no table"),
        ("a.xlsx", b"PK\x03\x04 nothing of the kind", "I can't read that file"),
        ("a.json", b'{"terms": [1, 2]}', "I can't read that file"),
        ("a.exe", b"MZ", "I can't read “a.exe”"),
        ("a.csv", b"x,y\n" * 60_000, "too many rows"),
    ):
        assert expected in hand_over(ana, name, content), name
    tom.asks("term")
    assert "Only alliance managers" in hand_over(tom, "b.csv", ACME.encode())
    assert "Not agreed yet: 0" in ana.asks("term")


def test_nobody_reaches_what_is_anothers_by_its_id(joined: Home) -> None:
    jonas = joined.jonas
    joined.ana.asks("term add XK9 = Our code name.")
    term = read_term(joined)
    eve = joined.cast.make_colleague("Eve")
    eve = eve.at(joined.cast.make_room("lair", eve))
    for action in ("term.confirm", "term.share", "term.history", "term.pick", "term.form"):
        for who in (jonas, eve):
            said = who.forges(action, term.id)
            assert "code name" not in said, action
            assert "XK9" not in said, action
    for value in ("", "no such thing", f"{term.alliance_id}:XK9", "new:", "new:x:y"):
        assert "code name" not in jonas.forges("term.form", value)
    assert "XK9" not in jonas.asks("terms")
    assert "Nobody here has said" in jonas.asks("define XK9")
    assert "Our code name." in joined.tom.asks("define XK9")


@pytest.mark.parametrize(
    "name", ["<b>&amp;*_~`", ".*(a|b)+$", "مشروع", "e\u0301a\u0301", "W" * 200, "Q", "the"]
)
def test_hostile_and_odd_words_stay_words(joined: Home, name: str) -> None:
    said = write_term(joined.ana, name=name, meaning="<!channel> *bold* &lt; \u202e x")
    assert read_term(joined).name == " ".join(name.split())
    assert ("a longer form is better" in said) == (name in {"Q", "the"})


def test_somebody_of_ones_own_side_looks_after_a_term(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    tom.asks("term")
    ana.opens("term add", "Term")
    form = ana.read_form() or ""
    assert "Tom" in form
    assert "Jonas" not in form
    ana.fills(name="DBL", meaning="Lock", owner="Tom", audience="alliance")
    ana.close_form()
    said = jonas.asks("define DBL")
    assert "Looked after by" in said
    assert "Tom" in said
    assert "is saved" in ana.asks("term edit DBL = The lock.")
    assert "Tom" in jonas.asks("define DBL")
