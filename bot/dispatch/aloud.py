"""Saying an answer to everybody in the channel: `north star aloud`.

Answers are for the one who asks. Somebody who wants the others to read one sees it first, as
whoever reads there may see it, and nothing that is theirs or their side's alone.
"""

from dataclasses import replace

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, Event, PlaceKind, Via
from bot.core.views import Actions, Block, Button, Note, Text, View, actions, view
from bot.delivery.outbox import Deliver, get_channel_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Command, Needs
from bot.dispatch.grammar import Arguments, TokenKind, fold, match_phrase
from bot.dispatch.messages import say, words
from bot.people.models import AudienceKind, Channel, ChannelState
from bot.people.viewer import Viewer

WORD = "aloud"
LONGEST = 300
"""Characters of a command that a button can hold."""


def is_wanted(arguments: Arguments) -> bool:
    """Whether the words after a command end with `aloud`."""
    last = arguments.tokens[-1] if arguments.tokens else None
    return last is not None and last.kind == TokenKind.WORD and fold(last.text) == WORD


def preview(context: Context, event: CommandInvoked, command: Command) -> Answer:
    """What everybody in the channel would read, and the button that posts it."""
    text = event.text.strip().rstrip("?!.,:;")[: -len(WORD)].strip()
    if len(text) > LONGEST:
        raise NotUnderstood("aloud.too_long")
    shown = _render(context, event, command, text)
    return Answer(
        view=view(
            Text(text=say("aloud.preview", channel=f"#{_get_channel(context).name}")),
            *shown.blocks,
            actions(Button(label=words("aloud.post"), action="aloud.post", value=text)),
        )
    )


def press_post(context: Context, event: ButtonPressed) -> Answer:
    """Post it, as it stands now."""
    context.require(Needs.MEMBER)
    found = match_phrase(event.value, list(context.registry.commands))
    if found is None:
        raise NotUnderstood("help.old_button")
    channel = _get_channel(context)
    asked = CommandInvoked(
        key=event.key,
        platform=event.platform,
        workspace=event.workspace,
        actor=event.actor,
        place=event.place,
        via=Via.MENTION,
        text=event.value,
    )
    shown = _render(context, asked, context.registry.commands[found[0]], event.value)
    viewer = context.viewer
    who = say("aloud.asked_by", person=viewer.member_name, partner=viewer.partner_name)
    context.deliver(
        Deliver(
            to=get_channel_address(context.session, channel),
            view=View(blocks=(*shown.blocks, Note(text=who))),
            alliance_id=channel.alliance_id,
        )
    )
    return Answer(view=view(Text(text=say("aloud.posted", channel=f"#{channel.name}"))))


def _get_channel(context: Context) -> Channel:
    """The channel this is said in. Raises NotFound where Entente does not speak."""
    channel = context.channel
    is_here = context.event.place.kind == PlaceKind.CHANNEL
    if channel is None or not is_here or channel.state != ChannelState.LINKED:
        raise NotFound("aloud.no_channel")
    return channel


def _render(context: Context, event: Event, command: Command, text: str) -> View:
    """The answer as anybody in the channel may read it, without buttons."""
    found = match_phrase(text, [command.phrase])
    if not command.aloud or found is None or not isinstance(event, CommandInvoked):
        raise NotUnderstood("aloud.not_this")
    viewer = _narrow(context.viewer, _get_channel(context))
    as_all = replace(context, who=replace(context.who, viewers=(viewer,)), chosen=viewer, woken=[])
    answer = command.handle(as_all, replace(event, text=text), found[1])
    if not isinstance(answer, Answer) or answer.view is None:
        raise NotUnderstood("aloud.not_this")
    kept: list[Block] = [b for b in answer.view.blocks if not isinstance(b, Actions)]
    return View(blocks=tuple(kept))


def _narrow(viewer: Viewer, channel: Channel) -> Viewer:
    """Somebody who sees what all who read the channel may see, and no more. Raises NotAllowed in a
    channel of another partner."""
    if viewer.partner_id is None or viewer.is_former:
        raise NotAllowed("aloud.unplaced")
    nobody = replace(viewer, member_id="", is_manager=False)
    if channel.audience_kind != AudienceKind.PARTNER:
        return replace(nobody, partner_id=None, partner_name=None)
    if channel.audience_id != viewer.partner_id:
        raise NotAllowed("aloud.unplaced")
    return nobody
