"""What a charter's words give to choose from."""

import pytest

from bot.statements.grounds import UNWRITTEN, read_grounds
from bot.statements.models import Basis

ALL_THREE = (
    "By consensus. What we can't settle within a week is escalated to the JSC; there Helen has the "
    "final say."
)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("By consensus of all partners.", (Basis.CONSENSUS,)),
        ("Decisions are unanimous", (Basis.CONSENSUS,)),
        ("First the two leads talk;\nthen they Escalate.", (Basis.ESCALATION,)),
        ("The co-chair of Acme has the last\nword.", (Basis.FINAL_SAY,)),
        ("The chair has a casting vote", (Basis.FINAL_SAY,)),
        (ALL_THREE, (Basis.CONSENSUS, Basis.ESCALATION, Basis.FINAL_SAY)),
        ("By consensus; nobody has the last word.", (Basis.CONSENSUS,)),
    ],
)
def test_only_what_is_written_is_offered(text: str, offered: tuple[Basis, ...]) -> None:
    grounds = read_grounds([text])
    assert grounds.offered == offered
    assert grounds.is_written
    assert grounds.choose("") == offered[0]


@pytest.mark.parametrize("text", ["", "We meet on Thursdays.", "Neither has the final say."])
def test_where_nothing_is_written_nobody_has_the_final_say(text: str) -> None:
    grounds = read_grounds([text])
    assert grounds.offered == UNWRITTEN
    assert not grounds.is_written
    assert grounds.choose("final_say") == Basis.CONSENSUS


def test_several_clauses_are_read_together() -> None:
    grounds = read_grounds(["By consensus.", "", "Then we escalate."])
    assert grounds.offered == (Basis.CONSENSUS, Basis.ESCALATION)
    assert grounds.choose("escalation") == Basis.ESCALATION
