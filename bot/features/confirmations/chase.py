"""What time brings: nudges after two and five working days, silence that counts, requests that
lapse; and what the messages say when they are sent."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, select

from bot.core.views import Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Coming, RecurringJob, Registry, Topic
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.confirmations.found import get_title
from bot.features.confirmations.unreached import UNREACHED, hear_unsent, render_unreached
from bot.features.confirmations.views import (
    is_told,
    make_elsewhere,
    render_outcome,
    render_request,
    render_settled,
)
from bot.people.identity import get_account
from bot.people.models import Account, Alliance, Committee, Member, Partner
from bot.people.viewer import Viewer, get_viewers
from bot.schedules import reminders
from bot.schedules.rhythm import to_utc
from bot.statements import proposals, waiting
from bot.statements.models import Request, Statement, Version, VersionState
from bot.statements.voices import may_read

EVERY = timedelta(hours=1)
BATCH = 20
NUDGES = (2, 5)
"""After so many working days without an answer somebody is reminded."""

NUDGE = "confirmations.nudge"


def run(registry: Registry, session: Session, now: datetime) -> bool:
    """Look at the open requests, each once an hour."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    found = waiting.take_open(session, before=hour, now=now, most=BATCH)
    for version, statement in found:
        _look(registry, session, version, statement, now=now)
    return len(found) == BATCH


def _look(
    registry: Registry, session: Session, version: Version, statement: Statement, *, now: datetime
) -> None:
    if proposals.reconsider(session, version, now=now):
        kind = registry.statements.get(statement.kind)
        if kind is not None and kind.settled is not None:
            kind.settled(registry, session, version, now)
        return
    if version.state != VersionState.PROPOSED:
        return
    proposals.ask(session, version, statement, now=now)
    alliance = session.get_one(Alliance, statement.alliance_id)
    answered = {voice.partner_id for voice in proposals.get_voices(session, version)}
    for request in session.exec(select(Request).where(col(Request.version_id) == version.id)):
        if request.partner_id in answered or request.nudges >= len(NUDGES):
            continue
        waited = proposals.count_working_days(session, alliance, request.asked_at, now)
        if waited >= NUDGES[request.nudges]:
            request.nudges = sum(1 for days in NUDGES if waited >= days)
            session.add(request)
            tell_unasked(
                session, alliance.id, request.member_id, topic=NUDGE, subject=request.id, now=now
            )
    session.flush()


