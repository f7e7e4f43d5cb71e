"""Acronyms that nobody has explained, and explanations given along with a word."""

import pytest

from bot.features.glossary.acronyms import find_acronyms, is_explained


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the DSMB and two SUSARs", {"DSMB", "SUSAR"}),
        ("our R&amp;DX unit, the A1C value", {"R&DX", "A1C"}),
        ("PDF, CEO, UTC, Q3, OK, ASAP", set()),
        ("WE ALL SHOUT DSMB NOW", set()),
        ("see `DSMB`, “DSMB”, https://x.org/DSMB, DSMB.docx, @DSMB, #DSMB", set()),
        ("ticket DSMB-12, DSMB_x, xDSMB", set()),
        ("this is IMPORTANT and NOT a word", set()),
        ("the DSMB's view", {"DSMB"}),
        ("nothing here", set()),
    ],
)
def test_acronyms_are_found_where_they_are_the_authors_words(text: str, expected: set[str]) -> None:
    assert find_acronyms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("API (active pharmaceutical ingredient) is due", True),
        ("the active pharmaceutical ingredient (API) is due", True),
        ("API = active pharmaceutical ingredient", True),
        ("API, short for the drug substance", True),
        ("API means the drug substance", True),
        ("the API (v2) is due", False),
        ("is the API due?", False),
        ("the API is due (again, as every week)", False),
    ],
)
def test_a_definition_beside_the_word_is_seen(text: str, *, expected: bool) -> None:
    start = text.index("API")
    assert is_explained(text, start, start + 3) is expected


def test_a_word_written_out_elsewhere_is_explained() -> None:
    text = "Active pharmaceutical ingredient first: the API is due"
    start = text.index("API")
    assert is_explained(text, start, start + 3, ["active pharmaceutical ingredient"])


def test_an_acronym_that_the_author_explains_is_not_counted() -> None:
    assert find_acronyms("The DSMB (data safety monitoring board) met; ask the DSMB") == set()
    assert find_acronyms("The DSMB met with the SUSAR team, SUSAR = suspected reaction") == {"DSMB"}
