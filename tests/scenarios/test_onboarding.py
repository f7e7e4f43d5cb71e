"""Newcomers are brought in: as she, her manager and the others live it."""

import re
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlmodel import col, func, select

from bot.core.events import ButtonPressed, FormSubmitted, FormValue
from bot.features.onboarding.models import Given
from bot.people.models import Alliance, Member
from bot.testing.world import make_event
from tests.fakes.slack import Message, User
from tests.scenarios.conftest import STAR, World

NIGHT = datetime(2027, 3, 2, 21, 40, tzinfo=UTC)
"""Tuesday, 22:40 in Berlin."""


class Newcomers:
    """Acme's world with the North Star written, on a Tuesday night."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.start()
        world.bot.work()
        self.move_to(NIGHT)

    def move_to(self, moment: datetime) -> None:
        self.world.bot.advance(moment - self.world.clock.now)

    def join(self, name: str, tz: str = "Europe/Berlin") -> User:
        person = self.world.slack.user(name, team=self.world.acme, tz=tz)
        person.joins(self.world.steering)
        self.world.bot.settle()
        self.world.bot.work()
        return person

    def notes(self, who: User) -> list[Message]:
        return list(self.world.slack.dms(who))

    def texts(self, who: User) -> list[str]:
        return self.world.dms(who)


@pytest.fixture
def newcomers(world: World) -> Newcomers:
    return Newcomers(world)


def test_a_join_at_night_leads_to_one_message_the_next_working_morning(
    newcomers: Newcomers,
) -> None:
    world = newcomers.world
    mei = newcomers.join("Mei")
    assert newcomers.texts(mei) == []
    newcomers.move_to(datetime(2027, 3, 3, 8, 9, tzinfo=UTC))
    assert newcomers.texts(mei) == []
    newcomers.move_to(datetime(2027, 3, 3, 8, 11, tzinfo=UTC))
    (welcome,) = newcomers.texts(mei)
    assert "Welcome, Mei" in welcome
    assert "Whoever runs this installation can read that" in welcome
    assert "Acme–Borealis" in welcome
    assert STAR not in welcome
    world.press(mei, newcomers.notes(mei)[0], "Open")
    assert STAR in newcomers.texts(mei)[0]
    newcomers.move_to(NIGHT + timedelta(days=14))


def test_two_weeks_later_she_is_through_and_her_manager_sees_it(newcomers: Newcomers) -> None:
    world = newcomers.world
    world.say(world.ana, "charter edit norms")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, text="Questions before judgements.")
    world.bot.settle()
    mei = newcomers.join("Mei")
    newcomers.move_to(NIGHT + timedelta(days=1))
    world.press(mei, newcomers.notes(mei)[0], "Open")
    newcomers.move_to(NIGHT + timedelta(days=3))
    charter = newcomers.notes(mei)[-1]
    assert "Questions before judgements." in world.slack.text_of(charter)
    world.press(mei, charter, "I've read it")
    assert "You've read it, on 5 March 2027" in newcomers.texts(mei)[-1]
    newcomers.move_to(NIGHT + timedelta(days=14))
    question = newcomers.notes(mei)[-1]
    assert "what was missing" in world.slack.text_of(question)
    world.press(mei, question, "Answer")
    mei.submits(world.slack.views(mei)[-1], text="Who orders the samples?", named="no")
    world.bot.settle()
    newcomers.move_to(NIGHT + timedelta(days=15))
    shown = world.say(world.ana, "onboarding")
    assert "through" in shown
    assert "33 % formally onboarded (1 of 3)" in shown
    assert "Who orders the samples?" in shown
    assert "Without a name" in shown
    assert "Only" in world.say(world.tom, "onboarding track member")


def test_a_clause_counts_once_whatever_is_pressed_how_often(newcomers: Newcomers) -> None:
    world = newcomers.world
    for clause in ("why", "scope", "norms"):
        world.say(world.ana, f"charter edit {clause}")
        world.ana.submits(world.slack.views(world.ana)[-1], text=f"Our {clause}.")
        world.bot.settle()
    mei, kim = newcomers.join("Mei"), newcomers.join("Kim")
    newcomers.move_to(NIGHT + timedelta(days=3))
    note = newcomers.notes(mei)[-1]
    (old,) = {
        each["value"]
        for block in note.blocks
        for each in block.get("elements", ())
        if each.get("action_id", "").startswith("onboarding.read")
    }
    world.press(mei, note, "I've read it")
    assert "2 of 3" in newcomers.texts(mei)[-1]
    for value in (old, old.split(":")[0] + ":made-up"):
        assert "2 of 3" in forge(world, mei, "onboarding.read", value)
    assert "can't find that" in forge(world, kim, "onboarding.next", old)
    mei.chooses(newcomers.notes(mei)[-1], "Later", "Tomorrow")
    newcomers.move_to(NIGHT + timedelta(days=6))
    assert "2 of 3" in newcomers.texts(mei)[-1]
    for _ in range(2):
        world.press(mei, newcomers.notes(mei)[-1], "Next")
    assert "all of it, 3 parts" in newcomers.texts(mei)[-1]
    world.press(mei, newcomers.notes(mei)[-1], "Next")
    assert "3 parts" not in newcomers.texts(mei)[-1]
    charter = next(m for m in newcomers.notes(kim) if "1 of 3" in world.slack.text_of(m))
    for _ in range(3):
        world.press(kim, charter, "Next")
        charter = next(m for m in newcomers.notes(kim) if m.ts == charter.ts)
    newcomers.move_to(NIGHT + timedelta(days=20))
    shown = world.say(world.ana, "onboarding")
    assert "How we work together (1×)" in shown, "Kim passed over all of it"
    assert "all notes brought, not all marked as read" in shown
    assert "through" in shown


def test_next_later_skip_and_stop_do_what_they_say(newcomers: Newcomers) -> None:
    world = newcomers.world
    seat_roster(world)
    mei, ben, zoe, kim = (newcomers.join(name) for name in ("Mei", "Ben", "Zoe", "Kim"))
    newcomers.move_to(NIGHT + timedelta(days=1))
    for person in (mei, ben, zoe, kim):
        assert len(newcomers.texts(person)) == 1
    world.press(mei, newcomers.notes(mei)[0], "Open")
    world.press(mei, newcomers.notes(mei)[0], "Next")
    assert "Ana looks after the alliance for your side" in newcomers.texts(mei)[-1]
    hers = (
        select(func.min(Given.id))
        .join(Member, col(Member.id) == col(Given.member_id))
        .where(col(Member.name) == "Mei")
    )
    first = world.bot.read(lambda session: session.exec(hers).one())
    assert "is here already" in forge(world, mei, "onboarding.next", str(first))
    world.bot.settle()
    assert len(newcomers.texts(mei)) == 2, "pressing twice brings nothing twice"
    world.press(zoe, newcomers.notes(zoe)[0], "Stop this")
    assert "Stopped" in newcomers.texts(zoe)[0]
    world.press(kim, newcomers.notes(kim)[0], "Open")
    world.press(kim, newcomers.notes(kim)[0], "Skip")
    ben.chooses(newcomers.notes(ben)[0], "Later", "In a week")
    world.bot.settle()
    newcomers.move_to(NIGHT + timedelta(days=6))
    assert len(newcomers.texts(ben)) == 1
    newcomers.move_to(NIGHT + timedelta(days=9))
    assert "Welcome, Ben" in newcomers.texts(ben)[1]
    newcomers.move_to(NIGHT + timedelta(days=20))
    assert len(newcomers.texts(zoe)) == 1
    assert any("JSC" in text for text in newcomers.texts(kim))


def seat_roster(world: World) -> None:
    """The JSC, with Tom on it."""
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    form = world.slack.views(world.ana)[-1]
    world.ana.submits(form, name="JSC", decides="Budget and sites")
    world.bot.settle()
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")


def test_a_seat_brings_a_one_to_one_and_the_committee(newcomers: Newcomers) -> None:
    world = newcomers.world
    seat_roster(world)
    newcomers.move_to(NIGHT + timedelta(days=1))
    asked = next(m for m in newcomers.notes(world.ana) if "Propose these" in world.slack.text_of(m))
    assert "Tom is new on a committee" in world.slack.text_of(asked)
    world.press(world.ana, asked, "Propose these times")
    newcomers.move_to(NIGHT + timedelta(days=1, hours=4))
    newcomers.move_to(NIGHT + timedelta(days=2))
    proposal = next(
        m for m in newcomers.notes(world.tom) if "Which time suits" in world.slack.text_of(m)
    )
    label = next(
        each for each in world.slack.text_of(proposal).splitlines() if each.endswith(("EST", "EDT"))
    )
    world.press(world.tom, proposal, label)
    newcomers.move_to(NIGHT + timedelta(days=3))
    assert any("You meet Tom on" in text for text in newcomers.texts(world.ana)), newcomers.texts(
        world.ana
    )
    agreed = next(m for m in newcomers.notes(world.ana) if "You meet Tom" in world.slack.text_of(m))
    world.bot.entente.dispatcher.registry.address = world.bot.url
    world.press(world.ana, agreed, "For my calendar")
    shown = str(world.slack.ephemerals(user=world.ana)[-1].blocks)
    (url,) = re.findall(r"'url': '([^']+?/documents/[\w-]+)'", shown)
    with urllib.request.urlopen(url, timeout=10) as answer:
        (event,) = Calendar.from_ical(answer.read()).walk("VEVENT")
    assert event["DTSTART"].dt == datetime(2027, 3, 5, 14, 0, tzinfo=UTC)
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=30)
    newcomers.move_to(NIGHT + timedelta(days=10))
    assert any("Budget and sites" in text for text in newcomers.texts(world.tom))


def test_a_button_of_somebody_else_shows_nothing(newcomers: Newcomers) -> None:
    world = newcomers.world
    mei, eve = newcomers.join("Mei"), newcomers.join("Eve")
    newcomers.move_to(NIGHT + timedelta(days=1))
    world.press(mei, newcomers.notes(mei)[0], "Open")
    given = world.bot.read(lambda session: session.exec(select(Given.id)).all())
    assert len(given) == 2
    for value in (*map(str, given), "0", "-1", "²", "9" * 30, "x' OR 1=1", ""):
        for action in ("open", "read", "next", "skip", "stop", "go_on", "nothing"):
            said = forge(world, world.tom, f"onboarding.{action}", value)
            assert "can't find that" in said, (action, value, said)
        assert "can't find that" in forge(world, world.tom, "onboarding.later", f"1:{value}")
    assert len(newcomers.texts(mei)) == len(newcomers.texts(eve)) == 1


def forge(world: World, who: User, action: str, value: str) -> str:
    """A press that no button of Entente's led to; answers what the person is told."""
    event = make_event(
        ButtonPressed,
        user=who.id,
        workspace=world.acme.id,
        platform="slack",
        action=action,
        value=value,
    )
    answer = world.bot.call(world.bot.entente.dispatcher.dispatch(event))
    shown = answer and (answer.view or answer.refresh)
    return shown.plain_text() if shown else ""


