"""Decisions between partners who don't take each other's word, and people who come and go."""

import json
from datetime import timedelta

from sqlmodel import select

from bot.features.decisions.models import Decision
from tests.scenarios.casts import Cast, capture, note, switch_on

BUDGET = "Budget approval; Ana; 2027-03-05"


def test_one_side_replaces_nothing_that_both_confirmed(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    capture(ana, jonas)
    jonas.presses("Confirm for Borealis Bio", on="confirm D-1")
    jonas.opens("decisions replace D-1", "Write down a decision")
    given = {"what": "Use the Zurich site", "weight": "noted", "audience": "alliance"}
    assert "Every partner relies on D-1" in jonas.fills(**given)
    assert "D-2" not in jonas.fills(**(given | {"weight": "asked", "audience": "partner"}))
    assert "D-1 · confirmed" in ana.asks("decisions show D-1")


def test_a_forged_start_reads_nothing_of_the_others_own_channel(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    at_home = ana.at(partners.make_room("steering", ana))
    assert "now belongs to" in at_home.asks("link")
    said = at_home.chats("Project Falcon moves to Basel")
    capture(ana, jonas)
    alliance = partners.bot.read(lambda session: session.exec(select(Decision.alliance_id)).one())
    start = {"alliance": alliance, "channel": at_home.room.id, "message": ana.id_of(said)}
    told = jonas.forges("decisions.draft", json.dumps(start))
    assert "works in a channel of your alliance" in told
    assert "What was decided" not in told
    assert "Falcon" not in told


def test_what_somebody_left_behind_is_a_managers_of_the_same_side(partners: Cast) -> None:
    ana, jonas, tom = partners.ana, partners.jonas, partners.make_colleague("Tom")
    tom.asks("help")
    capture(ana, jonas, approvals="Budget approval; Tom; 2027-03-05", review_on="2027-03-10")
    assert "no side now" in ana.asks("place @Tom in nobody", tom)
    partners.advance(timedelta(days=5))
    (question,) = [text for text in ana.letters() if "Budget" in text]
    assert "because it was Tom's" in question
    assert not any("Budget" in text for text in tom.letters())
    ana.presses("Done", on="Budget")
    assert "approval, done: Budget" in ana.asks("decisions show D-1")


def test_not_approved_is_taken_back(partners: Cast) -> None:
    ana = partners.ana
    capture(ana, partners.jonas, approvals=BUDGET)
    partners.advance(timedelta(days=5))
    ana.presses("Not approved", on="Budget")
    ana.fills(reason="The board said no.")
    ana.close_form()
    assert "is open again" in ana.asks("undo")
    assert "approval, open: Budget" in ana.asks("decisions show D-1")


def test_what_is_decided_while_entente_listens_is_pointed_at_too(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    switch_on("Point at what was decided", ana, jonas)

    def ask() -> list[str]:
        """What Jonas is told, unasked."""
        question = "Should we rather use the Zurich site for phase 2?"
        return jonas.learns(lambda: jonas.chats(question))

    assert ask() == []
    note(ana, '"Use the Zurich site for phase 2"')
    (pointer,) = ask()
    assert "(D-1): Use the Zurich site" in pointer

    # What took its place is what counts.
    partners.advance(timedelta(days=1))
    ana.says("decisions show D-1")
    ana.presses("Propose a change", on="D-1")
    ana.fills(what="Stay in Basel", weight="noted", audience="alliance")
    ana.close_form()
    (pointer,) = ask()
    assert "(D-2): Stay in Basel" in pointer
    assert "replaced 2 March 2027" in ana.asks("decisions show D-1")
