"""Listening, where every partner's manager wants it: suggesting to note a decision down, and
pointing at what was decided already."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, MessagePosted
from bot.core.views import Button, Note, Text, View, actions, view
from bot.delivery.outbox import HINT, Address, Deliver
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Watch
from bot.dispatch.messages import say, words
from bot.features.decisions import log
from bot.features.decisions.asking import find
from bot.features.decisions.ears import (
    HIGHEST,
    Ears,
    carry,
    get_bar,
    load_ears,
    mark,
    set_bar,
    take,
    wants,
)
from bot.features.decisions.forms import NAME
from bot.features.decisions.log import COUNTS, Entry
from bot.features.decisions.models import ListeningKind
from bot.features.decisions.opening import make_opener, note_unread
from bot.features.decisions.start import Start, find_channel, load
from bot.features.decisions.views import make_show, name_partner, shorten
from bot.people import nudges, optouts
from bot.people.channels import CHANNELS_SCOPE
from bot.people.models import Account, Channel, Member, MemberAccount
from bot.schedules.firing import claim_period

STEP: Final = 0.015
"""How much surer Entente must be in a channel after each "Not a decision": after the second, a
closing phrase alone is not enough there any more."""

ONCE = timedelta(days=36_500)
LATELY = timedelta(minutes=30)
"""Outside of threads, what was captured so long ago may be what people agree to now."""


def handle(context: Context, event: MessagePosted, ears: Ears) -> None:
    """Say privately what was noticed; at most one thing a message."""
    place = (event.platform, event.place.channel or "")
    message = mark(event.actor.user, event.text)
    said, about = take(ears.said, place, message), take(ears.about, place, message)
    if said is None and about is None:
        return
    channel = context.channel
    if channel is None or context.chosen is None:
        return
    if about is not None and _point(context, event, about):
        return
    if said is not None:
        _suggest(context, event, channel, said)


def _point(context: Context, event: MessagePosted, about: Sequence[str]) -> bool:
    """Point the author at what was decided: once a thread, within their budget."""
    viewer, session = context.viewer, context.session
    entry = _choose(context, event, about)
    if entry is None or not nudges.may_nudge(
        session, viewer.member_id, ListeningKind.REOPENED, now=context.now, zone=context.zone
    ):
        return False
    thread = event.place.thread or event.message
    if not _is_first(session, "reopened", f"{event.place.channel}:{thread}", now=context.now):
        return False
    nudges.note_nudge(session, viewer.member_id, ListeningKind.REOPENED, now=context.now)
    _whisper(context, event, event.actor.user, _render_pointer(context, entry))
    return True


def _is_first(session: Session, what: str, where: str, *, now: datetime) -> bool:
    """Whether this happens there for the first time."""
    digest = hashlib.sha256(where.encode()).hexdigest()[:40]
    return claim_period(session, f"{what}:{digest}", every=ONCE, now=now)


def _choose(context: Context, event: MessagePosted, about: Sequence[str]) -> Entry | None:
    """The likeliest that the author may see, that stands, and that they want to hear of."""
    viewer, session = context.viewer, context.session
    for decision in log.get_by_ids(session, viewer, about):
        entry = _follow(context, log.get_entry(session, decision))
        if entry is None or entry.state not in COUNTS:
            continue
        is_here = bool(event.place.thread) and entry.decision.thread == event.place.thread
        if not is_here and not optouts.has_opted_out(
            session, viewer.member_id, f"same:{entry.decision.id}", now=context.now
        ):
            return entry
    return None


def _follow(context: Context, entry: Entry) -> Entry | None:
    """What stands now in the place of a decision, as far as the person may see it."""
    while entry.replaced_by is not None:
        try:
            after = log.get_by_number(context.session, context.viewer, str(entry.replaced_by))
        except NotFound:
            return None
        entry = log.get_entry(context.session, after)
    return entry


def _render_pointer(context: Context, entry: Entry) -> View:
    decision = entry.decision
    start = Start(alliance=decision.alliance_id, replaces=decision.id)
    settled = entry.version.settled_at if entry.version else None
    lead = say(
        f"decisions.pointer_{entry.state}",
        date=say_date(settled or decision.created_at, context.zone),
        name=entry.name,
        what=shorten(decision.what),
        partner=name_partner(context.session, decision.partner_id),
    )
    because = f" {say('decisions.pointer_because', why=shorten(decision.why))}"
    return view(
        Text(text=f"{lead}{because if decision.why else ''}"),
        actions(
            make_show(decision),
            Button(label=words("decisions.propose_change"), opens=NAME, value=start.dump()),
            Button(
                label=words("decisions.not_same"), action="decisions.not_same", value=decision.id
            ),
            *_make_fewer(decision.alliance_id, ListeningKind.REOPENED),
        ),
        Note(text=say("decisions.pointer_why")),
    )


def _make_fewer(alliance_id: str, kind: ListeningKind) -> tuple[Button, Button]:
    """How to have less of a kind of hint, or none."""
    value = f"{alliance_id}|{kind}"
    return (
        Button(label=words("decisions.less"), action="decisions.less", value=value),
        Button(label=words("decisions.never"), action="decisions.never", value=value),
    )


def _suggest(context: Context, event: MessagePosted, channel: Channel, user: str) -> None:
    """Ask the person who said it whether to note it down."""
    session = context.session
    row = session.exec(
        select(Member.id, Member.partner_id, Account.zone)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Account.platform) == event.platform,
            col(Account.external_id) == user,
            col(Member.alliance_id) == channel.alliance_id,
            col(Member.left_at).is_(None),
        )
    ).first()
    if row is None:
        return
    member_id, partner_id, zone = row
    thread, since = event.place.thread, context.now - LATELY
    if log.was_captured(session, channel, thread, by=partner_id, since=since):
        return
    if optouts.has_opted_out(session, member_id, f"suggest:{channel.id}", now=context.now):
        return
    if not nudges.may_nudge(
        session,
        member_id,
        ListeningKind.SUGGEST,
        now=context.now,
        zone=zone or context.alliance.zone,
    ):
        return
    nudges.note_nudge(session, member_id, ListeningKind.SUGGEST, now=context.now)
    start = Start(
        alliance=channel.alliance_id,
        channel=channel.external_id,
        message=event.message,
        thread=thread or event.message,
        ended="1",
    )
    content = view(
        Text(text=say("decisions.suggest")),
        actions(
            make_opener(start),
            Button(
                label=words("decisions.not_one"), action="decisions.not_one", value=start.dump()
            ),
            Button(
                label=words("decisions.not_here_button"),
                action="decisions.never_here",
                value=start.dump(),
            ),
            *_make_fewer(channel.alliance_id or "", ListeningKind.SUGGEST),
        ),
        *note_unread(event.platform),
        Note(text=say("decisions.suggest_why")),
    )
    _whisper(context, event, user, content)


def _whisper(context: Context, event: MessagePosted, user: str, content: View) -> None:
    to = Address(
        platform=event.platform,
        workspace=event.workspace,
        channel=event.place.channel,
        user=user,
        thread=event.place.thread,
    )
    hint = Deliver(to=to, view=content, topic=HINT, alliance_id=context.viewer.alliance_id)
    context.deliver(hint)


WATCH = Watch(
    name="decisions",
    scope=CHANNELS_SCOPE,
    load=load_ears,
    wants=wants,
    handle=handle,
    carry=carry,
)


# Answers to what was noticed


def press_not_one(context: Context, event: ButtonPressed) -> Answer:
    """Not a decision: here Entente must be surer from now on, by a step for each discussion."""
    channel, start = _find_channel(context, event), load(event.value)
    where = f"{channel.id}:{start.message}"
    if _is_first(context.session, "not_one", where, now=context.now):
        bar = get_bar(context.session, channel.id)
        set_bar(context.session, channel, min(bar + STEP, HIGHEST))
    return Answer(refresh=view(Text(text=say("decisions.learnt"))))


def press_never_here(context: Context, event: ButtonPressed) -> Answer:
    """No suggestions in this channel, for this person."""
    channel = _find_channel(context, event)
    optouts.opt_out(
        context.session, context.viewer.member_id, f"suggest:{channel.id}", now=context.now
    )
    return Answer(refresh=view(Text(text=say("decisions.never_here"))))


def _find_channel(context: Context, event: ButtonPressed) -> Channel:
    start = load(event.value)
    context.enter(start.alliance)
    found = find_channel(context.session, context.viewer, event.platform, start)
    if found is None:
        raise NotFound("decisions.not_here")
    return found


def press_not_same(context: Context, event: ButtonPressed) -> Answer:
    """Something else: no pointer to this decision any more, for this person."""
    decision = find(context, event.value)
    optouts.opt_out(
        context.session, context.viewer.member_id, f"same:{decision.id}", now=context.now
    )
    return Answer(refresh=view(Text(text=say("decisions.not_same_noted"))))


def press_less(context: Context, event: ButtonPressed) -> Answer:
    """Hints of this kind come once a week at most."""
    kind = _find_kind(context, event)
    nudges.want_less(context.session, context.viewer.member_id, kind, now=context.now)
    return _say_fewer("less", kind, event.value)


def press_never(context: Context, event: ButtonPressed) -> Answer:
    """No hints of this kind any more."""
    kind = _find_kind(context, event)
    nudges.want_none(context.session, context.viewer.member_id, kind, now=context.now)
    return _say_fewer("never", kind, event.value)


def _say_fewer(wish: str, kind: ListeningKind, value: str) -> Answer:
    again = Button(label=words("checks.again"), action="decisions.again", value=value)
    return Answer(refresh=view(Text(text=say(f"decisions.wants_{wish}_{kind}")), actions(again)))


def _find_kind(context: Context, event: ButtonPressed) -> ListeningKind:
    alliance_id, _, kind = event.value.partition("|")
    context.enter(alliance_id)
    if kind not in set(ListeningKind):
        raise NotFound("help.old_button")
    return ListeningKind(kind)


def press_again(context: Context, event: ButtonPressed) -> Answer:
    """Hints of this kind as everybody gets them."""
    kind = _find_kind(context, event)
    nudges.want_again(context.session, context.viewer.member_id, kind)
    return Answer(refresh=view(Text(text=say("decisions.again"))))
