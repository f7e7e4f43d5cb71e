"""Setting up a reminder."""

from adapters.local.tour import Step, any_of, presses, sends_off

STEP = Step(
    name="reminder",
    title="Set up a reminder",
    text="See the next moments and the exact message before anything is set up.",
    place="C-STEERING",
    fill="/alliance remind add north star first tuesday of the month 10:00",
    by_event=any_of(presses("remind.add"), sends_off("remind.form")),
)
