"""The last check of a message, at the moment of sending, and what it shows."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bot.core.views import View
from bot.delivery.claiming import get_next_morning
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Content, Later, Prepare, Skip, Standings, Unsent
from bot.dispatch.feature import Registry
from bot.people import departures, optouts
from bot.people.identity import find_member, get_account
from bot.people.models import Alliance, ChannelState, Member, MemberAccount, Partner
from bot.schedules.firing import PROMPT
from bot.schedules.reminders import get_working_moment


def make_prepare(registry: Registry) -> Prepare:
    """The check for these features: is the channel still linked, does the person still want it?"""

    def prepare(session: Session, message: Claimed, now: datetime, standings: Standings) -> Content:
        topic = registry.topics.get(message.topic)
        silent = not (topic and topic.while_pending)
        stopped = _why_not(session, message, now, standings, silent_while_pending=silent)
        if stopped is not None:
            return Skip(stopped)
        content: Content
        if message.view is not None:
            content = View.model_validate(message.view)
        elif topic is None:
            return Skip(f"nothing renders {message.topic}")
        else:
            content = topic.render(registry, session, message, now)
        if isinstance(content, View) and now - message.created_at > PROMPT:
            return _put_off(session, message, now) or content
        return content

    return prepare


def _put_off(session: Session, message: Claimed, now: datetime) -> Later | None:
    """What nobody asked for and was held up waits for its reader's hours."""
    if not message.unasked or message.user is None or message.alliance_id is None:
        return None
    member = find_member(session, message.alliance_id, platform=message.platform, user=message.user)
    if member is None:
        return None
    moment = get_working_moment(session, member.alliance_id, member.id, now=now)
    return Later(moment) if moment > now else None


def find_next_day(session: Session, message: Claimed, now: datetime, zone: ZoneInfo) -> datetime:
    """When a direct message that nobody asked for, and that has to wait for another day, goes out:
    within the alliance's hours, and on no public holiday of the reader's partner."""
    member = message.alliance_id and find_member(
        session, message.alliance_id, platform=message.platform, user=message.user or ""
    )
    if not member:
        return get_next_morning(session, message, now, zone)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time.min, zone)
    return get_working_moment(session, member.alliance_id, member.id, now=midnight)


def make_unsent(registry: Registry) -> Unsent:
    """Tells the feature of a message's topic that it will reach nobody."""

    def tell(session: Session, message: Claimed, now: datetime) -> None:
        topic = registry.topics.get(message.topic)
        if topic is not None and topic.unsent is not None:
            topic.unsent(registry, session, message, now)

    return tell


def _why_not(
    session: Session,
    message: Claimed,
    now: datetime,
    standings: Standings,
    *,
    silent_while_pending: bool,
) -> str | None:
    if message.channel is not None and message.private_to is None:
        standing = standings.get((message.platform, message.channel))
        may_speak = {ChannelState.LINKED}
        if not silent_while_pending:
            may_speak.add(ChannelState.PENDING)
        if standing is None or standing.state not in may_speak:
            return "channel not linked"
        if message.alliance_id is not None and standing.alliance_id != message.alliance_id:
            return "channel of another alliance"
        if standing.trouble == departures.REMOVED:
            return "app removed"
    if message.unasked and message.user is not None and message.alliance_id is not None:
        return _why_not_person(session, message, now)
    return None


def _why_not_person(session: Session, message: Claimed, now: datetime) -> str | None:
    account = get_account(session, message.platform, message.user or "")
    member_id = (
        account
        and session.exec(
            select(Member.id)
            .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
            .join(Alliance, col(Alliance.id) == col(Member.alliance_id))
            .outerjoin(Partner, col(Partner.id) == col(Member.partner_id))
            .where(
                col(MemberAccount.account_id) == account.id,
                col(Member.alliance_id) == message.alliance_id,
                col(Member.left_at).is_(None),
                col(Alliance.ended_at).is_(None),
                col(Partner.left_at).is_(None),
            )
        ).first()
    )
    if not member_id:
        return "no longer a member"
    if account is not None and departures.is_cut_off(session, account):
        return "app removed"
    if optouts.has_opted_out(session, member_id, optouts.ALL, now=now):
        return "muted"
    return None
