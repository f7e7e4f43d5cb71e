"""Two real glossaries, from their import to a word on which the partners agree: in Slack, and on
the playground."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.forms import ChoiceInput
from tests.adapters.local.conftest import served as _served
from tests.adapters.local.served import Served, form_in
from tests.scenarios.conftest import World
from tests.scenarios.test_agreeing import agree
from tests.scenarios.test_checks import CONTESTED, allow, told
from tests.scenarios.test_glossary import bring
from tests.scenarios.test_two_partners import Two

served = _served
WORD = "ACO"
MOST = 150
"""Rows of each: as many as a small glossary has."""


@pytest.fixture
def glossaries(data_folder: Path) -> tuple[str, str]:
    """What the US Department of Veterans Affairs and the UK Ministry of Justice mean, as far as it
    begins with an A."""
    content = (data_folder / "glossary" / "glossary_dev.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in content.splitlines()]
    return _make_sheet(rows, "US VA"), _make_sheet(rows, "UK MoJ")


def _make_sheet(rows: list[dict[str, str]], org: str) -> str:
    lines = [f"{row['term']}\t{row['meaning']}" for row in rows if _is_wanted(row, org)]
    return "\n".join(["term\tmeaning", *lines[:MOST]])


def _is_wanted(row: dict[str, str], org: str) -> bool:
    return row["org"] == org and row["term"].startswith("A")


@pytest.fixture
def two(world: World) -> Two:
    world.start()
    both = Two(world)
    both.open()
    world.tom.joins(both.shared)
    allow(both, world.ana, "private")
    allow(both, both.jonas, "private")
    return both


def test_from_two_glossaries_to_a_shared_meaning(two: Two, glossaries: tuple[str, str]) -> None:
    world, slack = two.world, two.world.slack
    for who, text in zip((world.ana, two.jonas), glossaries, strict=True):
        bring(two, who, "glossary.tsv", text)
    listed = world.say(world.tom, "terms contested")
    assert "Terms by which the partners mean different things" in listed
    assert WORD in listed
    said = told(two, world.tom, f"the {WORD} is due on Friday")
    assert CONTESTED.replace("API", WORD) in said
    hint = slack.ephemerals(user=world.tom)[-1]
    world.press(world.tom, hint, "Preview a clarification")
    form = slack.views(world.tom)[-1]
    assert f"“{WORD}” here means:" in slack.text_of(form)
    world.tom.submits(form)
    world.bot.settle()
    assert any("Entente for" in text and WORD in text for text in two.posts())
    agree(two, WORD, "Say which of the two you mean.")
    world.bot.advance(timedelta(days=15))
    assert told(two, world.tom, f"the {WORD} is late") == ""
    assert told(two, two.jonas, f"whose {WORD}?") == ""


def share(served: Served, person: str, text: str) -> None:
    body = {
        "person": person,
        "at": "dm",
        "name": "glossary.tsv",
        "content": base64.b64encode(text.encode()).decode(),
        "text": "term import",
    }
    assert served.post("/share", body).status == 200
    served.settle()
    offer = served.last(person, f"D-{person}")
    form = form_in(served.press(person, offer.id, "Columns and audience")["dialog"])
    served.submit(person, form, **{**_chosen(served, person, form), "audience": "alliance"})
    served.press(person, offer.id, "Import")
    served.settle()


def _chosen(served: Served, person: str, form: str) -> dict[str, str]:
    """What is chosen in a form as it opens."""
    found = served.world.get_surface(form, person=person)
    assert found is not None
    assert found.form is not None
    inputs = [item for item in found.form.inputs() if isinstance(item, ChoiceInput)]
    return {item.name: item.selected[0] for item in inputs if item.selected}


def test_the_same_on_the_playground(served: Served, glossaries: tuple[str, str]) -> None:
    for person, text in zip(("U-ANA", "U-JONAS"), glossaries, strict=True):
        share(served, person, text)
    served.say("U-TOM", "C-SHARED", "@Entente terms contested")
    assert WORD in served.text("U-TOM", "C-SHARED")
    served.say("U-TOM", "C-SHARED", f"the {WORD} is due on Friday")
    hint = served.last("U-TOM", "C-SHARED")
    assert f"“{WORD}” means different things here." in served.text("U-TOM", "C-SHARED")
    form = form_in(served.press("U-TOM", hint.id, "Preview a clarification")["dialog"])
    served.submit("U-TOM", form, **_chosen(served, "U-TOM", form))
    served.settle()
    said = [m for m in served.messages("U-TOM", "C-SHARED") if m.author == "U-TOM"][-1]
    assert WORD in served.text("U-PRIYA", "C-SHARED", thread=said.id)
    served.say("U-ANA", "dm", f"define {WORD}")
    shown = served.last("U-ANA", "D-U-ANA")
    form = form_in(served.press("U-ANA", shown.id, "Propose a meaning for all")["dialog"])
    served.submit("U-ANA", form, meaning="Say which of the two you mean.")
    served.settle()
    asked = next(
        m
        for m in reversed(served.messages("U-JONAS", "D-U-JONAS"))
        if m.view and f"the meaning of “{WORD}”" in m.view.plain_text()
    )
    served.press("U-JONAS", asked.id, "Confirm for Borealis")
    served.say("U-TOM", "C-SHARED", f"@Entente define {WORD}")
    assert "Agreed by the partners" in served.text("U-TOM", "C-SHARED")
    before = len(served.messages("U-JONAS", "C-SHARED"))
    served.say("U-JONAS", "C-SHARED", f"whose {WORD}?")
    assert len(served.messages("U-JONAS", "C-SHARED")) == before + 1
