"""Whatever a view or form holds, what is rendered keeps Slack's limits and loses no meaning."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from adapters.slack.render import (
    read_values,
    render_errors,
    render_form,
    render_home,
    render_message,
    strip_suffix,
)
from bot.core import forms, views
from tests.fakes.slack.validate import validate_message, validate_view

Json = dict[str, Any]
SHARED = (
    os.environ.get("ENTENTE_SHARED_DATA") or Path(__file__).resolve().parents[4] / "shared/data"
)
SCHEMA = Path(SHARED) / "schemas" / "block-kit.open.schema.json"
PIECES = [
    *(
        "<!channel>",
        "&amp;",
        "```",
        "*",
        "_",
        "`",
        ">",
        "<",
        "<@U1>",
        "[x](http://e.x)",
        "# ",
        "- ",
    ),
    *("word ", "**b**", "é", "e\u0301", "\u202e", "\u200d", "\u200b", "👩\u200d👧", "🇩🇪", "日本"),
    *("\x00", "\x1b[1m", "\r\n", "\n", "\t", "[p](person:slack/U1)", "![i](http://e.x/i)"),
]
SHORT = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=5).map("".join)
TEXTS = SHORT | st.builds(
    lambda piece, count: (piece * count)[:20_000],
    st.sampled_from(PIECES),
    st.sampled_from([80, 500, 3000, 20_000]),
)
NAMES = st.sampled_from(["charter.show", "star.edit", "reminder.stop"])
OPTION = st.builds(
    views.Option, value=st.text("abc", min_size=1, max_size=9), label=SHORT, hint=SHORT
)
OPTIONS = st.lists(OPTION, max_size=3).map(tuple) | st.integers(4, 120).map(
    lambda count: tuple(views.Option(value=str(n), label=f"Choice {n}") for n in range(count))
)
BUTTON = st.builds(
    views.Button,
    label=TEXTS,
    action=NAMES,
    value=SHORT,
    style=st.sampled_from(["plain", "primary", "danger"]),
    opens=st.none() | NAMES,
    url=st.sampled_from([None, "https://e.org/x", "javascript:alert(1)"]),
    confirm=st.none() | st.builds(views.Confirm, title=TEXTS, text=TEXTS, yes=SHORT, no=SHORT),
)
MENU = st.builds(views.Menu, label=TEXTS, action=NAMES, options=OPTIONS)
ROWS = st.lists(st.lists(SHORT, max_size=4).map(tuple), max_size=5).map(tuple) | st.just(
    tuple(("cell " * 12,) * 3 for _ in range(130))
)
BLOCK = st.one_of(
    st.builds(views.Heading, text=TEXTS),
    st.builds(views.Text, text=TEXTS),
    st.builds(views.Note, text=TEXTS),
    st.builds(views.Quote, text=TEXTS),
    st.just(views.Divider()),
    st.builds(views.Fields, items=st.lists(st.tuples(TEXTS, TEXTS), max_size=12).map(tuple)),
    st.builds(views.Table, columns=st.lists(SHORT, max_size=4).map(tuple), rows=ROWS),
    st.builds(views.Actions, items=st.lists(BUTTON | MENU, max_size=30).map(tuple)),
)
VIEW = st.builds(views.View, blocks=st.lists(BLOCK, max_size=6).map(tuple), summary=SHORT | TEXTS)
COMMON: dict[str, Any] = {"label": TEXTS, "hint": TEXTS, "required": st.booleans()}
LIVE: dict[str, Any] = {**COMMON, "live": st.booleans()}
INPUT = st.one_of(
    st.builds(
        forms.TextInput,
        name=st.just(""),
        value=TEXTS,
        placeholder=TEXTS,
        multiline=st.booleans(),
        max_length=st.integers(1, 3000),
        **LIVE,
    ),
    st.builds(
        forms.ChoiceInput,
        name=st.just(""),
        options=OPTIONS,
        selected=st.lists(st.sampled_from(["a", "1", "3", "119"]), max_size=3).map(tuple),
        multiple=st.booleans(),
        **LIVE,
    ),
    st.builds(
        forms.DateInput,
        name=st.just(""),
        value=st.sampled_from(["", "2026-02-28", "2026-02-30", "20260228"]),
        **LIVE,
    ),
    st.builds(
        forms.TimeInput, name=st.just(""), value=st.sampled_from(["", "09:30", "25:00"]), **LIVE
    ),
    st.builds(
        forms.PeopleInput,
        name=st.just(""),
        selected=st.sampled_from([(), ("U1", "W2"), ("<!x>",)]),
        **COMMON,
    ),
)
FORM = st.builds(
    lambda items, title, context: forms.Form(
        name="star.edit",
        title=title[:24],
        submit="Save",
        items=tuple(
            item.model_copy(update={"name": f"input_{n}"})
            if isinstance(item, forms.INPUT_KINDS)
            else item
            for n, item in enumerate(items)
        ),
        context=context,
    ),
    st.lists(INPUT | BLOCK, max_size=8),
    SHORT,
    st.dictionaries(SHORT, SHORT, max_size=3),
)
quickly = settings(
    deadline=None,
    max_examples=25,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def parts(node: Any, path: str = "") -> Iterator[tuple[str, Json]]:
    """Every object within, with the key under which it stands."""
    if isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            yield from parts(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from parts(child, path)


LENGTHS = {"label": 2000, "hint": 2000, "placeholder": 150, "title": 100, "confirm": 30, "deny": 30}
BY_OWNER = {"header": 150, "button": 75, "option": 75}
COUNTS = {"actions": 25, "context": 10, "checkboxes": 10, "radio_buttons": 10, "static_select": 100}
LISTS = ("elements", "options", "fields", "rows", "initial_options", "initial_users")
BROADCAST = re.compile(r"<(?!@[A-Z0-9]+>|#[A-Z0-9]+>|https?://|mailto:)")


def check(blocks: list[Json], most: int) -> None:
    """Slack's limits, written down a second time."""
    assert len(blocks) <= most
    json.dumps(blocks, ensure_ascii=False).encode()
    for path, node in parts(blocks):
        check_texts(path, node)
        for key in LISTS:
            assert key not in node or 0 < len(node[key]) <= COUNTS.get(node.get("type", ""), 100)
        assert len(node.get("fields", ())) <= 10
        assert len(node.get("value", "")) <= (2000 if node.get("type") == "button" else 150)
    for block in blocks:
        ids = [part["action_id"] for _, part in parts(block) if "action_id" in part]
        assert len(ids) == len(set(ids))
    assert sum(block["type"] == "table" for block in blocks) <= (1 if most == 50 else 0)


