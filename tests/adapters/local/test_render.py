"""Every kind of block and input as HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.local.markdown import render_markdown, render_words
from adapters.local.records import Person, Surface
from adapters.local.render import render_dialog
from bot.core import forms, views
from bot.core.views import escape
from tests.adapters.local.served import elements_of, words_of

ANA = Person(id="U-ANA", workspace="T-ACME", name="Ana", role="Manager", zone="UTC")


def _show(*blocks: views.Block) -> str:
    surface = Surface(id="s1", person="U-ANA", view=views.view(*blocks))
    return render_dialog(surface, [ANA])


def _ask(*items: forms.Input) -> str:
    form = forms.Form(name="a.b", title="Title", submit="Save", items=items)
    return render_dialog(Surface(id="s1", person="U-ANA", form=form), [ANA])


def test_blocks_become_elements_that_mean_the_same() -> None:
    html = _show(
        views.Heading(text="Heading"),
        views.Text(text="A *b* **c** `d`\n\n- one\n- two"),
        views.Note(text="small"),
        views.Quote(text="*exactly* <this>"),
        views.Divider(),
        views.Fields(items=(("Label", "Value"),)),
        views.Table(columns=("A", "B"), rows=(("1", "2"),)),
    )
    tags = [tag for tag, _ in elements_of(html)]
    for tag in ("h4", "em", "strong", "code", "ul", "blockquote", "hr", "dl", "dt", "dd", "table"):
        assert tag in tags
    assert "*exactly* <this>" in words_of(html)
    scopes = [a.get("scope") for tag, a in elements_of(html) if tag == "th"]
    assert scopes == ["col", "col", "row"]


def test_buttons_menus_and_links() -> None:
    options = (views.Option(value="<1>", label="<One>"),)
    confirm = views.Confirm(title="T", text='"X"', yes="Y", no="N")
    html = _show(
        views.Actions(
            items=(
                views.Button(label="Go", action="a.b", style="danger", confirm=confirm),
                views.Menu(label="Pick", action="a.c", options=options),
                views.Button(label="Web", url="https://example.com/?a=1&b=2"),
                views.Button(label="Bad", url="javascript:alert(1)"),
            )
        )
    )
    buttons = [a for tag, a in elements_of(html) if tag == "button" and "data-press" in a]
    assert [b["data-item"] for b in buttons] == ["0.0", "0.1"]
    assert buttons[0]["data-confirm-text"] == '"X"'
    links = [a for tag, a in elements_of(html) if tag == "a"]
    assert [(a["href"], a["rel"]) for a in links] == [
        ("https://example.com/?a=1&b=2", "noopener noreferrer")
    ]


def test_inputs_by_kind() -> None:
    options = tuple(views.Option(value=str(n), label=f"Option {n}") for n in range(8))
    html = _ask(
        forms.TextInput(name="line", label="Line", value='"><b>', hint="hint", live=True),
        forms.TextInput(name="text", label="Text", value="</textarea><b>", multiline=True),
        forms.ChoiceInput(name="few", label="Few", options=options[:2], selected=("1",)),
        forms.ChoiceInput(name="many", label="Many", options=options, selected=("3",)),
        forms.ChoiceInput(name="several", label="Several", options=options, multiple=True),
        forms.DateInput(name="day", label="Day", value="2027-03-01", required=False),
        forms.TimeInput(name="time", label="Time", value="09:00"),
        forms.PeopleInput(name="people", label="People", selected=("U-ANA",)),
    )
    kinds = [a.get("type") for tag, a in elements_of(html) if tag == "input"]
    assert kinds == ["text", "radio", "radio", *["checkbox"] * 8, "date", "time", "checkbox"]
    assert [tag for tag, _ in elements_of(html)].count("select") == 1
    assert "b" not in [tag for tag, _ in elements_of(html)]
    assert "optional" in words_of(html)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("[Ana](person:local/U-ANA)", '<span class="mention">@Ana</span>'),
        (r"[\#steering](channel:local/C-STEERING)", '<span class="mention">#steering</span>'),
        ("[a](https://a.example/)", 'href="https://a.example/"'),
        ("[a](javascript:alert)", "[a](javascript:alert)"),
        ("[a](data:text/html,x)", "[a](data:text/html,x)"),
        ("[a](//a.example)", "[a](//a.example)"),
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("# x", "# x"),
    ],
)
def test_markdown_makes_mentions_and_web_links_alone(markdown: str, html: str) -> None:
    assert html in str(render_markdown(markdown))


@given(st.text(max_size=200))
def test_escaped_words_come_out_as_they_are(text: str) -> None:
    clean = " ".join("".join(c for c in text if c.isprintable()).split())
    html = str(render_markdown(escape(clean)))
    assert {tag for tag, _ in elements_of(html)} <= {"p"}
    assert words_of(html).strip() == " ".join(clean.split())


@given(st.text(alphabet="<>&\"'[]()!*_`#:/\\ abjavscript@\n", max_size=120))
def test_no_text_makes_an_element_that_is_not_ours(text: str) -> None:
    allowed = {
        "p",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "span",
        "br",
        "blockquote",
    }
    for tag, attributes in elements_of(str(render_markdown(text))):
        assert tag in allowed
        assert set(attributes) <= {"href", "class", "target", "rel", "start"}
        assert (attributes.get("href") or "http://").startswith(("http://", "https://"))
    assert elements_of(str(render_words(text, {}))) == []
