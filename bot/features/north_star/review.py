"""On the day a North Star is to be looked at again, whoever put it in force hears of it, once."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.views import Button, Note, Quote, Text, actions, view
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.dispatch.feature import RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.schedules import reminders
from bot.schedules.firing import claim_period
from bot.statements.models import Statement, Version, VersionState

EVERY = timedelta(days=1)
LATEST = timedelta(days=14)
"""If nothing ran on the day itself, up to this much later will do."""

ONCE = timedelta(days=36_500)


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Tell the authors of the versions whose day has come. Nothing is left for another batch."""
    due = session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.kind) == "north_star",
            col(Version.state) == VersionState.IN_FORCE,
            col(Version.review_on) <= now.date(),
            col(Version.review_on) > now.date() - LATEST,
        )
    ).all()
    for version, statement in due:
        if claim_period(session, f"north_star_review:{version.id}", every=ONCE, now=now):
            _tell(session, version, statement, now=now)
    return False


def _tell(session: Session, version: Version, statement: Statement, *, now: datetime) -> None:
    address = get_member_address(session, version.member_id)
    if address is None:
        return
    content = view(
        Text(text=say("north_star.review_due")),
        Quote(text=version.text),
        actions(
            Button(
                label=words("north_star.change"),
                opens="north_star.form",
                value=statement.alliance_id,
            )
        ),
        Note(text=say("north_star.review_why")),
    )
    message = Deliver(
        to=address,
        view=content,
        alliance_id=statement.alliance_id,
        unasked=True,
        not_before=reminders.get_working_moment(
            session, statement.alliance_id, version.member_id, now=now
        ),
    )
    enqueue(session, message, now=now)


JOB = RecurringJob(name="north_star_review", every=EVERY, run=run)