def check_texts(path: str, node: Json) -> None:
    if node.get("type") in ("plain_text", "mrkdwn", "text", "raw_text"):
        limit = 2000 if path == "fields" else LENGTHS.get(path, 3000)
        assert 0 < len(node["text"]) <= limit
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", node["text"])
    if node.get("type") == "mrkdwn":
        assert node["verbatim"] is True
        assert not BROADCAST.search(node["text"])
        assert not re.search(r"&(?!(amp|lt|gt);)", node["text"])
    owner = "option" if "value" in node and "type" not in node else node.get("type", "")
    if owner in BY_OWNER:
        assert len(node["text"]["text"]) <= BY_OWNER[owner]
    if owner == "option" and "description" in node:
        assert len(node["description"]["text"]) <= 75


def check_schema(name: str, rendered: Json) -> None:
    if SCHEMA.is_file() or os.environ.get("CI") == "true":
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        assert not list(
            Draft7Validator({**schema, "$ref": f"#/definitions/{name}"}).iter_errors(rendered)
        )


@given(VIEW)
@quickly
def test_any_message_keeps_the_limits(view: views.View) -> None:
    message = render_message(view)
    assert 0 < len(message["text"]) <= 3000
    assert "<" not in message["text"]
    check(message["blocks"], 50)
    ids = [part["action_id"] for _, part in parts(message) if "action_id" in part]
    assert len(ids) == len(set(ids))
    assert {strip_suffix(name) for name in ids} <= {"charter.show", "star.edit", "reminder.stop"}
    validate_message(message)


@given(VIEW)
@quickly
def test_any_home_tab_keeps_the_limits_and_says_something(view: views.View) -> None:
    home = render_home(view)
    assert home["blocks"]
    check(home["blocks"], 100)
    validate_view(home, "home")


@given(FORM)
@quickly
def test_any_form_keeps_the_limits(form: forms.Form) -> None:
    modal = render_form(form)
    check(modal["blocks"], 100)
    assert json.loads(modal["private_metadata"]) == form.context
    validate_view(modal, "modal")


@given(FORM)
@quickly
def test_what_a_form_shows_comes_back_as_its_values(form: forms.Form) -> None:
    modal = render_form(form)
    values = read_values(state_of(modal))
    shown = {block["block_id"] for block in modal["blocks"] if block["type"] == "input"}
    assert set(values) == shown
    for item in form.inputs():
        if item.name in shown:
            assert_same(item, values[item.name])


def state_of(modal: Json) -> dict[str, dict[str, Json]]:
    """The state that Slack sends for a form that nobody changed."""
    keys = {
        "initial_value": "value",
        "initial_option": "selected_option",
        "initial_options": "selected_options",
        "initial_date": "selected_date",
        "initial_time": "selected_time",
        "initial_users": "selected_users",
    }
    return {
        block["block_id"]: {
            block["element"]["action_id"]: {
                "type": block["element"]["type"],
                **{keys[k]: v for k, v in block["element"].items() if k in keys},
            }
        }
        for block in modal["blocks"]
        if block["type"] == "input"
    }


