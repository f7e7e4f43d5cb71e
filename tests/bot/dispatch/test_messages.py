"""Texts of the catalogue with their values filled in."""

import re

import pytest

from bot.core.views import Text
from bot.dispatch.messages import get_keys, get_placeholders, say

_SPAN = re.compile(r"`([^`]*)`")
HOSTILE = "D-1 *R&D* [x](y) \\ ` end"


def test_what_is_to_be_typed_is_shown_as_it_is_typed() -> None:
    said = Text(text=say("decisions.post_note", name="D-1")).plain_text()
    assert "decisions show D-1" in said
    assert "\\" not in say("decisions.post_note", name="D-1")


@pytest.mark.parametrize("key", sorted(get_keys()))
def test_no_value_is_escaped_in_a_code_span_or_ends_it(key: str) -> None:
    names = get_placeholders(key) - {"count"}
    filled = say(key, **dict.fromkeys(names, HOSTILE), count=2)
    spans = _SPAN.findall(filled.replace("\\`", ""))
    bare = say(key, **dict.fromkeys(names, "x"), count=2)
    assert len(spans) == len(_SPAN.findall(bare))
    for span in spans:
        assert HOSTILE.replace("`", "'") in span or "D-1" not in span
