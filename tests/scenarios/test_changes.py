"""Who changed what: the trail that managers read, and taking one's last change back."""

import pytest

from tests.scenarios.casts import found_alliance, get_code, set_up_committee
from tests.scenarios.conftest import STAR, Home


def test_a_manager_reads_who_changed_what_and_nothing_that_is_the_others(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    set_up_committee(ana, "JSC", tom)
    ana.asks("undo")
    own = ana.asks("changes")
    for line in ("Channel linked: steering", "North star set", "Alliance created"):
        assert line in own
    assert "Seat given" in own
    assert "(taken back)" in own
    assert "Partner joined: Borealis Bio" in own
    assert "Ana (Acme)" in own
    theirs = jonas.asks("changes")
    assert "Alliance created" in theirs
    assert "Partner joined: Borealis Bio" in theirs
    for word in ("steering", "North star", "Seat"):
        assert word not in theirs
    assert "Only alliance managers" in tom.asks("changes")


def test_the_trail_goes_on_page_by_page(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    set_up_committee(ana, "JSC")
    for _ in range(12):
        ana.asks("seat @Tom on JSC", tom)
        ana.asks("seat @Tom on JSC as none", tom)
    assert "Alliance created" not in ana.asks("changes")
    assert "Alliance created" in ana.presses("Earlier", on="Seat given")


def test_an_invitation_is_taken_back(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    lobby = ana.at(joined.cast.make_room("lobby", ana))
    found_alliance(lobby, command="setup new", name="Second", other_partners="Cora")
    lobby.asks("use Second")
    code = get_code(lobby, "invite Cora")
    assert "invitation for Cora no longer works" in lobby.asks("undo")
    assert "does not work" in jonas.asks(f"join {code}")


def test_a_yes_is_taken_back_and_the_channel_falls_silent(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    joined.cast.share()
    assert "silent" not in ana.asks("status")
    assert "I am silent in #joint" in jonas.asks("undo")
    assert "silent" in ana.asks("status")


def test_a_deputy_is_taken_back(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    set_up_committee(ana, "JSC", ana)
    assert "Tom stands in for Ana" in ana.asks("deputy @Tom for @Ana on JSC", tom, ana)
    assert "as it was" in ana.asks("undo")
    assert "no seat" in tom.asks("am I a member?")


@pytest.mark.parametrize(
    ("line", "back"), [("away until 2027-04-01", "Welcome back"), ("mute", "get direct messages")]
)
def test_a_member_takes_back_what_they_asked_for_themselves_and_nobody_reads_of_it(
    joined: Home, line: str, back: str
) -> None:
    ana, tom = joined.ana, joined.tom
    tom.asks("status")
    tom.asks(line)
    assert "Member" not in ana.asks("changes")
    assert back in tom.asks("undo")
    assert STAR in tom.asks("north star")