def assert_same(item: forms.Input, value: Any) -> None:
    match item:
        case forms.ChoiceInput(multiple=True):
            assert set(value) == set(item.selected) & {option.value for option in item.options}
        case forms.ChoiceInput():
            offered = {option.value for option in item.options} & set(item.selected)
            assert value in offered if offered else value is None
        case forms.DateInput():
            assert value == ("2026-02-28" if item.value == "2026-02-28" else None)
        case forms.TimeInput():
            assert value == ("09:30" if item.value == "09:30" else None)
        case forms.PeopleInput():
            assert value == (item.selected if item.selected == ("U1", "W2") else ())
        case forms.TextInput():
            assert value is None or len(value) <= item.max_length


def test_a_plain_view_in_all_its_parts() -> None:
    view = views.view(
        views.Heading(text="North Star"),
        views.Text(text="**Be** <kind>"),
        views.Quote(text="<!here> *as is*"),
        views.Fields(items=(("Since", "A & B"),)),
        views.Divider(),
        views.Note(text="Set up by [Ada](person:slack/U1)"),
        summary="A & B",
    )
    message = render_message(view)
    header, section, quote, fields, divider, note = message["blocks"]
    assert message["text"] == "A &amp; B"
    assert header["text"] == {"type": "plain_text", "text": "North Star"}
    assert section["text"] == {"type": "mrkdwn", "text": "*Be* &lt;kind&gt;", "verbatim": True}
    assert quote["elements"][0]["elements"] == [{"type": "text", "text": "<!here> *as is*"}]
    assert fields["fields"][0]["text"] == "*Since*\nA &amp; B"
    assert divider == {"type": "divider"}
    assert note["elements"][0]["text"] == "Set up by <@U1>"
    check_schema("BlockKitMessage", message)


def test_a_long_quote_is_parted_and_stays_exact() -> None:
    words = "One line of it \u202e\u0301 👩\u200d👧.\n" * 900
    blocks = render_message(views.view(views.Quote(text=words)))["blocks"]
    assert len(blocks) > 1
    assert "".join(b["elements"][0]["elements"][0]["text"] for b in blocks) == words


def test_an_empty_quote_shows_a_dash() -> None:
    (block,) = render_message(views.view(views.Quote(text=" ")))["blocks"]
    assert block["elements"][0]["elements"][0]["text"] == "—"


def test_a_home_tab_too_heavy_for_slack_is_cut() -> None:
    home = render_home(views.View(blocks=(views.Quote(text="日" * 20_000),) * 10))
    assert len(json.dumps(home)) < 250_000
    assert "more parts" in home["blocks"][-1]["elements"][0]["text"]


def test_a_field_of_nothing_seen_shows_a_dash() -> None:
    (block,) = render_message(views.view(views.Fields(items=(("A", "\x00"), ("", "")))))["blocks"]
    assert [text["text"] for text in block["fields"]] == ["*A*\n—", "—"]


def test_the_buttons_and_the_reason_of_what_is_too_long_stay() -> None:
    words = (views.Text(text=f"part {number}") for number in range(80))
    button = views.Button(label="Next", action="a", value="1")
    row = views.actions(button)
    assert row is not None
    message = render_message(views.View(blocks=(*words, row, views.Note(text="why"))))
    validate_message(message)
    kinds = [block["type"] for block in message["blocks"]]
    assert kinds == ["section"] * 47 + ["context", "actions", "context"]
    assert "33 more parts" in str(message["blocks"][47])


def test_what_does_not_fit_is_counted() -> None:
    blocks = render_message(views.View(blocks=(views.Divider(),) * 60))["blocks"]
    assert len(blocks) == 50
    assert "11 more parts" in blocks[-1]["elements"][0]["text"]


TABLE = views.Table(columns=("Term", "Meaning"), rows=(("SLA", "日本"), ("x", "")))


def test_one_table_is_a_table_and_the_next_is_aligned() -> None:
    first, second = render_message(views.view(TABLE, TABLE))["blocks"]
    assert first["rows"][2][1] == {"type": "raw_text", "text": "—"}
    text = second["elements"][0]["elements"][0]["text"]
    assert text == "Term  Meaning\n-------------\nSLA   日本\nx"
    assert render_home(views.view(TABLE))["blocks"][0]["type"] == "rich_text"


@pytest.mark.parametrize(
    "table",
    [
        views.Table(columns=("n",), rows=tuple((str(n),) for n in range(100))),
        views.Table(columns=tuple(map(str, range(21))), rows=()),
        views.Table(columns=("n",), rows=(("x" * 2999,),) * 4),
    ],
    ids=["rows", "columns", "characters"],
)
def test_a_table_too_large_for_slack_is_aligned(table: views.Table) -> None:
    assert render_message(views.view(table))["blocks"][0]["type"] == "rich_text"


