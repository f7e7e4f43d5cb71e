"""Documents into sections, headings into clauses, long texts over several inputs."""

import io
import zipfile

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import NotUnderstood
from bot.features.charter import pieces
from bot.features.charter.documents import LARGEST, read_document
from bot.features.charter.matching import assign, guess_clause
from bot.features.charter.reviewing import has_changed
from bot.features.charter.sections import (
    MOST_CHARACTERS,
    MOST_SECTIONS,
    Section,
    read_markdown,
    read_plain,
    strip_number,
)
from tests.scenarios.test_charter_import import CHARTER, make_word, repack

HEADINGS = {
    "1. Why each partner is here": "why",
    "Background": "why",
    "Mission": "star",
    "Article II – Purpose": "star",
    "How we serve the North Star": "star",
    "Scope": "scope",
    "Terms of reference": "scope",
    "Focus areas": "focus",
    "Priorities for this year": "focus",
    "Deliverables and milestones": "deliverables",
    "Exit criteria": "deliverables",
    "Roles and responsibilities": "work",
    "Membership": "work",
    "3.2 Meetings": "flow",
    "How work flows": "flow",
    "Section 5: Decision-making": "decides",
    "Meeting quorum": "decides",
    "Amendments": "decides",
    "Internal approvals": "approvals",
    "Start, stop, continue": "norms",
    "Working norms": "norms",
    "Escalation": "conflict",
    "Conflict resolution": "conflict",
    "Trademarks": None,
    "Budget": None,
    "Annex A": None,
}


@pytest.mark.parametrize(("heading", "clause"), HEADINGS.items())
def test_a_heading_goes_where_a_person_would_put_it(heading: str, clause: str | None) -> None:
    guess = guess_clause(heading)
    assert (guess and guess.clause) == clause


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("1. Scope", "Scope"),
        ("2.3 Scope", "Scope"),
        ("Section 4: Scope", "Scope"),
        ("Article IV - Scope", "Scope"),
        ("a) Scope", "Scope"),
        ("A scope of our own", "A scope of our own"),
        ("I agree", "I agree"),
    ],
)
def test_what_numbers_a_heading_is_no_part_of_it(heading: str, words: str) -> None:
    assert strip_number(heading) == words


def test_what_stands_below_a_heading_follows_it_unless_it_tells_more() -> None:
    sections = [
        Section(heading="Charter of the decision committee", level=1, text="Agreed."),
        Section(heading="Scope", level=2, text="x"),
        Section(heading="Processes that face outwards", level=3, text="x"),
        Section(heading="Areas of focus", level=3, text="x"),
        Section(heading="Something else", level=2, text="x"),
    ]
    assert assign(sections) == [None, "scope", "scope", "focus", None]


def test_markdown_is_read_without_its_marks_and_code_is_no_heading() -> None:
    text = """---
title: Charter
---
<!-- a note -->
# Charter

Scope
-----

See the *study* and **[plan](https://example.org)**.

* one
* two

```
# no heading
```
"""
    sections = read_markdown(text)
    assert [section.heading for section in sections] == ["Charter", "Scope"]
    assert sections[1].text.startswith("See the *study* and plan.\n\n- one\n- two")


def test_pasted_text_has_its_headings_found_by_how_they_look() -> None:
    text = "JSC charter\n\n1. Scope\nPhase 2 only.\n\n"
    text += "How we decide:\nBy consensus.\n\n1. first\n2. second"
    sections = read_plain(text)
    assert [section.heading for section in sections][1:] == ["1. Scope", "How we decide"]
    assert sections[-1].text == "By consensus.\n\n1. first\n2. second"


def test_word_and_markdown_say_the_same() -> None:
    word = read_document(make_word(), "charter.docx")
    markdown = read_document(CHARTER.encode(), "charter.md")
    assert [s.heading for s in word] == [s.heading for s in markdown]
    assert assign(word) == assign(markdown)


@given(st.text() | st.text(alphabet="#- \nAb1.:*[]()<>`|\\", max_size=400))
def test_no_text_is_too_odd_to_read(text: str) -> None:
    sections = read_markdown(text)
    assert len(sections) <= MOST_SECTIONS
    assert len(assign(sections)) == len(sections)


SLOW = ("[", "![a](", "*", "**a ", "> ", "<", "<!--", "# a\n", "- ", "`", "[a]: ", "\\", "~~~\n")


@pytest.mark.parametrize("mark", SLOW)
def test_a_text_made_to_be_slow_is_read_all_the_same(mark: str) -> None:
    assert len(read_markdown(mark * (MOST_CHARACTERS // len(mark)))) <= MOST_SECTIONS


def is_read_or_refused(content: bytes, name: str) -> bool:
    try:
        return bool(read_document(content, name))
    except NotUnderstood as refused:
        return refused.key.startswith("charter.file_")


@given(st.binary(max_size=300), st.sampled_from(["x.md", "x.txt", "x.docx", "x", "x.pdf", ""]))
def test_any_bytes_are_read_or_refused_in_words(content: bytes, name: str) -> None:
    assert is_read_or_refused(content, name)


@given(st.binary(min_size=1, max_size=40), st.integers(min_value=0), st.integers(0, 40))
def test_a_damaged_word_file_is_read_or_refused_in_words(junk: bytes, at: int, cut: int) -> None:
    whole = WORD
    place = at % len(whole)
    damaged = whole[:place] + junk + whole[place + cut :]
    assert is_read_or_refused(damaged, "x.docx")


WORD = make_word()


def test_a_cell_that_claims_to_span_a_billion_columns_is_one_cell() -> None:
    document = docx.Document()
    document.add_heading("Roles", level=1)
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Ana", "budgets"
    held = io.BytesIO()
    document.save(held)
    with zipfile.ZipFile(io.BytesIO(held.getvalue())) as package:
        body = package.read("word/document.xml")
    wide = body.replace(b"<w:tcPr>", b'<w:tcPr><w:gridSpan w:val="1000000000"/>')
    assert wide != body
    (section,) = read_document(repack(held.getvalue(), **{"word/document.xml": wide}), "x.docx")
    assert section.text == "Ana | budgets"


def test_a_file_that_is_too_large_is_not_looked_at() -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_document(b"x" * (LARGEST + 1), "x.md")
    assert refused.value.key == "charter.file_large"


@given(st.text(alphabet="ab \n", max_size=400), st.integers(min_value=4, max_value=50))
def test_a_text_in_pieces_is_whole_again(text: str, size: int) -> None:
    found = pieces.split(text, size=size)
    assert all(len(piece) <= size for piece, _ in found)
    assert "".join(piece + gap for piece, gap in found) == text


@given(st.lists(st.text(alphabet="abc.", min_size=1, max_size=1500), max_size=12))
def test_a_form_that_was_left_as_it_is_changes_nothing(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    inputs = pieces.make_inputs(text, label="x", spare=True)
    assert pieces.join({item.name: item.value or None for item in inputs}, text) == text


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_seats_changed_by_a_third_or_not(before: set[int], after: set[int]) -> None:
    old, new = {str(n) for n in before}, {str(n) for n in after}
    changed = has_changed(old, new)
    assert not has_changed(old, old)
    assert changed is has_changed(old, new)
    if not old & new and old:
        assert changed
    if not old:
        assert not changed


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [("abc", "abd", True), ("abcd", "abce", False), ("abcd", "ab", True), ("abc", "abcd", False)],
)
def test_one_of_three_is_a_third_and_one_of_four_is_not(
    before: str, after: str, changed: bool
) -> None:
    assert has_changed(set(before), set(after)) is changed
