"""Where capturing begins, and what the form makes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlmodel import select

from bot.features.decisions.models import Decision
from tests.harness import Bot
from tests.scenarios.casts import Cast
from tests.scenarios.conftest import World
from tests.scenarios.deciding_in_slack import make_two, prefilled

ENDED = "ok, let's go with Basel, see https://files.example/basel"
BASEL = "Use the Basel site"


def agree_in_thread(cast: Cast) -> Any:
    """A thread that ends in a decision; answers its first message."""
    first = cast.ana.chats("Which site for phase 2, Basel or Zurich?")
    cast.jonas.chats("Basel can start in May.", first)
    cast.ana.chats(ENDED, first)
    return first


def test_one_line_in_a_thread_keeps_the_way_back_to_it(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    jonas.says_below(agree_in_thread(partners), f'decide "{BASEL}" because "it can start"')
    assert "Noted as D-1" in jonas.presses("Note it down", on="Nothing is saved until you press")
    link = partners.bot.read(lambda session: session.exec(select(Decision.permalink)).one())
    assert link.startswith("https://")
    (post,) = [post for post in ana.posts() if "D-1" in post]
    assert BASEL in post


def test_in_a_thread_one_press_opens_the_form_and_it_is_said_if_that_begins_empty(
    partners: Cast,
) -> None:
    jonas = partners.jonas
    jonas.says_below(agree_in_thread(partners), "decide")
    said = jonas.hears("Capture decision")
    form = jonas.presses("Capture decision", on="Capture decision")
    assert "What was decided" in form
    assert ("the form begins empty" in said) == ("let's go with Basel" not in form)


def test_what_was_said_to_entente_is_not_taken_for_a_decision(partners: Cast) -> None:
    ana = partners.ana
    ana.captures(ana.chats("@Entente decide"))
    form = ana.read_form() or ""
    assert "What was decided" in form
    assert "Entente decide" not in form


def test_reasons_too_long_for_a_button_are_not_lost_on_the_way_to_the_form(partners: Cast) -> None:
    jonas = partners.jonas
    why = " ".join(f"Reason {number} of many." for number in range(110))
    assert "begins with their first part" in jonas.asks(f'decide "{BASEL}" because "{why}"')
    form = jonas.presses("Fill in more", on="begins with their first part")
    assert BASEL in form
    assert "Reason 50 of many." in form


def test_where_a_command_opens_the_form_itself_no_reason_is_lost(world: World) -> None:
    two = make_two(world)
    why = " ".join(f"Reason {number} of many." for number in range(110))
    assert world.say(world.ana, f'decide "{BASEL}" because "{why}"') == ""
    assert "Reason 109 of many." in prefilled(two, world.ana)


def test_reasons_that_no_decision_holds_are_named_as_such(partners: Cast) -> None:
    said = partners.ana.asks(f'decide "{BASEL}" because "{"y" * 3500}"')
    assert "The reasons after “because” have 3500 characters, and at most 3000 fit" in said


def test_all_reasons_are_read_by_those_who_confirm(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    why = " ".join(f"Reason {number:03} of many, and then some." for number in range(85))
    assert 2900 < len(why) <= 3000
    ana.captures(agree_in_thread(partners))
    ana.fills(why=why, weight="asked", audience="alliance")
    assert "Reason 084 of many" in jonas.letters()[-1]
    assert "Reason 084 of many" in jonas.asks("decisions show D-1")


def test_the_longest_wording_can_be_changed_and_keeps_its_parts_apart(partners: Cast) -> None:
    ana, jonas = partners.ana, partners.jonas
    what, why = "Use Basel. " * 54, "It can start in May. " * 142
    ana.captures(agree_in_thread(partners))
    ana.fills(what=what, why=why, weight="asked", audience="alliance")
    ana.close_form()
    assert "It can start in May." in jonas.presses("Suggest wording", on="confirm D-1")
    said = jonas.fills(what="Use Basel\n\nfrom May on", why="First.\n\nSecond.")
    assert "Sent to Ana" in said
    ana.presses("Take it over", on="suggests")
    ana.fills()
    what, why = partners.bot.read(
        lambda session: session.exec(select(Decision.what, Decision.why)).one()
    )
    assert (what, why) == ("Use Basel\nfrom May on", "First.\n\nSecond.")


@contextmanager
def counting(cast: Cast) -> Iterator[list[list[str]]]:
    """What is asked of the database on somebody's behalf, transaction by transaction."""
    transactions: list[list[str]] = []
    running: dict[int, list[str]] = {}
    own: list[list[str]] = []

    def begin(connection: object) -> None:
        running[id(connection)] = []
        transactions.append(running[id(connection)])

    def count(connection: object, _cursor: object, statement: str, *_: object) -> None:
        running.get(id(connection), []).append(statement)

    assert isinstance(cast.bot, Bot)
    engine = cast.bot.entente.database.engine
    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", count)
    yield own
    event.remove(engine, "before_cursor_execute", count)
    event.remove(engine, "begin", begin)
    # The process looks about for itself meanwhile, in transactions that do not ask who acts.
    own += [looks for looks in transactions if any("AS member_id" in look for look in looks)]


def test_the_form_opens_after_one_look_beyond_who_is_asking(partners: Cast) -> None:
    partners.ana.chats("before")
    said = partners.ana.chats(ENDED)
    with counting(partners) as shortcut:
        partners.ana.uses_shortcut("decisions.capture", said)
    partners.ana.hears("let's go with Basel")
    assert [len(looks) for looks in shortcut] == [2], shortcut


def test_a_form_from_a_thread_takes_one_look_before_reading_it_and_one_after(
    partners: Cast,
) -> None:
    jonas = partners.jonas
    jonas.says_below(agree_in_thread(partners), "decide")
    jonas.hears("Capture decision")
    with counting(partners) as pressed:
        jonas.presses("Capture decision", on="Capture decision")
    # Each of the two asks who acts; the first then whether the thread may be looked at.
    assert [len(looks) for looks in pressed] == [2, 2], pressed
