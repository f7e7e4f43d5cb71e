"""A decision is noted down, and can be found."""

from adapters.local.tour import Step, any_of, presses, sends_off

STEP = Step(
    name="decide",
    title="Note a decision down",
    text="Say what was decided and why, look at it, and press “Note it down”.",
    place="C-STEERING",
    fill='/alliance decide "Use the Basel site" because "it can start in May"',
    by_event=any_of(
        presses("decisions.note", "decisions.ask_line"), sends_off("decisions.capture")
    ),
)
