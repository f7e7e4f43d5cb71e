"""Cards: valid, within Teams' limits, and people's words exactly as they wrote them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator

from adapters.teams.forms import render_form, render_view
from adapters.teams.render import render_card, render_message
from adapters.teams.sdk import CARD
from bot.core import views
from bot.core.forms import ChoiceInput, DateInput, Form, PeopleInput, TextInput, TimeInput, note
from bot.core.views import (
    Button,
    Confirm,
    Divider,
    Fields,
    Heading,
    Menu,
    Note,
    Option,
    Quote,
    Table,
    Text,
    actions,
    view,
)
from bot.dispatch.messages import get_keys, get_template
from tests.fakes.teams.cards import check_card, walk, words_of
from tests.fakes.teams.errors import ConnectorError

HOSTILE = "*_~`<at>Ana</at> [x](https://evil.example) **b** <script> & {{DATE(1)}} \\ #1"


def full() -> views.View:
    """Every kind of block."""
    return view(
        Heading(text="Heading"),
        Text(text="**Bold** and *slanted* `code`\n\n- one\n- two [here](https://example.com)"),
        Text(text=f"Ask {views.person('teams', 'aad-1', 'Ana')}."),
        Text(text="Say [`/alliance link`](say:link), or [invite me](how:invite)."),
        Note(text="Small print"),
        Quote(text="One\n\nTwo"),
        Divider(),
        Fields(items=(("Label", "Value\nmore"), ("", "no label"), ("empty", ""))),
        Table(columns=("A", "B"), rows=(("1", "2"), ("3",))),
        actions(
            Button(label="Do", action="a.b", value="1", style="primary"),
            Button(label="Open", opens="a.form", value="2"),
            Button(label="Web", url="https://example.com/x"),
            Button(label="Bad", url="javascript:alert(1)"),
            Button(
                label="Ask",
                action="a.c",
                style="danger",
                confirm=Confirm(title="Sure?", text="It is\nfinal.", yes="Yes", no="No"),
            ),
            Menu(label="Pick", action="a.d", options=(Option(value="x,y", label="XY", hint="h"),)),
        ),
    )


FORM = Form(
    name="a.form",
    title="A form",
    submit="Send",
    context={"alliance": "a"},
    items=(
        note("Please **fill in**."),
        TextInput(name="name", label="Name", hint="As others know it", max_length=80),
        TextInput(
            name="why", label="Why", multiline=True, required=False, live=True, value="because"
        ),
        ChoiceInput(
            name="one",
            label="One",
            options=tuple(Option(value=f"v,{n}", label=f"L{n}") for n in range(7)),
            selected=("v,3",),
        ),
        ChoiceInput(
            name="many",
            label="Many",
            multiple=True,
            options=(Option(value="", label="Empty"), Option(value="b", label="B")),
            selected=("b", "gone"),
        ),
        ChoiceInput(name="nothing", label="Nothing", options=()),
        DateInput(name="on", label="On", value="2027-03-01"),
        TimeInput(name="at", label="At", value="09:00"),
        PeopleInput(name="who", label="Who", selected=("aad-1",)),
    ),
)


@pytest.fixture(scope="module")
def validator(data_folder: Path) -> Validator:
    schema = json.loads((data_folder / "schemas/adaptive-card-1.5.json").read_text("utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def validate(validator: Validator, card: dict[str, Any]) -> None:
    """Microsoft's schema knows neither Teams' own part nor its people picker."""
    plain = json.loads(json.dumps({key: value for key, value in card.items() if key != "msteams"}))
    for element in walk(plain):
        element.pop("choices.data", None)
    validator.validate(plain)


def test_every_block_is_valid_in_a_message_and_in_a_dialog(validator: Validator) -> None:
    card = render_card(full())
    check_card(card)
    validate(validator, card)
    dialog = render_view(full())["task"]["value"]["card"]["content"]
    check_card(dialog, in_dialog=True)
    validate(validator, dialog)


def test_a_form_is_valid_with_and_without_errors(validator: Validator) -> None:
    for errors in ({}, {"name": "Too **long**.", "": "Try again."}):
        card = render_form(FORM, "v", errors=errors)["task"]["value"]["card"]["content"]
        check_card(card, in_dialog=True)
        validate(validator, card)
    said = words_of(card)
    assert said.splitlines()[0] == "Try again."
    assert "Too long." in said


def test_what_was_filled_in_stays_when_something_is_wrong() -> None:
    values = {"name": "Typed", "one": "v,5", "many": ("",), "on": None}
    card = render_form(FORM, "v", values=values, errors={"name": "No."})
    inputs = {
        e["id"]: e.get("value")
        for e in walk(card["task"]["value"]["card"]["content"])
        if e["type"].startswith("Input.")
    }
    assert inputs["t:name"] == "Typed"
    assert inputs["s:one"] == "v%2C5"
    assert inputs["m:many"] == "%"
    assert inputs["t:on"] is None
    assert inputs["t:at"] == "09:00"


def test_a_form_that_changes_while_open_offers_a_preview() -> None:
    card = render_form(FORM, "v")["task"]["value"]["card"]["content"]
    assert [action["title"] for action in card["actions"]] == ["Send", "Show a preview"]
    still = FORM.model_copy(update={"items": FORM.items[:2]})
    card = render_form(still, "v")["task"]["value"]["card"]["content"]
    assert [action["title"] for action in card["actions"]] == ["Send"]


def test_a_button_with_a_question_acts_only_behind_it() -> None:
    card = render_card(full())
    (question,) = [
        e for e in walk(card) if e["type"] == "Container" and e.get("isVisible") is False
    ]
    inside = [e for e in walk(question) if e["type"] == "Action.Execute"]
    assert [(e["verb"], e["title"], e["style"]) for e in inside] == [("a.c", "Yes", "destructive")]
    outside = [e["verb"] for e in walk(card) if e["type"] == "Action.Execute"]
    assert outside.count("a.c") == 1


def test_links_that_are_none_are_no_buttons() -> None:
    assert "javascript" not in json.dumps(render_card(full()))


def test_more_than_six_buttons_stand_behind_three_dots() -> None:
    many = actions(*(Button(label=f"B{n}", action="a.b", value=str(n)) for n in range(9)))
    card = render_card(view(many))
    check_card(card)
    (row,) = [e for e in walk(card) if e["type"] == "ActionSet"]
    assert [a.get("mode") for a in row["actions"]] == [None] * 6 + ["secondary"] * 3


def bytes_of(view: views.View) -> int:
    """Of the message as it goes to one person in a channel."""
    message = render_message(view)
    activity = {
        "type": "message",
        "summary": message["summary"],
        "recipient": {"id": "29:" + "x" * 150},
        "attachments": [{"contentType": CARD, "content": message["card"]}],
    }
    check_card(message["card"])
    return len(json.dumps(activity, ensure_ascii=False).encode())


MOST = 28 * 1024
CONFIRM = actions(Button(label="Confirm", action="c.c"), Button(label="Object", action="c.o"))


def test_a_large_view_is_cut_and_says_so() -> None:
    large = view(*(Quote(text="x" * 3000) for _ in range(30)))
    assert bytes_of(large) <= MOST
    assert "does not fit here" in words_of(render_card(large))


def test_one_part_that_is_too_large_by_itself_is_left_out() -> None:
    rows = tuple(tuple("ü" * 300 for _ in range(6)) for _ in range(60))
    assert bytes_of(view(Table(columns=("A",) * 6, rows=rows))) <= MOST


WORDINGS = {
    "Japanese": "これは長い決定文です。",
    "Japanese lines": "これは長い決定文です。\n",
    "Cyrillic": "Мы собираемся каждый четверг и смотрим.\n\n",
    "short lines": "We meet.\n",
    "emoji": "🧑‍🔬🧪",
    "quotes": '"\\\n',
}


@pytest.mark.parametrize("kind", WORDINGS)
def test_a_whole_wording_fits_with_its_buttons(kind: str) -> None:
    """The longest that a clause can be, in any writing, is shown without a cut."""
    wording = (WORDINGS[kind] * 3000)[:3000]
    asked = view(Text(text="Can you confirm this?"), Quote(text=wording), CONFIRM)
    assert bytes_of(asked) <= MOST
    said = words_of(render_card(asked))
    assert "".join(wording.split()) in "".join(said.split())
    assert "shortened" not in said
    assert "[Confirm] [Object]" in said


def test_what_is_too_long_is_cut_and_keeps_its_buttons() -> None:
    old, new = "これは長い決定文です。" * 700, "Мы собираемся. " * 600
    asked = view(Text(text="Was"), Quote(text=old), Text(text="Now"), Quote(text=new), CONFIRM)
    assert bytes_of(asked) <= MOST
    said = words_of(render_card(asked))
    assert "… (shortened)" in said
    assert "[Confirm] [Object]" in said
    assert "shortened" not in words_of(render_card(asked, in_dialog=True))


def test_buttons_stay_where_other_parts_are_left_out() -> None:
    asked = view(*(Text(text="これは長い" * 100) for _ in range(30)), CONFIRM, Note(text="Why."))
    assert bytes_of(asked) <= MOST
    said = words_of(render_card(asked))
    assert "does not fit here" in said
    assert said.endswith("[Confirm] [Object]\nWhy.")


def test_a_lists_own_buttons_go_with_what_they_belong_to() -> None:
    rows = [
        part
        for number in range(40)
        for part in (Text(text="x" * 900), actions(Button(label=f"B{number}", action="a.b")))
    ]
    said = words_of(render_card(view(*rows)))
    assert "[B39]" not in said
    assert said.splitlines()[-1].startswith("The rest does not fit here")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["quote", "text", "field", "heading"]),
            st.text(st.sampled_from('aé字🧪"\\\n *'), min_size=1, max_size=40),
            st.integers(1, 400),
        ),
        max_size=12,
    )
)
def test_no_message_is_larger_than_teams_takes(parts: list[tuple[str, str, int]]) -> None:
    made = {
        "quote": lambda said: Quote(text=said),
        "text": lambda said: Text(text=views.escape(said)),
        "field": lambda said: Fields(items=(("Label", said),)),
        "heading": lambda said: Heading(text=said),
    }
    large = view(*(made[kind](said * times) for kind, said, times in parts), CONFIRM)
    assert bytes_of(large) <= MOST
    assert "[Confirm] [Object]" in words_of(render_card(large))


def test_an_empty_view_says_something() -> None:
    check_card(render_card(view()))
    check_card(render_card(view(Text(text=""))))


def test_a_link_to_another_platform_says_where_it_leads() -> None:
    for link in (views.channel("slack", "C1", "general"), "[thread](https://acme.slack.com/a/p1)"):
        assert "(in partner workspace)" in words_of(render_card(view(Text(text=f"See {link}."))))
    for link in (views.channel("teams", "19:x", "general"), "[x](https://notslack.com/a)"):
        assert "partner workspace" not in words_of(render_card(view(Text(text=link))))


def test_no_text_of_the_catalogue_names_another_platform() -> None:
    """But for the pages in a browser where Entente is installed on that other platform."""
    for key in sorted(key for key in get_keys() if not key.startswith("install.")):
        for count in (1, 2):
            text = get_template(key, {"count": count})
            said = json.dumps(render_card(view(Text(text=text)))).casefold()
            for foreign in ("slack", "`/", " /alliance", " /invite"):
                assert foreign not in said, key


def test_who_is_on_another_platform_is_named_without_it() -> None:
    said = json.dumps(render_card(view(Text(text=views.person("slack", "U1", "Ana")))))
    assert "slack" not in said.casefold()


def test_a_mention_brings_its_entity_and_hostile_names_no_other() -> None:
    mention = views.person("teams", "aad-1", "Ana <at>*x*</at>")
    card = render_card(view(Text(text=f"Hello {mention}")))
    check_card(card)
    (entity,) = card["msteams"]["entities"]
    assert entity["mentioned"]["id"] == "aad-1"
    assert entity["text"].count("<at>") == 1


TEXTS = st.text(max_size=60) | st.sampled_from(
    [HOSTILE, "a\nb", " ", "\u202e", "\ud800", "x" * 500]
)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_peoples_words_stand_in_rich_text_exactly(words: str) -> None:
    card = render_card(
        view(
            Quote(text=words),
            Fields(items=((words, words),)),
            Table(columns=(words,), rows=((words,),)),
            Text(text=views.escape(words)),
        )
    )
    check_card(card)
    assert not [e for e in walk(card) if e["type"] == "TextBlock" and e["text"] != "—"]
    json.dumps(card).encode()
    shown = " ".join(words_of(card).split())
    plain = " ".join(words.split())
    if words.isprintable() and 0 < len(plain) < 100:
        assert shown.count(plain) >= 4


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_words_beside_a_mention_form_no_markup(words: str, name: str) -> None:
    mention = views.person("teams", "aad-1", name)
    card = render_card(view(Text(text=f"{views.escape(words)} {mention}")))
    check_card(card)
    for element in walk(card):
        if element["type"] == "TextBlock":
            assert "](https://evil" not in element["text"]
            assert element["text"].count("<at>") <= 1


def test_a_menu_stands_below_the_buttons_beside_it() -> None:
    later = Menu(label="Later", action="a.later", options=(Option(value="1", label="Tomorrow"),))
    card = render_card(view(actions(later, Button(label="Open", action="a.open"))))
    shown = words_of(card)
    assert shown.index("[Open]") < shown.index("Later")
    (menu,) = (element for element in walk(card) if element["type"] == "Input.ChoiceSet")
    assert menu["placeholder"] != menu["label"]


def test_the_fake_takes_no_card_that_the_schema_refuses(validator: Validator) -> None:
    card = render_card(view(Text(text="Hello"), CONFIRM))
    check_card(card)
    card["body"][0]["spacing"] = "Enormous"
    with pytest.raises(ConnectorError, match="against the schema"):
        check_card(card)
