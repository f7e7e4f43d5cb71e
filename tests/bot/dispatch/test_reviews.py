"""Looking again, year after year."""

from datetime import UTC, date, datetime

from bot.db.engine import Database
from bot.dispatch import reviews
from bot.statements import versions
from tests.builders import make_alliance
from tests.harness import MONDAY

DAYS = (
    date(2027, 3, 9),
    date(2027, 3, 10),
    date(2027, 3, 11),
    date(2027, 4, 10),
    date(2028, 3, 9),
    date(2028, 3, 10),
    date(2028, 3, 11),
    date(2029, 3, 15),
)


def test_what_stands_unchanged_is_asked_about_once_a_year(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        versions.put_in_force(
            session, ana, "north_star", text="One.", review_on=date(2027, 3, 10), now=MONDAY
        )
        asked = [
            day
            for day in DAYS
            if reviews.claim_due(
                session, "north_star", now=datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
            )
        ]
    assert asked == [date(2027, 3, 10), date(2028, 3, 10), date(2029, 3, 15)]


def test_the_next_time_is_known_before(database: Database) -> None:
    ana = make_alliance(database)
    with database.write() as session:
        for subject, day in (("", date(2027, 3, 10)), ("other", date(2027, 5, 1))):
            versions.put_in_force(
                session, ana, "north_star", text="One.", review_on=day, now=MONDAY, subject=subject
            )
        foreseen = {
            day: [
                (each.at.date(), each.member_id)
                for each in reviews.foresee(
                    session, "north_star", "Look", now=datetime(day.year, day.month, day.day, 9)
                )
            ]
            for day in (date(2027, 3, 9), date(2027, 3, 10), date(2027, 5, 1), date(2028, 4, 30))
        }
    assert foreseen == {
        date(2027, 3, 9): [(date(2027, 3, 10), ana.member_id)],
        date(2027, 3, 10): [(date(2027, 5, 1), ana.member_id)],
        date(2027, 5, 1): [(date(2028, 3, 10), ana.member_id)],
        date(2028, 4, 30): [(date(2028, 5, 1), ana.member_id)],
    }
