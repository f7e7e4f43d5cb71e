"""A charter comes up again: on its day, when people change, and a clause at a time."""

from datetime import timedelta

import pytest

from tests.fakes.slack import User
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two


def write(world: World, line: str, text: str, **more: str) -> None:
    world.say(world.ana, f"charter edit {line}")
    answer = world.ana.submits(world.slack.views(world.ana)[-1], text=text, **more)
    assert answer.status == 200
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])


def make_jsc(world: World, *people: User) -> None:
    world.say(world.tom, "charter")
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1])
    world.bot.settle()
    world.ana.closes(world.slack.views(world.ana)[-1])
    for person in (world.tom, *people):
        assert "sits on JSC" in world.say(world.ana, f"seat <@{person.id}> on JSC")


def proposals(world: World) -> list[str]:
    return [t for t in world.dms(world.ana) if "looked at again" in t or "seats in" in t]


def test_on_its_day_a_charter_is_proposed_once_in_one_message(world: World) -> None:
    world.start()
    write(world, "scope", "Phase 2 only.", review_on="2027-06-01")
    write(world, "focus", "The registry.", review_on="2027-06-01")
    world.bot.advance(timedelta(days=90))
    assert proposals(world) == []
    world.bot.advance(timedelta(days=6))
    (asked,) = proposals(world)
    assert "Scope" in asked
    assert "Focus" in asked
    asked_in = next(
        m for m in world.slack.dms(world.ana) if "It still holds" in world.slack.text_of(m)
    )
    said = world.press(world.ana, asked_in, "It still holds")
    assert "asked" not in said
    assert any("holds on as it is" in text for text in world.dms(world.ana))
    assert "Version 2" in world.say(world.ana, "charter history scope")
    assert "2 clauses are as they were" in world.say(world.ana, "undo")
    world.bot.advance(timedelta(days=30))
    assert len(proposals(world)) <= 1


def test_what_the_partners_confirmed_holds_on_as_it_is(world: World) -> None:
    world.start()
    two, slack = Two(world), world.slack
    two.accept(two.code())
    write(world, "scope", "Phase 2 only.", review_on="2027-03-10")
    world.say(world.ana, "charter scope")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
    world.bot.advance(timedelta(days=10))
    asked = next(m for m in slack.dms(world.ana) if "It still holds" in slack.text_of(m))
    world.press(world.ana, asked, "It still holds")
    assert any("goes on counting as it is" in text for text in world.dms(world.ana))
    shown = world.say(world.ana, "charter scope")
    assert "Confirmed by Acme, Borealis Bio" in shown
    assert "another wording" not in shown


def test_a_third_of_the_seats_taken_by_others_proposes_it_too(world: World) -> None:
    world.start()
    team = [world.slack.user(name, team=world.acme) for name in ("Bo", "Cy", "Di")]
    for person in team:
        person.joins(world.steering)
        world.say(person, "charter")
    make_jsc(world, *team)
    write(world, "JSC scope", "Phase 2 only.")
    world.bot.advance(timedelta(days=2))
    world.say(world.ana, f"seat <@{team[0].id}> on JSC as none")
    world.bot.advance(timedelta(days=2))
    assert proposals(world) == []
    world.say(world.ana, f"seat <@{team[1].id}> on JSC as none")
    world.bot.advance(timedelta(days=4))
    (asked,) = proposals(world)
    assert "third of the seats in JSC" in asked
    world.bot.advance(timedelta(days=10))
    assert len(proposals(world)) == 1


def test_a_reminder_brings_the_clause_that_was_named(world: World) -> None:
    world.start()
    make_jsc(world)
    write(world, "scope", "Phase 2 only.")
    write(world, "focus", "The registry.")
    write(world, "JSC scope", "Budgets and sites.")
    said = world.remind("charter scope every wednesday 09:00")
    assert "Scope (the alliance)" in said
    world.remind("charter JSC every thursday 09:00")
    world.bot.advance(timedelta(days=15))
    posts = world.posts()
    assert sum("Phase 2 only." in post for post in posts) == 2
    assert sum("Budgets and sites." in post for post in posts) == 2
    assert not any("registry" in post for post in posts)


def test_the_form_offers_the_clauses_in_force_and_never_the_approvals(world: World) -> None:
    world.start()
    write(world, "scope", "Phase 2 only.")
    write(world, "approvals", "Our board decides on budgets.")
    world.say(world.ana, "remind add")
    form = world.slack.views(world.ana)[-1]
    world.ana.chooses(form, "kind", "charter")
    world.bot.settle()
    form = world.slack.views(world.ana)[-1]
    assert "Scope (the alliance)" in str(form.blocks)
    assert "Internal approvals (" not in str(form.blocks)
    refused = world.say(world.ana, "remind add charter approvals every monday 09:00")
    assert "Set up" not in refused
    value = '{"alliance":"%s","kind":"charter","cadence":"every monday 09:00","channels":%s,'
    value += '"members":[],"text":"","zone":"","on_holiday":"shift","options":{"choice":"/%s"}}'
    channels = world.bot.read(read_channels)
    for clause in ("approvals", "nonsense"):
        forged = value % (channels[0][0], f'["{channels[0][1]}"]', clause)
        said = press_forged(world, world.ana, "remind.add", forged, world.steering)
        assert "There is no such clause in force" in said
    world.bot.advance(timedelta(days=8))
    assert not any("board" in post for post in world.posts())


