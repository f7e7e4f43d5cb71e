"""Newcomers are brought in: as she, her manager and the others live it."""

import re
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlmodel import col, func, select

from bot.core.events import FormSubmitted, FormValue
from bot.features.onboarding.models import Given
from bot.people.models import Alliance, Member
from bot.testing.world import make_event
from tests.harness import Bot
from tests.scenarios.casts import set_up_committee, write_clause
from tests.scenarios.conftest import STAR, Home, World
from tests.scenarios.persons import Person

NIGHT = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)
"""Tuesday, 22:40 in Berlin."""


@pytest.fixture
def home(home: Home) -> Home:
    """Acme at home, on a Tuesday night."""
    home.cast.bot.work()
    home.move_to(NIGHT)
    return home


def join(home: Home, name: str) -> Person:
    """Somebody new comes to the channel."""
    person = home.hire(name)
    home.cast.bot.work()
    return person


def test_a_join_at_night_leads_to_one_message_the_next_working_morning(home: Home) -> None:
    mei = join(home, "Mei")
    assert mei.letters() == []
    home.move_to(datetime(2027, 3, 3, 8, 9, tzinfo=UTC))
    assert mei.letters() == []
    home.move_to(datetime(2027, 3, 3, 8, 11, tzinfo=UTC))
    (welcome,) = mei.letters()
    assert "Welcome, Mei" in welcome
    assert "Whoever runs this installation can read that" in welcome
    assert "Acme–Borealis" in welcome
    assert STAR not in welcome
    mei.presses("Open", on="Welcome, Mei")
    assert STAR in mei.letters()[0]
    home.move_to(NIGHT + timedelta(days=14))


def test_two_weeks_later_she_is_through_and_her_manager_sees_it(home: Home) -> None:
    write_clause(home.ana, "norms", "Questions before judgements.")
    mei = join(home, "Mei")
    home.move_to(NIGHT + timedelta(days=1))
    mei.presses("Open", on="Welcome, Mei")
    home.move_to(NIGHT + timedelta(days=3))
    assert "Questions before judgements." in mei.letters()[-1]
    mei.presses("I've read it", on="Questions before judgements.")
    assert "You've read it, on 5 March 2027" in mei.letters()[-1]
    home.move_to(NIGHT + timedelta(days=14))
    assert "what was missing" in mei.letters()[-1]
    mei.presses("Answer", on="what was missing")
    mei.fills(text="Who orders the samples?", named="no")
    home.move_to(NIGHT + timedelta(days=15))
    shown = home.ana.asks("onboarding")
    assert "through" in shown
    assert "33 % formally onboarded (1 of 3)" in shown
    assert "Who orders the samples?" in shown
    assert "Without a name" in shown
    assert "Only" in home.tom.asks("onboarding track member")


def test_a_clause_counts_once_whatever_is_pressed_how_often(home: Home) -> None:
    for clause in ("why", "scope", "norms"):
        write_clause(home.ana, clause, f"Our {clause}.")
    mei, kim = join(home, "Mei"), join(home, "Kim")
    home.move_to(NIGHT + timedelta(days=3))
    (old,) = mei.carries("onboarding.read", on="1 of 3")
    mei.presses("I've read it", on="1 of 3")
    assert "2 of 3" in mei.letters()[-1]
    for value in (old, old.split(":")[0] + ":made-up"):
        assert "2 of 3" in mei.forges("onboarding.read", value)
    assert "can't find that" in kim.forges("onboarding.next", old)
    mei.chooses("Tomorrow", in_menu="Later", on="2 of 3")
    home.move_to(NIGHT + timedelta(days=6))
    assert "2 of 3" in mei.letters()[-1]
    mei.presses("Next", on="2 of 3")
    mei.presses("Next", on="3 of 3")
    assert "all of it, 3 parts" in mei.letters()[-1]
    mei.presses("Next", on="all of it, 3 parts")
    assert "3 parts" not in mei.letters()[-1]
    for number in (1, 2, 3):
        kim.presses("Next", on=f"{number} of 3")
    home.move_to(NIGHT + timedelta(days=20))
    shown = home.ana.asks("onboarding")
    assert "How we work together (1×)" in shown, "Kim passed over all of it"
    assert "all notes brought, not all marked as read" in shown
    assert "through" in shown


