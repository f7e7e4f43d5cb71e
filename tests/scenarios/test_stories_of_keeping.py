"""More stories of an alliance, told alike on each platform and across them: what one side keeps and
shows, what is to be approved, what comes once a week, a charter taken over, and an end."""

from datetime import timedelta

from tests.scenarios.casts import Cast, capture
from tests.scenarios.conftest import STAR
from tests.scenarios.persons import CAPTURE
from tests.scenarios.test_stories import cast

__all__ = ["cast"]


def test_what_was_one_sides_own_is_shown_to_all_after_a_preview(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    ana.says(f'north star set "{STAR}"')
    ana.hears("in force at Acme only")
    assert STAR not in jonas.asks("north star")
    ana.presses("Share with everybody", on=ana.asks("north star share").splitlines()[0])
    ana.hears("Every partner can see")
    assert STAR in jonas.asks("north star")
    assert "Only your side sees" in ana.asks("undo")
    assert STAR not in jonas.asks("north star")


def test_an_approval_is_asked_for_and_read_on_its_own_side_alone(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    message = ana.chats("We use the Basel site for phase 2.")
    ana.uses_shortcut(CAPTURE, message)
    ana.hears("Basel")
    ana.fills(
        why="It can start in May.",
        weight="noted",
        audience="partner",
        approvals="Budget approval; Ana; 2027-03-05",
    )
    ana.close_form()
    cast.bot.advance(timedelta(days=5))
    ana.presses("Done", on="Budget approval")
    assert "approval, done: Budget approval" in ana.asks("decisions show D-1")
    assert not any("Budget" in text for text in [*jonas.texts(), *jonas.posts()])


def test_the_digest_comes_once_a_week_to_who_wants_it(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    assert "once a week" in jonas.asks("digest on")
    capture(ana, jonas if cast.shared else None)
    cast.bot.advance(timedelta(days=8))
    digests = [text for text in jonas.texts() if "What is new, and what waits" in text]
    assert len(digests) == 1
    assert "D-1" in digests[0]
    assert not any("What is new, and what waits" in text for text in ana.texts())


def test_a_charter_is_pasted_looked_at_and_put_in_force(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    ana.opens("charter import", "Import a charter")
    ana.hears("headings included")
    ana.fills(text="SCOPE\nPhase 2 only.", text_2="DELIVERABLES\nA report.")
    ana.close_form()
    ana.presses("Put 2 clauses in force", on="would get these clauses")
    ana.hears("In force at Acme only, 2 clauses")
    assert "Phase 2 only." in ana.asks("charter scope")
    assert "Phase 2 only." not in jonas.asks("charter scope")


def test_a_partner_leaves_and_reads_on_what_it_could_read(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    shown = jonas.asks("leave")
    assert "Nothing has happened yet" in shown
    assert "All partners have joined" in ana.asks("status")
    jonas.presses("Leave Acme–Borealis", on="would leave")
    jonas.hears("has left")
    ana.hears("Jonas has ended Borealis Bio's part")
    assert "Acme is the only partner now" in ana.asks("status")
    ana.says('north star set "A wholly new and secret aim."')
    assert "secret aim" not in jonas.asks("north star")


def test_two_glossaries_are_pasted_and_end_in_one_meaning(cast: Cast) -> None:
    ana, jonas = cast.ana, cast.jonas
    for who, meaning in ((ana, "Drug substance"), (jonas, "Software interface")):
        who.says(f"term import\nAPI;{meaning}\nDBL;Database lock")
        who.presses("Columns and audience", on="I read 2 rows")
        who.fills(audience="alliance")
        who.presses("Import", on="I read 2 rows")
        who.hears("Imported")
    assert "API" in ana.asks("terms contested")
    ana.says("define API")
    ana.presses("Propose a meaning for all", on="Software interface")
    ana.fills(meaning="Say which of the two you mean.")
    ana.close_form()
    jonas.presses("Confirm for Borealis Bio", on="the meaning of “API”")
    assert "API" not in ana.asks("terms contested")
    assert "Say which of the two you mean." in jonas.asks("define API")
