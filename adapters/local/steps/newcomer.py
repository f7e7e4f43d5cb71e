"""Somebody new is brought in, in her own hours."""

from adapters.local.tour import Step, presses

STEP = Step(
    name="newcomer",
    title="Bring somebody in",
    text="As Mei, join #steering. Press “To the next event” in the time bar until her welcome is "
    "there, within her working hours, and open it in her direct messages.",
    person="U-MEI",
    place="C-STEERING",
    by_event=presses("onboarding.open"),
)