def test_next_later_skip_and_stop_do_what_they_say(home: Home) -> None:
    seat_tom(home)
    mei, ben, zoe, kim = (join(home, name) for name in ("Mei", "Ben", "Zoe", "Kim"))
    home.move_to(NIGHT + timedelta(days=1))
    for person in (mei, ben, zoe, kim):
        assert len(person.letters()) == 1
    mei.presses("Open", on="Welcome, Mei")
    mei.presses("Next", on=STAR)
    assert "Ana looks after the alliance for your side" in mei.letters()[-1]
    hers = (
        select(func.min(Given.id))
        .join(Member, col(Member.id) == col(Given.member_id))
        .where(col(Member.name) == "Mei")
    )
    first = home.cast.bot.read(lambda session: session.exec(hers).one())
    assert "is here already" in mei.forges("onboarding.next", str(first))
    assert len(mei.letters()) == 2, "pressing twice brings nothing twice"
    zoe.presses("Stop this", on="Welcome, Zoe")
    assert "Stopped" in zoe.letters()[0]
    kim.presses("Open", on="Welcome, Kim")
    kim.presses("Skip", on=STAR)
    ben.chooses("In a week", in_menu="Later", on="Welcome, Ben")
    home.move_to(NIGHT + timedelta(days=6))
    assert len(ben.letters()) == 1
    home.move_to(NIGHT + timedelta(days=9))
    assert "Welcome, Ben" in ben.letters()[1]
    home.move_to(NIGHT + timedelta(days=20))
    assert len(zoe.letters()) == 1
    assert any("JSC" in text for text in kim.letters())


def seat_tom(home: Home) -> None:
    """On the JSC; he has written before, so that his zone is known."""
    home.tom.asks("help")
    set_up_committee(home.ana, "JSC", decides="Budget and sites")
    home.ana.asks("seat @Tom on JSC", home.tom)


def test_a_seat_brings_a_one_to_one_and_the_committee(home: Home) -> None:
    ana, tom = home.ana, home.tom
    seat_tom(home)
    home.move_to(NIGHT + timedelta(days=1))
    assert any("Tom is new on a committee" in text for text in ana.letters())
    ana.presses("Propose these times", on="Tom is new on a committee")
    home.move_to(NIGHT + timedelta(days=1, hours=4))
    home.move_to(NIGHT + timedelta(days=2))
    (proposal,) = (text for text in tom.letters() if "Which time suits" in text)
    found = re.search(r"\w+day, [^\[\]\n]+ E[SD]T", proposal.partition("Which time suits")[2])
    assert found, proposal
    tom.presses(found.group(), on="Which time suits")
    home.move_to(NIGHT + timedelta(days=3))
    assert any("You meet Tom on" in text for text in ana.letters()), ana.letters()
    bot = home.cast.bot
    assert isinstance(bot, Bot)
    bot.entente.dispatcher.registry.address = bot.url
    ana.presses("For my calendar", on="You meet Tom")
    url = ana.leads_to("Open the calendar file", on="works for a day")
    with urllib.request.urlopen(url, timeout=10) as answer:
        (event,) = Calendar.from_ical(answer.read()).walk("VEVENT")
    assert event["DTSTART"].dt == datetime(2027, 3, 5, 14, 0, tzinfo=UTC)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)
    home.move_to(NIGHT + timedelta(days=10))
    assert any("Budget and sites" in text for text in tom.letters())


def test_a_button_of_somebody_else_shows_nothing(home: Home) -> None:
    mei, eve = join(home, "Mei"), join(home, "Eve")
    home.move_to(NIGHT + timedelta(days=1))
    mei.presses("Open", on="Welcome, Mei")
    given = home.cast.bot.read(lambda session: session.exec(select(Given.id)).all())
    assert len(given) == 2
    for value in (*map(str, given), "0", "-1", "²", "9" * 30, "x' OR 1=1", ""):
        for action in ("open", "read", "next", "skip", "stop", "go_on", "nothing"):
            said = home.tom.forges(f"onboarding.{action}", value)
            assert "can't find that" in said, (action, value, said)
        assert "can't find that" in home.tom.forges("onboarding.later", f"1:{value}")
    assert len(mei.letters()) == len(eve.letters()) == 1


def test_a_manager_changes_what_newcomers_get(home: Home) -> None:
    ana = home.ana
    assert "How we work together" in ana.asks("onboarding track member")
    ana.presses("All at once, as YAML", on="How we work together")
    assert "can't read this as YAML" in ana.fills(yaml="- name: [broken")
    text = "<!channel> <at>All</at> <script>alert(1)</script> *hi*"
    hostile = f'- name: hello\n  title: Hello\n  text: "{text}"\n'
    ana.fills(yaml=hostile)
    ana.close_form()
    mei = join(home, "Mei")
    home.move_to(NIGHT + timedelta(days=1))
    mei.presses("Open", on="Welcome, Mei")
    assert "script" in mei.letters()[0]
    assert mei.mentions_in(mei.direct()[0]) == []


