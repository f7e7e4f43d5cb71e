"""What Teams takes in one conversation (learn.microsoft.com, rate limiting for bots)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from adapters.teams.send import PACE

LIMITS = ((7, 1), (8, 2), (60, 30), (1_800, 3_600))
BEGUN = datetime(2027, 3, 1, 12, tzinfo=UTC)


def send_all(pauses: list[float]) -> list[float]:
    """When messages go, in seconds, if each is there so long after the one before has gone."""
    now, free_at, sent = BEGUN, None, []
    for pause in pauses:
        now = max(now + timedelta(seconds=pause), free_at or now)
        free_at = PACE.when_free(now, before=free_at)
        sent.append((now - BEGUN).total_seconds())
    return sent


def assert_within_limits(sent: list[float]) -> None:
    for most, seconds in LIMITS:
        for first, beyond in zip(sent, sent[most:], strict=False):
            assert beyond - first >= seconds, (most, seconds)


def test_messages_without_end_keep_every_limit_of_a_conversation() -> None:
    sent = send_all([0.0] * 4_000)
    assert_within_limits(sent)
    assert sent[6] == 0, "seven go at once"


@given(st.lists(st.sampled_from([0.0, 0.1, 1.0, 1.9, 5.0, 13.0, 60.0]), max_size=200))
def test_whatever_the_pauses_every_limit_is_kept(pauses: list[float]) -> None:
    assert_within_limits(send_all(pauses))


def test_in_the_long_run_nearly_all_that_teams_takes_goes() -> None:
    sent = send_all([0.0] * 1_000)
    assert max(b - a for a, b in pairwise(sent)) < 2.1
