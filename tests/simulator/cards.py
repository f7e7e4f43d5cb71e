"""The cards that people meet first, as Teams gets them: made by a whole conversation."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.casts import Cast, capture, found_alliance, join
from tests.scenarios.conftest import STAR
from tests.scenarios.meanings import contest
from tests.scenarios.people_in_teams import InTeams
from tests.scenarios.persons import CAPTURE

Json = dict[str, Any]

LONG = "The call is yours: Basel can start in May,\nand Zurich stays as reserve until June."
NIGHT = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)


def make_cards(cast: Cast) -> dict[str, Json]:
    """Each card by its name."""
    ana, jonas = cast.ana, cast.jonas
    assert isinstance(ana, InTeams)
    assert isinstance(jonas, InTeams)
    ana.user.adds_bot()
    cards = {"welcome": read(ana, "You are not in an alliance")}
    begin(cast)
    ana.writes("help")
    cards["help"] = read(ana, "what I can do")
    ana.writes("home")
    cards["home"] = read(ana, "Our North Star")
    ana.uses_shortcut(CAPTURE, ana.chats(LONG))
    ana.hears("The call is yours")
    assert ana.user.dialog is not None
    cards["capture"] = ana.user.dialog.card
    ana.close_form()
    capture(ana, jonas)
    cards["confirmation"] = read(jonas, "can you confirm D-1")
    contest(ana, jonas)
    for who in (ana, jonas):
        who.opens("term checks", f"Checks in #{cast.shared}")
        who.fills(mode="private")
        who.close_form()
    ana.chats("we file the API section on Friday")
    cards["nudge"] = read(ana, "“API” means different things here.")
    return cards | bring_in(cast)


def begin(cast: Cast) -> None:
    """They set up, and agree to Entente in their channel."""
    found_alliance(cast.ana)
    join(cast.ana, cast.jonas)
    cast.ana.says("link")
    for who in (cast.ana, cast.jonas):
        who.presses(f"Read and agree: #{cast.shared}", on=f"#{cast.shared}")
        who.fills()
        who.close_form()
    for who in (cast.ana, cast.jonas):
        who.says(f'north star set "{STAR}"')


def bring_in(cast: Cast) -> dict[str, Json]:
    """What a newcomer gets: a welcome, and the first note."""
    cast.bot.work()
    cast.bot.advance(NIGHT - cast.clock.now)
    mei = cast.hire("Mei")
    assert isinstance(mei, InTeams)
    cast.bot.settle()
    cast.bot.work()
    cast.bot.advance(timedelta(hours=10, minutes=31))
    cards = {"newcomer": read(mei, "Welcome, Mei")}
    mei.presses("Open", on="Welcome, Mei")
    return cards | {"note": read(mei, STAR)}


def read(who: InTeams, words: str) -> Json:
    """The card of the latest message that says this."""
    who.hears(words)
    message = next(m for m in reversed(who.private()) if words in who.text_of(m))
    card: Json = message.card
    return card
