"""The common language on the playground: terms, questions about them, and a quiet hint."""

from tests.adapters.local.served import Served, form_in, view_in, words_of


def test_a_word_is_defined_asked_for_and_minded(served: Served) -> None:
    served.say("U-ANA", "dm", "term add assay = How strong a batch is.")
    assert "only Acme can see this" in served.text("U-ANA", "D-U-ANA")
    served.say("U-TOM", "C-STEERING", "@Entente what is an assay?")
    assert "How strong a batch is." in served.text("U-TOM", "C-STEERING")
    form = form_in(served.say("U-ANA", "C-STEERING", "/alliance term add")["dialog"])
    done = served.submit(
        "U-ANA",
        form,
        name="drug product",
        meaning="What patients take.",
        discouraged="the pill",
        audience="alliance",
    )
    assert "“drug product” is saved" in words_of(done["dialog"])
    served.say("U-ANA", "C-STEERING", "/alliance term checks")
    offer = served.last("U-ANA", "C-STEERING")
    form = form_in(served.press("U-ANA", offer.id, "Checks in #steering")["dialog"])
    done = served.submit("U-ANA", form, mode="private")
    shown = served.view_of("U-ANA", view_in(done["dialog"])).plain_text()
    assert "hints that only the author sees" in shown
    served.settle()
    served.say("U-TOM", "C-STEERING", "when do we ship the pills?")
    served.settle()
    hint = served.last("U-TOM", "C-STEERING")
    assert "Only you see this." in hint.view.plain_text()
    assert "Acme prefers “drug product”" in hint.view.plain_text()
    seen = [m.id for m in served.messages("U-HELEN", "C-STEERING")]
    assert hint.id not in seen
    form = form_in(served.press("U-TOM", hint.id, "Preview a clarification")["dialog"])
    served.submit("U-TOM", form, text="")
    assert not any("Entente for" in post for post in served.posts("C-STEERING"))
    served.submit("U-TOM", form, text="I mean the drug product.")
    served.settle()
    said = [m for m in served.messages("U-TOM", "C-STEERING") if m.author == "U-TOM"][-1]
    line = served.text("U-HELEN", "C-STEERING", thread=said.id)
    assert line == "Entente for Tom Okafor: I mean the drug product."


def test_an_agreed_word_is_not_said_again_as_one_sides_own(served: Served) -> None:
    served.say("U-ANA", "dm", "define JSC")
    said = served.text("U-ANA", "D-U-ANA")
    assert said.count("two voices, one for each partner") == 1
    assert "Acme means" not in said
    served.say("U-ANA", "dm", "define API")
    assert "Acme means" in served.text("U-ANA", "D-U-ANA")
