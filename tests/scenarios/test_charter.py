"""A charter, clause by clause."""

from datetime import timedelta

from sqlmodel import Session, col, select

from bot.statements.models import Statement, Version
from tests.scenarios.conftest import World
from tests.scenarios.forging import press_forged
from tests.scenarios.test_two_partners import Two


def _write(world: World, line: str, text: str) -> None:
    world.say(world.ana, f"charter edit {line}")
    world.ana.submits(world.slack.views(world.ana)[-1], text=text)
    world.bot.settle()


def test_clauses_are_written_read_and_taken_back(world: World) -> None:
    world.start()
    _write(world, "scope", "Phase 2 only.")
    _write(world, "when we disagree", "We talk first.")
    shown = world.say(world.tom, "charter")
    assert "*Scope:* Phase 2 only." in shown
    assert "Not written yet: Why each of us is here" in shown
    assert "We talk first." in world.say(world.tom, "charter conflict")
    assert "In force at Acme only" in world.say(world.tom, "charter scope")
    _write(world, "scope", "Phases 2 and 3.")
    assert "Version 2" in world.say(world.tom, "charter history scope")
    assert "as it was" in world.say(world.ana, "undo")
    assert "Phase 2 only." in world.say(world.tom, "charter scope")


def test_a_committee_has_its_own_charter(world: World) -> None:
    world.start()
    world.say(world.ana, f"seat <@{world.tom.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1])
    world.bot.settle()
    _write(world, "JSC how this body decides", "By consensus.")
    assert "By consensus." in world.say(world.tom, "charter jsc decides")
    assert "not written yet" in world.say(world.tom, "charter decides").lower()


def test_a_clause_is_chosen_from_a_menu(world: World) -> None:
    world.start()
    world.say(world.ana, "charter edit")
    menu = world.slack.ephemerals(user=world.ana)[-1]
    world.ana.chooses(menu, "charter.pick", "Scope")
    world.bot.settle()
    assert "What belongs here" in str(world.slack.views(world.ana)[-1])


def test_a_reminder_brings_one_clause_at_a_time_and_never_the_approvals(world: World) -> None:
    world.start()
    _write(world, "scope", "Phase 2 only.")
    _write(world, "conflict", "We talk first.")
    _write(world, "approvals", "Our board signs off budgets.")
    world.remind("charter every wednesday 09:00")
    world.bot.advance(timedelta(days=22))
    posts = world.posts()
    assert ["Phase 2" in post for post in posts] == [True, False, True]
    assert ["talk first" in post for post in posts] == [False, True, False]
    assert not any("board" in post for post in posts)


def test_the_other_side_sees_none_of_it(world: World) -> None:
    world.start()
    two = Two(world)
    two.accept(two.code())
    _write(world, "approvals", "Our board signs off budgets.")
    assert "board" not in two.mention(two.jonas, "charter")
    assert "board" not in two.mention(two.jonas, "charter approvals")
    assert "board" not in two.mention(two.jonas, "charter history approvals")


def _versions(world: World) -> dict[str, str]:
    def read(session: Session) -> dict[str, str]:
        rows = session.exec(
            select(Statement.subject, Version.id).join(
                Version, col(Version.statement_id) == col(Statement.id)
            )
        )
        return dict(rows.all())

    return world.bot.read(read)


def test_a_clause_is_put_to_the_partners_and_the_approvals_never(world: World) -> None:
    world.start()
    two = Two(world)
    two.accept(two.code())
    _write(world, "scope", "Phase 2 only.")
    world.ana.closes(world.slack.views(world.ana)[-1])
    _write(world, "approvals", "Our board signs off budgets.")
    world.ana.closes(world.slack.views(world.ana)[-1])
    offer = "Ask the partners to confirm"
    assert offer in world.say(world.ana, "charter scope")
    assert offer not in world.say(world.ana, "charter approvals")
    found = _versions(world)
    said = press_forged(
        world, world.ana, "confirmations.propose", found["/approvals"], world.steering
    )
    assert "Acme's own and is not shown" in said
    assert world.slack.views(world.ana) == []
    press_forged(world, world.ana, "confirmations.propose", found["/scope"], world.steering)
    world.ana.submits(world.slack.views(world.ana)[-1])
    world.bot.settle()
    asked = world.slack.text_of(world.slack.dms(two.jonas)[-1])
    assert "Phase 2 only." in asked
    assert "Scope, in the charter of the alliance" in asked
    assert not any("board" in text for text in world.dms(two.jonas))


def test_a_confirmed_clause_is_changed_and_put_to_the_partners_again(world: World) -> None:
    world.start()
    two, slack = Two(world), world.slack
    two.accept(two.code())
    for text, waits in (
        ("Phase 2 only.", "These words wait"),
        ("Phases 2 and 3.", "Another wording waits"),
    ):
        _write(world, "scope", text)
        saved = slack.views(world.ana)[-1]
        world.ana.presses(saved, "Ask the partners to confirm")
        world.ana.submits(slack.views(world.ana)[-1])
        world.bot.settle()
        for view in reversed(slack.views(world.ana)):
            world.ana.closes(view)
        assert waits in world.say(world.ana, "charter scope")
        assert "Waiting for the partners' confirmation: Scope" in world.say(world.ana, "charter")
        world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
        shown = world.say(world.ana, "charter scope")
        assert text in shown
        assert "Confirmed by Acme, Borealis Bio" in shown


def test_what_waits_and_what_is_ones_own_is_read_beside_what_counts(world: World) -> None:
    world.start()
    two, slack = Two(world), world.slack
    two.accept(two.code())
    _write(world, "scope", "Phase 2 only.")
    world.ana.closes(slack.views(world.ana)[-1])
    world.say(world.ana, "charter scope")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Ask the partners to confirm")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    shown = two.mention(two.jonas, "charter scope")
    assert "Phase 2 only." in shown
    assert "Waiting for: Borealis Bio" in shown
    assert "Not written yet: Scope" not in two.mention(two.jonas, "charter")
    world.press(two.jonas, slack.dms(two.jonas)[-1], "Confirm for Borealis Bio")
    _write(world, "scope", "Phases 2 and 3.")
    saved = slack.text_of(slack.views(world.ana)[-1])
    assert "what the partners confirmed goes on counting" in saved
    world.ana.closes(slack.views(world.ana)[-1])
    shown = world.say(world.ana, "charter scope")
    assert shown.index("Phase 2 only.") < shown.index("Acme has another wording in force")
    assert "Phases 2 and 3." in shown
    assert "Ask the partners to confirm" in shown
    world.say(world.ana, "charter edit scope")
    assert "Phases 2 and 3." in str(slack.views(world.ana)[-1].blocks)
    assert "Phases 2 and 3." not in two.mention(two.jonas, "charter scope")


def test_a_history_says_what_changed_between_versions(world: World) -> None:
    world.start()
    _write(world, "scope", "Phase 2 only.")
    _write(world, "scope", "Phase 3 only.")
    assert "“2” became “3”." in world.say(world.tom, "charter history scope")


def test_an_unknown_clause_is_answered_with_all_of_them(world: World) -> None:
    world.start()
    said = world.say(world.ana, "charter xyzzy")
    assert "deliverables" in said
    assert "conflict" in said
