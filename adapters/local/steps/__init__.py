"""The steps of the guided tour, in the order in which they are walked.

To add one: a file here that makes a `STEP`, its place in `STEPS`, and how a browser walks it: a
function `walk` in a file of the step's name in `tests/browser/tour`.
"""

from adapters.local.steps import (
    arrives,
    ask,
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
)
