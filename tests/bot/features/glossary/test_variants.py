"""Which texts say the same, spelling aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.glossary.variants import is_variant


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2-Factor Authentication", "Two-factor authentication"),
        ("Health Care Centre", "health-care center"),
        ("Employee Assistance Programme", "Employee Assistance Program"),
        ("Research & Development", "research and development"),
        ("Organisation of Labour", "organization of labor"),
        ("Centers of Excellence", "Center of excellence"),
        ("User Acceptance Testing", "User Acceptance Test"),
        ("Commercial off-the-shelf (applications)", "Commercial Off The Shelf"),
        ("Platform as a Service", "Platform as a Service. You run it, they keep the servers alive"),
        ("Ａｃｃｅｓｓ list", "access lists"),
        ("…", "…"),
    ],
)
def test_spelling_makes_no_difference(one: str, other: str) -> None:
    assert is_variant(one, other)
    assert is_variant(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The drug substance", "A software interface"),
        ("Attorney-Adviser", "Administrative Assistant"),
        ("Chief Data Officer", "Chief Digital Officer"),
        ("Clinical hold", "Non-clinical hold"),
        ("Phase 2 study", "Phase 3 study"),
        ("Institutional Review Board", "Investment Review Board"),
        ("Information Assurance", "Information Assurance Analyst"),
        ("approved", "not approved"),
        ("", "something"),
    ],
)
def test_meanings_that_differ_stay_apart(one: str, other: str) -> None:
    assert not is_variant(one, other)
    assert not is_variant(other, one)


@given(st.text(max_size=80), st.text(max_size=80))
def test_it_is_symmetric_and_never_fails(one: str, other: str) -> None:
    assert is_variant(one, one)
    assert is_variant(one, other) == is_variant(other, one)
