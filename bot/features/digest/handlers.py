"""`digest on`, `digest off`, `digest`: one message a week over all of a manager's alliances, made
of what waits for the partners and of what each feature contributes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.events import CommandInvoked
from bot.core.views import Block, Heading, Note, Text, View, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Coming, Command, Feature, Needs, RecurringJob, Registry, Topic
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.digest.models import DigestWish
from bot.features.digest.waiting import render_waiting
from bot.people.models import Account, Alliance
from bot.people.viewer import Viewer, get_viewers

TOPIC = "digest"
EVERY = timedelta(hours=6)
WEEK = timedelta(days=7)
BATCH = 50


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The digest of the last seven days, now."""
    since = context.now - WEEK
    content = render(context.registry, context.session, context.who.account_id, since, context.now)
    if content is None:
        return Answer(view=view(Text(text=say("digest.nothing"))))
    return Answer(view=content)


def switch_on(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """From now on, each week."""
    session, account_id = context.session, context.who.account_id
    if session.get(DigestWish, account_id) is None:
        session.add(DigestWish(account_id=account_id, since=context.now, sent_at=context.now))
        session.flush()
    return Answer(view=view(Text(text=say("digest.on"))))


def switch_off(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """No more."""
    wish = context.session.get(DigestWish, context.who.account_id)
    if wish is not None:
        context.session.delete(wish)
        context.session.flush()
    return Answer(view=view(Text(text=say("digest.off"))))


def render(
    registry: Registry, session: Session, account_id: str, since: datetime, now: datetime
) -> View | None:
    """What the features have to say to a manager, alliance by alliance; None if it is nothing."""
    blocks: list[Block] = []
    for viewer in _get_managing(session, account_id):
        blocks += _render_one(registry, session, viewer, since, now)
    if not blocks:
        return None
    return view(Text(text=say("digest.lead")), *blocks, Note(text=say("digest.why")))


def _render_one(
    registry: Registry, session: Session, viewer: Viewer, since: datetime, now: datetime
) -> Sequence[Block]:
    parts = [*render_waiting(registry, session, viewer, now)]
    parts += [
        block
        for section in registry.digest
        for block in section.render(session, viewer, since, now)
    ]
    name = session.get_one(Alliance, viewer.alliance_id).name
    return (Heading(text=name), *parts) if parts else ()


def run(_registry: Registry, session: Session, now: datetime) -> bool:
    """Queue the digests that are due, each within its reader's hours. True if more are left."""
    due = session.exec(
        select(DigestWish)
        .where(col(DigestWish.sent_at) <= now - WEEK)
        .order_by(col(DigestWish.sent_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for wish in due:
        since = wish.sent_at or wish.since
        wish.sent_at = now
        session.add(wish)
        _queue(session, wish.account_id, since, now)
    return len(due) == BATCH


def _get_managing(session: Session, account_id: str) -> list[Viewer]:
    return [viewer for viewer in get_viewers(session, account_id) if viewer.is_manager]


def foresee(_registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next digests."""
    wishes = session.exec(select(DigestWish).order_by(col(DigestWish.sent_at)).limit(BATCH)).all()
    what = words("digest.coming")
    return [
        Coming(at=(wish.sent_at or wish.since) + WEEK, what=what, member_id=viewer.member_id)
        for wish in wishes
        for viewer in _get_managing(session, wish.account_id)[:1]
    ]


def _queue(session: Session, account_id: str, since: datetime, now: datetime) -> None:
    managed = _get_managing(session, account_id)
    if not managed:
        return
    first = managed[0]
    subject = f"{account_id}|{since.isoformat(timespec='seconds')}"
    tell_unasked(session, first.alliance_id, first.member_id, topic=TOPIC, subject=subject, now=now)


def render_topic(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The digest as things stand when it is sent."""
    account_id, _, moment = message.subject.partition("|")
    if session.get(Account, account_id) is None or session.get(DigestWish, account_id) is None:
        return Skip("switched off meanwhile")
    found = render(registry, session, account_id, datetime.fromisoformat(moment), now)
    return found or Skip("nothing to say this week")


FEATURE = Feature(
    name="digest",
    commands=(
        Command(phrase="digest", handle=show, help="digest.help", needs=Needs.MANAGER, reads=True),
        Command(phrase="digest on", handle=switch_on, help="digest.help_on", needs=Needs.MANAGER),
        Command(phrase="digest off", handle=switch_off, help="digest.help_off", needs=Needs.MEMBER),
    ),
    topics=(Topic(name=TOPIC, render=render_topic),),
    jobs=(RecurringJob(name="digest", every=EVERY, run=run),),
    foresee=foresee,
)
