"""Listening, where every partner's manager wants it: suggesting to note a decision down, and
pointing at what was decided already. No text is kept, and none leaves the process."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import ButtonPressed, CommandInvoked, MessagePosted
from bot.core.views import Button, Note, Text, View, actions, view
from bot.db.revisions import bump
from bot.delivery.outbox import Address, Deliver
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Watch
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import detection, log
from bot.features.decisions.asking import find
from bot.features.decisions.detection import Detector, get_model
from bot.features.decisions.forms import NAME
from bot.features.decisions.log import COUNTS, Entry
from bot.features.decisions.models import Decision, Ear, Listening
from bot.features.decisions.search import fold
from bot.features.decisions.start import Start, find_channel, load
from bot.features.decisions.views import make_show, shorten
from bot.people import nudges, optouts
from bot.people.channels import get_channel_or_raise
from bot.people.consent import get_standings
from bot.people.models import (
    Account,
    AudienceKind,
    Channel,
    ChannelState,
    Member,
    MemberAccount,
    Partner,
)
from bot.people.viewer import Viewer
from bot.schedules.firing import claim_period

SCOPE = "decisions"
SUGGEST = "suggest"
REOPENED = "reopened"
KINDS = (SUGGEST, REOPENED)

STEP = 0.03
"""How much surer Entente must be in a channel after each "Not a decision"."""

HIGHEST = 0.99
ONCE = timedelta(days=36_500)
KNOWN = 3000
"""The newest decisions of an alliance that messages are compared with."""

FEWEST, SHARE = 2, 0.6
"""A message is about a decision if it has that many of its telling words, and that share."""

_ARGUES = re.compile(
    r"\?|\b(?:should(?:n['’]t)? we|why (?:not|don['’]t|are|do|did)|what about|how about|instead"
    r"|rather|reconsider|rethink|change our|i(?:['’]d| would) prefer|better (?:to|if)|let['’]?s)\b",
    re.IGNORECASE,
)
_COMMON = frozenset(
    fold(
        "a an and are as at be by can do for from had has have how if in into is it its let of on"
        " or our should so than that the their then there they this to up use was we what when"
        " which who why will with would you your not no yes all any one two new old more"
    )
)


@dataclass(slots=True)
class Hearing:
    """What is listened for in one channel."""

    channel_id: str
    kinds: frozenset[str]
    bar: float
    titles: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Ears:
    """What all channels of this process listen for, and what was just heard in them."""

    channels: dict[tuple[str, str], Hearing] = field(default_factory=dict)
    detector: Detector = field(default_factory=Detector)
    said: dict[tuple[str, str], str] = field(default_factory=dict)
    about: dict[tuple[str, str], str] = field(default_factory=dict)


def load_ears(session: Session) -> Ears:
    """The channels in which the managers of all partners want it."""
    ears = Ears()
    rows = session.exec(
        select(Channel).where(
            col(Channel.state) == ChannelState.LINKED,
            col(Channel.id).in_(select(Listening.channel_id)),
        )
    ).all()
    for channel in rows:
        kinds = frozenset(kind for kind in KINDS if not get_missing(session, channel, kind))
        if kinds:
            heard = Hearing(channel.id, kinds, get_bar(session, channel.id))
            if REOPENED in kinds:
                _learn_titles(session, channel, heard)
            ears.channels[channel.platform, channel.external_id] = heard
    return ears


def get_bar(session: Session, channel_id: str) -> float:
    """How sure Entente must be in this channel."""
    ear = session.get(Ear, channel_id)
    return ear.bar if ear is not None else get_model().bar


def get_missing(session: Session, channel: Channel, kind: str) -> list[str]:
    """Names of the partners whose manager has not switched it on."""
    wanted = set(
        session.exec(
            select(Listening.partner_id).where(
                col(Listening.channel_id) == channel.id, col(Listening.kind) == kind
            )
        )
    )
    if channel.is_shared:
        return [s.name for s in get_standings(session, channel) if s.partner_id not in wanted]
    if channel.audience_id in wanted:
        return []
    own = session.get(Partner, channel.audience_id) if channel.audience_id else None
    return [own.name if own else "?"]


def _learn_titles(session: Session, channel: Channel, heard: Hearing) -> None:
    """The telling words of decisions that everybody who reads the channel may see."""
    found = session.exec(
        select(Decision)
        .where(
            col(Decision.alliance_id) == channel.alliance_id,
            col(Decision.closed_at).is_(None),
            (col(Decision.audience_kind) == AudienceKind.ALLIANCE)
            | (
                (col(Decision.audience_kind) == AudienceKind.PARTNER)
                & (channel.audience_kind == AudienceKind.PARTNER)
                & (col(Decision.audience_id) == channel.audience_id)
            ),
        )
        .order_by(col(Decision.search_row).desc())
        .limit(KNOWN)
    ).all()
    for decision in found:
        telling = {word for word in fold(decision.what) if word not in _COMMON and len(word) > 2}
        heard.sizes[decision.id] = len(telling)
        for word in telling:
            heard.titles.setdefault(word, []).append(decision.id)


def wants(ears: Ears, platform: str, channel: str, user: str, text: str) -> bool:
    """Whether a message closed a discussion, or re-opens one."""
    place = (platform, channel)
    heard = ears.channels.get(place)
    if heard is None:
        return False
    wanted = False
    if SUGGEST in heard.kinds:
        key = f"{platform}:{channel}"
        if ears.detector.hear(key, user, text) >= heard.bar:
            said = ears.detector.find_said(key)
            ears.detector.forget(key)
            ears.said[place] = said[0] if said else user
            wanted = True
    if REOPENED in heard.kinds and heard.sizes:
        about = find_subject(heard, text)
        if about is not None:
            ears.about[place] = about
            wanted = True
    return wanted


def find_subject(heard: Hearing, text: str) -> str | None:
    """The decision that a message asks about or argues with; None for most messages."""
    if not _ARGUES.search(text):
        return None
    hits: dict[str, int] = {}
    for word in set(fold(text[: detection.LONGEST])):
        for decision_id in heard.titles.get(word, ()):
            hits[decision_id] = hits.get(decision_id, 0) + 1
    if not hits:
        return None
    best = max(hits, key=lambda one: (hits[one] / heard.sizes[one], hits[one]))
    enough = hits[best] >= FEWEST and hits[best] >= SHARE * heard.sizes[best]
    return best if enough else None


def handle(context: Context, event: MessagePosted, ears: Ears) -> None:
    """Say privately what was noticed; at most one thing a message."""
    place = (event.platform, event.place.channel or "")
    said, about = ears.said.pop(place, None), ears.about.pop(place, None)
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
    entry = log.get_entry(session, found[0]) if found else None
    if entry is None or entry.state not in COUNTS or entry.decision.thread == event.place.thread:
        return False
    if optouts.has_opted_out(
        session, viewer.member_id, f"same:{decision_id}", now=context.now
    ) or not nudges.may_nudge(
        session, viewer.member_id, REOPENED, now=context.now, zone=context.zone
    ):
        return False
    thread = event.place.thread or event.message
    digest = hashlib.sha256(f"{event.place.channel}:{thread}".encode()).hexdigest()[:40]
    if not claim_period(session, f"reopened:{digest}", every=ONCE, now=context.now):
        return False
    nudges.note_nudge(session, viewer.member_id, REOPENED, now=context.now)
    _whisper(context, event, event.actor.user, _render_pointer(context, entry))
    return True


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
        session, member_id, SUGGEST, now=context.now, zone=zone or context.alliance.zone
    ):
        return
    nudges.note_nudge(session, member_id, SUGGEST, now=context.now)
    start = Start(
        alliance=channel.alliance_id,
        channel=channel.external_id,
        message=event.message,
        thread=thread,
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
    context.deliver(Deliver(to=to, view=content, alliance_id=context.viewer.alliance_id))


WATCH = Watch(name="decisions", scope=SCOPE, load=load_ears, wants=wants, handle=handle)


# Answers to what was noticed


def press_not_one(context: Context, event: ButtonPressed) -> Answer:
    """Not a decision: here Entente must be surer from now on."""
    channel = _find_channel(context, event)
    ear = context.session.get(Ear, channel.id)
    ear = ear or Ear(channel_id=channel.id, bar=get_model().bar)
    ear.bar = min(ear.bar + STEP, HIGHEST)
    context.session.add(ear)
    bump(context.session, SCOPE)
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
    for kind in KINDS:
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
    linked = context.session.get(Channel, channel_id)
    if linked is None or kind not in KINDS:
        raise NotFound("channels.not_found")
    context.enter(linked.alliance_id)
    channel = get_channel_or_raise(context.session, context.viewer, channel_id)
    if not context.viewer.is_manager:
        raise NotAllowed("alliance.managers_only", alliance=context.alliance.name)
    own = _get_own(context.session, context.viewer, channel, kind)
    if wish == "on" and own is None:
        _switch_on(context, channel, kind, now=context.now)
    elif wish == "off" and own is not None:
        context.session.delete(own)
        context.session.flush()
    bump(context.session, SCOPE)
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
