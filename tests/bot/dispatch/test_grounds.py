"""The choice of how something was agreed, as it comes back."""

import pytest

from bot.core.errors import NotUnderstood
from bot.dispatch.grounds import check_basis
from bot.statements.grounds import read_grounds
from bot.statements.models import Basis


def test_a_final_say_that_the_charter_gives_to_nobody_is_refused() -> None:
    grounds = read_grounds(["By consensus of all partners."])
    with pytest.raises(NotUnderstood) as refused:
        check_basis(grounds, {"basis": "final_say"}, body="JSC")
    assert refused.value.key == "confirm.grounds_others"
    assert check_basis(grounds, {"basis": "escalation"}, body="JSC") is Basis.ESCALATION
    assert check_basis(grounds, {}, body=None) is Basis.CONSENSUS
