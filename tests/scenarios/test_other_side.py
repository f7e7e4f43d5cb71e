"""Two sides of one alliance: the other side's manager and member try every private thing of the
first with every button, form and command there is."""

import json
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.fakes.slack import FakeSlack, User
from tests.harness import Bot, ManualClock
from tests.installing import PUBLIC, read_export
from tests.scenarios.conftest import World
from tests.scenarios.private_things import (
    ON_PRIVATE_THINGS,
    SECRETS,
    collect_private,
    furnish_private,
    name_private,
    read_private,
)
from tests.scenarios.test_other_alliances import (
    MANIFOLD,
    OPENED_BY_A_CODE,
    Opened,
    Rows,
    Side,
    Stage,
    collect_notes,
    open_form,
    read_values,
)
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def stage(database_url: str, clock: ManualClock) -> Iterator[Stage]:
    with capture_logs() as logged, FakeSlack() as slack:
        acme = slack.team("Acme")
        ana = slack.user("Ana", team=acme, tz="Europe/Berlin")
        tom = slack.user("Tom", team=acme, tz="America/New_York")
        back = slack.channel("zephyr-backroom", team=acme, members=[ana, tom], with_bot=True)
        with Bot(database_url, slack, clock, ENTENTE_PUBLIC_URL=PUBLIC) as bot:
            world = World(slack, bot, clock, acme, ana, tom, back)
            two = Two(world)
            bea = slack.user("Bea", team=two.jonas.team)
            made = prepare(world, two, bea)
            made.logged = logged
            yield made
            bot.settle()
            assert slack.strict_errors == []
            assert [k for k, n in made.counts().items() if k[1] == "failed" and n] == []
            assert not any(secret in str(line) for line in logged for secret in SECRETS)


def prepare(world: World, two: Two, bea: User) -> Stage:
    """Both sides are heard in their shared channel, and Acme has things of its own."""
    slack, ana = world.slack, world.ana
    world.set_up()
    world.say(ana, "link")
    world.say(ana, 'north star set "a lantern in every harbour"')
    for clause, words in (
        ("approvals", "our board above two million"),
        ("scope", "only wide sails"),
    ):
        world.say(ana, f"charter edit {clause}")
        ana.submits(slack.views(ana)[-1], text=words)
        world.bot.settle()
        ana.closes(slack.views(ana)[-1])
    world.remind('"bring the blue ledger" every monday 09:00')
    two.open()
    bea.joins(two.shared)
    world.say(world.tom, "help")
    with world.bot.entente.database.write() as session:
        furnish_private(session, now=world.clock())
    stage = Stage(
        slack=slack,
        bot=world.bot,
        theirs=Side(ana, world.steering),
        ours=Side(two.jonas, two.shared),
        member=world.tom,
        outsider=bea,
        lobby=two.shared,
        logged=(),
    )
    stage.ids, stage.notes = world.bot.read(collect_private), world.bot.read(collect_notes)
    for line in ("status", "roster", "remind", "charter", "north star", "charter edit"):
        world.say(ana, line)
    ana.opens_home()
    world.bot.settle()
    private = {each for ids in stage.ids.values() for each in ids}
    stage.seen = {
        action: {v for v in values if any(each in v for each in private)}
        for action, values in read_values(stage, ana).items()
    }
    return stage


def private_rows(stage: Stage) -> Rows:
    return stage.bot.read(lambda session: read_private(session, stage.ids))


def every_value(stage: Stage, action: str) -> list[str]:
    seen = stage.seen.get(action, ())
    return stage.bot.read(lambda session: name_private(session, stage.ids, stage.notes, seen))


def others(stage: Stage) -> list[User]:
    return [stage.ours.manager, stage.outsider]


def assert_kept(stage: Stage, before: Rows) -> None:
    stage.bot.settle()
    assert private_rows(stage) == before
    for user in others(stage):
        shown = stage.shown_to(user)
        assert [secret for secret in SECRETS if secret in shown] == [], user.name


