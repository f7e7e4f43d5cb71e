"""A reminder comes, as the clock is moved."""

from adapters.local.tour import Step, posts

STEP = Step(
    name="arrives",
    title="Let it arrive",
    text="Press “To the next event” in the time bar until the reminder is in #steering, and read "
    "it as Tom. On the way you see what else comes.",
    person="U-TOM",
    place="C-STEERING",
    by_sending=posts("C-STEERING", offers="remind.mute"),
)
