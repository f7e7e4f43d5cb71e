"""The menu of a message: what features put there, for whom, and what it does."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.cli.demo import DATABASE
from bot.core.events import ShortcutInvoked
from bot.core.forms import Form, TextInput
from bot.core.views import Text, escape, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Feature, Shortcut
from tests.adapters.local.served import Served, elements_of, words_of


def _note(context: Context, event: ShortcutInvoked) -> Answer:
    return Answer(view=view(Text(text=f"Noted: {escape(event.text)}")))


def _ask(context: Context, event: ShortcutInvoked) -> Answer:
    item = TextInput(name="words", label="In words", value=event.text, max_length=3000)
    return Answer(form=Form(name="menu.form", title="Note", submit="Save", items=(item,)))


FEATURE = Feature(
    name="menu",
    shortcuts=(
        Shortcut(name="menu.note", label="help.help", description="help.help", handle=_note),
        Shortcut(
            name="menu.ask",
            label="help.open_form",
            description="help.open_form",
            handle=_ask,
            reads=True,
        ),
    ),
)


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    with Served(tmp_path, features=(FEATURE,)) as running:
        yield running


def _choose(served: Served, person: str, message: str, shortcut: str, status: int = 200) -> dict:
    answer = served.post("/choose", {"person": person, "message": message, "shortcut": shortcut})
    assert answer.status == status, answer.text
    return answer.json


def _entries(page: str, shortcut: str) -> list[str]:
    found = (a for _, a in elements_of(page) if a.get("data-shortcut") == shortcut)
    return [str(a["data-message"]) for a in found]


def test_a_message_is_taken_from_its_menu(served: Served) -> None:
    served.say("U-TOM", "C-STEERING", "We go with *Basel*.")
    message = served.last("U-TOM", "C-STEERING")
    _choose(served, "U-ANA", message.id, "menu.note")
    answer = served.last("U-ANA", "C-STEERING")
    assert answer.view.plain_text() == "Noted: We go with *Basel*."
    assert answer.private_to == "U-ANA"


def test_a_menu_may_open_a_form(served: Served) -> None:
    message = served.last("U-ANA", "C-STEERING")
    dialog = _choose(served, "U-ANA", message.id, "menu.ask")["dialog"]
    assert message.text in words_of(dialog) or message.text in dialog


def test_the_menu_is_for_people_of_the_channels_own_company(served: Served) -> None:
    page = served.get(acme_at="C-SHARED", borealis_at="C-SHARED")
    shared = [m.id for m in served.messages("U-ANA", "C-SHARED")]
    assert sorted(_entries(page, "menu.note")) == sorted(shared)
    said = _choose(served, "U-JONAS", shared[0], "menu.note", status=400)
    assert "Mention @Entente" in said["error"]


def test_what_is_not_there_or_not_ones_own_is_refused(served: Served) -> None:
    own = served.last("U-ANA", "C-STEERING").id
    _choose(served, "U-ANA", own, "menu.none", status=404)
    _choose(served, "U-ANA", "M99999", "menu.note", status=404)
    _choose(served, "U-PRIYA", own, "menu.note", status=404)
    _choose(served, "U-MEI", own, "menu.note", status=403)
    served.say("U-TOM", "C-STEERING", "/alliance status")
    private = served.last("U-TOM", "C-STEERING").id
    _choose(served, "U-ANA", private, "menu.note", status=404)
