"""Listening, where every partner's manager wants it: suggesting to note a decision down, and
pointing at what was decided already."""

import hashlib
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import ButtonPressed, CommandInvoked, MessagePosted
from bot.core.views import Button, Note, Text, View, actions, view
from bot.db.revisions import bump
from bot.delivery.outbox import HINT, Address, Deliver
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Watch
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import log
from bot.features.decisions.asking import find
from bot.features.decisions.detection import get_model
from bot.features.decisions.ears import Ears, get_missing, load_ears, mark, take, wants
from bot.features.decisions.forms import NAME
from bot.features.decisions.log import COUNTS, Entry
from bot.features.decisions.models import Ear, Listening, ListeningKind
from bot.features.decisions.start import Start, find_channel, load
from bot.features.decisions.views import make_show, shorten
from bot.people import nudges, optouts
from bot.people.channels import CHANNELS_SCOPE, get_channel_or_raise
from bot.people.models import Account, Channel, ChannelState, Member, MemberAccount
from bot.people.viewer import Viewer
from bot.schedules.firing import claim_period

STEP = 0.03
"""How much surer Entente must be in a channel after each "Not a decision"."""

HIGHEST = 0.99
ONCE = timedelta(days=36_500)


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


def _point(context: Context, event: MessagePosted, decision_id: str) -> bool:
    """Point the author at what was decided: once a thread, within their budget."""
    viewer, session = context.viewer, context.session
    found = log.get_by_ids(session, viewer, [decision_id])
    entry = _follow(context, log.get_entry(session, found[0])) if found else None
    if entry is None or entry.state not in COUNTS or entry.decision.thread == event.place.thread:
        return False
    if optouts.has_opted_out(
        session, viewer.member_id, f"same:{entry.decision.id}", now=context.now
    ) or not nudges.may_nudge(
        session, viewer.member_id, ListeningKind.REOPENED, now=context.now, zone=context.zone
    ):
        return False
    thread = event.place.thread or event.message
    digest = hashlib.sha256(f"{event.place.channel}:{thread}".encode()).hexdigest()[:40]
    if not claim_period(session, f"reopened:{digest}", every=ONCE, now=context.now):
        return False
    nudges.note_nudge(session, viewer.member_id, ListeningKind.REOPENED, now=context.now)
    _whisper(context, event, event.actor.user, _render_pointer(context, entry))
    return True


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
    key = "decisions.pointer_because" if decision.why else "decisions.pointer"
    start = Start(alliance=decision.alliance_id, replaces=decision.id)
    settled = entry.version.settled_at if entry.version else None
    return view(
        Text(
            text=say(
                key,
                date=say_date(settled or decision.created_at, context.zone),
                name=entry.name,
                what=shorten(decision.what),
                why=shorten(decision.why),
            )
        ),
        actions(
            make_show(decision),
            Button(label=words("decisions.propose_change"), opens=NAME, value=start.dump()),
            Button(
                label=words("decisions.not_same"), action="decisions.not_same", value=decision.id
            ),
        ),
        Note(text=say("decisions.pointer_why")),
    )


def _suggest(context: Context, event: MessagePosted, channel: Channel, user: str) -> None:
    """Ask the person who said it whether to note it down."""
    session = context.session
    row = session.exec(
        select(Member.id, Account.zone)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Account.platform) == event.platform,
            col(Account.external_id) == user,
            col(Member.alliance_id) == channel.alliance_id,
            col(Member.left_at).is_(None),
        )
    ).first()
    thread = event.place.thread or event.message
    if row is None or log.get_of_thread(session, context.viewer, channel, thread):
        return
    member_id, zone = row
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
        thread=thread,
        ended="1",
    )
    content = view(
        Text(text=say("decisions.suggest")),
        actions(
            Button(
                label=words("decisions.capture"),
                action="decisions.draft",
                value=start.dump(),
                style="primary",
            ),
            Button(
                label=words("decisions.not_one"), action="decisions.not_one", value=start.dump()
            ),
            Button(
                label=words("decisions.not_here_button"),
                action="decisions.never_here",
                value=start.dump(),
            ),
        ),
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


WATCH = Watch(name="decisions", scope=CHANNELS_SCOPE, load=load_ears, wants=wants, handle=handle)


# Answers to what was noticed


def press_not_one(context: Context, event: ButtonPressed) -> Answer:
    """Not a decision: here Entente must be surer from now on."""
    channel = _find_channel(context, event)
    ear = context.session.get(Ear, channel.id)
    ear = ear or Ear(channel_id=channel.id, bar=get_model().bar)
    ear.bar = min(ear.bar + STEP, HIGHEST)
    context.session.add(ear)
    bump(context.session, CHANNELS_SCOPE)
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


# Switching on and off


def show_listening(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What Entente listens for in this channel, and switches for one's own partner."""
    channel = context.channel
    if channel is None or channel.state != ChannelState.LINKED:
        raise NotFound("decisions.not_here")
    return Answer(view=_render_listening(context, channel))


def _render_listening(context: Context, channel: Channel) -> View:
    session, viewer = context.session, context.viewer
    lines, buttons = [], []
    for kind in ListeningKind:
        missing = get_missing(session, channel, kind)
        key = "decisions.listening_off" if missing else "decisions.listening_on"
        what = words(f"decisions.listen_{kind}")
        lines.append(f"- {say(key, what=what, names=missing)}")
        own = _get_own(session, viewer, channel, kind)
        label = words("decisions.switch_off" if own else "decisions.switch_on", what=what)
        value = f"{channel.id}|{kind}|{'off' if own else 'on'}"
        buttons.append(Button(label=label[:75], action="decisions.listen", value=value))
    return view(
        Text(text=say("decisions.listening", channel=channel.name)),
        Text(text="\n".join(lines)),
        actions(*buttons) if viewer.is_manager else None,
        Note(text=say("decisions.listening_note")),
    )


def _get_own(session: Session, viewer: Viewer, channel: Channel, kind: str) -> Listening | None:
    return session.exec(
        select(Listening).where(
            col(Listening.channel_id) == channel.id,
            col(Listening.partner_id) == (viewer.partner_id or ""),
            col(Listening.kind) == kind,
        )
    ).first()


def press_listen(context: Context, event: ButtonPressed) -> Answer:
    """A manager switches one of them on or off for their partner."""
    channel_id, kind, wish = (*event.value.split("|"), "", "")[:3]
    if kind not in set(ListeningKind):
        raise NotFound("channels.not_found")
    context.find(Channel, channel_id, "channels.not_found")
    channel = get_channel_or_raise(context.session, context.viewer, channel_id)
    if not context.viewer.is_manager:
        raise NotAllowed("alliance.managers_only", alliance=context.alliance.name)
    own = _get_own(context.session, context.viewer, channel, kind)
    if wish == "on" and own is None:
        _switch_on(context, channel, kind, now=context.now)
    elif wish == "off" and own is not None:
        context.session.delete(own)
        context.session.flush()
    bump(context.session, CHANNELS_SCOPE)
    return Answer(refresh=_render_listening(context, channel))


def _switch_on(context: Context, channel: Channel, kind: str, *, now: datetime) -> None:
    viewer = context.viewer
    context.session.add(
        Listening(
            alliance_id=viewer.alliance_id,
            channel_id=channel.id,
            partner_id=viewer.partner_id or "",
            member_id=viewer.member_id,
            kind=kind,
            since=now,
        )
    )
    context.session.flush()
