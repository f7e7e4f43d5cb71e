"""Two partners and a decision, on the playground: from the thread to what replaces it."""

from typing import Any

from adapters.local.cast import BOT
from adapters.local.records import Message
from tests.adapters.local.served import Served, form_in

SHARED = "C-SHARED"
BASEL = "Use the Basel site for phase 2"
BETTER = "Use the Basel site for phase 2, with Zurich as reserve"
ANA, JONAS = "U-ANA", "U-JONAS"


def find(served: Served, person: str, words: str, at: str = "") -> Message:
    """The newest message of Entente's with these words before somebody, in their direct messages
    unless a channel is named."""
    found = [
        message
        for message in served.messages(person, at or f"D-{person}")
        if message.author == BOT and message.view and words in message.view.plain_text()
    ]
    assert found, [
        m.view.plain_text() for m in served.messages(person, at or f"D-{person}") if m.view
    ]
    return found[-1]


def fill(served: Served, person: str, reply: Any, **values: str) -> Any:
    """The form that came with a reply, sent off."""
    done = served.submit(person, form_in(reply["dialog"]), **values)
    assert not done["errors"], done["errors"]
    return done


def ask(served: Served, person: str, words: str) -> str:
    """A command in one's direct messages, and its answer."""
    served.say(person, f"D-{person}", words)
    return served.text(person, f"D-{person}")


def listen(served: Served, person: str) -> None:
    served.say(person, SHARED, "@Entente decisions listen")
    offer = find(served, person, "Point at what was decided", SHARED)
    served.press(person, offer.id, "On: Point at what was decided")


def said_by_entente(served: Served, thread: str) -> str:
    """What everybody reads of Entente in a thread of the shared channel."""
    found = served.messages("U-NOBODY", SHARED, thread=thread)
    return "\n".join(m.view.plain_text() for m in found if m.author == BOT and m.view)


def _last_of(served: Served, person: str, *, thread: str | None = None) -> Message:
    """What somebody wrote last; a hint to them alone may have come after it."""
    found = served.messages(person, SHARED, thread=thread)
    return next(message for message in reversed(found) if message.author == person)


def capture(served: Served) -> str:
    """A thread of both sides, and what Ana makes of its end; answers the thread."""
    served.say(ANA, SHARED, "Which site for phase 2, Basel or Zurich?")
    root = _last_of(served, ANA).id
    served.say(JONAS, SHARED, "Basel can start in May.", thread=root)
    served.say(ANA, SHARED, BASEL, thread=root)
    said = _last_of(served, ANA, thread=root)
    reply = served.post(
        "/choose", {"person": ANA, "message": said.id, "shortcut": "decisions.capture"}
    )
    assert BASEL in reply.json["dialog"]
    fill(
        served,
        ANA,
        reply.json,
        what=BASEL,
        why="It can start in May.",
        weight="asked",
        audience="alliance",
        approvals="Budget approval; Ana Keller; 2027-03-04",
    )
    return root


def test_from_the_thread_to_what_replaces_it(served: Served) -> None:
    thread = capture(served)
    assert "D-5" not in said_by_entente(served, thread)

    # One side improves the wording; both confirm; it is announced where it was said.
    asked = find(served, JONAS, "confirm D-5 for Borealis")
    wording = {"what": BETTER, "why": "It can start in May."}
    fill(served, JONAS, served.press(JONAS, asked.id, "Suggest wording"), **wording)
    suggestion = find(served, ANA, "suggests")
    fill(served, ANA, served.press(ANA, suggestion.id, "Take it over"), **wording)
    served.press(JONAS, find(served, JONAS, "confirm D-5").id, "Confirm for Borealis")
    announced = said_by_entente(served, thread)
    assert announced.count("D-5 is confirmed by the partners") == 1
    assert BETTER in announced

    # The approval is chased over the days, on Acme's side alone.
    assert "Acme: approvals open" in ask(served, JONAS, "decisions show D-5")
    for _ in range(4):
        served.post("/step", {"by": "day"})
    served.press(ANA, find(served, ANA, "D-5 waits for Acme's approval").id, "Done")
    theirs = [m.view.plain_text() for m in served.messages(JONAS, f"D-{JONAS}") if m.view]
    assert not any("Budget" in text for text in theirs)
    assert "Acme: approvals done" in ask(served, JONAS, "decisions show D-5")

    # It is found by its new words; and who brings the subject up again is pointed at it.
    assert BETTER in ask(served, ANA, "decisions search reserve basel")
    for person in (ANA, JONAS):
        listen(served, person)
    served.say(JONAS, SHARED, "Should we use the Zurich site as reserve for phase 2, or Basel?")
    pointer = find(served, JONAS, "This was decided on 1 March 2027 (D-5)", SHARED)
    assert pointer.private_to == JONAS

    # A change is proposed, confirmed by both, and takes its place.
    reply = served.press(JONAS, pointer.id, "Propose a change")
    fill(
        served,
        JONAS,
        reply,
        what="Use the Zurich site for phase 2",
        why="Basel is full.",
        weight="asked",
        audience="alliance",
    )
    served.press(ANA, find(served, ANA, "confirm D-6").id, "Confirm for Acme")
    assert "replaced by D-6" in ask(served, ANA, "decisions show D-5")
    assert "Takes the place of D-5" in ask(served, JONAS, "decisions show D-6")