def test_equal_actions_get_suffixes_that_come_off_again() -> None:
    button = views.Button(label="Yes", action="star.confirm", value="1", style="primary")
    message = render_message(views.view(views.actions(*[button] * 30)))
    first, second = message["blocks"]
    assert (len(first["elements"]), len(second["elements"])) == (25, 5)
    ids = [element["action_id"] for block in message["blocks"] for element in block["elements"]]
    assert ids[:3] == ["star.confirm", "star.confirm~2", "star.confirm~3"]
    assert set(map(strip_suffix, ids)) == {"star.confirm"}


def test_a_button_says_what_it_opens_or_where_it_leads() -> None:
    opens = views.Button(label="Edit", action="a.b", opens="star.edit")
    leads = views.Button(label="Read", url="https://e.org")
    unsafe = views.Button(label="Bad", url="javascript:x")
    (block,) = render_message(views.view(views.actions(opens, leads, unsafe)))["blocks"]
    assert [element["action_id"] for element in block["elements"]] == ["star.edit", "link"]
    assert block["elements"][1]["url"] == "https://e.org"


def test_a_long_menu_says_how_many_choices_are_left_out() -> None:
    options = tuple(views.Option(value=str(n), label=str(n)) for n in range(103))
    menu = views.Menu(label="Which?", action="a.b", options=options)
    actions, note = render_message(views.view(views.actions(menu)))["blocks"]
    assert len(actions["elements"][0]["options"]) == 100
    assert note["elements"][0]["text"] == "Which?: 3 more choices do not fit here."


def test_values_are_never_cut() -> None:
    long = views.actions(views.Button(label="x", action="a.b", value="v" * 2001))
    option = views.Option(value="v" * 151, label="x")
    with pytest.raises(ValueError, match="2000"):
        render_message(views.view(long))
    with pytest.raises(ValueError, match="150"):
        render_home(views.view(views.actions(views.Menu(label="", action="a", options=(option,)))))
    with pytest.raises(ValueError, match="3000"):
        render_form(
            forms.Form(name="a.b", title="T", submit="S", items=(), context={"x": "y" * 3000})
        )


def test_two_inputs_of_one_name_are_refused() -> None:
    twice = (forms.DateInput(name="day", label="Day"),) * 2
    with pytest.raises(ValueError, match="two inputs"):
        render_form(forms.Form(name="a.b", title="T", submit="S", items=twice))


@pytest.mark.parametrize(
    ("count", "multiple", "kind"),
    [
        (5, False, "radio_buttons"),
        (6, False, "static_select"),
        (10, True, "checkboxes"),
        (11, True, "multi_static_select"),
    ],
)
def test_choices_take_the_form_that_fits_their_number(
    count: int, multiple: bool, kind: str
) -> None:
    options = tuple(views.Option(value=str(n), label=str(n), hint="why") for n in range(count))
    item = forms.ChoiceInput(
        name="pick", label="Pick", options=options, multiple=multiple, live=True
    )
    modal = render_form(forms.Form(name="a.b", title="T", submit="S", items=(item,)))
    (block,) = modal["blocks"]
    assert block["element"]["type"] == kind
    assert block["element"]["options"][0]["description"]["text"] == "why"
    assert block["dispatch_action"] is True
    assert "initial_option" not in block["element"]
    check_schema("ModalView", modal)


def test_a_live_text_tells_of_each_letter() -> None:
    item = forms.TextInput(name="t", label="T", live=True, required=False)
    (block,) = render_form(forms.Form(name="a.b", title="T", submit="S", items=(item,)))["blocks"]
    moments = block["element"]["dispatch_action_config"]["trigger_actions_on"]
    assert moments == ["on_character_entered"]
    assert (block["dispatch_action"], block["optional"]) == (True, True)


def test_menus_that_act_are_no_values() -> None:
    state = {"x1": {"star.pick": {"type": "static_select", "selected_option": {"value": "1"}}}}
    assert read_values(state) == {}


def test_errors_stand_at_their_input_or_at_the_first() -> None:
    errors = {"day": "**Too** early", "": "Changed `meanwhile`", "gone": "x" * 5000}
    shown = render_errors(["name", "day"], errors)
    assert shown["day"] == "Too early"
    assert shown["name"].startswith("Changed meanwhile\nxxx")
    assert len(shown["name"]) <= 2000
    assert render_errors([], errors) == {}


@given(st.dictionaries(st.sampled_from(["a", "b", ""]), TEXTS))
@quickly
def test_any_error_fits(errors: dict[str, str]) -> None:
    shown = render_errors(["a", "b"], errors)
    assert set(shown) <= {"a", "b"}
    assert all(0 < len(text) <= 2000 for text in shown.values())