def test_there_is_something_to_hide_and_its_owners_see_it(stage: Stage) -> None:
    assert set(stage.ids) >= {"channels", "statements", "reminders", "committees", "changes"}
    shown = stage.shown_to(stage.theirs.manager)
    assert [secret for secret in SECRETS if secret not in shown] == []


def test_no_button_of_the_other_side_reaches_a_private_thing(stage: Stage) -> None:
    registry, before = stage.bot.entente.dispatcher.registry, private_rows(stage)
    for user in others(stage):
        for action in (*registry.buttons, *registry.forms):
            for value in every_value(stage, action):
                assert stage.presses(user, action, value, stage.lobby).status == 200
                for view in stage.slack.views(user):
                    user.closes(view)
    assert_kept(stage, before)
    refused = {line["user"] for line in stage.logged if line["event"] == "refused"}
    assert refused >= {user.id for user in others(stage)}


def test_no_form_of_the_other_side_reaches_a_private_thing(stage: Stage) -> None:
    before, opened = private_rows(stage), open_private_forms(stage)
    assert {form.name for form in opened} >= ON_PRIVATE_THINGS
    for user in others(stage):
        for form in opened:
            assert stage.submits(user, form, form.context, form.values).status == 200
            assert stage.changes(user, form, form.context, form.values).status == 200
    assert_kept(stage, before)


def open_private_forms(stage: Stage) -> list[Opened]:
    """Every form that Acme's manager can open for one of Acme's own things."""
    opened = [
        form
        for name in stage.bot.entente.dispatcher.registry.forms
        if name not in OPENED_BY_A_CODE
        for value in every_value(stage, name)
        for form in open_form(stage, stage.theirs.manager, stage.theirs.channel, name, value)
    ]
    private = {each for ids in stage.ids.values() for each in ids}
    return [
        form
        for form in opened
        if form.value in stage.notes or any(each in json.dumps(form.context) for each in private)
    ]


def test_no_command_of_the_other_side_reaches_a_private_thing(stage: Stage) -> None:
    registry, before = stage.bot.entente.dispatcher.registry, private_rows(stage)
    named = [
        "",
        "1",
        stage.ids["reminders"][0],
        stage.theirs.channel.mention,
        "Quillon",
        f"<@{stage.member.id}> in Borealis Bio",
        f"<@{stage.theirs.manager.id}> none",
    ]
    for user in others(stage):
        for phrase in registry.commands:
            for name in named:
                user.says(stage.lobby, f"<@BOT> {phrase} {name}")
        user.opens_home()
    stage.bot.settle()
    # What somebody named themselves is no leak; Slack adds no names to what they typed.
    assert_kept(stage, before)


def test_what_the_other_side_takes_along_holds_no_private_thing(stage: Stage) -> None:
    jonas, ana = stage.ours.manager, stage.theirs.manager
    taken = "".join(read_export(stage.bot, stage.slack, jonas, stage.lobby).values())
    assert [secret for secret in SECRETS if secret in taken] == []
    own = "".join(read_export(stage.bot, stage.slack, ana, stage.theirs.channel).values())
    assert [secret for secret in SECRETS if secret not in own] == []


def test_what_is_private_and_what_is_nowhere_are_told_alike(stage: Stage) -> None:
    registry, jonas = stage.bot.entente.dispatcher.registry, stage.ours.manager

    def said(action: str, value: str) -> str:
        stage.presses(jonas, action, value, stage.lobby)
        stage.bot.settle()
        for view in stage.slack.views(jonas):
            jonas.closes(view)
        return stage.slack.text_of(stage.slack.ephemerals(user=jonas)[-1])

    for action in (*registry.buttons, *registry.forms):
        expected = said(action, "f" * 24)
        for table, ids in stage.ids.items():
            for each in ids if table in MANIFOLD else ids[:1]:
                assert said(action, each) == expected, f"{action} tells that {table} exist"
