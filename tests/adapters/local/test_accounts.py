"""Somebody's account is switched off in the playground, as when they leave the company."""

from adapters.local.cast import BOT
from tests.adapters.local.served import Served


def test_whoever_has_no_account_does_nothing_and_is_told_nothing(served: Served) -> None:
    person = served.world.get_people()[0]
    assert served.post("/account", {"person": person.id, "works": False}).status == 200
    answer = served.post("/say", {"person": person.id, "at": "dm", "text": "help"})
    assert answer.status == 403
    assert answer.json["error"] == f"The account of {person.name} is switched off."
    assert served.messages(person.id, person.direct) == []
    page = served.get(person=person.id)
    assert "Switch account on" in page
    assert "Nothing reaches them" in page


def test_an_account_that_is_switched_on_again_works(served: Served) -> None:
    person = served.world.get_people()[0]
    for works in (False, True):
        assert served.post("/account", {"person": person.id, "works": works}).status == 200
    served.say(person.id, "dm", "help")
    assert any(m.author == BOT for m in served.messages(person.id, person.direct))


def test_nobody_loses_an_account_that_is_not_theirs_to_act_as(served: Served) -> None:
    for person in (BOT, "U-NOBODY"):
        assert served.post("/account", {"person": person, "works": False}).status == 404