def read_channels(session):  # type: ignore[no-untyped-def]
    from sqlmodel import select

    from bot.people.models import Channel

    return [(c.alliance_id, c.id) for c in session.exec(select(Channel)).all()]


def test_a_committee_gets_it_directly_each_in_their_own_zone(world: World) -> None:
    world.start()
    two = Two(world)
    two.accept(two.code())
    nia = world.slack.user("Nia", team=world.acme, tz="Asia/Tokyo")
    nia.joins(world.steering)
    world.say(nia, "charter")
    make_jsc(world)
    write(world, "JSC scope", "Budgets and sites.")
    said = world.remind("charter JSC scope every wednesday 09:00 for JSC")
    assert "JSC (Acme)" in said
    world.bot.advance(timedelta(days=3))
    assert count(world, world.tom) == 1
    assert count(world, world.ana) == 0
    assert "sits on JSC" in world.say(world.ana, f"seat <@{nia.id}> on JSC")
    world.bot.advance(timedelta(days=7))
    assert (count(world, world.tom), count(world, nia)) == (2, 1)
    assert "no longer sits" in world.say(world.ana, f"seat <@{world.tom.id}> on JSC as none")
    world.bot.advance(timedelta(days=7))
    assert (count(world, world.tom), count(world, nia)) == (2, 2)
    assert count(world, two.jonas) == 0
    edited = world.say(world.ana, "remind list")
    assert "JSC (Acme)" in edited


def count(world: World, who: User) -> int:
    """The reminders that somebody got (a newcomer's notes bring the clause up too)."""
    return sum(
        "Budgets and sites." in text and "From the charter" in text for text in world.dms(who)
    )


def test_what_only_a_committee_reads_is_brought_to_its_members_alone(world: World) -> None:
    world.start()
    two, slack = Two(world), world.slack
    two.accept(two.code())
    make_jsc(world)
    assert "sits on JSC" in world.say(world.ana, f"seat <@{world.ana.id}> on JSC")
    assert "sits on JSC" in two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")
    write(world, "JSC scope", "Budgets and sites.")
    world.say(world.ana, "charter JSC scope")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    form = slack.views(world.ana)[-1]
    assert "Only those who sit on JSC" in str(form.blocks)
    world.ana.submits(form, audience="committee")
    world.bot.settle()
    world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
    assert "Budgets and sites." in world.say(world.tom, "charter JSC scope")
    outside = slack.user("Olga", team=world.acme)
    outside.joins(world.steering)
    assert "not written yet" in world.say(outside, "charter JSC scope")
    world.remind("charter JSC scope every wednesday 09:00 for JSC")
    world.remind("charter JSC every wednesday 10:00")
    world.bot.advance(timedelta(days=3))
    assert count(world, world.tom) == 1
    assert count(world, world.ana) == 1
    assert count(world, two.jonas) == 0
    assert not any("Budgets" in post for post in world.posts())


def test_a_seat_that_ends_on_a_day_ends_the_reminders_too(world: World) -> None:
    world.start()
    make_jsc(world)
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC as none")
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC from 2027-03-08 until 2027-03-20")
    write(world, "JSC scope", "Budgets and sites.")
    world.remind("charter JSC scope every wednesday 09:00 for JSC")
    world.bot.advance(timedelta(days=5))
    assert count(world, world.tom) == 0
    world.bot.advance(timedelta(days=30))
    assert count(world, world.tom) == 2


def test_a_long_clause_is_cut_in_a_reminder_and_read_by_a_button(world: World) -> None:
    world.start()
    write(world, "scope", "We meet. " * 300)
    world.remind("charter scope every wednesday 09:00")
    world.bot.advance(timedelta(days=3))
    post = next(m for m in world.slack.messages(world.steering) if m.by_bot)
    assert len(world.slack.text_of(post)) < 1200
    assert "We meet. " * 250 in world.press(world.tom, post, "Read all of it")


def test_charters_of_many_bodies_are_paged(world: World) -> None:
    from bot.people.models import AudienceKind, Committee

    world.start()
    write(world, "scope", "Phase 2 only.")

    def add(session) -> None:  # type: ignore[no-untyped-def]
        from sqlmodel import select

        from bot.people.models import Alliance

        alliance = session.exec(select(Alliance)).one()
        for number in range(46):
            session.add(
                Committee(
                    alliance_id=alliance.id,
                    name=f"Team {number:02} <!here> *x*",
                    created_at=world.clock(),
                    audience_kind=AudienceKind.ALLIANCE,
                )
            )

    with world.bot.entente.database.write() as session:
        add(session)
    shown = world.say(world.tom, "charters")
    assert "1 of 11 clauses: Scope" in shown
    assert "Page 1 of 4" in shown
    page = world.slack.ephemerals(user=world.tom)[-1]
    assert "Page 2 of 4" in world.press(world.tom, page, "Next")


@pytest.mark.parametrize("value", ["", "x", ":", "a:b", "a:-1", "a:99999999"])
def test_forged_values_are_answered_in_words(world: World, value: str) -> None:
    world.start()
    for action in ("charter.page", "charter.browse", "charter.keep", "charter.history"):
        said = press_forged(world, world.ana, action, value, world.steering)
        assert said
        assert "Something went wrong" not in said
