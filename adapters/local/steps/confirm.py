"""A decision counts once the other side has confirmed it."""

from adapters.local.tour import Step, presses

STEP = Step(
    name="confirm",
    title="Confirm for the other side",
    text="Helen has asked about a device for school nurses. As Jonas, read it in his direct "
    "messages and press “Confirm for Borealis”.",
    person="U-JONAS",
    place="dm",
    by_event=presses("confirmations.confirm"),
)
