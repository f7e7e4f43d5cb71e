"""Changing what the alliance set out to do."""

from adapters.local.tour import Step, sends_off

STEP = Step(
    name="north_star",
    title="Change the North Star",
    text="Ana opens Home, presses Change, and watches the preview while she types. Until Borealis "
    "confirms her wording, the one that both confirmed goes on counting.",
    place="home",
    by_event=sends_off("north_star.form"),
)
