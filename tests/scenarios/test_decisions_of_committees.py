"""Decisions that only a committee may see: who hears what of them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.people.models import Committee
from bot.statements.models import Version, VersionState, Voice
from tests.fakes.slack import Message
from tests.scenarios.casts import BASEL
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two, talk
from tests.scenarios.forging import press_forged
from tests.scenarios.test_confirmations import value_of
from tests.scenarios.test_two_partners import Two


@pytest.fixture
def two(world: World) -> Two:
    """With a steering committee on which Ana and Tom of Acme sit, and nobody of Borealis."""
    made = make_two(world)
    world.say(world.ana, f"seat <@{world.ana.id}> on JSC")
    world.press(world.ana, world.slack.ephemerals(user=world.ana)[-1], "Set up JSC")
    world.ana.submits(world.slack.views(world.ana)[-1], decides="Where we go.")
    world.bot.settle()
    for who in (world.ana, world.tom):
        assert "sits on JSC" in world.say(world.ana, f"seat <@{who.id}> on JSC")
    return made


def seat_jonas(two: Two) -> None:
    """Borealis fills its seat, with somebody else than its manager."""
    two.mention(two.jonas, f"seat <@{two.jonas.id}> on JSC")


def capture_for_jsc(two: Two, **values: str) -> str:
    """Ana captures a decision that only the committee may see."""
    world, slack = two.world, two.world.slack
    jsc = world.bot.read(lambda session: session.exec(select(Committee.id)).one())
    world.ana.uses_shortcut("decisions.capture", talk(two))
    given = {"weight": "asked", "audience": "committee", "committee": jsc}
    answer = world.ana.submits(slack.views(world.ana)[-1], **(given | values))
    world.bot.settle()
    return answer.text


def told(two: Two, words: str) -> Message:
    """The latest direct message to Jonas that says this."""
    slack = two.world.slack
    return next(m for m in reversed(slack.dms(two.jonas)) if words in slack.text_of(m))


def test_the_manager_of_an_empty_side_hears_what_became_of_it_but_not_what_it_says(
    two: Two,
) -> None:
    world = two.world
    assert "Saved as D-1" in capture_for_jsc(two)
    told(two, "D-1 waits for Borealis Bio")
    assert "can't find" in two.mention(two.jonas, "decisions show D-1")
    world.say(world.ana, "decisions withdraw D-1")
    said = two.world.slack.text_of(told(two, "Withdrawn: D-1"))
    assert "for those who sit there" in said
    assert not any(BASEL in text for text in world.dms(two.jonas))


def test_the_manager_of_an_empty_side_records_what_it_said_elsewhere(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture_for_jsc(two)
    two.jonas.presses(told(two, "D-1 waits for Borealis Bio"), "Answered elsewhere")
    form = slack.views(two.jonas)[-1]
    assert BASEL not in slack.text_of(form)
    answer = two.jonas.submits(form, how="email")
    world.bot.settle()
    assert "Recorded: Borealis Bio has confirmed D-1" in answer.text
    state = world.bot.read(lambda session: session.exec(select(Version.state)).all()[-1])
    assert state == VersionState.CONFIRMED
    assert "by e-mail, 1 March 2027" in world.say(world.ana, "decisions show D-1")
    assert not any(BASEL in text for text in world.dms(two.jonas))


def test_once_somebody_sits_there_it_is_theirs_to_answer(two: Two) -> None:
    world, slack = two.world, two.world.slack
    capture_for_jsc(two)
    value = value_of(told(two, "D-1 waits"), "confirmations.elsewhere")
    mei = slack.user("Mei", team=two.jonas.team, tz="Europe/Zurich")
    mei.joins(two.shared)
    two.mention(two.jonas, f"seat <@{mei.id}> on JSC")
    said = press_forged(world, two.jonas, "confirmations.elsewhere", value, two.shared)
    assert "I can't find that" in said
    assert world.bot.read(lambda session: len(session.exec(select(Voice)).all())) == 1


def test_only_those_who_may_see_it_are_offered_to_be_asked_first(two: Two) -> None:
    world, slack = two.world, two.world.slack
    jsc = world.bot.read(lambda session: session.exec(select(Committee.id)).one())
    world.ana.uses_shortcut("decisions.capture", world.ana.says(two.shared, BASEL))
    given = {"weight": "asked", "audience": "committee", "committee": jsc}
    assert "Saved as D-1" in world.ana.submits(slack.views(world.ana)[-1], **given).text
    assert not any(BASEL in text for text in world.dms(two.jonas))

    seat_jonas(two)
    world.ana.uses_shortcut("decisions.capture", world.ana.says(two.shared, "Start in May"))
    world.ana.submits(slack.views(world.ana)[-1], **given)
    form = slack.views(world.ana)[-1]
    assert "Jonas first" in slack.text_of(form) + str(form.blocks)


def test_before_it_meets_those_who_sit_there_read_what_is_open_and_nobody_else(two: Two) -> None:
    world, slack = two.world, two.world.slack
    world.say(world.ana, "roster JSC")
    world.ana.presses(slack.ephemerals(user=world.ana)[-1], "Change")
    world.ana.submits(slack.views(world.ana)[-1], meets_on="2027-03-10", meets_at="14:00")
    world.bot.settle()
    seat_jonas(two)
    capture_for_jsc(two)
    said = world.say(world.ana, "decisions before JSC 2")
    assert "hear what is open and comes up, 2 days before it meets" in said
    assert "Wednesday, 10 March 2027, 14:00" in said
    world.bot.advance(timedelta(days=6))
    lead = "JSC meets on Wednesday, 10 March 2027, 14:00 CET"
    assert not any(lead in text for text in world.dms(world.tom))
    world.bot.advance(timedelta(days=3))
    (told_tom,) = [text for text in world.dms(world.tom) if "JSC meets on" in text]
    assert BASEL in told_tom
    assert not any("JSC meets on" in text for text in world.dms(two.jonas))
    assert "managers" in world.say(world.tom, "decisions before JSC off")
    assert "nothing before its meetings" in world.say(world.ana, "decisions before JSC off")
    assert "2 days before" in world.say(world.ana, "undo")
    assert "no committee called Nobody" in world.say(world.ana, "decisions before Nobody 3")


@pytest.mark.parametrize("opens", [True, False])
def test_what_a_committee_decided_is_open_to_all_once_each_partner_seated_there_agreed(
    two: Two, opens: bool
) -> None:
    world, slack = two.world, two.world.slack
    seat_jonas(two)
    bea = slack.user("Bea", team=two.jonas.team)
    bea.joins(two.shared)
    world.bot.settle()
    capture_for_jsc(two)
    assert "has not confirmed D-1 yet" in world.say(world.ana, "decisions share D-1")
    world.press(two.jonas, told(two, BASEL), "Confirm for Borealis Bio")
    shown = world.say(world.ana, "decisions share D-1")
    assert "Now only those who sit on JSC see" in shown
    assert BASEL in shown
    asked = world.press(world.ana, slack.ephemerals(user=world.ana)[-1], "Ask JSC")
    assert "Once each partner seated on JSC has agreed" in asked
    assert "confirmed" in world.say(world.ana, "decisions D-1").splitlines()[0].casefold()
    assert "can't find" in two.mention(bea, "decisions D-1")
    request = told(two, "With your yes the whole alliance may read this")
    if opens:
        world.press(two.jonas, request, "Confirm for Borealis Bio")
        assert BASEL in two.mention(bea, "decisions search basel")
    else:
        assert "Withdrawn" in world.say(world.ana, "undo")
        assert "can't find" in two.mention(bea, "decisions D-1")
    mine = world.say(world.ana, "decisions D-1")
    assert "confirmed" in mine.splitlines()[0].casefold()
    assert BASEL in mine


def test_who_does_not_sit_there_opens_nothing(two: Two) -> None:
    world, slack = two.world, two.world.slack
    seat_jonas(two)
    capture_for_jsc(two)
    world.press(two.jonas, told(two, BASEL), "Confirm for Borealis Bio")
    nia = slack.user("Nia", team=world.acme)
    nia.joins(world.steering)
    world.say(nia, "help")
    world.say(world.ana, f"role <@{nia.id}> manager")
    assert "can't find" in world.say(nia, "decisions share D-1")


def write_clause(two: Two, clause: str, text: str) -> None:
    world = two.world
    world.say(world.ana, f"charter edit JSC {clause}")
    world.ana.submits(world.slack.views(world.ana)[-1], text=text)
    world.bot.settle()


def offered(two: Two) -> tuple[str, ...]:
    """How the open form says that a decision can have been agreed."""
    shown = two.world.slack.views(two.world.ana)[-1]
    (block,) = [each for each in shown.blocks if "How it was agreed" in str(each.get("label"))]
    return tuple(option["text"]["text"] for option in block["element"]["options"])


def test_the_form_offers_the_ways_to_agree_that_the_chosen_bodys_charter_gives(two: Two) -> None:
    world, slack = two.world, two.world.slack
    write_clause(two, "decides", "By consensus; if it comes to it, the chair has the final say.")
    jsc = world.bot.read(lambda session: session.exec(select(Committee.id)).one())
    world.ana.uses_shortcut("decisions.capture", talk(two))
    form = slack.views(world.ana)[-1]
    assert offered(two) == ("By consensus", "After escalation")
    assert "charter edit" in str(form.blocks)
    world.ana.chooses(form, "committee", jsc)
    world.bot.settle()
    form = slack.views(world.ana)[-1]
    assert offered(two) == ("By consensus", "By the one who has the final say", "After escalation")
    assert BASEL in str(form.blocks)
    assert "charter edit" not in str(form.blocks)
    saved = world.ana.submits(form, weight="asked", audience="alliance", basis="final_say")
    assert "Saved as D-1" in saved.text
    assert world.bot.read(lambda session: session.exec(select(Version.basis)).all())[-1] == (
        "final_say"
    )
