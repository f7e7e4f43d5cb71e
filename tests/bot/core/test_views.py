"""Views and their plain text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.views import (
    Actions,
    Button,
    Fields,
    Heading,
    Note,
    Quote,
    Table,
    Text,
    View,
    escape,
    person,
    plain,
    view,
)


def test_every_block_has_its_words() -> None:
    shown = view(
        Heading(text="Head"),
        Text(text=f"**Bold** for {person('slack', 'U1', 'Ana')} `code`"),
        Quote(text="one\ntwo"),
        Fields(items=(("Label", "Value"),)),
        Table(columns=("A", "B"), rows=(("1", "2"),)),
        Actions(items=(Button(label="Press", action="a.b"),)),
        Note(text="_why_"),
        None,
    )
    assert shown.plain_text() == (
        "Head\nBold for Ana code\n> one\n> two\nLabel: Value\nA · B\n1 · 2\n[Press]\nwhy"
    )


def test_a_view_survives_the_database() -> None:
    shown = view(Text(text="x"), Actions(items=(Button(label="L", action="a", value="v"),)))
    assert View.model_validate(shown.model_dump(mode="json")) == shown


@given(st.text(max_size=200))
def test_escaped_text_shows_exactly_what_was_typed(text: str) -> None:
    assert plain(escape(text)) == " ".join(text.split())
