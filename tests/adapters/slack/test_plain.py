"""What people wrote in Slack, without its markup."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.markup import escape_plain
from adapters.slack.plain import to_plain


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ok, let's go with *Basel*", "ok, let's go with Basel"),
        ("*_really_* ~not~ `this`", "really not this"),
        ("*<https://a.example/_b_|the folder>*", "the folder (https://a.example/_b_)"),
        ("<https://a.example/x_y_z>", "https://a.example/x_y_z"),
        ("<https://a.example?a=1&amp;b=2>", "https://a.example?a=1&b=2"),
        ("<mailto:ana@acme.example|ana@acme.example>", "ana@acme.example"),
        ("in <#C1|steering> or <#C2>", "in #steering or #C2"),
        ("<!here> and <!subteam^S1|@pharma>", "@here and @pharma"),
        ("<!date^1392734382^{date}|18 February>", "18 February"),
        ("<@U12> and <@U34|tom> agree", "<@U12> and <@U34> agree"),
        ("R&amp;D &lt; &gt; 3 * 4 * 5", "R&D < > 3 * 4 * 5"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("&gt; quoted\nanswered", "quoted\nanswered"),
        ("```\nx = 1\n```", "x = 1"),
    ],
)
def test_markup_is_taken_off(written: str, read: str) -> None:
    assert to_plain(written) == read


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="*_~`>\0")))
def test_words_without_marks_are_read_as_they_were_written(text: str) -> None:
    assert to_plain(escape_plain(text)) == text