def test_a_manager_changes_what_newcomers_get(newcomers: Newcomers) -> None:
    world = newcomers.world
    shown = world.say(world.ana, "onboarding track member")
    assert "How we work together" in shown
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "All at once, as YAML")
    form = world.slack.views(world.ana)[-1]
    bad = world.ana.submits(form, yaml="- name: [broken")
    assert "can't read this as YAML" in bad.json["errors"]["yaml"]
    hostile = '- name: hello\n  title: Hello\n  text: "<!channel> <script>alert(1)</script> *hi*"\n'
    world.ana.submits(world.slack.views(world.ana)[-1], yaml=hostile)
    world.bot.settle()
    mei = newcomers.join("Mei")
    newcomers.move_to(NIGHT + timedelta(days=1))
    world.press(mei, newcomers.notes(mei)[0], "Open")
    raw = str(newcomers.notes(mei)[0].blocks)
    assert "<!channel>" not in raw
    assert "script" in newcomers.texts(mei)[0]


def test_the_other_side_sees_shares_and_no_names(newcomers: Newcomers) -> None:
    world = newcomers.world
    mei = newcomers.join("Mei")
    assert mei
    off = world.say(world.ana, "onboarding")
    assert "Mei" in off
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Show no names")
    hidden = world.say(world.ana, "onboarding")
    assert "Mei" not in hidden
    assert "Nobody's progress is shown by name" in hidden
    assert "Mei" in world.say(world.ana, "undo") + world.say(world.ana, "onboarding")


