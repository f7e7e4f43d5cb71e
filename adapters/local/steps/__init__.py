"""The steps of the guided tour, in the order in which they are walked.

What has none: inviting a partner, which was done before the sample begins; the charter, which comes
by itself on the way; the digest, which a manager asks for.

To add one: a file here that makes a `STEP`, its place in `STEPS`, and how a browser walks it: a
function `walk` in a file of the step's name in `tests/browser/tour`.
"""

from adapters.local.steps import (
    arrives,
    ask,
    briefing,
    confirm,
    decide,
    newcomer,
    north_star,
    quieter,
    reminder,
    word,
)
from adapters.local.tour import Step

STEPS: tuple[Step, ...] = (
    ask.STEP,
    north_star.STEP,
    reminder.STEP,
    arrives.STEP,
    quieter.STEP,
    word.STEP,
    decide.STEP,
    confirm.STEP,
    newcomer.STEP,
    briefing.STEP,
)
