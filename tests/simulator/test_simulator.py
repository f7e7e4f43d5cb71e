"""Entente before Microsoft's simulator: what another's idea of Teams makes of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.clock import system_clock
from bot.db.engine import Database
from bot.testing.world import make_alliance
from tests.fakes.teams.cards import enter, find_input, initial_values, words_of
from tests.process import Process, answers, free_port, wait_until
from tests.scenarios.persons import CAPTURE
from tests.simulator.simulator import (
    HERE,
    PERSONAL,
    STEERING,
    TENANT,
    Json,
    Simulator,
    directory_id,
    text_of,
)

pytestmark = pytest.mark.process

STAR = "As one team, give children with Marlow syndrome an ordinary school day."
BASEL = "Use the Basel site for phase 2"


@pytest.fixture
def simulator(program: Path, sqlite_url: str, tmp_path: Path) -> Iterator[Simulator]:
    """Mei before her Teams; she manages an alliance."""
    database = Database(sqlite_url)
    with database.write() as session:
        make_alliance(
            session,
            platform="teams",
            workspace=TENANT,
            user=directory_id(0),
            now=system_clock(),
        )
    database.close()
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE.parent.parent),
        "DATABASE_URL": sqlite_url,
        "ENTENTE_TEAMS_ALLOW_ANONYMOUS": "1",
        "PORT": str(port),
    }
    with Process(tmp_path, environment, "run") as entente:
        entente.wait_until_started()
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), "/readyz to answer 200")
        with Simulator(program, tmp_path, f"http://127.0.0.1:{port}/api/messages") as made:
            yield made
        entente.terminate()
        assert entente.wait() == 0
        assert "Traceback" not in entente.said


def test_a_day_in_the_simulator(simulator: Simulator) -> None:
    # It is added, and welcomes who added it.
    simulator.happens("installationUpdate", action="add")
    simulator.reads("alliance")

    # Help, in one's own chat and in a channel.
    simulator.writes("help")
    simulator.reads("what I can do", PERSONAL)
    simulator.writes("link", STEERING)
    simulator.reads("now belongs to", STEERING)
    simulator.writes("help", STEERING)
    simulator.reads("what I can do", STEERING)

    # A button of a card.
    simulator.writes(f'north star set "{STAR}"')
    simulator.reads(STAR)
    simulator.writes("remind add north star every monday 09:00", STEERING)
    offered = simulator.reads(STAR, STEERING)
    refreshed = simulator.presses(offered, "Set up a reminder")
    assert "The first one comes on" in words_of(refreshed["value"])

    # A decision, captured from the menu of a message.
    opened = simulator.invoke("composeExtension/fetchTask", capture(), STEERING)
    form = opened["task"]["value"]["card"]["content"]
    assert BASEL in words_of(form)
    answered = simulator.invoke(
        "composeExtension/submitAction", fill(form, weight="noted", audience="alliance"), STEERING
    )
    assert "Noted as D-1" in words_of(answered["task"]["value"]["card"]["content"])

    # Somebody joins the channel, and is known by name.
    simulator.happens(
        "conversationUpdate",
        STEERING,
        membersAdded=[{"id": "user-id-1", "aadObjectId": directory_id(1)}],
        channelData={"eventType": "channelMemberAdded"},
    )
    simulator.wait(lambda: "Leo Ott" in ask(simulator, "members"), "Leo among the members")


def capture() -> Json:
    """“Capture decision” in the menu of a message of Leo's."""
    return {
        "commandId": CAPTURE,
        "commandContext": "message",
        "messagePayload": {
            "id": "1795330376266",
            "body": {"contentType": "html", "content": f"<div>{BASEL}</div>"},
            "from": {"user": {"id": directory_id(1), "displayName": "Leo Ott"}},
        },
    }


def fill(form: Json, **values: str) -> Json:
    """The form, filled in and sent off."""
    given = initial_values(form)
    for name, value in values.items():
        element = find_input(form, name)
        given[element["id"]] = enter(element, value)
    data = {**form["actions"][0]["data"], **given}
    return {"commandId": CAPTURE, "commandContext": "message", "data": data}


def ask(simulator: Simulator, text: str) -> str:
    """What Entente answers to a question."""
    before = len(simulator.shown)
    simulator.writes(text)
    (answer, *_) = simulator.wait(lambda: simulator.shown[before:], f"the answer to {text!r}")
    return text_of(answer)