def test_who_joins_the_workspace_is_brought_in_where_their_managers_want_it(
    newcomers: Newcomers,
) -> None:
    world = newcomers.world
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
    newcomers.move_to(NIGHT + timedelta(days=1))
    (welcome,) = newcomers.texts(mei)
    assert "Welcome, Mei" in welcome
    assert newcomers.texts(ben) == []
    world.say(world.ana, "onboarding")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Only who joins a channel")
    zoe = world.slack.user("Zoe", team=world.acme, tz="Europe/Berlin")
    world.slack.arrives(zoe.member)
    newcomers.move_to(NIGHT + timedelta(days=2))
    assert newcomers.texts(zoe) == []


def test_onboard_by_hand_and_again(newcomers: Newcomers) -> None:
    world = newcomers.world
    said = world.say(world.ana, f"onboard <@{world.tom.id}>")
    assert "Tom gets the first note" in said
    assert "already" in world.say(world.ana, f"onboard <@{world.tom.id}>")
    assert "Only alliance managers" in world.say(world.tom, f"onboard <@{world.ana.id}>")
    newcomers.move_to(NIGHT + timedelta(days=1))
    assert any("Welcome, Tom" in text for text in newcomers.texts(world.tom))


def test_forms_of_others_are_not_sent_off(newcomers: Newcomers) -> None:
    world = newcomers.world
    mei = newcomers.join("Mei")
    newcomers.move_to(NIGHT + timedelta(days=14))
    question = world.bot.read(lambda session: session.exec(select(func.max(Given.id))).one())
    alliance = world.bot.read(lambda session: session.exec(select(Alliance.id)).one())
    tom = world.bot.read(
        lambda session: session.exec(select(Member.id).where(col(Member.name) == "Tom")).one()
    )
    for form, context, values in (
        ("onboarding.remark", {"given": str(question)}, {"text": "forged", "named": "yes"}),
        ("onboarding.choose", {"alliance": alliance}, {"members": (tom,)}),
        ("onboarding.step", {"step": f"{alliance}:member:"}, {"title": "x", "day": "1"}),
        ("onboarding.yaml", {"track": f"{alliance}:member"}, {"yaml": "- {name: x, text: y}"}),
    ):
        assert send(world, world.tom, form, context, values), form
    assert "forged" not in world.say(world.ana, "onboarding")
    assert "at least one" in send(world, world.ana, "onboarding.choose", {"alliance": alliance}, {})
    hostile = {"members": ("x", "' OR 1=1", tom + "x")}
    assert send(world, world.ana, "onboarding.choose", {"alliance": alliance}, hostile)
    assert mei


def send(
    world: World, who: User, form: str, context: dict[str, str], values: dict[str, FormValue]
) -> str:
    """A form that nobody opened, sent off; answers what was wrong with it."""
    event = make_event(
        FormSubmitted,
        user=who.id,
        workspace=world.acme.id,
        platform="slack",
        form=form,
        context=context,
        values=values,
    )
    answer = world.bot.call(world.bot.entente.dispatcher.dispatch(event))
    return " ".join(answer.errors.values()) if answer else ""
