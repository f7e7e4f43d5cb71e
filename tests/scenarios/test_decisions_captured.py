"""Ways in which a decision is captured: what a form or a line begins with, and what is kept."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.features.decisions.models import Decision
from tests.fakes.slack import Message, User
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two, prefilled
from tests.scenarios.test_two_partners import Two

ENDED = "ok, let's go with Basel, see https://files.example/basel"


@pytest.fixture
def two(world: World) -> Two:
    return make_two(world)


def agree_in_thread(two: Two) -> Message:
    """A thread that ends in a decision; answers its first message."""
    first = two.world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, "Basel can start in May.", thread=first)
    two.world.ana.says(two.shared, ENDED, thread=first)
    return first


def ask_in_thread(two: Two, who: User, text: str) -> Message:
    """Somebody mentions Entente in such a thread; answers what they got to read for it."""
    who.says(two.shared, f"<@BOT> {text}", thread=agree_in_thread(two))
    two.world.bot.settle()
    return two.world.slack.ephemerals(user=who)[-1]


def test_in_a_thread_decide_begins_with_the_words_that_ended_it(two: Two) -> None:
    offered = ask_in_thread(two, two.jonas, "decide")
    two.jonas.presses(offered, "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "let's go with Basel" in form
    assert "See https://files.example/basel" in form
    assert "Which site" not in form
    assert two.world.ana.id not in form, "whoever took part knows already"


def test_one_line_in_a_thread_keeps_the_way_back_to_it(two: Two) -> None:
    offered = ask_in_thread(two, two.jonas, 'decide "Use the Basel site" because "it can start"')
    assert "Noted as D-1" in two.world.press(two.jonas, offered, "Note it down")
    link = two.world.bot.read(lambda session: session.exec(select(Decision.permalink)).one())
    assert link.startswith("https://")
    (post,) = [post for post in two.posts() if "D-1" in post]
    assert "Use the Basel site" in post


def test_reasons_too_long_for_a_button_are_not_lost_on_the_way_to_the_form(two: Two) -> None:
    world, slack = two.world, two.world.slack
    why = " ".join(f"Reason {number} of many." for number in range(110))
    assert world.say(world.ana, f'decide "Use the Basel site" because "{why}"') == ""
    assert "Reason 109 of many." in prefilled(two, world.ana)

    said = two.mention(two.jonas, f'decide "Use the Basel site" because "{why}"')
    assert "begins with their first part" in said
    two.jonas.presses(slack.ephemerals(user=two.jonas)[-1], "Fill in more")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "Use the Basel site" in form
    assert "Reason 50 of many." in form


def test_reasons_that_no_decision_holds_are_named_as_such(two: Two) -> None:
    said = two.world.say(two.world.ana, f'decide "Use the Basel site" because "{"y" * 3500}"')
    assert "The reasons after “because” have 3500 characters, and at most 3000 fit" in said


def test_all_reasons_are_read_by_those_who_confirm(two: Two) -> None:
    world, slack = two.world, two.world.slack
    why = " ".join(f"Reason {number:03} of many, and then some." for number in range(85))
    assert 2900 < len(why) <= 3000
    world.ana.uses_shortcut("decisions.capture", agree_in_thread(two))
    world.ana.submits(slack.views(world.ana)[-1], why=why, weight="asked", audience="alliance")
    world.bot.settle()
    asked = slack.text_of(slack.dms(two.jonas)[-1])
    assert "Reason 084 of many" in asked
    assert "Reason 084 of many" in two.mention(two.jonas, "decisions show D-1")


def test_the_longest_wording_can_be_changed_and_keeps_its_parts_apart(two: Two) -> None:
    world, slack = two.world, two.world.slack
    what, why = "Use Basel. " * 54, "It can start in May. " * 142
    world.ana.uses_shortcut("decisions.capture", agree_in_thread(two))
    form = slack.views(world.ana)[-1]
    world.ana.submits(form, what=what, why=why, weight="asked", audience="alliance")
    world.bot.settle()
    two.jonas.presses(slack.dms(two.jonas)[-1], "Suggest wording")
    form = slack.views(two.jonas)[-1]
    assert "It can start in May." in str(form.blocks)
    answer = two.jonas.submits(form, what="Use Basel\n\nfrom May on", why="First.\n\nSecond.")
    assert "Sent to Ana" in answer.text
    world.bot.settle()
    suggestion = slack.dms(world.ana)[-1]
    world.ana.presses(suggestion, "Take it over")
    world.ana.submits(slack.views(world.ana)[-1])
    world.bot.settle()
    what, why = world.bot.read(
        lambda session: session.exec(select(Decision.what, Decision.why)).one()
    )
    assert (what, why) == ("Use Basel\nfrom May on", "First.\n\nSecond.")


@contextmanager
def counting(two: Two) -> Iterator[list[list[str]]]:
    """What is asked of the database on somebody's behalf, transaction by transaction."""
    transactions: list[list[str]] = []
    running: dict[int, list[str]] = {}
    own: list[list[str]] = []

    def begin(connection: object) -> None:
        running[id(connection)] = []
        transactions.append(running[id(connection)])

    def count(connection: object, _cursor: object, statement: str, *_: object) -> None:
        running.get(id(connection), []).append(statement)

    engine = two.world.bot.entente.database.engine
    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", count)
    yield own
    event.remove(engine, "before_cursor_execute", count)
    event.remove(engine, "begin", begin)
    # The process looks about for itself meanwhile, in transactions that do not ask who acts.
    own += [looks for looks in transactions if any("AS member_id" in look for look in looks)]


