"""Markdown becomes mrkdwn, and nothing that people wrote becomes more than words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.markup import (
    JOINER,
    SHORTENED,
    clean,
    cut,
    escape_plain,
    exact,
    labelled,
    shorten,
    split,
    to_mrkdwn,
)
from bot.core.views import channel, escape, person

HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "&amp;",
        "```",
        "`",
        "*",
        "_",
        "~",
        ">",
        "<",
        "@here",
        "<@U1>",
        "[x](http://e.x)",
        "\u202e",
        "\u200d",
        "́",
        "👩\u200d👧",
        "🇩🇪",
        "\x00",
        "\x1b",
        "\r\n",
        "\n",
        " ",
        "|",
        "word",
    ]
)
WORDS = st.lists(HOSTILE | st.text(max_size=4), max_size=12).map("".join)
TOKEN = re.compile(r"<[^>]*>")


def unescape(text: str) -> str:
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return text


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and _thin_", "*bold* and _thin_"),
        ("**two\nlines**", "*two*\n*lines*"),
        ("**a __b__ c**", "*a b c*"),
        ("`a < b`", "`a &lt; b`"),
        ("`` a`b ``", "a`b"),
        ("- one\n- two\n  1. x\n  2. y", "• one\n• two\n    1. x\n    2. y"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("> a\n> b\n>\n> > c", "> a\n> b\n> \n> c"),
        ("# Head **line**", "*Head line*"),
        ("one\n\ntwo\nthree", "one\n\ntwo\nthree"),
        ("```py\nx < *y*\n```", "```\nx &lt; *y*\n```"),
        ("[site](https://e.org/?a=1&b=2)", "<https://e.org/?a=1&amp;b=2|site>"),
        ("<mailto:a@e.org>", "<mailto:a@e.org|mailto:a@e.org>"),
        ("[file](ftp://e.org/x)", "file"),
        (
            "[thread](https://teams.microsoft.com/l/message/19:a/1)",
            "<https://teams.microsoft.com/l/message/19:a/1|thread> (in partner workspace)",
        ),
        ("[#all](channel:teams/19:a)", "#all (in partner workspace)"),
        ("[Ada](person:slack/U012AB)", "<@U012AB>"),
        ("[#all](channel:slack/C9)", "<#C9>"),
        ("[Ada](person:teams/29:1abc)", "Ada"),
        ("[Ada](person:slack/u1)", "Ada"),
        ("[Ada](person:slack/U1%3E)", "Ada"),
        ("", ""),
    ],
)
def test_markdown_becomes_mrkdwn(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


def test_typed_mentions_of_the_core_become_slacks() -> None:
    assert to_mrkdwn(person("slack", "U1", "<!here> *A*")) == "<@U1>"
    assert to_mrkdwn(channel("slack", "C1", "general")) == "<#C1>"


@pytest.mark.parametrize(
    "words", ["2 * 3 * 4", "snake_case_name", "~5 days", "a * b", "one ` tick", "5*", "_x"]
)
def test_marks_that_cannot_pair_up_stay_bare(words: str) -> None:
    assert to_mrkdwn(escape(words)) == exact(words) == words


@pytest.mark.parametrize(
    "words", ["*bold*", "_thin_", "~gone~", "`code`", "```block```", "> quote"]
)
def test_marks_that_might_pair_up_are_guarded_and_look_the_same(words: str) -> None:
    shown = to_mrkdwn(escape(words))
    assert JOINER in shown
    assert unescape(shown.replace(JOINER, "")) == words
    assert not re.search(r"(?<!\u2060)[*_~`]|[*_~`](?!\u2060)", shown)


def test_a_label_cannot_leave_its_line() -> None:
    assert labelled("a\nb", "c") == "*a b*\nc"
    assert labelled(" ", "c") == "c"


@given(WORDS)
@settings(deadline=None)
def test_escaped_words_show_just_these_characters(words: str) -> None:
    one_line = " ".join(clean(" ".join(words.split())).split())
    shown = unescape(to_mrkdwn(escape(one_line)).replace(JOINER, ""))
    assert shown == one_line.replace(JOINER, "")
    assert unescape(exact(words).replace(JOINER, "")) == clean(words).replace(JOINER, "")


@given(WORDS)
@settings(deadline=None)
def test_words_never_become_mentions_or_links(words: str) -> None:
    assert not TOKEN.search(to_mrkdwn(escape(words)))
    for shown in (exact(words), escape_plain(words), labelled(words, words)):
        assert "<" not in shown
        assert ">" not in shown


@given(WORDS)
@settings(deadline=None)
def test_any_markdown_renders_without_broadcasts(markdown: str) -> None:
    for token in TOKEN.findall(to_mrkdwn(markdown)):
        assert re.match(r"<(@[A-Z0-9]+>|#[A-Z0-9]+>|https?://|mailto:)", token)


@given(WORDS, WORDS)
@settings(deadline=None)
def test_a_name_cannot_leave_its_link(name: str, user: str) -> None:
    shown = to_mrkdwn(f"{person('slack', 'U1', name)} {person('teams', 'x', user)}")
    assert "<!" not in shown
    assert re.findall(r"<[^>]*>", shown) == ["<@U1>"]


@pytest.mark.parametrize(
    "hostile",
    ["*" * 20_000, "[" * 20_000, "> " * 5_000, "**a " * 5_000, "`" * 20_000, "_*" * 10_000],
)
def test_deep_or_long_markup_is_no_trouble(hostile: str) -> None:
    to_mrkdwn(hostile)
    to_mrkdwn(escape(hostile))


def test_shortening_cuts_between_words_and_says_so() -> None:
    short = shorten("word " * 100, 100)
    assert short.endswith("word" + SHORTENED)
    assert len(short) <= 100
    assert shorten("word " * 100, 20).endswith("word…")
    assert shorten("short", 5) == "short"


@given(st.integers(60, 90))
def test_shortening_breaks_no_entity_no_mention_and_no_composed_character(limit: int) -> None:
    for piece in ("&amp;", "<@U123456>", "e\u0301\u0302", "👩‍👩‍👧", "👍🏽"):
        kept = shorten(piece * 60, limit).removesuffix(SHORTENED)
        assert kept == piece * (len(kept) // len(piece))


@given(st.lists(HOSTILE, max_size=80).map("".join), st.integers(1, 120))
def test_nothing_shortened_or_cut_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit
    assert len(cut(text, limit)) <= limit
    assert text.startswith(cut(text, limit))


def test_a_character_with_endless_accents_is_cut_all_the_same() -> None:
    assert 0 < len(cut("a" + "\u0301" * 20_000, 3000)) <= 3000


@given(WORDS)
@settings(deadline=None)
def test_split_pieces_fit_and_hold_all_words(markdown: str) -> None:
    text = to_mrkdwn(f"{escape(markdown)}\n\n" * 30)
    pieces = split(text, 200)
    assert all(0 < len(piece) <= 200 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_a_parted_fence_is_closed_and_opened_again() -> None:
    pieces = split(to_mrkdwn("```\n" + "line of code\n" * 500 + "```"), 3000)
    assert len(pieces) > 1
    assert all(p.startswith("```\n") and p.endswith("\n```") for p in pieces)
