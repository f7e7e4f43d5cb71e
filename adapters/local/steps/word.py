"""A word that the partners use for different things, and the hint that its author alone gets."""

from adapters.local.tour import Step, hints_at

STEP = Step(
    name="word",
    title="Write a word that misleads",
    text=(
        "Tom writes about the API section where Borealis reads along, to whom API means something "
        "else. Entente tells Tom alone, and offers a line that makes it clear."
    ),
    person="U-TOM",
    place="C-SHARED",
    fill="We file the API section on Friday.",
    by_sending=hints_at("U-TOM"),
)
