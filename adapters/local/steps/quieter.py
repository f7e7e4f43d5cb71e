"""Whoever reads a reminder may ask for less."""

from adapters.local.tour import Step, any_of, presses, says

STEP = Step(
    name="quieter",
    title="Turn it down",
    text="Press Mute under the message as Tom: he can ask for less without being named.",
    person="U-TOM",
    place="C-STEERING",
    by_event=any_of(presses("remind.mute"), says("mute"), says("undo")),
)
