"""A reminder comes, as the clock is moved."""

from adapters.local.tour import Step, posts

STEP = Step(
    name="arrives",
    title="Let it arrive",
    text="Press “To the next event” in the time bar, and read it in #steering as Tom.",
    person="U-TOM",
    place="C-STEERING",
    by_sending=posts,
)
