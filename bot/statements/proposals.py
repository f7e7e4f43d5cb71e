"""Putting a wording to the partners, and what becomes of it.

What goes out to people is rendered by whoever registered the topics named here; this module decides
who gets it, and queues it in the same transaction.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.people.alliances import get_alliance_or_raise, get_countries, get_managers
from bot.people.committees import FEWEST, Rule
from bot.people.models import Account, Alliance, AudienceKind, Committee, RuleKind
from bot.people.viewer import Viewer
from bot.schedules.calendar import is_working_day, next_working_day
from bot.schedules.firing import claim_period
from bot.schedules.reminders import get_hours
from bot.schedules.rhythm import to_utc
from bot.statements.judging import judge
from bot.statements.models import (
    STANDING,
    Basis,
    Request,
    Statement,
    Version,
    VersionState,
    Voice,
    VoiceKind,
)
from bot.statements.sides import Side, get_rule_among, get_sides, is_heard
from bot.statements.versions import add_version, ensure_statement, get_versions, supersede

ASKED = "confirmations.request"
"""The topic of a request to one person; its subject is the request's id."""

EMPTY = "confirmations.empty_seat"
"""To a partner's managers: nobody can answer for it. The subject is `VERSION:PARTNER`."""

SETTLED = "confirmations.settled"
"""To all whom it concerned: what became of it. The subject is the version's id."""

ONCE = timedelta(days=36_500)


def propose(
    session: Session,
    viewer: Viewer,
    kind: str,
    *,
    text: str,
    now: datetime,
    subject: str = "",
    committee: Committee | None = None,
    for_committee_only: bool = False,
    basis: Basis = Basis.CONSENSUS,
    review_on: date | None = None,
    supersedes_id: str | None = None,
    widens: bool = False,
    is_again: bool = False,
) -> Version:
    """Put a wording to the partners: to those whom `committee` seats, or to the managers.

    Its audience is the alliance, or the committee with `for_committee_only`. What is a committee's
    alone stays so, unless it `widens` and each partner seated there confirms that. Whoever puts it
    forward and may speak for their partner has confirmed it with that. An open proposal of the same
    statement ends; whoever had answered it is asked again. Raises NotAllowed for unplaced people,
    Conflict where there is no other partner to ask, or the same words stand already: those that
    are confirmed may be put to the partners once more if it `is_again` open whether they hold.
    """
    if viewer.partner_id is None:
        raise NotAllowed("confirm.unplaced")
    body = committee.id if committee else None
    sides = get_sides(session, viewer.alliance_id, body, now=now)
    if len(sides) < FEWEST:
        raise Conflict("confirm.alone", partner=viewer.partner_name)
    statement = ensure_statement(
        session,
        viewer,
        kind,
        subject=subject,
        partner_id=None,
        committee_id=body if for_committee_only else None,
        now=now,
    )
    session.refresh(statement, with_for_update=True)
    if supersedes_id is not None:
        statement.supersedes_id = supersedes_id
        session.add(statement)
    is_closed = statement.audience_kind == AudienceKind.COMMITTEE
    widens = widens and is_closed
    for earlier in get_versions(session, statement):
        if earlier.state in {VersionState.PROPOSED, VersionState.OBJECTED}:
            # Somebody may have answered it since it was read.
            session.refresh(earlier, with_for_update=True)
        is_same = (earlier.text, earlier.review_on) == (text, review_on)
        # The same words once more, for more people to read, are another question.
        is_asked = is_same and (earlier.widens or not widens)
        stands = earlier.state == VersionState.CONFIRMED and not is_again
        if is_asked and (stands or earlier.state == VersionState.PROPOSED):
            raise Conflict("statements.same", field="text")
        if earlier.state in {VersionState.PROPOSED, VersionState.OBJECTED}:
            _end(session, earlier, VersionState.SUPERSEDED, now=now)
    version = add_version(
        session,
        viewer,
        statement,
        text=text,
        state=VersionState.PROPOSED,
        review_on=review_on,
        now=now,
    )
    rule = Rule() if widens else get_rule_among(session, committee, sides)
    version.committee_id, version.widens = body, widens
    version.rule_kind, version.rule_count, version.rule_days = rule.kind, rule.count, rule.days
    version.basis = basis
    version.answer_by = get_deadline(session, viewer.alliance_id, rule, now=now)
    session.add(version)
    if any(s.partner_id == viewer.partner_id and s.has(viewer.member_id) for s in sides):
        add_voice(session, viewer, version, VoiceKind.CONFIRMED, now=now)
    session.flush()
    ask(session, version, statement, now=now)
    return version


