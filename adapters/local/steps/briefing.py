"""Everything at one place, for whoever comes later."""

from adapters.local.tour import Step, says

STEP = Step(
    name="briefing",
    title="Open the briefing book",
    text="Mei asks for it: roster, North Star, charter, words and decisions at one place, as far "
    "as she may see them.",
    person="U-MEI",
    place="dm",
    fill="briefing",
    by_event=says("briefing"),
)
