"""A charter comes in from a document, is corrected, put in force, and taken back."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import docx
import pytest

from tests.scenarios.casts import set_up_committee
from tests.scenarios.conftest import Home, World
from tests.scenarios.persons import Person

OFFER = "would get these clauses"
CORRECT = "Correct a part"
MOVE = "Put it under"

CHARTER = """# Charter of the Joint Steering Committee

Agreed in Basel by both companies.

## 1. Background

Children with Marlow syndrome wait *nine years* for a name to their illness.

## 2. Scope

The committee steers the joint programme.

### In scope

- the phase 2 study
- the [patient registry](https://example.org/registry)

### Out of scope

- each company's own research

## 3. How we decide

By consensus of both companies. Each has one voice.

## 4. Trademarks

Each company keeps its own.

## 5. If we disagree

1. The co-chairs talk within three days.
2. Then the two sponsors meet.
"""


def make_word(text: str = CHARTER) -> bytes:
    """The same as a Word document."""
    document = docx.Document()
    for line in text.splitlines():
        marks, _, words = line.partition(" ")
        if marks and set(marks) == {"#"}:
            document.add_heading(words, level=len(marks))
        elif line.startswith("- "):
            document.add_paragraph(line[2:], style="List Bullet")
        elif line:
            document.add_paragraph(line)
    held = io.BytesIO()
    document.save(held)
    return held.getvalue()


def repack(content: bytes, **changes: bytes) -> bytes:
    """A Word file with other or more parts in it."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", 8) as new:
        for entry in old.infolist():
            if entry.filename not in changes:
                new.writestr(entry, old.read(entry))
        for name, part in changes.items():
            new.writestr(name, part)
    return held.getvalue()


def share(who: Person, name: str, content: bytes, text: str = "") -> str:
    """Send Entente a file; its answer."""
    who.learns(lambda: who.sends(name, content, text))
    return who.letters()[-1]


@pytest.mark.parametrize("name", ["jsc.md", "JSC charter.docx"])
def test_a_document_becomes_clauses_is_corrected_and_put_in_force(home: Home, name: str) -> None:
    ana, tom = home.ana, home.tom
    tom.says("help")
    set_up_committee(ana, "JSC", tom)
    content = make_word() if name.endswith("docx") else CHARTER.encode()
    said = share(ana, name, content, "JSC")
    assert "JSC would get these clauses" in said
    assert "Why each of us is here, from “1. Background”" in said
    assert "Scope, from “2. Scope”, “In scope”, “Out of scope”" in said
    assert "When we disagree, from “5. If we disagree”" in said
    assert "Left out: “Charter of the Joint Steering Committee”, “4. Trademarks”" in said
    assert "not written yet" in tom.asks("charter jsc scope")
    ana.chooses("4. Trademarks → left out", in_menu=CORRECT, on=OFFER)
    assert "Each company keeps its own." in ana.letters()[-1]
    ana.chooses("Start, stop, continue", in_menu=MOVE, on="Each company keeps its own.")
    assert "Start, stop, continue, from “4. Trademarks”" in ana.letters()[-1]
    ana.presses("Put 5 clauses in force", on=OFFER)
    done = ana.letters()[-1]
    assert "In force at Acme only, 5 clauses in the charter of JSC" in done
    scope = tom.asks("charter jsc scope")
    assert "patient registry" in scope
    assert name.endswith("docx") or "https://example.org" not in scope
    assert "In force at Acme only" in scope
    assert "one voice" in tom.asks("charter jsc decides")
    assert home.posts() == []
    assert "5 clauses are as they were" in ana.asks("undo")
    assert "not written yet" in tom.asks("charter jsc scope")