def add_voice(
    session: Session,
    viewer: Viewer,
    version: Version,
    kind: VoiceKind,
    *,
    now: datetime,
    reason: str = "",
    given_in: str = "",
    given_on: date | None = None,
) -> Voice:
    """Write down what the viewer says for their partner, and from which platform. Whether they may
    is asked before."""
    account = session.get(Account, viewer.account_id)
    voice = Voice(
        version_id=version.id,
        partner_id=viewer.partner_id or "",
        member_id=viewer.member_id,
        kind=kind,
        reason=reason,
        platform=account.platform if account else "",
        hash=version.hash,
        at=now,
        given_in=given_in,
        given_on=given_on,
    )
    session.add(voice)
    session.flush()
    return voice


def get_deadline(session: Session, alliance_id: str, rule: Rule, *, now: datetime) -> datetime:
    """When silence counts: at the end of so many working days where the rule lets silence be a yes,
    else after the alliance's own time for answers, when a proposal lapses."""
    alliance = get_alliance_or_raise(session, alliance_id)
    days = rule.days
    if not days:
        return now + timedelta(days=alliance.lapse_days)
    hours = get_hours(alliance)
    day = find_working_day(session, alliance, now, days)
    end = hours.end if hours.end != time.min else time(23, 59)
    return to_utc(datetime.combine(day, end), alliance.zone)


def find_working_day(session: Session, alliance: Alliance, since: datetime, days: int) -> date:
    """The alliance's working day that is so many after the day of `since`."""
    hours, countries = get_hours(alliance), get_countries(session, alliance.id)
    day = since.astimezone(ZoneInfo(alliance.zone)).date()
    for _ in range(days):
        day = next_working_day(day + timedelta(days=1), hours, countries)
    return day


def count_working_days(
    session: Session, alliance: Alliance, since: datetime, until: datetime
) -> int:
    """The alliance's working days that began after `since` and not after `until`."""
    zone = ZoneInfo(alliance.zone)
    hours, countries = get_hours(alliance), get_countries(session, alliance.id)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = (first + timedelta(days=n + 1) for n in range(min((last - first).days, 366)))
    return sum(1 for day in days if is_working_day(day, hours, countries))


def ask(session: Session, version: Version, statement: Statement, *, now: datetime) -> None:
    """Ask everybody who can speak for a partner that has not answered, each once; where a partner's
    seat is empty, tell its managers. Whoever took a seat meanwhile is asked then."""
    answered = {voice.partner_id for voice in get_voices(session, version)}
    asked = set(
        session.exec(select(Request.member_id).where(col(Request.version_id) == version.id))
    )
    for side in get_version_sides(session, version, statement, now=now):
        if side.partner_id in answered:
            continue
        if not side.electors:
            _tell_empty(session, version, statement, side, now=now)
        for member in side.electors:
            if member.id not in asked:
                _ask_one(session, version, statement, side, member.id, now=now)


def _ask_one(
    session: Session,
    version: Version,
    statement: Statement,
    side: Side,
    member_id: str,
    *,
    now: datetime,
) -> None:
    request = Request(
        version_id=version.id, partner_id=side.partner_id, member_id=member_id, asked_at=now
    )
    session.add(request)
    session.flush()
    send(session, statement, member_id, topic=ASKED, subject=request.id, now=now)


def _tell_empty(
    session: Session, version: Version, statement: Statement, side: Side, *, now: datetime
) -> None:
    """Once for each version and partner: it is asked anew only with a new wording."""
    key = f"empty:{version.id}:{side.partner_id}"
    if not claim_period(session, key, every=ONCE, now=now):
        return
    subject = f"{version.id}:{side.partner_id}"
    for member_id in get_managers(session, side.partner_id):
        send(session, statement, member_id, topic=EMPTY, subject=subject, now=now)


def send(
    session: Session,
    statement: Statement,
    member_id: str,
    *,
    topic: str,
    subject: str,
    now: datetime,
) -> None:
    """Queue a direct message, at once; whoever can't be reached finds it on the home view."""
    address = get_member_address(session, member_id)
    if address is not None:
        message = Deliver(
            to=address, topic=topic, subject=subject, alliance_id=statement.alliance_id
        )
        enqueue(session, message, now=now)


def get_version_sides(
    session: Session, version: Version, statement: Statement, *, now: datetime
) -> list[Side]:
    """The partners that a version was put to, and who may speak for each at this moment."""
    return get_sides(session, statement.alliance_id, version.committee_id, now=now)