def test_the_other_side_sees_shares_and_no_names(home: Home) -> None:
    ana = home.ana
    join(home, "Mei")
    assert "Mei" in ana.asks("onboarding")
    ana.presses("Show no names", on="Mei")
    hidden = ana.asks("onboarding")
    assert "Mei" not in hidden
    assert "Nobody's progress is shown by name" in hidden
    assert "Mei" in ana.asks("undo") + ana.asks("onboarding")


def test_who_joins_the_workspace_is_brought_in_where_their_managers_want_it(world: World) -> None:
    """In Slack alone: Teams doesn't tell who is new in a tenant."""
    world.start()
    world.bot.work()
    world.bot.advance(NIGHT - world.clock.now)
    ben = world.slack.user("Ben", team=world.acme, tz="Europe/Berlin")
    world.slack.arrives(ben.member)
    world.say(world.ana, "onboarding")
    world.press(
        world.ana, world.slack.ephemerals(user=world.ana)[-1], "Also who joins the workspace"
    )
    mei = world.slack.user("Mei", team=world.acme, tz="Europe/Berlin")
    world.slack.arrives(mei.member)
    world.bot.settle()
    mei.joins(world.steering)
    world.bot.settle()
    world.bot.advance(NIGHT + timedelta(days=1) - world.clock.now)
    (welcome,) = world.dms(mei)
    assert "Welcome, Mei" in welcome
    assert world.dms(ben) == []
    world.say(world.ana, "onboarding")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Only who joins a channel")
    zoe = world.slack.user("Zoe", team=world.acme, tz="Europe/Berlin")
    world.slack.arrives(zoe.member)
    world.bot.advance(NIGHT + timedelta(days=2) - world.clock.now)
    assert world.dms(zoe) == []


def test_onboard_by_hand_and_again(home: Home) -> None:
    ana, tom = home.ana, home.tom
    tom.asks("help")
    assert "Tom gets the first note" in ana.asks("onboard @Tom", tom)
    assert "already" in ana.asks("onboard @Tom", tom)
    assert "Only alliance managers" in tom.asks("onboard @Ana", ana)
    home.move_to(NIGHT + timedelta(days=1))
    assert any("Welcome, Tom" in text for text in tom.letters())


def test_forms_of_others_are_not_sent_off(home: Home) -> None:
    ana, tom, bot = home.ana, home.tom, home.cast.bot
    tom.asks("help")
    mei = join(home, "Mei")
    home.move_to(NIGHT + timedelta(days=14))
    question = bot.read(lambda session: session.exec(select(func.max(Given.id))).one())
    alliance = bot.read(lambda session: session.exec(select(Alliance.id)).one())
    his = select(Member.id).where(col(Member.name) == "Tom")
    member = bot.read(lambda session: session.exec(his).one())
    for form, context, values in (
        ("onboarding.remark", {"given": str(question)}, {"text": "forged", "named": "yes"}),
        ("onboarding.choose", {"alliance": alliance}, {"members": (member,)}),
        ("onboarding.step", {"step": f"{alliance}:member:"}, {"title": "x", "day": "1"}),
        ("onboarding.yaml", {"track": f"{alliance}:member"}, {"yaml": "- {name: x, text: y}"}),
    ):
        assert send(home, tom, form, context, values), form
    assert "forged" not in ana.asks("onboarding")
    assert "at least one" in send(home, ana, "onboarding.choose", {"alliance": alliance}, {})
    hostile = {"members": ("x", "' OR 1=1", member + "x")}
    assert send(home, ana, "onboarding.choose", {"alliance": alliance}, hostile)
    assert mei


def send(
    home: Home, who: Person, form: str, context: dict[str, str], values: dict[str, FormValue]
) -> str:
    """A form that nobody opened, sent off; answers what was wrong with it."""
    bot = home.cast.bot
    assert isinstance(bot, Bot)
    event = make_event(FormSubmitted, **who.known_as(), form=form, context=context, values=values)
    answer = bot.call(bot.entente.dispatcher.dispatch(event))
    return " ".join(answer.errors.values()) if answer else ""