def test_pasted_text_is_read_from_a_form_and_more_can_be_added(home: Home) -> None:
    ana = home.ana
    ana.opens("charter import", "Import a charter")
    ana.fills(text="SCOPE\nPhase 2 only.", text_2="DELIVERABLES\nA report.")
    ana.close_form()
    shown = ana.letters()[-1]
    assert "Scope, from “SCOPE”" in shown
    assert "Deliverables" in shown
    ana.presses("Add more text", on=OFFER)
    ana.fills(text="in May.\n\nFOCUS\nThe registry.")
    ana.close_form()
    ana.presses("Put 3 clauses in force", on=OFFER)
    said = ana.asks("charter deliverables").replace("> ", "")
    assert re.search(r"A report\.\n+in May\.", said)
    assert "The registry." in ana.asks("charter focus")


def test_text_below_the_command_is_read_at_once(home: Home) -> None:
    ana = home.ana
    ana.writes(f"charter import\n{CHARTER}")
    assert "the alliance would get these clauses" in ana.hears(OFFER)
    ana.chooses("4. Trademarks → left out", in_menu=CORRECT, on=OFFER)
    ana.presses("Change the words", on="Each company keeps its own.")
    ana.fills(text="Nobody uses the other's mark.")
    ana.close_form()
    ana.presses("Put 4 clauses in force", on="Put 4 clauses in force")
    assert "changed it since" in ana.letters()[-1]
    assert "not written yet" in ana.asks("charter scope")
    ana.presses("Put 4 clauses in force", on="changed it since")
    assert "phase 2 study" in ana.asks("charter scope")


def test_an_import_is_done_once_and_a_second_press_says_so(home: Home) -> None:
    ana = home.ana
    share(ana, "charter.md", CHARTER.encode())
    (value,) = ana.carries("charter.enforce", on=OFFER)
    ana.presses("Put 4 clauses in force", on=OFFER)
    assert "may be in force already" in ana.forges("charter.enforce", value)
    share(ana, "charter.md", CHARTER.encode())
    (again,) = ana.carries("charter.enforce", on=OFFER)
    assert "word for word" in ana.forges("charter.enforce", again)


