"""`help`, and a greeting for whoever says hello."""

from collections.abc import Sequence

from bot.core.events import CommandInvoked, Via
from bot.core.views import Actions, Button, Note, Text, actions, view
from bot.dispatch import aloud
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import ButtonAction, Command, Feature, Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import Markdown, say, words
from bot.people.partings import is_keeper

MOST = 2
"""Commands that begin with the same word and are all shown at first."""


def show_help(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What can be said here; after `help`, the commands that begin with these words."""
    wanted = arguments.text.casefold().strip()
    commands = [c for c in context.registry.commands.values() if _is_offered(context, c)]
    chosen = [c for c in commands if wanted and c.phrase.startswith(wanted)]
    lead = "/alliance " if event.via == Via.SLASH else ""
    lines = [_line(c, lead) for c in chosen] or _outline(commands, lead)
    return Answer(
        view=view(
            Text(text=say("help.intro")),
            Text(text="\n".join(f"- {line}" for line in lines)),
            _first_step(context),
            Note(text=f"{say('help.ways')} {say('help.aloud')}"),
        )
    )


def _line(command: Command, lead: str) -> str:
    usage = Markdown(f"`{lead}{command.usage or command.phrase}`")
    return say("help.line", usage=usage, what=Markdown(say(command.help)))


def _outline(commands: Sequence[Command], lead: str) -> list[str]:
    """All there is, at a glance: of many commands that begin with the same word the first, and how
    to see the rest."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        groups.setdefault(command.phrase.split()[0], []).append(command)
    lines: list[str] = []
    for word, group in groups.items():
        if len(group) <= MOST:
            lines += [_line(command, lead) for command in group]
        else:
            more = Markdown(f"`{lead}help {word}`")
            lines.append(f"{_line(group[0], lead)}. {say('help.more', more=more)}")
    return lines


def _is_offered(context: Context, command: Command) -> bool:
    """Whether this person can do it, on this platform."""
    if not command.help or context.event.platform in command.not_on:
        return False
    viewer = context.chosen
    if viewer is not None and viewer.is_former:
        is_theirs = command.needs != Needs.KEEPER or is_keeper(context.session, viewer)
        return (command.is_for_former and is_theirs) or command.needs == Needs.NOTHING
    if command.needs in {Needs.MANAGER, Needs.KEEPER}:
        return viewer is not None and viewer.is_manager
    return True


def _first_step(context: Context) -> Actions | None:
    if context.viewers:
        return None
    return actions(Button(label=words("setup.button"), opens="setup.form", style="primary"))


FEATURE = Feature(
    name="help",
    commands=(
        Command(phrase="help", handle=show_help, help="help.help", needs=Needs.NOTHING, reads=True),
        Command(phrase="hello", handle=show_help, needs=Needs.NOTHING, reads=True),
        Command(phrase="hi", handle=show_help, needs=Needs.NOTHING, reads=True),
    ),
    buttons=(ButtonAction(name="aloud.post", handle=aloud.press_post),),
)
