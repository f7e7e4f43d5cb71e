"""`decisions` in its forms: lists, one of them, search, withdrawing."""

from collections.abc import Sequence

from bot.core.errors import NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Block, Button, Heading, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import capture, log, search
from bot.features.decisions.asking import find
from bot.features.decisions.forms import NAME
from bot.features.decisions.start import Start
from bot.features.decisions.views import (
    get_own_lines,
    render_entry,
    render_found,
    render_lines,
    render_list,
)
from bot.people import committees
from bot.people.viewer import Viewer

LISTS = ("recent", "pending", "mine", "coming")


def show_recent(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The newest; with a number, that one; with a committee's name, its own."""
    said = arguments.text.strip()
    if not said:
        return Answer(view=_render_page(context, "recent", 0))
    if log.read_number(said) is not None:
        return show_one(context, event, arguments)
    committee = committees.get_committee(context.session, context.viewer, said)
    if committee is not None:
        return Answer(view=_render_page(context, committee.id, 0))
    return find_words(context, event, arguments)


def show_pending(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Those that wait for somebody's yes."""
    return Answer(view=_render_page(context, "pending", 0))


def show_mine(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Those that wait for the viewer's yes."""
    return Answer(view=_render_page(context, "mine", 0))


def show_coming(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Those that are planned, soonest first."""
    return Answer(view=_render_page(context, "coming", 0))


def _render_page(context: Context, which: str, offset: int) -> View:
    found, more = log.get_page(
        context.session, context.viewer, which, now=context.now, offset=offset
    )
    entries = log.get_entries(context.session, found)
    return render_list(context, which, entries, offset=offset, more=more)


def show_one(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """One decision by its number."""
    decision = log.get_by_number(context.session, context.viewer, arguments.text)
    return Answer(view=render_entry(context, log.get_entry(context.session, decision)))


def press_show(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    decision = find(context, event.value)
    return Answer(view=render_entry(context, log.get_entry(context.session, decision)))


def find_words(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Search; a number is shown at once."""
    said = arguments.text.strip()
    if log.read_number(said) is not None:
        return show_one(context, event, arguments)
    if not search.fold(said):
        raise NotUnderstood("decisions.search_usage")
    found = search.find(context.session, context.viewer, said)
    return Answer(view=render_found(context, said, found, offset=0))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """Another page of a list or of what was found."""
    alliance, _, rest = event.value.partition("|")
    which, _, number = rest.rpartition("|")
    context.enter(alliance)
    if not number.isdecimal() or len(number) > 6:
        raise NotUnderstood("help.old_button")
    if which.startswith("search:"):
        said = which.removeprefix("search:")
        found = search.find(context.session, context.viewer, said)
        return Answer(refresh=render_found(context, said, found, offset=int(number)))
    if which not in LISTS:
        committees.get_committee_or_raise(context.session, context.viewer, which)
    return Answer(refresh=_render_page(context, which, int(number)))


def withdraw(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`decisions withdraw D-12`."""
    decision = log.get_by_number(context.session, context.viewer, arguments.text)
    capture.withdraw(context.session, context.viewer, decision, now=context.now)
    name = log.say_number(decision.number)
    return Answer(view=view(Text(text=say("decisions.withdrawn", name=name))))


def press_withdraw(context: Context, event: ButtonPressed) -> Answer:
    """The same, from a button."""
    decision = find(context, event.value)
    capture.withdraw(context.session, context.viewer, decision, now=context.now)
    name = log.say_number(decision.number)
    return Answer(view=view(Text(text=say("decisions.withdrawn", name=name))))


def start_replace(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`decisions replace D-12`: the form, filled with what stands."""
    decision = log.get_by_number(context.session, context.viewer, arguments.text)
    capture.check_replaceable(context.session, decision)
    start = Start(alliance=context.viewer.alliance_id, replaces=decision.id)
    return Answer(opens=(NAME, start.dump()))


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """What is mine to do, the newest three, and a way to write one down."""
    session = context.session
    found, _ = log.get_page(session, viewer, "recent", now=context.now)
    blocks: list[Block] = [Heading(text=words("decisions.heading"))]
    own = get_own_lines(session, viewer)
    if own:
        blocks.append(Text(text="\n".join(f"- {line}" for line in own[:8])))
    if found:
        blocks += render_lines(session, log.get_entries(session, found[:3]), zone=context.zone)
    else:
        blocks.append(Text(text=say("decisions.none_yet")))
    row = actions(
        Button(
            label=words("decisions.write"),
            opens=NAME,
            value=Start(alliance=viewer.alliance_id).dump(),
        ),
        Button(
            label=words("decisions.list_coming"),
            action="decisions.page",
            value=f"{viewer.alliance_id}|coming|0",
        ),
    )
    return (*blocks, *([row] if row else []))
