"""The reminder that tests one another's understanding: at each of its moments one term, put to a
sample of each partner. Whoever set it up is told that it happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, exists, func, select

from bot.core.views import Block, Text
from bot.delivery.postman import Skip
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say
from bot.features.glossary import understanding
from bot.features.glossary.asking import send_questions
from bot.features.glossary.models import Check, CheckAsked, Term, TermMeaning, TermStatus
from bot.people.models import Alliance, AudienceKind, Member
from bot.schedules.models import Firing, Reminder, ReminderState

REMINDER: Final = "meaning_check"
EVERY: Final = timedelta(minutes=10)
LATEST: Final = timedelta(hours=24)
"""A moment that was missed for longer is over."""

BATCH: Final = 20


def draw_due(registry: Registry, session: Session, now: datetime) -> bool:
    """Ask people for the reminders that have fired; says whether more have."""
    due = session.exec(
        select(Firing, Reminder)
        .join(Reminder, col(Reminder.id) == col(Firing.reminder_id))
        .join(Alliance, col(Alliance.id) == col(Reminder.alliance_id))
        .where(
            col(Reminder.kind) == REMINDER,
            col(Reminder.state).in_([ReminderState.ACTIVE, ReminderState.ENDED]),
            col(Alliance.ended_at).is_(None),
            col(Firing.state) == "fired",
            col(Firing.fired_at) > now - LATEST,
            ~exists().where(col(Check.firing_id) == col(Firing.id)),
        )
        .order_by(col(Firing.id))
        .limit(BATCH)
    ).all()
    for firing, reminder in due:
        term = get_next_term(session, reminder.alliance_id, now=now)
        if term is None:
            continue
        check, chosen = understanding.begin(
            session, term, member_id=reminder.member_id, now=now, firing_id=firing.id
        )
        person = session.get_one(Member, reminder.member_id).name
        send_questions(session, check, term, chosen, person=person, now=now)
    return False


def get_next_term(session: Session, alliance_id: str, *, now: datetime) -> Term | None:
    """The term whose turn is longest ago, contested ones first; none of those that people are being
    asked about already, nor one of which they could choose nothing."""
    last = dict(
        session.exec(
            select(Check.term_id, func.max(Check.asked_at))
            .where(col(Check.alliance_id) == alliance_id)
            .group_by(col(Check.term_id))
        ).all()
    )
    confirmed = select(TermMeaning.term_id).where(
        col(TermMeaning.alliance_id) == alliance_id,
        col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
        col(TermMeaning.confirmed_by_id).is_not(None),
    )
    candidates = session.exec(
        select(Term).where(
            col(Term.alliance_id) == alliance_id,
            col(Term.audience_kind) == AudienceKind.ALLIANCE,
            col(Term.status).in_([TermStatus.CONTESTED, TermStatus.AGREED]),
            col(Term.id).in_(confirmed),
            ~exists().where(
                col(Check.term_id) == col(Term.id),
                col(Check.closes_at) > now,
                ~col(Check.is_reported),
            ),
        )
    ).all()
    return min(
        candidates,
        key=lambda t: (str(last.get(t.id) or ""), t.status != TermStatus.CONTESTED, t.key),
        default=None,
    )


def render_reminder(session: Session, reminder: Reminder, at: datetime) -> Sequence[Block] | Skip:
    """What is asked at that moment, and of how many; beforehand, what would be."""
    check = session.exec(
        select(Check)
        .join(Firing, col(Firing.id) == col(Check.firing_id))
        .where(col(Firing.reminder_id) == reminder.id, col(Check.asked_at) > at - LATEST)
        .order_by(col(Check.asked_at).desc())
    ).first()
    if check is None:
        term = get_next_term(session, reminder.alliance_id, now=at)
        if term is None:
            return Skip("no term to ask about")
        return (Text(text=say("meaning.will_ask", name=term.name)),)
    name = session.get_one(Term, check.term_id).name
    count = session.exec(
        select(func.count(col(CheckAsked.member_id))).where(col(CheckAsked.check_id) == check.id)
    ).one()
    if not count:
        return (Text(text=say("meaning.too_few", name=name, least=understanding.FEWEST)),)
    return (Text(text=say("meaning.started", name=name, count=count)),)
