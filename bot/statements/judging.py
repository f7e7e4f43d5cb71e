"""What a version has, by the rule it was put forward under. Pure."""

from collections.abc import Set as AbstractSet

from bot.people.committees import FEWEST, Rule
from bot.people.models import RuleKind
from bot.statements.models import VersionState


def judge(
    rule: Rule,
    *,
    sides: AbstractSet[str],
    yes: AbstractSet[str],
    no: AbstractSet[str],
    is_over: bool,
) -> VersionState:
    """The state of a version that `sides` (ids of partners) were asked to confirm.

    `yes` and `no` are the partners that answered; whoever is no side any more does not count.
    `is_over`: the time for answers has passed.
    """
    yes, no = yes & sides, no & sides
    if len(sides) >= FEWEST:
        if rule.kind == RuleKind.SILENCE:
            if no:
                return VersionState.OBJECTED
            if yes == sides or is_over:
                return VersionState.CONFIRMED
            return VersionState.PROPOSED
        needed = max(rule.needs(len(sides)), FEWEST)
        if len(yes) >= needed and (rule.kind == RuleKind.COUNT or not no):
            return VersionState.CONFIRMED
        if len(sides) - len(no) < needed:
            return VersionState.OBJECTED
    return VersionState.LAPSED if is_over else VersionState.PROPOSED
