"""Looking again at what holds: on the day that was chosen for it, and on that day of each year
after, whoever wrote it is asked."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from bot.dispatch.feature import Coming
from bot.people import alliances
from bot.people.models import Alliance, Member
from bot.schedules.firing import claim_period
from bot.statements.models import STANDING, Statement, Version

EVERY = timedelta(days=1)
LATEST = timedelta(days=14)
"""If nothing ran on the day itself, up to this much later will do."""

YEARS = 20
"""How many times in all: what holds that long unchanged needs no asking."""

ONCE = timedelta(days=36_500)


def claim_due(session: Session, kind: str, *, now: datetime) -> Sequence[tuple[Version, Statement]]:
    """The versions of this kind that count and whose day has come, for the first time or again, a
    year or more after; each is answered once a year."""
    today = now.date()
    due = session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .join(Alliance, col(Alliance.id) == col(Statement.alliance_id))
        .where(
            col(Alliance.ended_at).is_(None),
            col(Statement.kind) == kind,
            col(Version.state).in_(STANDING),
            or_(*(_is_due(today - relativedelta(years=years)) for years in range(YEARS))),
        )
        .order_by(col(Version.id))
    ).all()
    return [
        (version, statement)
        for version, statement in due
        if claim_period(session, _name_turn(kind, version, today), every=ONCE, now=now)
    ]


def foresee(session: Session, kind: str, what: str, *, now: datetime) -> list[Coming]:
    """The next day on which each person will be asked to look again at versions of this kind."""
    standing = session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .join(Alliance, col(Alliance.id) == col(Statement.alliance_id))
        .where(
            col(Alliance.ended_at).is_(None),
            col(Statement.kind) == kind,
            col(Version.state).in_(STANDING),
            col(Version.review_on).is_not(None),
        )
        .order_by(col(Version.id))
    ).all()
    days: dict[str, date] = {}
    for version, statement in standing:
        day = _get_next_turn(version, after=now.date())
        for member_id in get_reviewers(session, version, statement):
            days[member_id] = min(day, days.get(member_id, day))
    return [
        Coming(at=datetime.combine(day, time(), UTC), what=what, member_id=member_id)
        for member_id, day in days.items()
    ]


def _get_next_turn(version: Version, *, after: date) -> date:
    first = version.review_on or after
    years = max(relativedelta(after, first).years, 0)
    turns = (first + relativedelta(years=years + more) for more in range(2))
    return next((day for day in turns if day > after), after)


def _is_due(day: date) -> ColumnElement[bool]:
    return and_(col(Version.review_on) <= day, col(Version.review_on) > day - LATEST)


def _name_turn(kind: str, version: Version, today: date) -> str:
    years = relativedelta(today, version.review_on or today).years
    return f"{kind}_review:{version.id}" + (f":{years}" if years else "")


def get_next_review(today: date) -> date:
    """A year from today: how often people usually look again."""
    return today + timedelta(days=365)


def get_reviewers(session: Session, version: Version, statement: Statement) -> Sequence[str]:
    """Who is asked: its author, while they look after the alliance for that partner; otherwise
    those who do."""
    managers = alliances.get_manager_ids(session, statement.alliance_id)
    own = session.exec(
        select(Member.id)
        .where(
            col(Member.partner_id) == version.partner_id,
            col(Member.left_at).is_(None),
            col(Member.id).in_(managers),
        )
        .order_by(col(Member.id))
    ).all()
    return [version.member_id] if version.member_id in own else own
