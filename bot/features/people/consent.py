"""Consent: what Entente reads, keeps and shares in a channel, and each manager's yes to it."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.errors import Conflict, NotFound
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import Form
from bot.core.views import Actions, Block, Button, Note, Quote, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, get_channel_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_managers_of
from bot.features.people.looking import ask_readers, find_readers
from bot.people import alliances, channels, consent, history
from bot.people.consent import Standing
from bot.people.models import Alliance, Change, Channel, ChannelState, Workspace
from bot.people.viewer import Viewer
from bot.schedules import reminders

AT_MOST = 2.0
"""Seconds in which a platform has to say who is in a channel, since whoever agreed waits, and a
platform for no longer than three (https://docs.slack.dev/interactivity/handling-user-interaction)."""


def get_pending(session: Session, viewer: Viewer) -> list[Channel]:
    """Channels that wait for the viewer's own partner to agree."""
    if not viewer.is_manager:
        return []
    return [
        channel
        for channel in channels.get_channels(session, viewer)
        if channel.state == ChannelState.PENDING
        and channel.is_shared
        and any(
            standing.partner_id == viewer.partner_id and standing.is_open
            for standing in consent.get_standings(session, channel)
        )
    ]


def make_agree_buttons(context: Context, pending: Sequence[Channel]) -> tuple[Block, ...]:
    """A button for each channel that waits for the viewer's partner."""
    if not pending:
        return ()
    buttons = actions(*(make_agree_button(channel) for channel in pending[:5]))
    return tuple(block for block in (Text(text=say("consent.waiting_for_you")), buttons) if block)


def make_agree_button(channel: Channel) -> Button:
    """Opens what is read, kept and shared in a channel, to be agreed to."""
    return Button(
        label=words("consent.look", channel=channel.name)[:75],
        opens="consent.form",
        value=channel.id,
        style="primary",
    )


def _find(context: Context, channel_id: str) -> Channel:
    context.find(Channel, channel_id, "channels.not_found")
    context.require(Needs.MANAGER)
    return channels.get_channel_or_raise(context.session, context.viewer, channel_id)


def open_form(context: Context, value: str) -> Form:
    """What is read, kept and shared in the channel, who agreed, and the post that follows."""
    channel = _find(context, value)
    standings = consent.get_standings(context.session, channel)
    return Form(
        name="consent.form",
        title=words("consent.title"),
        submit=words("consent.submit"),
        context={"channel": channel.id},
        items=(
            Text(
                text=say(
                    "consent.intro",
                    partner=context.viewer.partner_name,
                    channel=f"#{channel.name}",
                )
            ),
            Text(text=say("consent.terms", host=_name_host(context.registry))),
            Text(text=say_standings(standings)),
            Text(text=say("consent.then")),
            Quote(text=_introduction(context.session, channel).plain_text()),
        ),
    )


def _name_host(registry: Registry) -> str:
    """Who runs this installation: none of the workspaces in a channel needs to be it."""
    if registry.operator:
        return registry.operator
    if registry.address:
        return words("consent.host_at", address=registry.address)
    return words("consent.host_unknown")


def say_standings(standings: Sequence[Standing]) -> str:
    """Who has agreed and who has not."""
    return "\n".join(f"- {say(_key(s), partner=say_name(s))}" for s in standings)


def say_name(standing: Standing) -> str:
    """Whom a channel waits for."""
    return standing.name or words("consent.unknown_side")


def _key(standing: Standing) -> str:
    if standing.has_agreed:
        return "consent.agreed"
    return "consent.open" if standing.partner_id else "consent.not_joined"


def submit_form(context: Context, event: FormSubmitted) -> Answer | Fetch:
    """The manager's partner agrees. With the last yes Entente speaks, so before that one it asks
    who is in the channel: a yes counts for the people who read it. Before others it need not, as
    long as it knows for whom they are given."""
    channel = _find(context, event.context.get("channel", ""))
    if (channel.workspaces or channel.partners) and _waits_for_others(context, channel):
        return _give(context, channel)
    workspace = context.session.get_one(Workspace, channel.workspace_id)
    queries = ask_readers(workspace.external_id, channel.external_id)
    return Fetch(queries=queries, then=_agree, within=AT_MOST)


def _waits_for_others(context: Context, channel: Channel) -> bool:
    # Of two who agree in the same moment the second must see the first.
    context.session.refresh(channel, with_for_update=True)
    own = context.viewer.partner_id
    standings = consent.get_standings(context.session, channel)
    return any(standing.is_open and standing.partner_id != own for standing in standings)


def _agree(context: Context, event: FormSubmitted, found: Found) -> Answer:
    """The last yes, as far as is known."""
    channel = _find(context, event.context.get("channel", ""))
    _take_in(context, channel, found)
    return _give(context, channel)


def _give(context: Context, channel: Channel) -> Answer:
    """Keep the yes. With the last one Entente introduces itself."""
    is_complete = consent.agree(context.session, context.viewer, channel, now=context.now)
    history.record(context.session, context.viewer, "channel.agreed", channel.id, now=context.now)
    if is_complete:
        reminders.share_with_alliance(context.session, channel)
        _introduce(context, channel)
        return Answer(view=view(Text(text=say("consent.complete", channel=f"#{channel.name}"))))
    standings = consent.get_standings(context.session, channel)
    _tell_waiting(context, channel, standings)
    return Answer(
        view=view(
            Text(text=say("consent.given", channel=f"#{channel.name}")),
            Text(text=say_standings(standings)),
        )
    )


def undo_agreed(context: Context, change: Change) -> Answer:
    """The manager's partner takes its yes back."""
    channel = channels.get_channel_or_raise(context.session, context.viewer, change.subject_id)
    consent.withdraw(context.session, context.viewer, channel, now=context.now)
    return Answer(view=view(Text(text=say("consent.undone", channel=f"#{channel.name}"))))


def _take_in(context: Context, channel: Channel, found: Found) -> None:
    """Keep whose people are in the channel now. Raises Conflict if none of others are."""
    session = context.session
    seen = find_readers(session, channel, found)
    if seen is None:
        raise NotFound("consent.unreadable")
    profile, partners = seen
    if not profile.is_shared and len(partners) < 2:
        raise Conflict("consent.not_pending")
    if channel.workspaces and set(channel.workspaces) != set(profile.workspaces):
        # What the others agreed to was another company.
        consent.withdraw_all(session, channel, now=context.now)
    channels.note_readers(channel, profile, partners)
    session.add(channel)
    session.flush()


def _introduce(context: Context, channel: Channel) -> None:
    address = get_channel_address(context.session, channel)
    context.deliver(
        Deliver(
            to=address,
            topic="introduction",
            subject=channel.id,
            alliance_id=channel.alliance_id,
        )
    )


def render_topic(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The introduction, as it stands when it is sent."""
    channel = session.get(Channel, message.subject)
    return Skip("channel is gone") if channel is None else _introduction(session, channel)


def _introduction(session: Session, channel: Channel) -> View:
    alliance = session.get_one(Alliance, channel.alliance_id)
    partners = [p.name for p in alliances.get_partners(session, alliance.id) if p.joined_at]
    return view(
        Text(text=say("consent.hello", alliance=alliance.name, partners=" · ".join(partners))),
        _introduction_buttons(alliance),
        Note(text=say("consent.hello_note")),
    )


def _introduction_buttons(alliance: Alliance) -> Actions | None:
    return actions(
        Button(label=words("consent.talk"), action="people.talk", value=alliance.id),
        Button(label=words("consent.mute"), action="people.mute", value=alliance.id),
    )


def press_talk(context: Context, event: ButtonPressed) -> Answer:
    """Begin a direct message with whoever pressed: Entente is not in everybody's list of apps."""
    context.enter(event.value)
    context.tell(
        context.account,
        view(
            Text(
                text=say(
                    "consent.welcome",
                    person=context.viewer.member_name,
                    alliance=context.alliance.name,
                )
            ),
            Note(text=say("help.ways")),
            Note(text=say("consent.operator")),
        ),
    )
    return Answer(view=view(Text(text=say("consent.talk_done"))))


def _tell_waiting(context: Context, channel: Channel, standings: Sequence[Standing]) -> None:
    """The managers of the partners whose yes is missing hear that it is their turn."""
    waiting = {s.partner_id for s in standings if s.is_open and s.partner_id}
    text = say(
        "consent.your_turn",
        person=context.viewer.member_name,
        partner=context.viewer.partner_name,
        channel=f"#{channel.name}",
    )
    content = view(Text(text=text), actions(make_agree_button(channel)))
    tell_managers_of(context, channel.alliance_id, waiting, content)
