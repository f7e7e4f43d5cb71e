"""The file that moves an alliance, as people write it and as others would forge it."""

import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.records import Item
from bot.features.catalogue import make_registry
from bot.record.bringing import read_checked
from bot.record.reading import LARGEST, FileProblems, read
from bot.record.writing import to_json, to_yaml

GOOD = """\
entente: 1
alliance:
  name: Acme–Borealis
  zone: Europe/Berlin
  hours: {start: 09:00, end: 17:00}
partners:
  - name: Acme
    countries: [DE, NO]
  - name: Borealis
"""


def _problems(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(FileProblems) as told:
        read_checked(make_registry(), raw, "alliance.yaml")
    return str(told.value)


def test_plain_values_mean_what_they_say() -> None:
    found = read_checked(make_registry(), GOOD.encode(), "alliance.yaml")
    assert found["partners"][0]["countries"] == ["DE", "NO"]
    assert found["alliance"]["hours"] == {"start": "09:00", "end": "17:00"}
    assert isinstance(found["alliance"], Item)
    assert found["alliance"].line_of("zone") == 4


def test_json_is_read_too() -> None:
    as_json = json.dumps(read(GOOD.encode(), "a")).encode()
    assert read_checked(make_registry(), as_json, "a.json")["alliance"]["name"] == "Acme–Borealis"


@pytest.mark.parametrize(
    ("found", "instead", "said"),
    [
        ("zone: Europe/Berlin", "zoen: Europe/Berlin", "line 4: alliance: there is no 'zoen' here"),
        ("  zone: Europe/Berlin\n", "", "line 2: alliance: expected also zone"),
        ("start: 09:00", "start: 25:00", "line 5: alliance.hours.start: expected a time such as"),
        ("countries: [DE, NO]", "countries: DE", "line 8: partners[1].countries: expected a list"),
        ("[DE, NO]", "[DE, Norway]", "line 8: partners[1].countries[2]: expected a country's two"),
        ("entente: 1", "entente: 7", "line 1: entente: expected 1"),
        ("- name: Acme\n", "- name: {}\n", "line 7: partners[1].name: expected text"),
        ("partners:", "partner:", "line 6: there is no 'partner' here"),
        ("- name: Borealis", "- Borealis", "line 9: partners[2]: expected names and values"),
        ("name: Acme–Borealis", "name: ''", "line 3: alliance.name: expected some text"),
    ],
)
def test_every_problem_names_the_file_the_line_and_what_is_expected(
    found: str, instead: str, said: str
) -> None:
    assert found in GOOD
    told = _problems(GOOD.replace(found, instead, 1))
    assert f"alliance.yaml, {said}" in told


def test_several_problems_are_told_at_once_in_their_order() -> None:
    broken = GOOD.replace("09:00", "9").replace("[DE, NO]", "none").replace("entente: 1", "a: 1")
    lines = _problems(broken).splitlines()
    numbers = [int(line.split("line ")[1].split(":")[0]) for line in lines]
    assert len(lines) >= 3
    assert numbers == sorted(numbers)


BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "line 1: expected the value itself"),
        ("a: *b\n", "line 1: expected the value itself"),
        ("base: {x: 1}\n<<: *base\n", "expected the value itself"),
        ("!!python/object/apply:os.system ['true']\n", "line 1: expected a plain value; tags"),
        ("a: !!binary aGVsbG8=\n", "line 1: expected a plain value; tags"),
        ("a: 1\na: 2\n", "line 2: expected each name once; a stands here again"),
        ("a: 1\n---\nb: 2\n", "line 2: expected one document"),
        ("? [a, b]\n: 1\n", "line 1: expected a name before the colon"),
        ("a: [1, 2\nb: 3\n", "expected YAML"),
        ("a:\tb: c: d\n", "expected YAML"),
        ("- a\n- b\n", "expected names and values"),
        ("just words\n", "expected names and values"),
        ("", "expected names and values"),
        ("a: " + "[" * 2000 + "]" * 2000, "expected at most 24 levels"),
        ("a: \x07\n", "expected YAML"),
    ],
)
def test_what_could_do_harm_or_means_nothing_is_refused_at_its_line(text: str, said: str) -> None:
    told = _problems(text)
    assert said.replace("expected ", "") in told.replace("expected ", "")
    assert told.startswith("alliance.yaml, line ")


def test_bytes_that_are_no_text_and_files_that_are_too_long_are_refused() -> None:
    assert "line 2: text in UTF-8" in _problems(b"a: 1\nb: \xff\xfe\n")
    assert "a file of at most" in _problems(b"#" * (LARGEST + 1))


_PLAIN = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | _PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_PLAIN, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_PLAIN, _VALUES, max_size=6))
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read_as_it_was(record: dict[str, object]) -> None:
    assert read(to_yaml(record).encode(), "a") == record
    assert yaml.safe_load(to_yaml(record)) == record
    assert json.loads(to_json(record)) == record


@given(st.text(max_size=300) | st.binary(max_size=300))
@settings(max_examples=400, deadline=None)
def test_nothing_but_an_answer_or_a_problem_comes_of_any_file(content: str | bytes) -> None:
    raw = content.encode("utf-8", "replace") if isinstance(content, str) else content
    try:
        found, told = read(raw, "a"), ""
    except FileProblems as problems:
        found, told = None, str(problems)
    assert isinstance(found, Item) or told.startswith("a, line ")
