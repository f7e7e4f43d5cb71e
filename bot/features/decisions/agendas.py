"""`decisions before JSC`: what is open and comes up, to those of one's own side who sit on a
committee, a few days before it meets."""

import re
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import CommandInvoked
from bot.core.views import Note, Text, View, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import RecurringJob, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say
from bot.dispatch.notices import tell_unasked
from bot.features.decisions.models import Agenda
from bot.features.decisions.reminding import render_open
from bot.people import committees, history
from bot.people.models import Alliance, Change, Committee, Member, Partner
from bot.schedules import reminders

TOPIC = "decisions.agenda"
EVERY = timedelta(hours=1)
BATCH = 20
DAYS: Final = 3
MOST_DAYS: Final = 14

_LAST = re.compile(r"^(?P<body>.+?)(?:\s+(?P<wish>off|\d{1,3}))?$", re.IGNORECASE)


def set_agenda(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """For one's own side's seats: so many days before, or `off`."""
    found = _LAST.match(arguments.text.strip())
    if found is None:
        raise NotUnderstood("decisions.before_usage")
    body = committees.get_committee(context.session, context.viewer, found["body"])
    if body is None:
        raise NotFound("decisions.before_no_body", name=found["body"][:80])
    wish = (found["wish"] or str(DAYS)).casefold()
    days = 0 if wish == "off" else int(wish)
    if wish != "off" and not 1 <= days <= MOST_DAYS:
        raise NotUnderstood("decisions.before_usage")
    before = _set(context, body, days)
    history.record(
        context.session,
        context.viewer,
        "decisions.agenda_set",
        body.id,
        now=context.now,
        before={"days": before},
    )
    return _say_set(context, body, days)


def _set(context: Context, body: Committee, days: int) -> int:
    """Keep the days, none for 0; answers those of before."""
    session, partner_id = context.session, context.viewer.partner_id or ""
    agenda = session.get(Agenda, (body.id, partner_id))
    before = agenda.days if agenda is not None else 0
    if agenda is not None and not days:
        session.delete(agenda)
    elif days:
        agenda = agenda or Agenda(committee_id=body.id, partner_id=partner_id, days=days)
        agenda.days = days
        session.add(agenda)
    session.flush()
    return before


def _say_set(context: Context, body: Committee, days: int) -> Answer:
    partner = context.viewer.partner_name
    if not days:
        said = say("decisions.before_off", body=body.name, partner=partner)
        return Answer(view=view(Text(text=said)))
    meets = body.meets_at is not None and body.meets_at > context.now
    key = "decisions.before_set" if meets else "decisions.before_set_unknown"
    when = say_moment(body.meets_at, context.zone) if meets and body.meets_at else ""
    said = say(key, count=days, body=body.name, partner=partner, when=when)
    return Answer(view=view(Text(text=said)))


def undo_agenda(context: Context, change: Change) -> Answer:
    """As it was."""
    body = committees.get_committee_or_raise(context.session, context.viewer, change.subject_id)
    days = int(str(change.before.get("days", 0)))
    _set(context, body, days)
    return _say_set(context, body, days)


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Tell those whose committee meets soon, once for each meeting. True if more are left."""
    soon = now + timedelta(days=MOST_DAYS)
    rows = session.exec(
        select(Agenda, Committee)
        .join(Committee, col(Committee.id) == col(Agenda.committee_id))
        .join(Alliance, col(Alliance.id) == col(Committee.alliance_id))
        .join(Partner, col(Partner.id) == col(Agenda.partner_id))
        .where(
            col(Committee.meets_at) > now,
            col(Committee.meets_at) <= soon,
            col(Agenda.told_for).is_distinct_from(col(Committee.meets_at)),
            col(Alliance.ended_at).is_(None),
            col(Partner.left_at).is_(None),
        )
        .order_by(col(Committee.meets_at))
        .with_for_update(skip_locked=True, of=Agenda)
    ).all()
    due = [
        (agenda, body)
        for agenda, body in rows
        if body.meets_at is not None and body.meets_at - timedelta(days=agenda.days) <= now
    ]
    for agenda, body in due[:BATCH]:
        _tell(session, agenda, body, now=now)
    return len(due) > BATCH


def _tell(session: Session, agenda: Agenda, body: Committee, *, now: datetime) -> None:
    agenda.told_for = body.meets_at
    session.add(agenda)
    for seat, member, partner in committees.get_seats(session, body, now=now):
        if partner.id == agenda.partner_id:
            subject = f"{body.id}|{seat.member_id}"
            tell_unasked(
                session, body.alliance_id, member.id, topic=TOPIC, subject=subject, now=now
            )


def render(registry: Registry, session: Session, message: Claimed, now: datetime) -> View | Skip:
    """What is open and comes up, as it is when it is sent, to whoever still sits there."""
    committee_id, _, member_id = message.subject.partition("|")
    body, member = session.get(Committee, committee_id), session.get(Member, member_id)
    if body is None or member is None or body.meets_at is None or body.meets_at <= now:
        return Skip("the meeting has begun, or is off")
    if committees.get_seat(session, body, member, now=now) is None:
        return Skip("no longer seated")
    blocks = render_open(session, body.alliance_id, committee_id=body.id, closed_to=body.id)
    if isinstance(blocks, Skip):
        return blocks
    alliance = session.get_one(Alliance, body.alliance_id)
    zone = reminders.get_zone(session, alliance, member.id)
    lead = say("decisions.before", body=body.name, when=say_moment(body.meets_at, zone))
    why = say("decisions.before_why", body=body.name)
    return view(Text(text=lead), *blocks[1:], Note(text=why))


JOB = RecurringJob(name="decision_agendas", every=EVERY, run=run)
