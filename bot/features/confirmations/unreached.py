"""Telling whoever put something forward that nobody of a partner could be reached with it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.ports import OTHER_TENANT
from bot.core.views import Note, Text, View, view
from bot.delivery.lanes import Claimed
from bot.delivery.models import Delivery, has_failed
from bot.delivery.postman import Skip
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say
from bot.features.confirmations.found import get_author, get_title
from bot.people.models import Member, Partner
from bot.schedules.firing import claim_period
from bot.statements import proposals
from bot.statements.models import Request, Statement, Version, VersionState

UNREACHED = "confirmations.unreached"


def hear_unsent(registry: Registry, session: Session, message: Claimed, now: datetime) -> None:
    """A request reached nobody. Where that is so for everybody who was asked for this partner,
    the author is told, once."""
    request = session.get(Request, message.subject)
    if request is None:
        return
    version = session.get_one(Version, request.version_id)
    asked = _get_requests(session, version.id, request.partner_id)
    missed = _get_missed(session, asked, version)
    if len(missed) < len(asked):
        return
    key = f"unreached:{version.id}:{request.partner_id}"
    if claim_period(session, key, every=proposals.ONCE, now=now):
        proposals.send(
            session,
            session.get_one(Statement, version.statement_id),
            version.member_id,
            topic=UNREACHED,
            subject=f"{version.id}:{request.partner_id}",
            now=now,
        )


def _get_requests(session: Session, version_id: str, partner_id: str) -> Sequence[Request]:
    return session.exec(
        select(Request).where(
            col(Request.version_id) == version_id, col(Request.partner_id) == partner_id
        )
    ).all()


def _get_missed(session: Session, asked: Sequence[Request], version: Version) -> list[str]:
    """The members among them to whom their organisation lets nothing through."""
    statement = session.get_one(Statement, version.statement_id)
    failed = set(
        session.exec(
            select(Delivery.subject).where(
                col(Delivery.alliance_id) == statement.alliance_id,
                has_failed(),
                col(Delivery.topic) == proposals.ASKED,
                col(Delivery.reason) == OTHER_TENANT,
                col(Delivery.subject).in_([request.id for request in asked]),
            )
        )
    )
    return [request.member_id for request in asked if request.id in failed]


def render_unreached(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """Whom the request did not reach, and what helps; while it is still open."""
    version_id, _, partner_id = message.subject.partition(":")
    version, partner = session.get(Version, version_id), session.get(Partner, partner_id)
    if version is None or partner is None or version.state != VersionState.PROPOSED:
        return Skip("settled meanwhile")
    if partner_id in {voice.partner_id for voice in proposals.get_voices(session, version)}:
        return Skip("answered meanwhile")
    missed = _get_missed(session, _get_requests(session, version_id, partner_id), version)
    names = [session.get_one(Member, member_id).name for member_id in missed]
    statement = session.get_one(Statement, version.statement_id)
    author, _ = get_author(session, version)
    return view(
        Text(
            text=say(
                "confirm.unreached",
                person=author.name,
                names=names,
                partner=partner.name,
                title=get_title(registry, session, statement),
            )
        ),
        Text(text=say("confirm.unreached_next")),
        Note(text=say("confirm.unreached_why")),
    )
