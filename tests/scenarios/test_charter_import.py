"""A charter comes in from a document, is corrected, put in force, and taken back."""

import io
import zipfile
from collections.abc import Sequence
from datetime import timedelta

import docx
import pytest

from tests.fakes.slack import Message, User
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two

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


def share(world: World, who: User, name: str, content: bytes, text: str = "") -> Message:
    """Send Entente a file; its answer."""
    who.shares(name, content, text)
    world.bot.settle()
    return world.slack.dms(who)[-1]


def text_of(world: World, message: Message) -> str:
    return world.slack.text_of(message)


def make_jsc(world: World) -> None:
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1])
    world.bot.settle()


def refresh(world: World) -> Message:
    """The import as it stands now in Ana's direct messages."""
    world.bot.settle()
    return world.slack.dms(world.ana)[-1]


@pytest.mark.parametrize("name", ["jsc.md", "JSC charter.docx"])
def test_a_document_becomes_clauses_is_corrected_and_put_in_force(world: World, name: str) -> None:
    world.start()
    make_jsc(world)
    content = make_word() if name.endswith("docx") else CHARTER.encode()
    shown = share(world, world.ana, name, content, "JSC")
    said = text_of(world, shown)
    assert "JSC would get these clauses" in said
    assert "*Why each of us is here*, from “1. Background”" in said
    assert "*Scope*, from “2. Scope”, “In scope”, “Out of scope”" in said
    assert "*When we disagree*, from “5. If we disagree”" in said
    assert "*Left out:* “Charter of the Joint Steering Committee”, “4. Trademarks”" in said
    assert "not written yet" in world.say(world.tom, "charter jsc scope")
    world.ana.chooses(shown, "charter.correct", "4. Trademarks → left out")
    asked = refresh(world)
    assert "Each company keeps its own." in text_of(world, asked)
    world.ana.chooses(asked, "charter.assign", "Start, stop, continue")
    moved = refresh(world)
    assert "*Start, stop, continue*, from “4. Trademarks”" in text_of(world, moved)
    world.ana.presses(moved, "Put 5 clauses in force")
    done = text_of(world, refresh(world))
    assert "In force at Acme only, 5 clauses in the charter of JSC" in done
    scope = world.say(world.tom, "charter jsc scope")
    assert "patient registry" in scope
    assert name.endswith("docx") or "https://example.org" not in scope
    assert "In force at Acme only" in scope
    assert "one voice" in world.say(world.tom, "charter jsc decides")
    assert world.posts() == []
    assert "5 clauses are as they were" in world.say(world.ana, "undo")
    assert "not written yet" in world.say(world.tom, "charter jsc scope")


def test_pasted_text_is_read_from_a_form_and_more_can_be_added(world: World) -> None:
    world.start()
    world.say(world.ana, "charter import")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, text="SCOPE\nPhase 2 only.", text_2="DELIVERABLES\nA report.")
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])
    shown = world.slack.dms(world.ana)[-1]
    assert "*Scope*, from “SCOPE”" in text_of(world, shown)
    assert "*Deliverables*" in text_of(world, shown)
    world.ana.presses(shown, "Add more text")
    world.bot.settle()
    world.ana.submits(world.slack.views(world.ana)[-1], text="in May.\n\nFOCUS\nThe registry.")
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])
    world.ana.presses(world.slack.dms(world.ana)[-1], "Put 3 clauses in force")
    world.bot.settle()
    assert "A report.\n\nin May." in world.say(world.ana, "charter deliverables").replace("> ", "")
    assert "The registry." in world.say(world.ana, "charter focus")


def test_text_below_the_command_is_read_at_once(world: World) -> None:
    world.start()
    world.ana.dm(f"charter import\n{CHARTER}")
    shown = refresh(world)
    assert "the alliance would get these clauses" in text_of(world, shown)
    world.ana.chooses(shown, "charter.correct", "4. Trademarks → left out")
    world.ana.presses(refresh(world), "Change the words")
    world.bot.settle()
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, text="Nobody uses the other's mark.")
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])
    world.ana.presses(refresh(world), "Put 4 clauses in force")
    again = refresh(world)
    assert "changed it since" in text_of(world, again)
    assert "not written yet" in world.say(world.ana, "charter scope")
    world.ana.presses(again, "Put 4 clauses in force")
    world.bot.settle()
    assert "phase 2 study" in world.say(world.ana, "charter scope")


