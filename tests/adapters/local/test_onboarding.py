"""Bringing people in, on the playground: the same story as on Slack."""

import re

from adapters.local.cast import BOT
from adapters.local.sample import NORTH_STAR
from tests.adapters.local.served import Served


def direct(served: Served, person: str) -> str:
    found = served.world.get_person(person)
    assert found is not None
    return found.direct


def notes(served: Served, person: str) -> list[str]:
    """What Entente has written to somebody."""
    found = served.messages(person, direct(served, person))
    return [m.view.plain_text() for m in found if m.author == BOT and m.view is not None]


def join(served: Served, person: str, channel: str = "C-STEERING") -> None:
    served.post("/membership", {"person": person, "at": channel, "joins": True})
    served.settle()


def read_charter(served: Served, person: str) -> None:
    """Clause by clause."""
    while True:
        found = served.messages(person, direct(served, person))
        said = [(m.id, m.view.plain_text()) for m in found if m.view is not None]
        asking = [identifier for identifier, text in said if "[I've read it]" in text]
        if not asking:
            return
        served.press(person, asking[0], "I've read it")
        served.settle()


def test_mei_joins_is_welcomed_and_is_through_after_two_weeks(served: Served) -> None:
    served.post("/step", {"by": "hour"})
    join(served, "U-MEI")
    assert "A note to a newcomer for Mei Tanaka" in served.get()
    served.post("/step", {"by": "day"})
    (welcome,) = notes(served, "U-MEI")
    assert "Welcome, Mei Tanaka" in welcome
    first = served.last("U-MEI", direct(served, "U-MEI"))
    served.press("U-MEI", first.id, "Open")
    assert NORTH_STAR in notes(served, "U-MEI")[0]
    assert "newcomer" in served.playground.tour.get_done()
    served.post("/step", {"by": "week"})
    served.post("/step", {"by": "week"})
    read_charter(served, "U-MEI")
    assert "what was missing" in notes(served, "U-MEI")[-1]
    served.say("U-ANA", "dm", "onboarding")
    shown = served.text("U-ANA", direct(served, "U-ANA"))
    assert re.search(r"Mei Tanaka · through · \d of 5", shown), shown


def test_nobody_of_the_cast_is_taken_for_a_newcomer(served: Served) -> None:
    served.post("/step", {"by": "week"})
    for person in ("U-ANA", "U-TOM", "U-HELEN", "U-JONAS"):
        said = notes(served, person)
        assert not any("Welcome" in text or "Shall I bring" in text for text in said), person


def test_the_book_opens_in_the_browser(served: Served) -> None:
    served.say("U-TOM", "dm", "briefing")
    book = served.last("U-TOM", direct(served, "U-TOM"))
    served.press("U-TOM", book.id, "As a document")
    link = served.last("U-TOM", direct(served, "U-TOM"))
    assert link.view is not None
    (url, *_) = [i.url for b in link.view.blocks for i in getattr(b, "items", ()) if i.url]
    page = served.request("GET", url.removeprefix(served.url))
    assert page.status == 200
    assert NORTH_STAR in page.text


def test_whoever_closes_their_direct_messages_reads_the_note_in_the_channel(served: Served) -> None:
    join(served, "U-MEI")
    closed = {"person": "U-MEI", "at": "dm", "joins": False}
    assert served.post("/membership", closed).status == 200
    page = served.get(acme="U-MEI", acme_at="dm")
    assert "takes no direct messages from Entente" in page
    assert served.post("/say", {"person": "U-MEI", "at": "dm", "text": "hi"}).status == 403
    for _ in range(2):
        served.post("/step", {"by": "day"})
    assert notes(served, "U-MEI") == []
    assert any("A short note waits here" in text for text in served.posts("C-STEERING"))
    assert served.post("/membership", closed | {"joins": True}).status == 200
    served.say("U-MEI", "dm", "onboard")
    assert "Welcome, Mei Tanaka" in notes(served, "U-MEI")[-1]