def foresee(registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next reminder of each open request."""
    return [
        coming
        for version, statement in waiting.get_open_of_all(session, most=BATCH)
        for coming in _foresee_one(registry, session, version, statement, now=now)
    ]


def _foresee_one(
    registry: Registry, session: Session, version: Version, statement: Statement, *, now: datetime
) -> Iterator[Coming]:
    alliance = session.get_one(Alliance, statement.alliance_id)
    answered = {voice.partner_id for voice in proposals.get_voices(session, version)}
    what = words("confirm.coming", title=get_title(registry, session, statement))
    for request in session.exec(select(Request).where(col(Request.version_id) == version.id)):
        if request.partner_id in answered or request.nudges >= len(NUDGES):
            continue
        day = proposals.find_working_day(
            session, alliance, request.asked_at, NUDGES[request.nudges]
        )
        begins = max(to_utc(datetime.combine(day, time.min), alliance.zone), now)
        at = reminders.get_working_moment(session, alliance.id, request.member_id, now=begins)
        if version.answer_by is None or at < version.answer_by:
            yield Coming(at=at, what=what, member_id=request.member_id)


def render_asked(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The request, as it stands when it is sent: to whoever may still answer."""
    found = _find_request(session, message.subject, now=now)
    if isinstance(found, Skip):
        return found
    request, version, statement = found
    return render_request(
        registry,
        session,
        version,
        statement,
        person=session.get_one(Member, request.member_id).name,
        partner_id=request.partner_id,
        partner=session.get_one(Partner, request.partner_id).name,
        zone=_get_zone(session, request, statement),
    )


def _find_request(
    session: Session, request_id: str, *, now: datetime
) -> tuple[Request, Version, Statement] | Skip:
    request = session.get(Request, request_id)
    version = session.get(Version, request.version_id) if request else None
    if request is None or version is None or version.state != VersionState.PROPOSED:
        return Skip("settled meanwhile")
    statement = session.get_one(Statement, version.statement_id)
    if request.partner_id in {v.partner_id for v in proposals.get_voices(session, version)}:
        return Skip("answered meanwhile")
    sides = proposals.get_version_sides(session, version, statement, now=now)
    if not any(s.partner_id == request.partner_id and s.has(request.member_id) for s in sides):
        return Skip("no longer seated")
    return request, version, statement


def _get_zone(session: Session, request: Request, statement: Statement) -> str:
    alliance = session.get_one(Alliance, statement.alliance_id)
    return reminders.get_zone(session, alliance, request.member_id)


def render_nudge(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The request once more, shortly."""
    found = _find_request(session, message.subject, now=now)
    if isinstance(found, Skip):
        return found
    request, version, statement = found
    partner = session.get_one(Partner, request.partner_id).name
    zone = _get_zone(session, request, statement)
    lead = say(
        "confirm.nudge",
        person=session.get_one(Member, request.member_id).name,
        title=get_title(registry, session, statement),
        partner=partner,
    )
    full = render_request(
        registry,
        session,
        version,
        statement,
        person="",
        partner_id=request.partner_id,
        partner=partner,
        zone=zone,
    )
    why = say("confirm.nudge_why", date=say_date(version.answer_by or now, zone))
    return View(blocks=(Text(text=lead), *full.blocks[1:], Note(text=why)))


def render_empty(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """Nobody can answer for a partner: what its manager can do."""
    version_id, _, partner_id = message.subject.partition(":")
    version = session.get(Version, version_id)
    partner = session.get(Partner, partner_id)
    if version is None or partner is None or version.state != VersionState.PROPOSED:
        return Skip("settled meanwhile")
    statement = session.get_one(Statement, version.statement_id)
    committee = session.get(Committee, version.committee_id) if version.committee_id else None
    body = committee.name if committee else partner.name
    title = get_title(registry, session, statement)
    return view(
        Text(
            text=say(
                "confirm.empty_seat",
                person=_name_reader(session, message),
                title=title,
                partner=partner.name,
                body=body,
            )
        ),
        Text(text=say("confirm.empty_next", body=body)),
        actions(make_elsewhere(version)),
        Note(text=say("confirm.empty_why", partner=partner.name)),
    )


def _name_reader(session: Session, message: Claimed) -> str:
    name = session.exec(
        select(Account.name).where(
            col(Account.platform) == message.platform,
            col(Account.external_id) == (message.user or ""),
        )
    ).first()
    return name or ""


def render_told(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What became of a request."""
    version = session.get(Version, message.subject)
    if version is None or not is_told(version):
        return Skip("replaced meanwhile")
    reader = _get_reader(session, message, now=now)
    if reader is None or not may_read(session, reader, version):
        return render_outcome(registry, session, version)
    return render_settled(registry, session, version, now=now)


def _get_reader(session: Session, message: Claimed, *, now: datetime) -> Viewer | None:
    """Who reads a direct message, as a member of its alliance."""
    account = get_account(session, message.platform, message.user or "")
    viewers = get_viewers(session, account.id, now=now) if account is not None else []
    return next((v for v in viewers if v.alliance_id == message.alliance_id), None)


JOB = RecurringJob(name="confirmations", every=EVERY, run=run)
TOPICS = (
    Topic(name=proposals.ASKED, render=render_asked, unsent=hear_unsent),
    Topic(name=UNREACHED, render=render_unreached),
    Topic(name=proposals.EMPTY, render=render_empty),
    Topic(name=proposals.SETTLED, render=render_told),
    Topic(name=NUDGE, render=render_nudge),
)
