"""Who belongs where: one person with several accounts, people who go and come back, departments."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select
from structlog.testing import capture_logs

from adapters.cli import managers
from bot.core.errors import SettingsError
from bot.people.models import Account, Member, MemberAccount
from tests.harness import Bot
from tests.scenarios.casts import Cast, found_alliance, get_code, set_up_committee
from tests.scenarios.conftest import STAR, Home, World
from tests.scenarios.persons import Person


def member_of(home: Home, person: Person) -> str:
    """The one member whose account this is."""
    user = person.known_as()["user"]

    def read(session: Session) -> list[str]:
        theirs = (
            select(Member.id)
            .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
            .join(Account, col(Account.id) == col(MemberAccount.account_id))
            .where(col(Account.external_id) == user)
        )
        return list(session.exec(theirs))

    (found,) = home.cast.bot.read(read)
    return found


# -- one address, two accounts ---------------------------------------------------------------------


def test_one_confirmed_address_joins_accounts_of_one_partner(joined: Home) -> None:
    first = joined.hire("Mei", email="Mei@acme.example")
    second = joined.hire("Mei Lin", email="mei@acme.example")
    for person in (first, second):
        person.asks("help")
    assert member_of(joined, first) == member_of(joined, second)


def test_an_address_joins_nobody_across_partners_or_unplaced(joined: Home) -> None:
    tom = joined.hire("Tom B", email="t@x.example")
    theirs = joined.cast.hire("Tom C", email="t@x.example")
    guest = joined.cast.make_guest("Tom D", email="t@x.example").enters(joined.ana.room)
    set_up_committee(joined.jonas, "JSC", theirs)
    for person in (tom, guest):
        person.asks("help")
    assert len({member_of(joined, each) for each in (tom, theirs, guest)}) == 3


def test_an_address_that_is_not_confirmed_joins_nobody(world: World) -> None:
    """Slack says whether an address is; what Teams tells is the directory's own."""
    world.start()
    first, second = (
        world.slack.user(name, team=world.acme, email="t@x.example") for name in ("Tom B", "Tom E")
    )
    second.member.is_email_confirmed = False
    for user in (first, second):
        user.joins(world.steering)
        world.say(user, "help")
    assert "Tom E" in world.say(world.ana, "members")
    assert "Tom B" in world.say(world.ana, "members")


def test_the_address_itself_is_not_kept(joined: Home) -> None:
    joined.hire("Mei", email="mei@acme.example").asks("help")
    kept = joined.cast.bot.read(lambda session: list(session.exec(select(Account.email))))
    assert any(kept)
    assert not any("acme" in (address or "") for address in kept)


# -- both accounts say so --------------------------------------------------------------------------


