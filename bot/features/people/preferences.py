"""What a person says about themselves: which alliance, how much they want; and `undo`."""

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer, Fetch
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.people import history, identity, nudges, optouts
from bot.people.models import Change


def use(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Choose the alliance that direct messages and the home view are about."""
    mine = identity.get_alliances(context.session, [v.alliance_id for v in context.viewers])
    if not mine:
        raise NotFound("alliance.none")
    wanted = arguments.text.strip('"“”').casefold()
    found = [a for a in mine if a.name.casefold() == wanted] or [
        a for a in mine if wanted and wanted in a.name.casefold()
    ]
    if len(found) == 1:
        return _use(context, found[0].id)
    if len(mine) == 1:
        return Answer(view=view(Text(text=say("alliance.only", alliance=mine[0].name))))
    return Answer(
        view=view(
            Text(text=say("alliance.which")),
            actions(
                *(Button(label=a.name[:75], action="people.use", value=a.id) for a in mine[:25])
            ),
        )
    )


def press_use(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    return _use(context, event.value)


def _use(context: Context, alliance_id: str) -> Answer:
    context.enter(alliance_id)
    context.account.current_alliance_id = alliance_id
    context.session.add(context.account)
    return Answer(view=view(Text(text=say("alliance.using", alliance=context.alliance.name))))


def mute(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Nothing unasked any more, from this alliance."""
    return _mute(context)


def press_mute(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    context.enter(event.value)
    return _mute(context)


def _mute(context: Context) -> Answer:
    viewer = context.viewer
    if optouts.opt_out(context.session, viewer.member_id, optouts.ALL, now=context.now):
        history.record(context.session, viewer, "member.muted", viewer.member_id, now=context.now)
    unmute_button = Button(
        label=words("mute.unmute"),
        action="people.unmute",
        value=context.viewer.alliance_id,
    )
    text = say("mute.done", alliance=context.alliance.name)
    return Answer(view=view(Text(text=text), actions(unmute_button)))


def undo_muted(context: Context, change: Change) -> Answer:
    """Let Entente write again, as before."""
    return _unmute(context)


def unmute(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Let Entente write again."""
    return _unmute(context)


def press_unmute(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    context.enter(event.value)
    return _unmute(context)


def _unmute(context: Context) -> Answer:
    member_id = context.viewer.member_id
    was_muted = optouts.opt_in(context.session, member_id, optouts.ALL)
    # Whoever was muted gets no more than before: hints they did not want are another matter.
    had_fewer = not was_muted and nudges.want_all_again(context.session, member_id)
    key = "mute.undone" if was_muted else "mute.hints" if had_fewer else "mute.was_not"
    return Answer(view=view(Text(text=say(key, alliance=context.alliance.name))))


def undo(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer | Fetch:
    """Take back the acting person's own last change, for ten minutes. It takes a manager, but for
    changes that end the role, or that members make for themselves."""
    change = history.get_last_change(context.session, context.viewer, now=context.now)
    if change is None:
        raise NotFound("undo.nothing")
    if change.action not in context.registry.undo_unmanaged:
        context.for_former = False
        context.require(Needs.MANAGER)
    take_back = context.registry.undo.get(change.action)
    if take_back is None:
        raise NotFound("undo.not_this")
    answer = take_back(context, change)
    if isinstance(answer, Fetch):
        return answer  # it goes on when the platform has answered, and marks the change itself
    change.undone_at = context.now
    context.session.add(change)
    return answer
