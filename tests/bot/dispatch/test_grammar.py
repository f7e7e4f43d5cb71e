"""The chat grammar."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatch.grammar import TokenKind, match_phrase, suggest, tokenize
from bot.features.catalogue import make_registry

PHRASES = list(make_registry().commands)


def test_the_longest_phrase_wins() -> None:
    assert match_phrase("north star set Hello there", PHRASES) is not None
    phrase, arguments = match_phrase("North  STAR set Hello there", PHRASES) or ("", None)
    assert phrase == "north star set"
    assert arguments is not None
    assert arguments.text == "Hello there"


def test_a_question_mark_and_width_do_not_matter() -> None:
    assert (match_phrase("North Star?", PHRASES) or ("",))[0] == "north star"
    assert (match_phrase("ｓｔａｔｕｓ", PHRASES) or ("",))[0] == "status"


def test_quotes_people_and_channels_are_told_apart() -> None:
    tokens = tokenize('add "a b" every “c d” in <#C1|general> for <@U1> it\'s')
    assert [(token.kind, token.text) for token in tokens] == [
        (TokenKind.WORD, "add"),
        (TokenKind.QUOTED, "a b"),
        (TokenKind.WORD, "every"),
        (TokenKind.QUOTED, "c d"),
        (TokenKind.WORD, "in"),
        (TokenKind.CHANNEL, "C1"),
        (TokenKind.WORD, "for"),
        (TokenKind.PERSON, "U1"),
        (TokenKind.WORD, "it's"),
    ]


def test_a_lone_quotation_mark_is_part_of_its_word() -> None:
    assert [token.text for token in tokenize('5" pipe')] == ['5"', "pipe"]


def test_the_nearest_phrases_are_suggested() -> None:
    assert suggest("nort star", PHRASES)[0] == "north star"
    assert "remind list" in suggest("remind lsit", PHRASES)
    assert suggest("xyzzy", PHRASES) == []


@given(st.text(max_size=300))
def test_no_text_breaks_the_grammar(text: str) -> None:
    found = match_phrase(text, PHRASES)
    assert found is None or found[0] in PHRASES
    assert set(suggest(text, PHRASES)) <= set(PHRASES)


@given(st.sampled_from(PHRASES), st.text(alphabet="abc xyz", max_size=30))
def test_what_follows_a_phrase_is_its_arguments(phrase: str, rest: str) -> None:
    found = match_phrase(f"{phrase} {rest}", PHRASES)
    assert found is not None
    assert found[0] == phrase
    assert found[1].text == rest.strip()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ('"say “hi” now" daily', "say “hi” now"),
        ('“say "hi" now” daily', 'say "hi" now'),
        ("„Guten Tag“ daily", "Guten Tag"),
        ("«Bonjour» daily", "Bonjour"),
        ("»Guten Tag« daily", "Guten Tag"),
        ('“mixed" daily', "mixed"),
    ],
)
def test_a_quotation_ends_with_the_mark_that_belongs_to_its_first(
    typed: str, expected: str
) -> None:
    quoted, rest = tokenize(typed)
    assert (quoted.kind, quoted.text) == (TokenKind.QUOTED, expected)
    assert rest.text == "daily"
