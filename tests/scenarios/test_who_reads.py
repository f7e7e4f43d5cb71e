"""Who reads a channel: a third organisation, departments of one workspace, guests of a partner."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.scenarios.casts import Cast, accept, found_alliance, get_code
from tests.scenarios.conftest import STAR, Home
from tests.scenarios.persons import Person

WEEK = timedelta(days=8)


def agree(who: Person, name: str, *, on: str = "") -> str:
    """A manager agrees to a channel; what they read then."""
    who.presses(f"Read and agree: #{name}", on=on)
    said = who.fills()
    who.close_form()
    return said


def ask_to_agree(who: Person, name: str) -> list[str]:
    """The direct messages that ask somebody to agree, oldest first."""
    return [text for text in who.letters() if f"agree: #{name}" in text]


def remind_weekly(who: Person) -> None:
    who.asks("remind add north star every monday 09:00")
    who.presses("Set up a reminder", on="Set up a reminder")


# -- a third organisation ------------------------------------------------------------------------


def test_with_a_third_organisation_in_it_a_channel_stays_silent(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    assert len(jonas.posts()) == 1
    dan = partners.make_stranger("Dan")
    partners.bot.settle()
    for who in (ana, jonas):
        (_,) = [text for text in ask_to_agree(who, "joint") if "I am silent" in text]
        said = agree(who, "joint", on="I am silent")
        assert "an organisation that is in no alliance here" in said
    assert "silent" in ana.asks("status")
    assert len(jonas.posts()) == 1
    dan.says("members")
    partners.bot.settle()
    assert "Ana" not in "".join(dan.texts())


def link_anew(cast: Cast) -> None:
    """The channel is unlinked and linked again, and Ana has agreed to it."""
    cast.ana.asks("unlink")
    cast.ana.asks("link")
    agree(cast.ana, "joint")


def test_a_yes_counts_for_those_who_are_there_when_it_is_given(partners: Cast) -> None:
    link_anew(partners)
    partners.make_stranger("Dan", is_told=False)
    agree(partners.jonas, "joint")
    assert len(partners.jonas.posts()) == 1
    assert "silent" in partners.ana.asks("status")


def test_where_nobody_can_look_a_yes_opens_nothing(partners: Cast) -> None:
    link_anew(partners)
    (fake,) = partners.fakes
    fake.fails_reading()
    assert "could not look up who is in that channel" in agree(partners.jonas, "joint")
    assert len(partners.jonas.posts()) == 1
    assert "silent" in partners.ana.asks("status")


def test_a_button_for_all_to_press_is_no_good_where_strangers_are(strangers: Cast) -> None:
    """Of two strange organisations, either could accept for the one that is meant."""
    ana = strangers.ana
    found_alliance(ana)
    ana.asks("link")
    label, refused = "Invite in #joint instead", "can't tell which of them is"
    ana.says("invite")
    ana.presses(label, on=label)
    dan = strangers.make_stranger("Dan")
    assert refused in dan.presses("Accept for Borealis", on="invites Borealis")
    ana.says("invite")
    assert refused in ana.presses(label, on=label)


def test_the_managers_hear_where_their_counterpart_comes_from(partners: Cast) -> None:
    (told,) = [text for text in partners.ana.letters() if "Jonas has joined" in text]
    assert f"an account of the workspace {partners.jonas.workspace}" in told


# -- departments of one workspace ----------------------------------------------------------------


def found_departments(cast: Cast) -> tuple[Person, Person]:
    """Ana's Drugs is to be joined by Tom's Devices, in one workspace."""
    ana, tom = cast.ana, cast.make_colleague("Tom")
    room = cast.make_room("steering", ana, tom)
    found_alliance(ana, own_partner="Acme Drugs", other_partners="Acme Devices")
    ana = ana.at(room)
    ana.says(f'north star set "{STAR}"')
    return ana, tom.at(room)


def join_department(ana: Person, tom: Person) -> None:
    code = get_code(ana, "invite")
    label = "They are in our own workspace"
    ana.presses(label, on=label)
    tom.opens(f"join {code}", "Accept the invitation")
    tom.fills(name="Acme Devices")
    tom.close_form()


def test_a_channel_of_a_workspace_that_two_departments_share_asks_both(strangers: Cast) -> None:
    ana, tom = found_departments(strangers)
    join_department(ana, tom)
    said = ana.asks("link")
    assert "Acme Drugs: not yet" in said
    assert "Acme Devices: not yet" in said
    remind_weekly(ana)
    strangers.advance(WEEK)
    assert ana.posts() == []
    assert "#steering" in tom.asks("status")
    agree(ana, "steering")
    agree(tom, "steering")
    assert "Acme Devices" in ana.posts()[0]


def test_a_departments_private_channel_is_its_own_until_others_come(strangers: Cast) -> None:
    ana, tom = found_departments(strangers)
    join_department(ana, tom)
    lab = strangers.make_room("lab", ana, kind="private")
    assert "now belongs to" in ana.at(lab).asks("link")
    assert "#lab" not in tom.asks("status")
    remind_weekly(ana.at(lab))
    tom.enters(lab)
    strangers.bot.settle()
    strangers.advance(WEEK)
    assert ana.at(lab).posts() == []
    for who in (tom, ana):
        assert ask_to_agree(who, "lab")


def test_a_department_that_joins_later_is_asked_for_the_channels_it_reads(strangers: Cast) -> None:
    ana, tom = found_departments(strangers)
    assert "now belongs to" in ana.asks("link")
    remind_weekly(ana)
    strangers.make_colleague("Mei").enters(ana.room)
    strangers.bot.settle()
    join_department(ana, tom)
    (told,) = [text for text in ana.letters() if "is in the same workspace" in text]
    assert "Ana, Mei" in told
    strangers.bot.work()
    assert ask_to_agree(tom, "steering")
    strangers.advance(WEEK)
    assert ana.posts() == []


# -- guests --------------------------------------------------------------------------------------


def join_as_guest(home: Home) -> Person:
    """Borealis' manager is a guest in Acme's workspace."""
    guest = home.cast.make_guest("Jo").enters(home.ana.room)
    accept(guest, get_code(home.ana, "invite Borealis"))
    return guest


def _link_after(home: Home) -> None:
    join_as_guest(home)
    assert "Borealis Bio: not yet" in home.ana.asks("link")


def _link_before(home: Home) -> None:
    assert "now belongs to" in home.ana.asks("link")
    guest = join_as_guest(home)
    home.cast.bot.work()
    asked = ask_to_agree(guest, "steering") if guest.gets_letters else [guest.asks("status")]
    assert "agree: #steering" in "".join(asked)


def _place_later(home: Home) -> None:
    """He joined from elsewhere; the guest is a colleague of his, placed while in the channel."""
    jonas = home.join()
    gil = home.cast.make_guest("Gil")
    gil.enters(home.ana.room)
    assert "now belongs to" in home.ana.asks("link")
    gil.at(home.ana.room).says("help")
    jonas.says("place @Gil", gil)
    home.cast.bot.work()
    assert ask_to_agree(jonas, "steering")


@pytest.mark.parametrize("way", [_link_after, _link_before, _place_later])
def test_a_channel_with_guests_of_another_partner_asks_that_partner(
    strangers: Cast, way: Callable[[Home], None]
) -> None:
    ana, tom = strangers.ana, strangers.make_colleague("Tom")
    found_alliance(ana)
    room = strangers.make_room("steering", ana, tom)
    home = Home(strangers, ana.at(room), tom.at(room))
    home.ana.says(f'north star set "{STAR}"')
    way(home)
    remind_weekly(home.ana)
    home.advance(WEEK)
    assert home.posts() == []
    assert "silent" in home.ana.asks("status")