def refusals() -> Sequence[tuple[str, bytes, str]]:
    word = make_word()
    deep = b"<w:p>" * 4_000 + b"</w:p>" * 4_000
    types = zipfile.ZipFile(io.BytesIO(word)).read("[Content_Types].xml")
    macros = types.replace(b"wordprocessingml.document.main", b"macroEnabled.main")
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    )
    nameless = io.BytesIO()
    with zipfile.ZipFile(nameless, "w") as package:
        package.writestr("hello.txt", "no Word file")
    return (
        ("old.docx", b"\xd0\xcf\x11\xe0 an old Word file", "I can't read that as a Word file"),
        ("none.docx", b"", "could not"),
        ("cut.docx", word[: len(word) // 2], "I can't read that as a Word file"),
        ("zip.docx", nameless.getvalue(), "I can't read that as a Word file"),
        ("deep.docx", repack(word, **{"word/document.xml": deep}), "as a Word file"),
        ("entity.docx", repack(word, **{"word/document.xml": entity}), "as a Word file"),
        ("bomb.docx", repack(word, **{"word/media/a.bin": b"\0" * 40_000_000}), "far more than"),
        ("bomb2.docx", repack(word, **{"word/document.xml": b" " * 7_000_000}), "far more than"),
        ("macro.docx", repack(word, **{"word/vbaProject.bin": b"x"}), "holds macros"),
        ("type.docx", repack(word, **{"[Content_Types].xml": macros}), "holds macros"),
        ("macro.docm", word, "I don't know what to do with “macro.docm”"),
        ("big.md", b"# Scope\n" + b"x" * 2_100_000, "larger than 2 MB"),
        ("empty.md", b"   \n", "no text"),
        ("picture.md", b"\x89PNG\0\0\0", "no text that I can read"),
        ("notes.pdf", b"%PDF-1.4", "I don't know what to do with “notes.pdf”"),
    )


def test_what_is_no_charter_is_refused_in_words_and_nothing_is_kept(home: Home) -> None:
    for name, content, words in refusals():
        if not content:
            continue
        said = share(home.ana, name, content)
        assert words in said, (name, said)


def test_a_file_that_is_larger_than_slack_says_is_refused(world: World) -> None:
    world.start()
    lied = world.ana.shares("lie.md", b"# Scope\n" + b"y" * 2_100_000, claimed_size=20)
    assert lied.responses[0].status == 200
    world.bot.settle()
    assert "larger than 2 MB" in world.dms(world.ana)[-1]


def test_only_managers_import_and_the_other_side_sees_nothing_of_it(home: Home) -> None:
    ana, tom, jonas = home.ana, home.tom, home.join()
    tom.says("charter")
    assert "Only alliance managers" in share(tom, "charter.md", CHARTER.encode())
    share(ana, "charter.md", CHARTER.encode())
    (value,) = ana.carries("charter.enforce", on=OFFER)
    draft = value.partition(":")[0]
    for who in (jonas, tom):
        for action, forged in (
            ("charter.enforce", value),
            ("charter.correct", f"{draft}:1"),
            ("charter.assign", f"{draft}:1:scope"),
            ("charter.discard", draft),
            ("charter.body", f"{draft}:"),
            ("charter.part", f"{draft}:1"),
            ("charter.import", f"+{draft}"),
        ):
            said = who.forges(action, forged)
            assert "Marlow" not in said
            assert "can't find" in said or "Only alliance managers" in said, (action, said)
    ana.presses("Put 4 clauses in force", on=OFFER)
    assert "Marlow" not in jonas.asks("charter why")


HOSTILE = (
    "## <!channel> Scope *x* `y` <@U123>\n\n<!here> & <https://evil.example|click> " * 3
    + "\n\n## Scope\n\n"
    + "ha " * 60
)


def test_hostile_texts_stay_texts(home: Home) -> None:
    said = share(home.ana, "<at>Ana<at>.md", HOSTILE.encode())
    for words in ("<!channel>", "<@U123>", "<at>Ana<at>.md"):
        assert home.ana.plain(words) in said


def test_hostile_texts_are_no_markup_of_slack(world: World) -> None:
    world.start()
    world.ana.shares("<b>.md", HOSTILE.encode())
    world.bot.settle()
    shown = world.slack.dms(world.ana)[-1]
    marked = [text for block in shown.blocks for text in find_markup(block)]
    assert any("&lt;!channel&gt;" in text for text in marked)
    for text in marked:
        assert "<!" not in text
        assert "<@" not in text
        assert "<http" not in text


def find_markup(part: object) -> list[str]:
    """The texts in a block that Slack reads as markup."""
    if isinstance(part, list):
        return [text for each in part for text in find_markup(each)]
    if not isinstance(part, dict):
        return []
    own = [str(part["text"])] if part.get("type") == "mrkdwn" else []
    return own + [text for each in part.values() for text in find_markup(each)]


def test_a_long_document_is_shown_within_the_limits_and_its_long_clauses_are_named(
    home: Home,
) -> None:
    ana = home.ana
    long = "\n\n".join(f"## {n}. Meetings {n}\n\n{'We meet and talk. ' * 30}" for n in range(80))
    said = share(ana, "long.md", long.encode())
    assert "Too long:" in said
    assert "a clause holds 6000" in said
    (value,) = ana.carries("charter.enforce", on=OFFER)
    assert "longer than 6000" in ana.forges("charter.enforce", value)
    more = long + "\n\n".join(f"## {n}. More {n}\n\nText." for n in range(40))
    assert "more than 90 parts" in share(ana, "x.md", more.encode())


def test_what_nobody_puts_in_force_is_thrown_away(home: Home) -> None:
    share(home.ana, "charter.md", CHARTER.encode())
    (value,) = home.ana.carries("charter.enforce", on=OFFER)
    home.advance(timedelta(days=16))
    assert "can't find that import" in home.ana.forges("charter.enforce", value)
