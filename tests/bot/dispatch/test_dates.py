"""Days as people read them."""

import pytest

from bot.dispatch.dates import say_weekdays


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([0, 1, 2, 3, 4], "Monday to Friday"),
        ([0, 1, 2, 3, 6], "Sunday to Thursday"),
        ([5, 6, 0], "Saturday to Monday"),
        ([0, 2], "Monday, Wednesday"),
        ([0, 1, 3], "Monday, Tuesday, Thursday"),
        ([], "Monday to Sunday"),
    ],
)
def test_working_days_in_words(days: list[int], said: str) -> None:
    assert say_weekdays(days) == said
