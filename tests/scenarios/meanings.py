"""What two partners do about the words they use."""

from tests.scenarios.persons import Person

DRUG = "The drug substance."
SOFTWARE = "A software interface."


def mean(who: Person, meaning: str, name: str = "API") -> None:
    """Somebody says what a word means to their side, and lets the alliance read it."""
    who.says(f"term add {name} = {meaning}")
    who.presses("Share with the alliance", on=f"“{name}” is saved")
    who.hears("Shared: everybody")


def contest(ana: Person, jonas: Person, name: str = "API") -> None:
    """Both sides say what a word means to them."""
    mean(ana, DRUG, name)
    mean(jonas, SOFTWARE, name)


def allow(who: Person, mode: str, channel: str = "joint") -> str:
    """A manager says how far their side agrees to checks in a channel; what they read then."""
    who.asks("term checks")
    who.presses(f"Checks in #{channel}", on=f"Checks in #{channel}")
    said = who.fills(mode=mode)
    who.close_form()
    return said


def bring(who: Person, name: str, content: str) -> None:
    """Somebody imports a file of terms for everybody to see."""
    who.sends(name, content.encode(), "term import")
    who.presses("Columns and audience", on="Columns and audience")
    who.fills(audience="alliance")
    who.presses_in_form("Import")
    who.close_form()
