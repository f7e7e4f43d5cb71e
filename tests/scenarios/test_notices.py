"""What the other managers hear when one of them changes what belongs to all; the way in; and what
is said when a form comes too late."""

from datetime import timedelta

from tests.scenarios.casts import (
    Cast,
    accept,
    change_settings,
    found_alliance,
    get_code,
    set_up_committee,
)
from tests.scenarios.conftest import Home, World
from tests.scenarios.persons import Person


def change_committee(who: Person, **values: str) -> None:
    who.asks("roster")
    who.presses("Change", on="JSC")
    who.fills(**values)
    who.close_form()


def test_the_other_manager_hears_of_a_changed_committee_once_it_stands(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    set_up_committee(ana, "JSC", decides="Budgets.")
    change_committee(ana, decides="Budgets and sites.", rule="By consensus.")
    assert not any("committee JSC" in text for text in jonas.letters())
    joined.advance(timedelta(days=2))
    told = "\n".join(jonas.letters())
    assert "Ana (Acme) has set up the committee JSC" in told
    assert "Ana (Acme) has changed the committee JSC: what it decides, how it decides" in told
    assert "because you are an alliance manager in Acme–Borealis" in told
    assert not any("has changed the committee" in text for text in ana.letters())
    assert len([text for text in jonas.letters() if "committee JSC" in text]) == 1


def test_what_was_taken_back_is_told_to_nobody(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    set_up_committee(ana, "JSC")
    change_committee(ana, decides="Everything.")
    assert "is as it was" in ana.asks("undo")
    joined.advance(timedelta(days=2))
    assert not any("has changed the committee" in text for text in jonas.letters())


def test_changed_settings_are_told_and_a_muted_manager_is_left_alone(joined: Home) -> None:
    ana, jonas = joined.ana, joined.jonas
    for muted in (False, True):
        if muted:
            jonas.asks("mute")
        before = len(jonas.letters())
        change_settings(ana, hours_end="15:00" if muted else "16:00")
        joined.advance(timedelta(days=3))
        told = "\n".join(jonas.letters()[before:])
        assert ("has changed Acme–Borealis: its working hours." in told) is not muted


# -- the way from a fresh alliance to one that runs ------------------------------------------------


def checklist(who: Person) -> str:
    return who.text_of(who.opens_start())


def test_every_step_is_named_and_a_blocked_one_says_whom_it_waits_for(strangers: Cast) -> None:
    ana, jonas = strangers.ana, strangers.jonas
    found_alliance(ana)
    text = checklist(ana)
    for step in (
        "Done: your side is set up",
        "Next: a North Star",
        "Next: who sits on which committee",
        "Next: your counterparts join (Borealis)",
        "Next: a channel in which I may speak",
        "Next: a first reminder",
    ):
        assert step in text, text
    code = get_code(ana, "invite Borealis")
    assert "Waiting: your counterparts join. It waits for Borealis" in checklist(ana)
    ana.asks("link")
    assert "your side's yes to what I read and keep in #joint" in checklist(ana)
    strangers.agree(ana)
    waiting = checklist(ana)
    assert "Waiting: a channel in which I may speak. It waits for Borealis" in waiting
    assert "Waiting: a first reminder. It waits for Borealis" in waiting
    accept(jonas, code)
    joined = checklist(ana)
    assert "Done: your counterparts join" in joined
    assert "It waits for Borealis Bio" in joined


# -- a form that comes too late --------------------------------------------------------------------


def test_a_form_that_opens_too_late_is_said_in_a_direct_message(world: World) -> None:
    """Slack opens forms by another call, and only for three seconds; Teams by the answer itself."""
    world.start()
    world.ana.opens_home()
    world.bot.settle()
    world.slack.fails("views.open", error="expired_trigger_id")
    world.ana.presses(world.slack.home(world.ana), "Change settings")  # type: ignore[arg-type]
    world.bot.settle()
    assert "took too long" in world.dms(world.ana)[-1]
