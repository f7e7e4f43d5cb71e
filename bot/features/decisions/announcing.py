"""Who hears of a decision: the channel it was captured in, and those who need to know."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.views import Note, Quote, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Address, Deliver, enqueue, get_channel_address
from bot.delivery.postman import Skip
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say
from bot.dispatch.notices import tell_unasked
from bot.features.decisions import log, tasks
from bot.features.decisions.capture import follow_wording, note_replaced, open_to_all
from bot.features.decisions.log import COUNTS, KIND, Entry, State
from bot.features.decisions.models import Decision
from bot.features.decisions.views import make_show, name_partner
from bot.people.models import AudienceKind, Channel, Member, Seat
from bot.statements.models import Statement, Version, VersionState

TOPIC = "decisions.post"
INFORM = "decisions.inform"
SHOWN = frozenset({State.NOTED, State.CONFIRMED})


def announce(session: Session, entry: Entry, *, now: datetime) -> None:
    """Say in the thread that it counts, and tell those who need to know. What is only asked or in
    force at one partner is announced once it is confirmed."""
    decision = entry.decision
    if entry.state not in SHOWN:
        return
    channel = session.get(Channel, decision.channel_id) if decision.channel_id else None
    if channel is not None and _may_be_read_there(decision, channel):
        home = get_channel_address(session, channel)
        to = Address(
            platform=home.platform,
            workspace=home.workspace,
            channel=home.channel,
            thread=decision.thread or None,
        )
        message = Deliver(to=to, topic=TOPIC, subject=decision.id, alliance_id=decision.alliance_id)
        enqueue(session, message, now=now)
    for member_id in dict.fromkeys(decision.inform):
        if may_see(session, decision, member_id, now=now):
            tell_unasked(
                session,
                decision.alliance_id,
                member_id,
                topic=INFORM,
                subject=decision.id,
                now=now,
            )


def _may_be_read_there(decision: Decision, channel: Channel) -> bool:
    """Whether everybody who reads the channel may see the decision."""
    if decision.audience_kind == AudienceKind.ALLIANCE:
        return channel.alliance_id == decision.alliance_id
    return (
        channel.audience_kind == decision.audience_kind
        and channel.audience_id == decision.audience_id
    )


def may_see(session: Session, decision: Decision, member_id: str, *, now: datetime) -> bool:
    """Whether a member may see a decision, as `visible_to` has it for whoever is acting."""
    member = session.get(Member, member_id)
    if member is None or member.left_at is not None:
        return False
    if member.alliance_id != decision.alliance_id:
        return False
    if decision.audience_kind == AudienceKind.PARTNER:
        return member.partner_id is not None and member.partner_id == decision.audience_id
    if decision.audience_kind == AudienceKind.COMMITTEE:
        seats = session.exec(
            select(Seat.id).where(
                col(Seat.committee_id) == decision.audience_id,
                col(Seat.member_id) == member_id,
                col(Seat.since) <= now,
                col(Seat.until).is_(None) | (col(Seat.until) > now),
            )
        )
        return seats.first() is not None
    return True


def render_post(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What stands in the thread, as it is at the moment of sending."""
    entry = _get_standing(session, message)
    if entry is None:
        return Skip("the decision does not count any more")
    return view(*_render(session, entry), Note(text=say("decisions.post_note", name=entry.name)))


def render_inform(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The same, to one person."""
    entry = _get_standing(session, message)
    if entry is None:
        return Skip("the decision does not count any more")
    person = session.get_one(Member, entry.decision.member_id)
    why = say("decisions.inform_why", person=person.name)
    return view(*_render(session, entry), actions(make_show(entry.decision)), Note(text=why))


def _get_standing(session: Session, message: Claimed) -> Entry | None:
    decision = session.get(Decision, message.subject)
    entry = log.get_entry(session, decision) if decision is not None else None
    return entry if entry is not None and entry.state in COUNTS else None


def _render(session: Session, entry: Entry) -> tuple[Text | Quote, ...]:
    decision = entry.decision
    person = session.get_one(Member, decision.member_id)
    lead = say(
        f"decisions.post_{entry.state}",
        name=entry.name,
        person=person.name,
        partner=name_partner(session, decision.partner_id),
    )
    return Text(text=lead), Quote(text=decision.what)


# Statements


def get_title(session: Session, statement: Statement) -> str:
    """What confirmations call it: `D-12`."""
    decision = session.get(Decision, statement.subject)
    return log.say_number(decision.number) if decision is not None else KIND


def is_private(session: Session, statement: Statement) -> bool:
    """Whether not everybody may see the decision that a wording is of."""
    decision = session.get(Decision, statement.subject)
    return decision is None or decision.audience_kind != AudienceKind.ALLIANCE


def hear_proposed(session: Session, version: Version, now: datetime) -> None:
    """Other words are put to the partners: they are what is shown and found from here on."""
    statement = session.get_one(Statement, version.statement_id)
    decision = session.get(Decision, statement.subject)
    if decision is not None and not version.widens:
        follow_wording(session, decision, version)
        log.note_step(session, decision, State.PROPOSED, now=now, member_id=version.member_id)


def hear_settled(registry: Registry, session: Session, version: Version, now: datetime) -> None:
    """A wording was confirmed, objected to, withdrawn, or lapsed."""
    statement = session.get_one(Statement, version.statement_id)
    decision = session.get(Decision, statement.subject)
    if decision is None:
        return
    if version.widens and version.state != VersionState.CONFIRMED:
        return  # what the committee confirmed before counts on, for its own eyes
    follow_wording(session, decision, version)
    if version.widens:
        open_to_all(session, decision, now=now)
        log.note_changed(session, decision)
        return
    entry = log.get_entry(session, decision)
    log.note_step(session, decision, State(version.state), now=now, member_id=None)
    if version.state == VersionState.WITHDRAWN:
        decision.closed_at = decision.closed_at or now
        session.add(decision)
        tasks.drop_all(session, decision, now=now)
    elif version.state == VersionState.CONFIRMED:
        note_replaced(session, decision, now=now)
        announce(session, entry, now=now)
