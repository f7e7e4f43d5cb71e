"""The first step: a word to Entente."""

from adapters.local.tour import Step, says

STEP = Step(
    name="ask",
    title="Ask Entente what it can do",
    text="Ana writes to Entente directly. A single word is enough.",
    place="dm",
    fill="help",
    by_event=says("help"),
)
