"""Acronyms that nobody has explained."""

import pytest

from bot.features.glossary.acronyms import find_acronyms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the DSMB and two SUSARs", {"DSMB", "SUSAR"}),
        ("our R&amp;DX unit, the A1C value", {"R&DX", "A1C"}),
        ("PDF, CEO, UTC, Q3, OK, ASAP", set()),
        ("WE ALL SHOUT DSMB NOW", set()),
        ("see `DSMB`, “DSMB”, https://x.org/DSMB, DSMB.docx, @DSMB, #DSMB", set()),
        ("ticket DSMB-12, DSMB_x, x_DSMB, getDSMB, DSMB/x, SUSAR-DSMB-12", set()),
        ("we read JSON-LD here beside an IND-NDA", {"IND"}),
        ("the DSMB/SUSAR view, IMPD-CTA, two IMPDs/CTAs", {"DSMB", "SUSAR", "IMPD", "CTA"}),
        ("the _DSMB_ and our *SUSAR* and ~IMPD~ list", {"DSMB", "SUSAR", "IMPD"}),
        ("the eCRF and two mRNAs, an ePROs' list, iDSMBx", {"eCRF", "mRNA", "ePRO"}),
        ("this is IMPORTANT and NOT a word", set()),
        ("the DSMB's IMPD, the SUSARs’ list", {"DSMB", "IMPD", "SUSAR"}),
        ("nothing here", set()),
    ],
)
def test_acronyms_are_found_where_they_are_the_authors_words(text: str, expected: set[str]) -> None:
    assert find_acronyms(text) == expected


def test_an_acronym_that_the_author_explains_is_not_counted() -> None:
    assert find_acronyms("The DSMB (data safety monitoring board) met; ask the DSMB") == set()
    assert find_acronyms("The DSMB met with the SUSAR team, SUSAR = suspected reaction") == {"DSMB"}
    assert find_acronyms("By “DSMB” I mean the board; ask the DSMB, SUSAR") == {"SUSAR"}
