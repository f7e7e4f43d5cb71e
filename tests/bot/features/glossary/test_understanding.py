"""How agreement is counted, and when it is shown."""

from hypothesis import given
from hypothesis import strategies as st

from bot.features.glossary.understanding import (
    FEWEST,
    OTHER,
    agree_across,
    agree_inside,
    read_own_words,
)

ANSWERS = st.lists(st.sampled_from(["a", "b", OTHER]), max_size=12)


def test_pairs_are_counted() -> None:
    assert agree_inside(["a"] * 4) == 100
    assert agree_inside(["a", "a", "b", "b"]) == 33
    assert agree_inside(["a", "b", OTHER, OTHER]) == 0
    assert agree_across(["a"] * 4, ["a", "b", "b", "b"]) == 25
    assert agree_across(["a"] * 4, [OTHER] * 4) == 0


@given(ANSWERS, ANSWERS)
def test_no_figure_where_too_few_answered(one: list[str], other: list[str]) -> None:
    inside, across = agree_inside(one), agree_across(one, other)
    assert (inside is None) == (len(one) < FEWEST)
    assert (across is None) == (min(len(one), len(other)) < FEWEST)
    assert across == agree_across(other, one)
    assert all(figure is None or 0 <= figure <= 100 for figure in (inside, across))


def test_own_words_go_to_the_nearest_meaning_or_to_none() -> None:
    choices = [("acme", "The drug substance."), ("borealis", "A software interface.")]
    assert read_own_words("the substance of the drug", choices) == "acme"
    assert read_own_words("some interface in software", choices) == "borealis"
    assert read_own_words("a kind of bird", choices) == OTHER
    assert read_own_words("anything", []) == OTHER