def get_voices(session: Session, version: Version) -> Sequence[Voice]:
    """What the partners said to a version, in their order."""
    return session.exec(
        select(Voice).where(col(Voice.version_id) == version.id).order_by(col(Voice.at))
    ).all()


def reconsider(session: Session, version: Version, *, now: datetime) -> bool:
    """Settle an open version if its rule is met, can't be met any more, or its time is over.

    Asked after each answer, and by a recurring job. True if it was settled with this; all whom it
    concerned are told then.
    """
    session.refresh(version, with_for_update=True)
    if version.state != VersionState.PROPOSED:
        return False
    statement = session.get_one(Statement, version.statement_id)
    sides = get_version_sides(session, version, statement, now=now)
    voices = get_voices(session, version)
    rule = read_rule(version)
    state = judge(
        rule if is_heard(rule, sides, {v.partner_id for v in voices}) else Rule(),
        sides={side.partner_id for side in sides},
        yes={v.partner_id for v in voices if v.kind == VoiceKind.CONFIRMED},
        no={v.partner_id for v in voices if v.kind == VoiceKind.OBJECTED},
        is_over=version.answer_by is not None and version.answer_by <= now,
    )
    if state == VersionState.PROPOSED:
        return False
    _end(session, version, state, now=now)
    if state == VersionState.CONFIRMED:
        _take_over(session, version, statement, now=now)
    tell_all(session, version, statement, now=now)
    return True


def read_rule(version: Version) -> Rule:
    """The rule that a version was put forward under."""
    return Rule(kind=RuleKind(version.rule_kind), count=version.rule_count, days=version.rule_days)


def _end(session: Session, version: Version, state: VersionState, *, now: datetime) -> None:
    version.state = state
    version.settled_at = now
    session.add(version)
    session.flush()


def _take_over(session: Session, version: Version, statement: Statement, *, now: datetime) -> None:
    """What is confirmed takes the place of what stood there: the earlier wording, the one in force
    at single partners, and the statement it was meant to replace. What widens is everybody's."""
    if version.widens:
        statement.audience_kind, statement.audience_id = AudienceKind.ALLIANCE, None
        statement.shared_at = now
        session.add(statement)
    same = session.exec(
        select(Version)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .where(
            col(Statement.alliance_id) == statement.alliance_id,
            col(Statement.kind) == statement.kind,
            col(Statement.subject) == statement.subject,
            col(Version.state).in_(STANDING),
            col(Version.id) != version.id,
        )
    ).all()
    replaced: Sequence[Version] = ()
    if statement.supersedes_id is not None:
        replaced = session.exec(
            select(Version).where(
                col(Version.statement_id) == statement.supersedes_id,
                col(Version.state).in_(STANDING),
            )
        ).all()
    for earlier in (*same, *replaced):
        supersede(session, earlier, now=now)
    if statement.supersedes_id is not None:
        _end_open(session, statement.supersedes_id, now=now)
    session.flush()


def _end_open(session: Session, statement_id: str, *, now: datetime) -> None:
    """Nobody is asked any more about what another statement has taken the place of."""
    still_asked = session.exec(
        select(Version)
        .where(
            col(Version.statement_id) == statement_id,
            col(Version.state) == VersionState.PROPOSED,
        )
        .with_for_update()
    ).all()
    for version in still_asked:
        _end(session, version, VersionState.SUPERSEDED, now=now)


def tell_all(session: Session, version: Version, statement: Statement, *, now: datetime) -> None:
    """Tell the author, everybody who was asked, and the managers of those whom nobody could answer
    for, what became of it."""
    concerned = [
        version.member_id,
        *session.exec(select(Request.member_id).where(col(Request.version_id) == version.id)),
    ]
    for side in get_version_sides(session, version, statement, now=now):
        if not side.electors:
            concerned += get_managers(session, side.partner_id)
    for member_id in dict.fromkeys(concerned):
        send(session, statement, member_id, topic=SETTLED, subject=version.id, now=now)


def withdraw_proposal(session: Session, version: Version, *, now: datetime) -> None:
    """Take an open proposal back; who was asked is told. Raises Conflict if it is not open."""
    session.refresh(version, with_for_update=True)
    if version.state not in {VersionState.PROPOSED, VersionState.OBJECTED}:
        raise Conflict("confirm.not_open")
    _end(session, version, VersionState.WITHDRAWN, now=now)
    tell_all(session, version, session.get_one(Statement, version.statement_id), now=now)
