"""On the day a North Star is to be looked at again, whoever put it in force hears of it, once."""

from datetime import datetime

from sqlmodel import Session

from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.dispatch import reviews
from bot.dispatch.feature import Coming, RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.statements.models import Statement, Version


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Tell the authors of the versions whose day has come. Nothing is left for another batch."""
    for version, statement in reviews.claim_due(session, "north_star", now=now):
        content = _render(version, statement)
        for member_id in reviews.get_reviewers(session, version, statement):
            tell_unasked(session, statement.alliance_id, member_id, view=content, now=now)
    return False


def foresee(_registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next day for each author."""
    return reviews.foresee(session, "north_star", words("north_star.coming"), now=now)


def _render(version: Version, statement: Statement) -> View:
    return view(
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


JOB = RecurringJob(name="north_star_review", every=reviews.EVERY, run=run)