def test_across_partners_both_accounts_confirm_and_both_sides_hear_of_it(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    tim = joined.cast.hire("Tim")
    set_up_committee(jonas, "JSC", tim)
    tom.asks("status")
    assert "I have asked that account" in tom.asks("same person @Tim", tim)
    assert STAR not in tim.asks_alone("north star")
    assert "one person of Acme" in tim.presses("Yes, that is me", on="this account is theirs too")
    assert STAR in tim.asks_alone("north star")
    joined.advance(timedelta(hours=1))
    for manager in (ana, jonas):
        assert "Tom (Acme) and Tim (Borealis Bio until now)" in manager.letters()[-1]
    parted = jonas.presses("Part them", on="Tom (Acme) and Tim (Borealis Bio until now)")
    assert "two people again" in parted
    assert STAR not in tim.asks_alone("north star")


def test_an_account_is_asked_once_and_few_are(joined: Home) -> None:
    tom, jonas = joined.tom, joined.jonas
    others = [joined.cast.hire(name) for name in ("Tim", "Una", "Vic", "Wim")]
    set_up_committee(jonas, "JSC", *others)
    tom.asks("status")
    for other in others[:3]:
        assert "I have asked that account" in tom.asks(f"same person @{other.name}", other)
    for other in (others[0], others[3]):
        said = tom.asks(f"same person @{other.name}", other)
        assert "asked only once in that time" in said
    assert [len(other.letters()) for other in (others[0], others[3])] == [1, 0]


def test_nobody_answers_for_the_other_account(joined: Home) -> None:
    tom, jonas = joined.tom, joined.jonas
    tom.asks("status")
    tom.asks("same person @Jonas", jonas)
    asked = "says that this account is theirs too"
    assert asked in jonas.letters()[-1]
    (value,) = jonas.carries("belonging.confirm", on=asked)
    assert "not for this account" in tom.forges("belonging.confirm", value)
    # And a side's only manager is not lost by it.
    assert "only alliance manager" in jonas.presses("Yes, that is me", on=asked)


# -- going and coming back -------------------------------------------------------------------------


def test_leaving_a_channel_is_no_leaving_of_the_alliance(joined: Home) -> None:
    joined.tom.asks("status")
    joined.tom.leaves()
    assert "You belong to Acme" in joined.tom.asks_alone("am I a member?")


def test_an_account_that_is_switched_off_ends_the_membership_until_they_act_again(
    joined: Home,
) -> None:
    ana, tom = joined.ana, joined.tom
    tom.asks_alone("status")
    ana.asks("role @Tom manager", tom)
    joined.remind('"A note" every friday 09:00 for @Tom', tom)
    tom.loses_account()
    joined.advance(timedelta(days=2))
    assert "Tom" not in ana.asks("members")
    joined.advance(timedelta(days=6))
    assert not any("A note" in text for text in tom.letters())
    tom.regains_account()
    assert "You belong to Acme" in tom.asks_alone("am I a member?")
    assert "Tom (alliance manager)" in ana.asks("members")


def test_slack_tells_of_accounts_that_are_switched_off_and_on(world: World) -> None:
    world.start()
    world.say(world.tom, "status")
    world.say(world.ana, f"role <@{world.tom.id}> manager")
    world.slack.deactivate(world.tom.member)
    world.bot.settle()
    assert "Tom" not in world.say(world.ana, "members")
    world.slack.deactivate(world.tom.member, active=True)
    world.bot.settle()
    assert "Tom (alliance manager)" in world.say(world.ana, "members")


def test_who_cannot_be_looked_up_for_a_moment_stays_who_they_are(world: World) -> None:
    world.start()
    world.say(world.tom, "help")
    world.bot.advance(timedelta(days=8))
    world.slack.fails("users.info", error="internal_error", times=None)
    assert "You belong to Acme" in world.say(world.tom, "am I a member?")
    assert "Tom" in world.say(world.ana, "members")


def test_other_changes_of_people_are_turned_away_at_the_door(world: World) -> None:
    world.start()
    before = world.bot.entente.slack.door.counts.turned_away  # type: ignore[union-attr]
    world.slack.changes(world.tom.member)
    assert world.bot.entente.slack.door.counts.turned_away == before + 1  # type: ignore[union-attr]


def test_the_last_manager_goes_and_nothing_opens_up(joined: Home) -> None:
    ana, tom, jonas = joined.ana, joined.tom, joined.jonas
    ida = joined.cast.hire("Ida")
    set_up_committee(jonas, "JSC", ida)
    tom.asks("status")
    jonas.asks_alone("status")
    with capture_logs() as logged:
        jonas.loses_account()
        joined.advance(timedelta(days=1, hours=2))
    assert any(line["event"] == "a partner has no manager" for line in logged)
    assert not any("Jonas" in str(line) for line in logged)
    assert any("only alliance manager of Borealis Bio" in text for text in ana.letters())
    assert any("your side's only alliance manager" in text for text in ida.letters())
    for line in ("place @Ida in Acme", "role @Ida manager"):
        assert "Only their own side's manager" in ana.asks(line, ida)
    bot = joined.cast.bot
    assert isinstance(bot, Bot)
    database, now, platform = (
        bot.entente.database,
        joined.cast.clock.now,
        ida.known_as()["platform"],
    )
    anas, toms, idas = (each.known_as()["user"] for each in (ana, tom, ida))
    alliance = ("Acme–Borealis", "Borealis Bio")
    shown = managers.run(database, None, None, None, platform=platform, now=now)
    assert shown == ["Acme–Borealis: Borealis Bio has no manager"]
    with pytest.raises(SettingsError, match="not one of Borealis Bio's people"):
        managers.run(database, *alliance, anas, platform=platform, now=now)
    with pytest.raises(SettingsError, match="has a manager"):
        managers.run(database, "Acme–Borealis", "Acme", toms, platform=platform, now=now)
    managers.run(database, *alliance, idas, platform=platform, now=now)
    bot.settle()
    assert "has made Ida an alliance manager" in ana.letters()[-1]
    assert "Ida (alliance manager)" in ana.asks("members")


# -- departments, guests, one person in several alliances ------------------------------------------

OURS = "They are in our own workspace"


def make_departments(cast: Cast) -> tuple[Person, Person]:
    """Two departments of Acme begin an alliance: Ana looks after one, Tom is of the other."""
    tom = cast.make_colleague("Tom")
    room = cast.make_room("steering", cast.ana, tom)
    ana, tom = cast.ana.at(room), tom.at(room)
    found_alliance(ana, own_partner="Acme Drugs", other_partners="Acme Devices")
    ana.asks("link")
    tom.asks("status")
    return ana, tom


def test_two_departments_of_one_workspace_are_two_partners(strangers: Cast) -> None:
    ana, tom = make_departments(strangers)
    code = get_code(ana, "invite")
    assert "can't accept" in tom.asks(f"join {code}")
    said = ana.presses(OURS, on=OURS)
    assert "works for somebody of your own workspace too" in said
    assert "can't accept" in ana.asks(f"join {code}")


def test_the_second_departments_manager_accepts_and_their_people_start_unplaced(
    strangers: Cast,
) -> None:
    ana, tom = make_departments(strangers)
    ana.asks(f'north star set "{STAR}"')
    code = get_code(ana, "invite")
    ana.presses(OURS, on=OURS)
    tom.opens(f"join {code}", "Accept the invitation")
    tom.fills(name="Acme Devices")
    tom.close_form()
    assert "Acme Drugs (same workspace as Acme Devices)" in ana.asks("status")
    assert STAR not in tom.asks("north star")
    mei = strangers.make_colleague("Mei").enters(ana.room)
    assert "not yet placed" in mei.asks("status")
    assert STAR not in mei.asks("north star")
    assert "Mei now belongs to Acme Devices" in tom.asks("place @Mei in Acme Devices", mei)
    assert "Only their own side's manager" in ana.asks("place @Mei in Acme Drugs", mei)
    assert "Mei belongs to no side now" in tom.asks("place @Mei in nobody", mei)
    assert "belongs to Acme Devices again" in tom.asks("undo")
    assert "only alliance manager" in tom.asks("place @Tom in nobody", tom)


def test_ones_own_role_can_be_taken_back_within_ten_minutes(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    ana.asks("role @Tom manager", tom)
    assert "no longer" in ana.asks("role @Ana none", ana)
    assert "Only alliance managers" in ana.asks("remind add")
    assert "is as it was" in ana.asks("undo")
    assert "Ana (alliance manager)" in ana.asks("members")


def test_whoever_lost_the_role_takes_nothing_else_back(joined: Home) -> None:
    ana, tom = joined.ana, joined.tom
    ana.asks("role @Tom manager", tom)
    ana.asks('north star set "Another star for everybody."')
    tom.asks("role @Ana none", ana)
    assert "Only alliance managers" in ana.asks("undo")


def test_a_company_in_two_alliances_keeps_them_apart(joined: Home) -> None:
    ana = joined.ana
    found_alliance(ana, "setup new", name="Acme–Cora", other_partners="Cora")
    assert "Acme–Cora" in ana.asks_alone("status")
    assert STAR not in ana.asks_alone("north star")
    assert "Acme–Borealis" in ana.asks_alone("use Borealis")
    assert STAR in ana.asks_alone("north star")


def test_twenty_partners_fit(strangers: Cast) -> None:
    ana = strangers.ana
    others = "\n".join(f"Partner number {n}" for n in range(2, 21))
    found_alliance(ana, other_partners=others)
    for line in ("status", "members", "invite", "roster", "help"):
        assert ana.asks(line), line
    assert "Partner number 20" in ana.asks("status")
    assert "Partner number 20" in ana.asks("members")
