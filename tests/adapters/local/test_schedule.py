"""The time bar names what comes: also what people are told unless they do something before."""

from tests.adapters.local.served import Served, words_of


def bar(served: Served) -> str:
    """What the time bar says."""
    page = served.get()
    return words_of(page[page.index('data-part="clock"') : page.index('data-step="next"')])


def go_on(served: Served) -> None:
    assert served.post("/step", {"by": "next"}).status == 200


def test_reminders_to_confirm_are_named_and_come_when_they_were_said_to(served: Served) -> None:
    served.settle()
    assert "Next: Wednesday, 3 March 2027, 09:00 CET: A reminder to answer: D-4 for Jonas" in bar(
        served
    )
    go_on(served)
    assert served.clock().isoformat() == "2027-03-03T08:00:00+00:00"
    assert "D-4 still waits for Borealis" in served.text("U-JONAS", "D-U-JONAS")
    assert "Monday, 8 March 2027, 09:00 CET" in bar(served)
    go_on(served)
    assert served.clock().isoformat() == "2027-03-08T08:00:00+00:00"
    assert "A reminder to answer: D-4" not in bar(served)


def test_what_was_answered_comes_no_more(served: Served) -> None:
    served.settle()
    asked = served.last("U-JONAS", "D-U-JONAS")
    served.press("U-JONAS", asked.id, "Confirm for Borealis")
    assert "A reminder to answer: D-4" not in bar(served)


def test_the_next_digest_is_named(served: Served) -> None:
    assert "The weekly digest" not in bar(served)
    served.say("U-ANA", "C-STEERING", "/alliance digest on")
    assert "Monday, 8 March 2027, 09:00 CETThe weekly digest, Ana Keller" in bar(served)
    served.say("U-ANA", "C-STEERING", "/alliance digest off")
    assert "The weekly digest" not in bar(served)
