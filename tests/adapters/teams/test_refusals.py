"""What the connector's refusals mean, and for whom."""

from adapters.teams.refusals import Limits
from bot.core.errors import RetryLater

BUSY = RetryLater("ratelimited", after=30)


def test_two_conversations_that_have_to_wait_tell_of_the_tenants_limit() -> None:
    limits = Limits()
    first = limits.judge(BUSY, tenant="acme", place="steering", now=0)
    again = limits.judge(BUSY, tenant="acme", place="steering", now=1)
    elsewhere = limits.judge(BUSY, tenant="borealis", place="general", now=2)
    assert [e.everywhere for e in (first, again, elsewhere)] == [False, False, False]
    second = limits.judge(BUSY, tenant="acme", place="general", now=30)
    assert (second.everywhere, second.after) == (True, 30)
    assert not limits.judge(BUSY, tenant="acme", place="steering", now=61).everywhere


def test_other_refusals_are_no_limits() -> None:
    limits = Limits()
    for place in ("steering", "general"):
        error = RetryLater("unreachable")
        assert limits.judge(error, tenant="acme", place=place, now=0) is error
