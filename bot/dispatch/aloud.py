"""Saying an answer to everybody in the channel: `north star aloud`.

Answers are for the one who asks. Somebody who wants the others to read one sees it first, as
whoever reads there may see it, and nothing that is theirs or their side's alone.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, PlaceKind, Via
from bot.core.views import Actions, Block, Button, Note, Text, View, actions, view
from bot.delivery.outbox import Deliver, get_channel_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Question, Registry, Result
from bot.dispatch.grammar import fold, match_phrase
from bot.dispatch.messages import say, words
from bot.people.models import AudienceKind, Channel, ChannelState
from bot.people.viewer import Viewer

WORD = "aloud"
LONGEST = 300
"""Characters of a command that a button can hold."""


def is_wanted(text: str) -> bool:
    """Whether what was said ends with `aloud`."""
    return fold(_bare(text).rpartition(" ")[2]) == WORD


def is_all(text: str) -> bool:
    """Whether nothing but `aloud` was said behind a command."""
    return fold(_bare(text)) == WORD


def is_question(registry: Registry, text: str) -> bool:
    """Whether it is a question in people's own words with `aloud` behind it."""
    return is_wanted(text) and _find_question(registry, _drop(text)) is not None


def _bare(text: str) -> str:
    return text.strip().rstrip("?!.,:;").strip()


def _drop(text: str) -> str:
    """What was said, without `aloud`."""
    return _bare(text)[: -len(WORD)].strip()


def preview(context: Context, event: CommandInvoked) -> Answer:
    """What everybody in the channel would read, and the button that posts it."""
    text = _drop(event.text)
    if len(text) > LONGEST:
        raise NotUnderstood("aloud.too_long")
    shown = _render(context, event, text)
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
    shown = _render(context, asked, event.value)
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


def _render(context: Context, event: CommandInvoked, text: str) -> View:
    """The answer as anybody in the channel may read it, without buttons."""
    handle = _find(context.registry, text)
    viewer = _narrow(context.viewer, _get_channel(context))
    as_all = replace(context, who=replace(context.who, viewers=(viewer,)), chosen=viewer, woken=[])
    answer = handle(as_all, replace(event, text=text))
    if not isinstance(answer, Answer) or answer.view is None:
        raise NotUnderstood("aloud.not_this")
    kept: list[Block] = [b for b in answer.view.blocks if not isinstance(b, Actions)]
    return View(blocks=tuple(kept))


def _find(registry: Registry, text: str) -> Callable[[Context, CommandInvoked], Result]:
    """What answers this. Raises NotUnderstood for what is not said aloud, or is no question."""
    found = match_phrase(text, list(registry.commands))
    if found is not None:
        command, arguments = registry.commands[found[0]], found[1]
        if not command.aloud:
            raise NotUnderstood("aloud.not_this")
        return lambda context, event: command.handle(context, event, arguments)
    asked = _find_question(registry, text)
    if asked is None:
        raise NotUnderstood("help.old_button")
    question, subject = asked
    return lambda context, event: question.handle(context, event, subject)


def _find_question(registry: Registry, text: str) -> tuple[Question, str] | None:
    for question in registry.questions:
        match = question.pattern.fullmatch(text[:LONGEST])
        if match is not None:
            return (question, match["subject"]) if question.aloud else None
    return None


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
