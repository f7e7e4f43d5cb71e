"""What a charter's words give to choose from."""

import pytest

from bot.statements.grounds import ALWAYS, Written, read_grounds
from bot.statements.models import Basis

CONSENSUS, ESCALATION, FINAL_SAY = Basis
ALL_THREE = (
    "By consensus. What we can't settle within a week is escalated to the JSC; there Helen has the "
    "final say."
)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("By consensus of all partners.", (CONSENSUS, ESCALATION)),
        ("Decisions are unanimous", (CONSENSUS, ESCALATION)),
        ("First the two leads talk;\nthen they Escalate.", (ESCALATION, CONSENSUS)),
        ("The co-chair of Acme has the last\nword.", (FINAL_SAY, CONSENSUS, ESCALATION)),
        ("The chair has a casting vote", (FINAL_SAY, CONSENSUS, ESCALATION)),
        (ALL_THREE, (CONSENSUS, ESCALATION, FINAL_SAY)),
        ("By consensus; nobody has the last word.", (CONSENSUS, ESCALATION)),
    ],
)
def test_what_is_written_comes_first(text: str, offered: tuple[Basis, ...]) -> None:
    grounds = read_grounds([text])
    assert (grounds.offered, grounds.written) == (offered, Written.KNOWN)
    assert grounds.choose("") == offered[0]


@pytest.mark.parametrize("text", ["", "Neither has the final say."])
def test_nobody_has_the_final_say_where_the_charter_gives_it_to_nobody(text: str) -> None:
    grounds = read_grounds([text])
    assert grounds.offered == ALWAYS
    assert grounds.written == (Written.KNOWN if text else Written.NOT)
    assert grounds.choose("final_say") == CONSENSUS


def test_a_charter_in_other_words_may_give_anything() -> None:
    grounds = read_grounds(["Entschieden wird einvernehmlich; im Zweifel entscheidet der Vorsitz."])
    assert (grounds.offered, grounds.written) == ((CONSENSUS, ESCALATION, FINAL_SAY), "otherwise")


def test_several_clauses_are_read_together() -> None:
    grounds = read_grounds(["By consensus.", "", "Then we escalate."])
    assert grounds.offered == (CONSENSUS, ESCALATION)
    assert grounds.choose("escalation") == ESCALATION
