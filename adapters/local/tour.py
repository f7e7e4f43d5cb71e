"""The guided tour: what to try next, ticking itself off as it happens.

The steps stand in `adapters/local/steps`, one small file each, in the order of its `STEPS`. A step
is done by what somebody did (`by_event`), or by a message of Entente's that went out
(`by_sending`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.local.world import World
from bot.core.events import ButtonPressed, CommandInvoked, Event, FormSubmitted, ShortcutInvoked
from bot.core.ports import Outgoing
from bot.core.views import Actions, Button
from bot.dispatch.answers import Answer
from bot.dispatch.grammar import match_phrase

Done = Callable[[Event, Answer | None], bool]
Sent = Callable[[Outgoing], bool]

_PREFIX = "tour:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to try: as whom (`person`, by the cast's id) and where (`place`: a channel's id,
    `dm` or `home`), with the words to begin with (`fill`)."""

    name: str
    title: str
    text: str
    person: str = "U-ANA"
    place: str
    fill: str = ""
    by_event: Done | None = None
    by_sending: Sent | None = None


def says(phrase: str) -> Done:
    """Somebody used the command with these words."""

    def done(event: Event, answer: Answer | None) -> bool:
        if not isinstance(event, CommandInvoked):
            return False
        return match_phrase(event.text, [phrase]) is not None

    return done


def asks(*openings: str) -> Done:
    """Somebody put a question to Entente that begins so, in their own words."""

    def done(event: Event, answer: Answer | None) -> bool:
        said = event.text.strip().casefold() if isinstance(event, CommandInvoked) else ""
        return said.startswith(openings)

    return done


def sends_off(form: str) -> Done:
    """Somebody sent off this form, and nothing was wrong with it."""

    def done(event: Event, answer: Answer | None) -> bool:
        is_it = isinstance(event, FormSubmitted) and event.form == form
        return is_it and answer is not None and not answer.errors

    return done


def presses(*actions: str) -> Done:
    """Somebody pressed one of these buttons."""

    def done(event: Event, answer: Answer | None) -> bool:
        return isinstance(event, ButtonPressed) and event.action in actions and answer is not None

    return done


def chooses(shortcut: str) -> Done:
    """Somebody chose this entry of a message's menu."""

    def done(event: Event, answer: Answer | None) -> bool:
        return isinstance(event, ShortcutInvoked) and event.shortcut == shortcut

    return done


def any_of(*conditions: Done) -> Done:
    """One of these is so."""
    return lambda event, answer: any(done(event, answer) for done in conditions)


def posts(channel: str, *, offers: str) -> Sent:
    """A message for all to read in this channel, with a button for this action."""

    def done(message: Outgoing) -> bool:
        return (
            message.channel == channel
            and message.user is None
            and any(
                isinstance(item, Button) and item.action == offers
                for block in message.view.blocks
                if isinstance(block, Actions)
                for item in block.items
            )
        )

    return done


def writes_to(person: str) -> Sent:
    """A direct message to this person."""
    return lambda message: message.channel is None and message.user == person


def hints_at(person: str) -> Sent:
    """Something that this person alone is told within a channel, unasked."""
    return lambda message: message.channel is not None and message.user == person


class Tour:
    """Which steps are done, kept with the chat."""

    def __init__(self, world: World, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self._world = world

    def get_done(self) -> set[str]:
        """The names of the steps that are done."""
        return {name.removeprefix(_PREFIX) for name in self._world.get_facts(_PREFIX)}

    def note_event(self, event: Event, answer: Answer | None) -> None:
        """Something was done, and handled without an error."""
        for step in self.steps:
            if step.by_event is not None and step.by_event(event, answer):
                self._tick(step)

    def note_sending(self, message: Outgoing) -> None:
        """A message of Entente's went out."""
        for step in self.steps:
            if step.by_sending is not None and step.by_sending(message):
                self._tick(step)

    def _tick(self, step: Step) -> None:
        self._world.set_fact(_PREFIX + step.name, "done")
