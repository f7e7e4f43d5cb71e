"""The guided tour: what to try next, ticking itself off as it happens.

A step is done by what was done (an event that was handled without an error) or by what came about.
A feature adds its step to `STEPS`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from adapters.local.world import World
from bot.core.events import ButtonPressed, CommandInvoked, Event, FormSubmitted
from bot.dispatch.answers import Answer
from bot.dispatch.grammar import match_phrase

Done = Callable[[Event, Answer | None], bool]
POSTED = "posted"
"""What came about: a message of Entente's in a channel, for all to read."""

_PREFIX = "tour:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to try: as whom and where, with the words to begin with."""

    name: str
    title: str
    text: str
    person: str = "U-ANA"
    place: str
    fill: str = ""
    by_event: Done | None = None
    by_happening: str = ""


def _says(phrase: str) -> Done:
    def done(event: Event, answer: Answer | None) -> bool:
        if not isinstance(event, CommandInvoked):
            return False
        return match_phrase(event.text, [phrase]) is not None

    return done


def _sends_off(form: str) -> Done:
    def done(event: Event, answer: Answer | None) -> bool:
        is_it = isinstance(event, FormSubmitted) and event.form == form
        return is_it and answer is not None and not answer.errors

    return done


def _presses(*actions: str) -> Done:
    def done(event: Event, answer: Answer | None) -> bool:
        return isinstance(event, ButtonPressed) and event.action in actions and answer is not None

    return done


def _any(*conditions: Done) -> Done:
    return lambda event, answer: any(done(event, answer) for done in conditions)


STEPS: tuple[Step, ...] = (
    Step(
        name="ask",
        title="Ask Entente what it can do",
        text="Ana writes to Entente directly. A single word is enough.",
        place="dm",
        fill="help",
        by_event=_says("help"),
    ),
    Step(
        name="north_star",
        title="Change the North Star",
        text="Ana opens Home, presses Change, and watches the preview while she types.",
        place="home",
        by_event=_sends_off("north_star.form"),
    ),
    Step(
        name="reminder",
        title="Set up a reminder",
        text="See the next moments and the exact message before anything is set up.",
        place="C-STEERING",
        fill="/alliance remind add north star every 2 weeks on tuesday 10:00",
        by_event=_any(_presses("remind.add"), _sends_off("remind.form")),
    ),
    Step(
        name="arrives",
        title="Let it arrive",
        text="Press “To the next event” in the time bar, and read it in #steering as Tom.",
        person="U-TOM",
        place="C-STEERING",
        by_happening=POSTED,
    ),
    Step(
        name="quieter",
        title="Turn it down",
        text="Press Mute under the message as Tom: he can ask for less without being named.",
        person="U-TOM",
        place="C-STEERING",
        by_event=_any(_presses("remind.mute"), _says("mute"), _says("undo")),
    ),
)


class Tour:
    """Which steps are done, kept with the chat."""

    def __init__(self, world: World, steps: tuple[Step, ...] = STEPS) -> None:
        self.steps = steps
        self._world = world

    def get_done(self) -> set[str]:
        """The names of the steps that are done."""
        return {name.removeprefix(_PREFIX) for name in self._world.get_facts(_PREFIX)}

    def note_event(self, event: Event, answer: Answer | None) -> None:
        """Something was done."""
        for step in self.steps:
            if step.by_event is not None and step.by_event(event, answer):
                self._world.set_fact(_PREFIX + step.name, "done")

    def note_happening(self, happening: str) -> None:
        """Something came about."""
        for step in self.steps:
            if step.by_happening == happening:
                self._world.set_fact(_PREFIX + step.name, "done")
