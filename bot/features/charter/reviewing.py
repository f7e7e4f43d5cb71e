"""A charter is proposed to be looked at again: on its day, and when the people changed.

Charters are held at the start of a body's work, and again whenever a good part of its people are
others: a third of its seats, since the charter was last put in force or asked about.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, func, select

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Button, Note, Text, View, actions, view
from bot.dispatch import reviews
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Coming, Needs, RecurringJob, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.dispatch.reviews import get_next_review
from bot.features.charter.clauses import KIND, get_body, get_title
from bot.people import committees, history
from bot.people.models import Alliance, Committee, Seat
from bot.schedules.firing import claim_period
from bot.schedules.models import SystemFiring
from bot.statements import versions
from bot.statements.models import STANDING, Statement, Version, VersionState

__all__ = ["JOB", "get_next_review", "has_changed", "press_keep"]

SHARE = 3
"""One of so many seats: a third."""

Body = tuple[str, str, str]
"""Whose charter: the alliance, the partner, and the committee or nothing."""


def has_changed(before: Collection[str], after: Collection[str]) -> bool:
    """Whether a third or more of the seats are taken by others, were given up, or are new. A body
    that had no seats has not changed: it begins."""
    old, new = set(before), set(after)
    changed = max(len(old - new), len(new - old))
    return bool(old) and changed * SHARE >= max(len(old), len(new)) and changed > 0


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Propose what is due, each body's charter in one message."""
    due: dict[Body, list[tuple[Version, Statement]]] = {}
    for version, statement in reviews.claim_due(session, KIND, now=now):
        due.setdefault(_body_of(version, statement), []).append((version, statement))
    for body, found in due.items():
        _propose(session, body, found, is_due=True, now=now)
    for body, found in _get_in_force(session).items():
        if body not in due and body[2] and _claim_seats(session, body, found, now=now):
            _propose(session, body, found, is_due=False, now=now)
    return False


def foresee(_registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next day for each author of clauses; how seats will change nobody knows."""
    return reviews.foresee(session, KIND, words("charter.coming"), now=now)


def _body_of(version: Version, statement: Statement) -> Body:
    committee_id = statement.subject.rpartition("/")[0]
    return statement.alliance_id, version.partner_id, committee_id


def _get_in_force(session: Session) -> Mapping[Body, list[tuple[Version, Statement]]]:
    rows = session.exec(
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .join(Alliance, col(Alliance.id) == col(Statement.alliance_id))
        .where(
            col(Alliance.ended_at).is_(None),
            col(Statement.kind) == KIND,
            col(Statement.subject).not_like("/%"),
            col(Version.state).in_(STANDING),
        )
        .order_by(col(Version.id))
    ).all()
    found: dict[Body, list[tuple[Version, Statement]]] = {}
    for version, statement in rows:
        found.setdefault(_body_of(version, statement), []).append((version, statement))
    return found


def _claim_seats(
    session: Session, body: Body, found: list[tuple[Version, Statement]], *, now: datetime
) -> bool:
    """Whether the committee's people changed that much since its charter was last in mind."""
    _, partner_id, committee_id = body
    job = f"seats:{partner_id}:{committee_id}"
    asked = session.exec(
        select(func.max(SystemFiring.at)).where(col(SystemFiring.job) == job)
    ).one()
    since = max(version.created_at for version, _ in found)
    since = max(since, asked) if asked else since
    before, after = _seated(session, committee_id, since), _seated(session, committee_id, now)
    if not has_changed(before, after):
        return False
    return claim_period(session, job, every=reviews.EVERY, now=now)


def _seated(session: Session, committee_id: str, at: datetime) -> set[str]:
    """The members with a seat at a moment."""
    return set(
        session.exec(
            select(Seat.member_id).where(
                col(Seat.committee_id) == committee_id,
                col(Seat.since) <= at,
                col(Seat.until).is_(None) | (col(Seat.until) > at),
            )
        )
    )


def _propose(
    session: Session,
    body: Body,
    found: list[tuple[Version, Statement]],
    *,
    is_due: bool,
    now: datetime,
) -> None:
    alliance_id, _, committee_id = body
    committee = session.get(Committee, committee_id) if committee_id else None
    members = {
        member for version, statement in found for member in _reviewers(session, version, statement)
    }
    titles = ", ".join(get_title(s.subject.rpartition("/")[2]) for _, s in found)
    key = "charter.review_due" if is_due else "charter.review_seats"
    why = "charter.review_due_why" if is_due else "charter.review_seats_why"
    text = say(key, body=get_body(committee), names=titles)
    content = _render(text, f"{alliance_id}:{committee_id}", why=why)
    for member_id in sorted(members):
        tell_unasked(session, alliance_id, member_id, view=content, now=now)


def _reviewers(session: Session, version: Version, statement: Statement) -> list[str]:
    return list(reviews.get_reviewers(session, version, statement))


def _render(text: str, value: str, *, why: str) -> View:
    return view(
        Text(text=text),
        actions(
            Button(label=words("charter.look"), action="charter.browse", value=value),
            Button(label=words("charter.keep"), action="charter.keep", value=value),
        ),
        Note(text=say(why)),
    )


def press_keep(context: Context, event: ButtonPressed) -> Answer:
    """A charter still says how its body works: all of it holds on, and is asked about in a year.
    What the partners confirmed together goes on as it is: it is not one side's to write anew."""
    alliance_id, _, committee_id = event.value.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    session, viewer = context.session, context.viewer
    committee = (
        committees.get_committee_or_raise(session, viewer, committee_id) if committee_id else None
    )
    found = versions.get_in_force_at(session, alliance_id, viewer.partner_id or "", KIND)
    review_on = get_next_review(context.now.date())
    own = {s: v for s, v in found.items() if s.rpartition("/")[0] == (committee_id or "")}
    made = [
        versions.put_in_force(
            session,
            viewer,
            KIND,
            text=version.text,
            subject=subject,
            review_on=review_on,
            now=context.now,
        )
        for subject, version in sorted(own.items())
        if version.state == VersionState.IN_FORCE and version.review_on != review_on
    ]
    confirmed = [v for v in own.values() if v.state == VersionState.CONFIRMED]
    if not made and not confirmed:
        raise NotFound("charter.nothing_to_keep")
    if made:
        history.record(
            session,
            viewer,
            "charter.imported",
            made[0].id,
            now=context.now,
            after={"versions": [version.id for version in made]},
        )
    key = "charter.kept" if made else "charter.kept_confirmed"
    return Answer(refresh=view(Text(text=say(key, body=get_body(committee)))))


JOB = RecurringJob(name="charter_review", every=reviews.EVERY, run=run)
