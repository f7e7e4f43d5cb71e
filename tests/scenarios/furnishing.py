"""Things of every kind, so that there is something behind each form and button: decisions and what
they still need, terms and hints, files that wait, notes for newcomers."""

from datetime import datetime, timedelta

import orjson
from sqlmodel import Session, col, select

from bot.features.decisions import capture, tasks
from bot.features.decisions.capture import Draft
from bot.features.decisions.models import Decision, TaskKind, Weight
from bot.features.decisions.tasks import NewTask
from bot.features.glossary import changing
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import Check, CheckAsked, TermImport, TermNudge
from bot.features.onboarding import journeys
from bot.features.onboarding.models import Given, Journey, StepState
from bot.features.onboarding.tracks import QUESTION, TrackKind
from bot.people.models import AudienceKind, Channel, Member
from bot.people.viewer import Viewer

CAUSE = "role:furnished"
"""Of journeys that are there beside those that joining begins."""


def furnish(
    session: Session,
    viewer: Viewer,
    *,
    colleague: str,
    text: str,
    now: datetime,
    audience: AudienceKind = AudienceKind.ALLIANCE,
) -> None:
    """Give the viewer, a manager, one of each; `text` stands in all of them. `colleague` is the
    name of somebody of their partner."""
    _decide(session, viewer, text=text, audience=audience, now=now)
    _define(session, viewer, text=text, is_shared=audience == AudienceKind.ALLIANCE, now=now)
    _welcome(session, viewer, colleague, now=now)


def _decide(
    session: Session, viewer: Viewer, *, text: str, audience: AudienceKind, now: datetime
) -> None:
    """One decision with an approval that is open and one that was refused, and a draft."""
    needed = [
        NewTask(
            kind=TaskKind.APPROVAL,
            what=f"{text} {number}",
            owner_id=viewer.member_id,
            partner_id=viewer.partner_id or "",
        )
        for number in ("one", "two")
    ]
    draft = Draft(what=text, why=text, audience=audience, approvals=tuple(needed))
    decision: Decision = capture.save(session, viewer, draft, now=now).entry.decision
    refused = tasks.get_tasks(session, viewer, decision)[-1]
    tasks.refuse(session, refused, reason=text, now=now)
    unasked = Draft(what=f"{text}?", audience=audience, weight=Weight.DRAFT)
    capture.save(session, viewer, unasked, now=now)


def _define(session: Session, viewer: Viewer, *, text: str, is_shared: bool, now: datetime) -> None:
    """One term, a hint about it, a file of terms that waits, and what people are asked about it."""
    wording = Wording(name="Ledger", meaning=text, is_shared=is_shared)
    term = changing.add(session, viewer, wording, now=now).term
    channel = session.exec(
        select(Channel)
        .where(col(Channel.alliance_id) == viewer.alliance_id)
        .order_by(col(Channel.id))
    ).first()
    assert channel is not None
    session.add(
        TermNudge(
            alliance_id=viewer.alliance_id,
            term_id=term.id,
            member_id=viewer.member_id,
            channel_id=channel.id,
            thread="1.0",
            form="Ledger",
            kind="contested",
            at=now,
        )
    )
    if is_shared:
        changing.dispute(session, viewer, term.id, now=now)
        check = Check(
            alliance_id=viewer.alliance_id,
            term_id=term.id,
            member_id=viewer.member_id,
            asked_at=now,
            closes_at=now + timedelta(days=7),
        )
        session.add(check)
        session.flush()
        session.add(CheckAsked(check_id=check.id, member_id=viewer.member_id, at=now))
    sheet = [["Term", "Meaning"], [["Lantern", text]], 2]
    mapping = {"columns": {"term": 0, "meaning": 1}, "shared": is_shared}
    session.add(
        TermImport(
            alliance_id=viewer.alliance_id,
            partner_id=viewer.partner_id or "",
            member_id=viewer.member_id,
            content=orjson.dumps(sheet).decode(),
            mapping=orjson.dumps(mapping).decode(),
            created_at=now,
        )
    )
    session.flush()


def _welcome(session: Session, viewer: Viewer, colleague: str, *, now: datetime) -> None:
    """A newcomer about whom the viewer is asked, and the question at the end of the viewer's own
    notes."""
    partner_id = viewer.partner_id or ""
    member = session.exec(
        select(Member).where(
            col(Member.alliance_id) == viewer.alliance_id, col(Member.name) == colleague
        )
    ).one()
    for member_id, is_asked in ((member.id, True), (viewer.member_id, False)):
        journeys.begin(
            session,
            viewer.alliance_id,
            partner_id,
            [member_id],
            kind=TrackKind.MEMBER,
            cause=CAUSE,
            is_asked=is_asked,
            now=now,
        )
    own = session.exec(
        select(Journey).where(
            col(Journey.member_id) == viewer.member_id, col(Journey.cause) == CAUSE
        )
    ).one()
    session.add(
        Given(
            journey_id=own.id,
            alliance_id=viewer.alliance_id,
            member_id=viewer.member_id,
            edition=own.edition,
            step=QUESTION,
            state=StepState.SENT,
            sent_at=now,
        )
    )
    session.flush()