def test_the_form_opens_after_one_look_beyond_who_is_asking(two: Two) -> None:
    two.world.ana.says(two.shared, "before")
    said = two.world.ana.says(two.shared, ENDED)
    with counting(two) as shortcut:
        two.world.ana.uses_shortcut("decisions.capture", said)
    assert "Capture a decision" in str(two.world.slack.views(two.world.ana)[-1].payload)
    assert [len(looks) for looks in shortcut] == [2], shortcut


def test_a_form_from_a_thread_takes_one_look_before_reading_it_and_one_after(two: Two) -> None:
    first = agree_in_thread(two)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    offer = two.world.slack.ephemerals(user=two.jonas)[-1]
    with counting(two) as pressed:
        two.jonas.presses(offer, "Capture decision")
        two.world.bot.settle()
    assert "let's go with Basel" in prefilled(two, two.jonas)
    # Each of the two asks who acts; the first then whether the thread may be looked at.
    assert [len(looks) for looks in pressed] == [2, 2], pressed


def test_what_entente_posted_in_a_thread_is_no_part_of_the_discussion(two: Two) -> None:
    first = agree_in_thread(two)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = two.world.slack.views(two.jonas)[-1]
    two.jonas.submits(form, weight="noted", audience="alliance", what="We decided on Basel")
    two.world.bot.settle()
    assert "Noted by Jonas" in two.posts()[-1]
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "let's go with Basel" in form
    assert "Noted by Jonas" not in form


def test_a_thread_that_was_read_in_part_is_said_to_be(two: Two) -> None:
    two.world.slack.rations_history()
    first = agree_in_thread(two)
    for number in range(20):
        two.jonas.says(two.shared, f"One more thing: {number}", thread=first)
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    two.world.bot.settle()
    two.jonas.presses(two.world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    two.world.bot.settle()
    form = prefilled(two, two.jonas)
    assert "only the first 15 messages of this thread" in form
    assert "See https://files.example/basel" in form


def test_the_form_shows_what_people_read_and_names_those_spoken_of(two: Two) -> None:
    world = two.world
    world.say(world.tom, "help")
    written = f"*ok*, let's go with <https://basel.example/a|Basel> & <@{world.tom.id}> books it"
    first = world.ana.says(two.shared, "Which site for phase 2, Basel or Zurich?")
    two.jonas.says(two.shared, f"Basel, says <@{world.ana.id}>", thread=first)
    last = world.ana.says(two.shared, "", thread=first)
    last.text = written.replace("&", "&amp;")
    two.jonas.says(two.shared, "<@BOT> decide", thread=first)
    world.bot.settle()
    two.jonas.presses(world.slack.ephemerals(user=two.jonas)[-1], "Capture decision")
    world.bot.settle()
    form = prefilled(two, two.jonas)
    shown = "ok, let's go with Basel (https://basel.example/a) & @Tom books it"
    assert shown in form
    assert [world.tom.id] == inform(two, two.jonas)
    two.jonas.closes(world.slack.views(two.jonas)[-1])
    world.ana.uses_shortcut("decisions.capture", last)
    assert shown in prefilled(two, world.ana)
    assert inform(two, world.ana) == []


def inform(two: Two, who: User) -> list[str]:
    """Who needs to know, as the open form begins with it."""
    blocks = two.world.slack.views(who)[-1].blocks
    (block,) = [each for each in blocks if "Who needs to know" in str(each.get("label"))]
    return list(block["element"].get("initial_users", ()))
