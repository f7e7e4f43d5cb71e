"""`decisions listen`: what is listened for in a channel, and how sure Entente must be there."""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Note, Text, View, actions, view
from bot.db.revisions import bump
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions.detection import get_model
from bot.features.decisions.ears import HIGHEST, LOWEST, get_bar, get_missing, set_bar
from bot.features.decisions.models import Ear, Listening, ListeningKind
from bot.people import history
from bot.people.channels import CHANNELS_SCOPE, get_channel_or_raise
from bot.people.models import Change, Channel, ChannelState
from bot.people.viewer import Viewer

RESET = "reset"


def show_listening(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What Entente listens for in this channel, and switches for one's own partner; with a number,
    or `reset`: how sure it must be before it suggests."""
    channel = context.channel
    if channel is None or channel.state != ChannelState.LINKED:
        raise NotFound("decisions.not_here")
    said = arguments.text.strip().casefold().removesuffix("%").strip()
    if said:
        _choose_bar(context, channel, said)
    return Answer(view=_render_listening(context, channel))


def _choose_bar(context: Context, channel: Channel, said: str) -> None:
    """Keep a new bar; a manager's doing. Raises NotUnderstood, NotAllowed."""
    context.require(Needs.MANAGER)
    before = get_bar(context.session, channel.id)
    lowest, highest = round(LOWEST * 100), round(HIGHEST * 100)
    if said == RESET:
        bar = get_model().bar
    elif said.isascii() and said.isdigit() and lowest <= int(said[:4]) <= highest:
        bar = int(said) / 100
    else:
        raise NotUnderstood("decisions.bar_usage", lowest=lowest, highest=highest)
    set_bar(context.session, channel, bar)
    history.record(
        context.session,
        context.viewer,
        "decisions.bar_set",
        channel.id,
        now=context.now,
        before={"bar": before},
    )


def undo_bar(context: Context, change: Change) -> Answer:
    """As sure as before."""
    channel = get_channel_or_raise(context.session, context.viewer, change.subject_id)
    set_bar(context.session, channel, float(str(change.before.get("bar", get_model().bar))))
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
        Text(text=_say_bar(session, channel)),
        actions(*buttons) if viewer.is_manager else None,
        Note(text=say("decisions.listening_note")),
    )


def _say_bar(session: Session, channel: Channel) -> str:
    bar, first = round(get_bar(session, channel.id) * 100), round(get_model().bar * 100)
    said = say("decisions.listening_bar", bar=bar)
    if session.get(Ear, channel.id) is None or bar == first:
        return said
    return f"{said} {say('decisions.listening_bar_moved', first=first)}"


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
