"""Explanations given along with a word, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.glossary.explaining import is_explained
from bot.features.glossary.masking import find_regions
from bot.features.glossary.spotting import Spotter
from tests.bot.features.glossary.oracle import spot_slowly

DEFINITIONS = (
    "{} (active pharmaceutical ingredient) is due",
    "the active pharmaceutical ingredient ({}) is due",
    "{} = active pharmaceutical ingredient",
    "{} := active pharmaceutical ingredient",
    "{}, short for the drug substance",
    "{} means the drug substance",
    "{}, which means the drug substance",
    "{}, i.e. the drug substance, is due",
    "{}, that is, the drug substance",
    "{} aka interface",
    "{}: active pharmaceutical ingredient. It is due",
    "{}: the Active Pharmaceutical Ingredient",
    "{} - active pharmaceutical ingredient - is due",
    "{}, the active pharmaceutical ingredient, is due",
    "{} - the drug substance - is due",
    "{} – the drug substance – is due",
    "{}—the drug substance—is due",
    "By {}, we mean the drug substance",
    "By {} I mean the drug substance",
    "by the term {} we always understand the drug substance",
    "With {} we mean the drug substance",
    "{} here is the drug substance",
    "So {} in our context is the drug substance",
    "{} here means drug substance",
    "{} in this thread refers to the drug substance",
)
OTHERS = (
    "the {} (v2) is due",
    "is the {} due?",
    "the {} is due (again, as every week)",
    "{}: done by Friday",
    "{}: please review the section",
    "{}: all people, please review",
    "{} - done - next is the budget",
    "the {} - which is late - is due",
    "the {} - the deadline is Friday - needs work",
    "the {} - it's late - is due",
    "{}-first, {}-second",
    "{} - the review",
    "by {} we are done",
    "by {} do you mean the interface?",
    "By {}, do we mean the interface?",
    "by {} I mean what we said",
    "who knows what {} means?",
    "what {} means here",
    "{} means different things here",
    "our {} here is the worst",
    "the {} here is down",
    "{} here is down",
    "the {}, the IND and the CTA are due",
    "{}, a plan, an idea",
    "with the {} we mean business",
)
QUOTED = st.sampled_from(["{}", "“{}”", '"{}"', "„{}“", "«{}»", "'{}'", "*{}*", "“the {}”"])
BEGINNINGS = st.sampled_from(["", "Hello all. ", "We file on Friday.\n", "(", "&gt; no: "])
ENDS = st.sampled_from(["", ".", " And the section.", "\n> quoted"])


def find_places(text: str) -> list[tuple[int, int]]:
    return [(place, place + 3) for place in range(len(text)) if text.startswith("API", place)]


@pytest.mark.parametrize("text", DEFINITIONS)
def test_a_definition_beside_the_word_is_seen(text: str) -> None:
    said = text.format("API")
    ((start, end),) = find_places(said)
    assert is_explained(said, start, end)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_looks_like_a_definition_is_none(text: str) -> None:
    said = text.replace("{}", "API")
    assert not any(is_explained(said, *place) for place in find_places(said))


def test_a_word_written_out_elsewhere_is_explained() -> None:
    text = "Active pharmaceutical ingredient first: the API is due"
    start = text.index("API")
    assert is_explained(text, start, start + 3, ["active pharmaceutical ingredient"])


@given(
    text=st.sampled_from(DEFINITIONS),
    quoted=QUOTED,
    beginning=st.sampled_from(["", "Hello all. ", "We file on Friday.\n"]),
    end=ENDS,
)
def test_a_definition_is_seen_in_quotes_and_marks_too(
    text: str, quoted: str, beginning: str, end: str
) -> None:
    said = beginning + text.format(quoted.format("API")) + end
    (hit,) = Spotter(["API"]).spot(said)
    assert is_explained(said, hit.start, hit.end)


@given(text=st.sampled_from(OTHERS), quoted=QUOTED, beginning=BEGINNINGS, end=ENDS)
def test_quotes_hide_a_word_that_is_not_explained(
    text: str, quoted: str, beginning: str, end: str
) -> None:
    said = beginning + text.replace("{}", quoted.format("API")) + end
    hits = Spotter(["API"]).spot(said)
    assert not any(is_explained(said, hit.start, hit.end) for hit in hits)
    if quoted[0] in '“"„«':
        assert hits == []


@given(text=st.sampled_from(DEFINITIONS + OTHERS), quoted=QUOTED, beginning=BEGINNINGS, end=ENDS)
def test_the_naive_oracle_finds_the_same(text: str, quoted: str, beginning: str, end: str) -> None:
    said = beginning + text.replace("{}", quoted.format("API")) + end
    assert Spotter(["API"]).spot(said) == spot_slowly(["API"], said)


@given(st.text(alphabet='API “”"().,:–-=imeans', max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for place in find_places(text):
        is_explained(text, *place)
    assert find_regions(text) == sorted(find_regions(text))
