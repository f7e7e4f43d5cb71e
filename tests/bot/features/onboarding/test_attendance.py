"""A channel's members compared with what is known, part by part: on both databases."""

from bot.db.engine import Database
from bot.features.onboarding.attendance import SLICE
from tests.bot.features.onboarding.stage import Stage


def test_a_large_channel_is_compared_part_by_part_and_nobody_is_missed(database: Database) -> None:
    stage = Stage(database, channels=1)
    forms = ("U{:05}", "u{:05}", "Ü{:05}", "29:1-{:05}")
    people = [forms[n % len(forms)].format(n) for n in range(2 * SLICE + 7)]
    stage.compare(people)
    assert stage.attending() == set(people)
    inner = sorted(people)
    gone = {inner[0], inner[SLICE - 1], inner[SLICE], inner[2 * SLICE - 1], inner[-1]}
    new = {"A0", "~Z"}
    stage.compare([*reversed([each for each in people if each not in gone]), *new])
    assert stage.attending() == set(people) - gone | new
    stage.compare(["U00000"])
    assert stage.attending() == {"U00000"}
    stage.compare([])
    assert stage.attending() == set()
