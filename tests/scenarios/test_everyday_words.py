"""A term that is an everyday word: how often it would come up is said at once."""

from datetime import timedelta

from tests.scenarios.casts import Cast
from tests.scenarios.persons import Person


def allow(who: Person, mode: str) -> None:
    """A manager says how far their side agrees to checks in the channel."""
    who.asks("term checks")
    who.presses("Checks in #joint", on="Checks in #joint")
    who.fills(mode=mode)
    who.close_form()


def test_without_counts_it_is_said_how_often_people_write_it(partners: Cast) -> None:
    said = partners.ana.asks("term add the = An article.")
    assert "of 1,000 messages in chat, about 400 have it" in said
    assert "about 5 have it" in partners.ana.asks("term add x = An unknown.")
    assert "about 100 have it" in partners.ana.asks("term add und = The German word.")


def test_it_is_estimated_from_the_messages_of_the_last_week(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    for who in (ana, jonas):
        allow(who, "count")
    for number in range(6):
        ana.chats(f"Batch {number} is fine")
        jonas.chats(f"So is batch {number}")
    said = ana.asks("term add the = An article.")
    assert "I have read 12 messages of your shared channels in the last seven days" in said
    assert "about 5 of them had it" in said
    assert "about one of them had it" in jonas.asks("term add team = Us.")
    partners.advance(timedelta(days=8))
    assert "of 1,000 messages" in ana.asks("term add and = A conjunction.")


def test_messages_of_ones_own_channel_are_not_counted(partners: Cast) -> None:
    ana = partners.ana.at(partners.make_room("steering", partners.ana))
    ana.asks("link")
    ana.asks("term checks")
    ana.presses("Checks in #steering", on="Checks in #steering")
    ana.fills(mode="count")
    ana.close_form()
    ana.chats("We like the batch")
    assert "of 1,000 messages" in ana.asks("term add the = An article.")
