"""A word that the partners use for different things."""

from adapters.local.tour import Step, any_of, asks, says

STEP = Step(
    name="word",
    title="Ask what a word means",
    text="Tom asks about API. Acme and Borealis mean different things by it, and he reads both.",
    person="U-TOM",
    place="C-STEERING",
    fill="@Entente what is API?",
    by_event=any_of(asks("what is", "what does"), says("define")),
)