def test_an_import_is_done_once_and_a_second_press_says_so(world: World) -> None:
    world.start()
    shown = share(world, world.ana, "charter.md", CHARTER.encode())
    (value,) = values_of(shown, "charter.enforce")
    world.ana.presses(shown, "Put 4 clauses in force")
    world.bot.settle()
    said = press_forged(world, world.ana, "charter.enforce", value, world.steering)
    assert "may be in force already" in said
    again = share(world, world.ana, "charter.md", CHARTER.encode())
    said = press_forged(
        world, world.ana, "charter.enforce", values_of(again, "charter.enforce")[0], world.steering
    )
    assert "word for word" in said


def values_of(message: Message, action: str) -> list[str]:
    return [
        element["value"]
        for block in message.blocks
        for element in block.get("elements", [])
        if str(element.get("action_id", "")).startswith(action) and "value" in element
    ]


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


def test_what_is_no_charter_is_refused_in_words_and_nothing_is_kept(world: World) -> None:
    world.start()
    for name, content, words in refusals():
        if not content:
            continue
        said = text_of(world, share(world, world.ana, name, content))
        assert words in said, (name, said)
    lied = world.ana.shares("lie.md", b"# Scope\n" + b"y" * 2_100_000, claimed_size=20)
    assert lied.responses[0].status == 200
    assert "larger than 2 MB" in text_of(world, refresh(world))


def test_only_managers_import_and_the_other_side_sees_nothing_of_it(world: World) -> None:
    world.start()
    two = Two(world)
    two.accept(two.code())
    world.say(world.tom, "charter")
    assert "Only alliance managers" in text_of(
        world, share(world, world.tom, "charter.md", CHARTER.encode())
    )
    shown = share(world, world.ana, "charter.md", CHARTER.encode())
    (value,) = values_of(shown, "charter.enforce")
    draft = value.partition(":")[0]
    for who in (two.jonas, world.tom):
        channel = two.shared if who is two.jonas else world.steering
        for action, forged in (
            ("charter.enforce", value),
            ("charter.correct", f"{draft}:1"),
            ("charter.assign", f"{draft}:1:scope"),
            ("charter.discard", draft),
            ("charter.body", f"{draft}:"),
            ("charter.part", f"{draft}:1"),
            ("charter.import", f"+{draft}"),
        ):
            said = press_forged(world, who, action, forged, channel)
            assert "Marlow" not in said
            assert "can't find" in said or "Only alliance managers" in said, (action, said)
    world.ana.presses(shown, "Put 4 clauses in force")
    world.bot.settle()
    assert "Marlow" not in two.mention(two.jonas, "charter why")


def test_hostile_texts_stay_texts(world: World) -> None:
    world.start()
    hostile = "## <!channel> Scope *x* `y` <@U123>\n\n<!here> & <https://evil.example|click> " * 3
    shown = share(world, world.ana, "<b>.md", (hostile + "\n\n## Scope\n\n" + "ha " * 60).encode())
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
    world: World,
) -> None:
    world.start()
    long = "\n\n".join(f"## {n}. Meetings {n}\n\n{'We meet and talk. ' * 30}" for n in range(80))
    shown = share(world, world.ana, "long.md", long.encode())
    said = text_of(world, shown)
    assert "Too long:" in said
    assert "a clause holds 6000" in said
    (value,) = values_of(shown, "charter.enforce")
    refused = press_forged(world, world.ana, "charter.enforce", value, world.steering)
    assert "longer than 6000" in refused
    more = long + "\n\n".join(f"## {n}. More {n}\n\nText." for n in range(40))
    assert "more than 90 parts" in text_of(world, share(world, world.ana, "x.md", more.encode()))


def test_what_nobody_puts_in_force_is_thrown_away(world: World) -> None:
    world.start()
    shown = share(world, world.ana, "charter.md", CHARTER.encode())
    world.bot.advance(timedelta(days=16))
    (value,) = values_of(shown, "charter.enforce")
    said = press_forged(world, world.ana, "charter.enforce", value, world.steering)
    assert "can't find that import" in said
