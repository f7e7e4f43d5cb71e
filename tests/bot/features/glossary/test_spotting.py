"""Finding terms: whole words, the longest, in what the author wrote, and nowhere else."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.glossary.folding import fold, is_boundary, widen
from bot.features.glossary.spotting import LONGEST_TEXT, Spotter, is_acronym
from tests.bot.features.glossary.oracle import search, spot_slowly, tabulate


def found(forms: list[str], text: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in Spotter(forms).spot(text)]


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("API", "we file the API section", ["API"]),
        ("API", "the api section", []),
        ("API", "two APIs, the API's use, the APIs' use", ["APIs", "API's", "APIs'"]),
        ("API", "RAPID and API_KEY and APIary", []),
        ("API", "_API_, __API__, _the APIs_, _API KEY_", ["API", "API", "APIs", "API"]),
        ("API", "_API_KEY_, KEY_API, a_API_, __", []),
        ("API_KEY", "an API_KEY, _API_KEY_, API_KEY_2", ["API_KEY", "API_KEY"]),
        ("API", "API-first, (API), l'API, “nothing”, API.", ["API"] * 4),
        ("API", "ＡＰＩ in full width", ["ＡＰＩ"]),
        ("R&D", "our R&D, your R&amp;D", ["R&D", "R&amp;D"]),
        ("C++", "C++ and C+++", ["C++", "C++"]),
        (".NET", "the .NET part", [".NET"]),
        ("clinical hold", "A Clinical Hold. Clinical holds!", ["Clinical Hold", "Clinical holds"]),
        ("clinical hold", "clinical\nhold, clinical holding", ["clinical\nhold"]),
        ("study", "two studies, a study's end, studying", ["studies", "study's"]),
        ("branch", "branches and branchs", ["branches", "branchs"]),
        ("site", "sitees", []),
        ("can", "we can't; a can’t", []),
        ("can", "we can, 'can'", ["can", "can"]),
        ("Straße", "STRASSE, strasse, Straße", ["STRASSE", "strasse", "Straße"]),
        ("final", "the ﬁnal one", ["ﬁnal"]),
        ("istanbul", "İSTANBUL Istanbul ıstanbul", ["İSTANBUL", "Istanbul", "ıstanbul"]),
        ("ΟΔΟΣ plan", "οδος plan", ["οδος plan"]),
        ("résumé", "re\u0301sume\u0301 and RÉSUMÉ and resume", ["re\u0301sume\u0301", "RÉSUMÉ"]),
        ("resume", "resume\u0301", []),
        ("Marlow", "Marlow™, Marlow® and Marlow℠", ["Marlow"] * 3),
        ("TM", "Marlow ™m, our TM", ["TM"]),
        ("a", "⑴a ⒈a (1)a", ["a"]),
        ("合同", "签订合同之后", ["合同"]),
        ("データ", "データベース", []),
        ("API", "APIサーバー", ["API"]),
        ("مشروع", "هذا مشروع جديد", ["مشروع"]),
        ("1.5", "1.5 and 11.5 and 1.55 and 1.5.", ["1.5", "1.5"]),
        ("5", "2.5 or 5", ["5"]),
        ("non-breaking thing", "non\u2011breaking\u00a0thing", ["non\u2011breaking\u00a0thing"]),
        (".*", "a .* b", []),
        ("a.*b [c", "a.*b [c", ["a.*b [c"]),
    ],
)
def test_a_form_is_found_where_it_is_a_whole_word(
    form: str, text: str, expected: list[str]
) -> None:
    assert found([form], text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`API`",
        "```\nthe API\n```",
        "```the API never ends",
        "> the API\nand we",
        "&gt; the API",
        ">>> quoted\nand the API",
        "see https://example.com/API/x and www.API.org/API",
        "<https://example.com|the API page>",
        "[the API page](https://example.com)",
        "<mailto:API@example.com|API@example.com>",
        "ask API@example.com or first.API@mail.example.org",
        "ask @API or <@U0API|API>",
        "in API.docx, old_API.v2.xlsx, notes/API/final.pdf, /srv/API/x, ~/API/y",
        "at API.example.com",
        "done :API: :api:",
        'what is “API”, "API", „API“, «API»?',
        r"C:\API\x",
    ],
)
def test_words_that_are_not_the_authors_prose_do_not_count(text: str) -> None:
    assert found(["API", "api"], text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`code` API `code`", ["API"]),
        ("> quoted\nthe API", ["API"]),
        ("a &lt; API and b &gt; c", ["API"]),
        ("a < API and b > c", ["API"]),
        ('the 5" API and the 3" API', ["API", "API"]),
        ("API/SDK", ["API"]),
        ("done.API is next", ["API"]),
        ("one ` API", ["API"]),
        ("in [API] or (API)", ["API", "API"]),
        ("10:30: API", ["API"]),
    ],
)
def test_prose_beside_them_counts(text: str, expected: list[str]) -> None:
    assert found(["API"], text) == expected


def test_the_longest_wins_and_a_rejected_find_hides_no_other() -> None:
    forms = ["steering", "steering committee", "joint steering committee", "committee charter"]
    assert found(forms, "the Joint Steering Committee charter") == ["Joint Steering Committee"]
    assert found(["ab cd", "cd ef gh"], "ab cd ef gh") == ["cd ef gh"]
    # Leftmost-longest would pick “ab cde”, which is no whole word, and lose “ab cd”.
    assert found(["ab cd", "ab cd-e"], "ab cd-ef") == ["ab cd"]


def test_forms_written_alike_are_found_together_and_acronyms_go_first() -> None:
    assert Spotter(["API", "x", "API"]).spot("an API")[0].forms == (0, 2)
    assert Spotter(["IT", "it"]).spot("IT")[0].forms == (0,)
    assert Spotter(["API", "APIs"]).spot("APIs")[0].forms == (0, 1)
    assert Spotter(["IT", "it"]).spot("It")[0].forms == (1,)


def test_empty_and_wordless_forms_are_never_found() -> None:
    assert found(["", "   ", "🚀", "***", "\u0301"], "🚀 *** \u0301   ") == []
    assert found([], "anything") == []


def test_only_so_much_of_a_huge_message_is_looked_at() -> None:
    assert found(["API"], "x " * LONGEST_TEXT + "API") == []
    assert len(found(["a" * 200], ("a" * 200 + " ") * 39)) == 39


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("API", True),
        ("mRNA", True),
        ("A1C", True),
        ("VA OIG", True),
        ("Active Ingredient", False),
        ("Ingredient", False),
        ("STEERING COMMITTEE", False),
        ("b2b", False),
        ("", False),
    ],
)
def test_what_is_matched_by_case(form: str, *, expected: bool) -> None:
    assert is_acronym(form) is expected


PIECES = st.sampled_from(
    [
        "API", "api", "APIs", "Api", "ＡＰＩ", "R&D", "R&amp;D", "JSC", "steering", "committee",
        "Steering Committee", "study", "studies", "ß", "ss", "İ", "ı", "I", "i", "ﬁ", "fi", "ſ",
        "'s", "’s", "s", "es", "'", "e", "-", ".", ",", "1", "1.5", " ", "  ", "\n", "\t", "_",
        "`", "```", ">", "&gt;", "<@U1>", "<https://x.y|API>", "\"", "“", "”", ":", "@", "/",
        "\u0301", "\u200d", "\u00ad", "合同", "か", "カ", "한", "é", "e\u0301", "😀", "مشروع",
        ".docx", "x.com", "&", "(", ")", "y", "ies", "&lt;", "[", "](", "http://",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=14).map("".join),
    st.lists(PIECES, max_size=10).map(" ".join),
    st.text(max_size=40),
)
FORMS = st.lists(
    st.one_of(
        st.lists(PIECES, min_size=1, max_size=3).map("".join),
        st.lists(PIECES, min_size=1, max_size=3).map(" ".join),
        st.text(min_size=1, max_size=5),
    ),
    max_size=8,
)


@settings(max_examples=600, deadline=None)
@given(forms=FORMS, text=TEXTS)
def test_nothing_differs_from_the_naive_oracle(forms: list[str], text: str) -> None:
    hits = [hit._replace(forms=tuple(sorted(hit.forms))) for hit in Spotter(forms).spot(text)]
    assert hits == spot_slowly(forms, text)


def test_nothing_differs_over_real_chat(data_folder: Path) -> None:
    """Forms of real glossaries, and runs of words as these people write them: many overlap, and
    one that is cut off in the middle of a word is rejected where it would hide another."""
    dice = random.Random(3)
    said = [
        message["text"]
        for row in _read(data_folder / "decisions" / "decisions_dev.jsonl")
        for message in row["messages"]
    ]
    forms = [row["term"] for row in _read(data_folder / "glossary" / "glossary_dev.jsonl")]
    forms = dice.sample(forms, 3_000)
    texts = ["\n".join(dice.sample(said, 4)) for _ in range(80)]
    for words in (text.split() for text in dice.choices(texts, k=3_000)):
        place = dice.randrange(len(words))
        run = " ".join(words[place : place + dice.randint(1, 4)])
        run = dice.choice((str, str.lower, str.upper, str.title))(run)
        forms.append(run[: len(run) - dice.choice((0, 0, 0, 1, 2))])
    spotter, tables = Spotter(forms), tabulate(forms)
    found = 0
    for text in texts:
        hits = [hit._replace(forms=tuple(sorted(hit.forms))) for hit in spotter.spot(text)]
        assert hits == search(tables, text)
        found += len(hits)
    assert found > len(texts)


def _read(path: Path) -> list[dict[str, Any]]:
    return list(map(json.loads, path.read_text("utf-8").splitlines()))


@settings(max_examples=300, deadline=None)
@given(forms=FORMS, text=TEXTS)
def test_places_point_into_the_text_as_written(forms: list[str], text: str) -> None:
    last = 0
    for hit in Spotter(forms).spot(text):
        assert last <= hit.start < hit.end <= len(text)
        last = hit.end
        written = fold(text[hit.start : hit.end].replace("&amp;", "&").replace("&lt;", "<"))
        for number in hit.forms:
            form = fold(" ".join(forms[number].split()).replace("&amp;", "&"))
            stem = form[:-1] if form.endswith("y") else form
            assert written.replace("&gt;", ">").startswith(stem.replace("&lt;", "<"))


@given(st.text(max_size=60))
def test_folding_is_by_character_and_idempotent(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))
    assert fold(fold(text)) == fold(text)
    assert widen(widen(text)) == widen(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab cd", [0, 2, 3, 5]),
        ("e\u0301a", [0, 3]),
        ("合同", [0, 1, 2]),
        ("カタ", [0, 2]),
        ("aカ", [0, 1, 2]),
        ("a_b", [0, 3]),
        ("_a__", [0, 1, 2, 4]),
        ("1.5", [0, 3]),
        ("a.b", [0, 1, 2, 3]),
        ("\u0301", [0, 1]),
    ],
)
def test_words_end_where_unicode_says(text: str, expected: list[int]) -> None:
    assert [place for place in range(len(text) + 1) if is_boundary(text, place)] == expected
