"""What a version has, by its rule."""

from hypothesis import given
from hypothesis import strategies as st

from bot.people.committees import Rule
from bot.people.models import RuleKind
from bot.statements.judging import judge
from bot.statements.models import VersionState

PARTNERS = frozenset("abcdefg")
rules = st.builds(
    Rule,
    kind=st.sampled_from(RuleKind),
    count=st.integers(1, 8),
    days=st.integers(1, 10),
)
some = st.frozensets(st.sampled_from(sorted(PARTNERS)))


def test_all_is_the_default_and_needs_everybody() -> None:
    sides = frozenset("ab")
    open_, done = VersionState.PROPOSED, VersionState.CONFIRMED
    rule = Rule()
    none: frozenset[str] = frozenset()
    assert judge(rule, sides=sides, yes=frozenset("a"), no=none, is_over=False) == open_
    assert judge(rule, sides=sides, yes=sides, no=none, is_over=False) == done
    lapsed = judge(rule, sides=sides, yes=frozenset("a"), no=none, is_over=True)
    assert lapsed == VersionState.LAPSED


def test_three_of_five_bear_two_objections_and_not_three() -> None:
    rule = Rule(kind=RuleKind.COUNT, count=3)
    sides = frozenset("abcde")

    def ask(yes: str, no: str) -> VersionState:
        return judge(rule, sides=sides, yes=frozenset(yes), no=frozenset(no), is_over=False)

    assert ask("ab", "de") == VersionState.PROPOSED
    assert ask("abc", "de") == VersionState.CONFIRMED
    assert ask("ab", "cde") == VersionState.OBJECTED


def test_silence_is_a_yes_only_when_the_time_is_over_and_nobody_objected() -> None:
    rule = Rule(kind=RuleKind.SILENCE, days=5)
    sides, none = frozenset("abc"), frozenset[str]()
    assert judge(rule, sides=sides, yes=none, no=none, is_over=False) == VersionState.PROPOSED
    assert judge(rule, sides=sides, yes=none, no=none, is_over=True) == VersionState.CONFIRMED
    no = frozenset("c")
    assert judge(rule, sides=sides, yes=none, no=no, is_over=True) == VersionState.OBJECTED


@given(rules, some, some, some, st.booleans())
def test_no_partner_confirms_alone_and_outsiders_never_count(
    rule: Rule, sides: frozenset[str], yes: frozenset[str], no: frozenset[str], is_over: bool
) -> None:
    no = no - yes
    state = judge(rule, sides=sides, yes=yes, no=no, is_over=is_over)
    assert state == judge(rule, sides=sides, yes=yes & sides, no=no & sides, is_over=is_over)
    if state == VersionState.CONFIRMED:
        assert len(sides) >= 2
        if rule.kind != RuleKind.SILENCE:
            assert len(yes & sides) >= 2
    if rule.kind != RuleKind.COUNT and no & sides:
        assert state != VersionState.CONFIRMED
    if is_over:
        assert state != VersionState.PROPOSED


@given(rules, some, some, st.sampled_from(sorted(PARTNERS)))
def test_one_more_yes_never_takes_anything_away(
    rule: Rule, sides: frozenset[str], yes: frozenset[str], one: str
) -> None:
    none: frozenset[str] = frozenset()
    before = judge(rule, sides=sides, yes=yes, no=none, is_over=False)
    after = judge(rule, sides=sides, yes=yes | {one}, no=none, is_over=False)
    assert not (before == VersionState.CONFIRMED and after != VersionState.CONFIRMED)
