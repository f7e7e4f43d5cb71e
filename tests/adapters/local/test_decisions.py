"""A decision on the playground: captured by a pin, shown, found, replaced."""

from tests.adapters.local.served import Served, form_in, words_of


def test_a_decision_is_captured_in_one_line_and_found(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", '/alliance decide "Use the Basel site" because "May"')
    offer = served.last("U-ANA", "C-STEERING")
    assert "Nothing is saved until" in offer.view.plain_text()
    served.press("U-ANA", offer.id, "Note it down")
    served.settle()
    assert any("Noted by Ana" in post and "D-5" in post for post in served.posts("C-STEERING"))
    served.say("U-TOM", "C-STEERING", "/alliance decisions search basel")
    assert "Use the Basel site" in served.text("U-TOM", "C-STEERING")


def test_a_pin_opens_the_form_with_the_words_of_the_message(served: Served) -> None:
    served.say("U-ANA", "C-STEERING", "Let us use the Basel site")
    said = served.last("U-ANA", "C-STEERING")
    served.post("/react", {"person": "U-TOM", "message": said.id, "emoji": "pushpin"})
    served.settle()
    offer = served.last("U-TOM", "C-STEERING")
    form = form_in(served.press("U-TOM", offer.id, "Capture decision")["dialog"])
    shown = served.submit(
        "U-TOM", form, what="Use the Basel site", weight="noted", audience="alliance"
    )
    assert "Noted as D-5" in words_of(shown["dialog"])
