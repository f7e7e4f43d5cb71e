"""`term checks`: which channels are checked, how, who agreed to what; and what the checks did."""

from sqlmodel import col, select

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form
from bot.core.views import Block, Button, Menu, Note, Option, Table, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_managers_of
from bot.features.glossary import consents, standing, terms
from bot.features.glossary.checks import is_crying_wolf
from bot.features.glossary.consents import Mode, Wish
from bot.features.glossary.models import Term, TermKnown, TermStatus
from bot.features.glossary.nudging import get_noisy
from bot.people import channels, history
from bot.people.models import Change, Channel, ChannelState
from bot.people.viewer import visible_to

SHOWN = 10
MOST_KNOWN = 50
"""Terms of one channel that can be brought back; the others come up as these go."""


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The channels and what is checked there; what became of the hints."""
    return Answer(view=View(blocks=tuple(_render(context))))


def _render(context: Context) -> list[Block]:
    blocks: list[Block] = [Text(text=say("checks.intro"))]
    viewer = context.viewer
    found = [
        channel
        for channel in channels.get_channels(context.session, viewer)
        if channel.state == ChannelState.LINKED
    ]
    if not found:
        blocks.append(Text(text=say("checks.no_channel")))
    for channel in found[:SHOWN]:
        blocks.append(Text(text=_say_channel(context, channel)))
        blocks += _show_known(context, channel)
    if viewer.is_manager and found:
        buttons = actions(
            *(
                Button(
                    label=words("checks.change", channel=channel.name)[:75],
                    opens="checks.form",
                    value=channel.id,
                )
                for channel in found[:SHOWN]
            )
        )
        blocks += [buttons] if buttons else []
    return blocks + _show_outcomes(context)


def _say_channel(context: Context, channel: Channel) -> str:
    wishes = consents.get_wishes(context.session, channel)
    mode = consents.get_least(wishes)
    line = say("checks.channel", channel=f"#{channel.name}", mode=words(f"checks.mode_{mode}"))
    if mode == Mode.OFF and any(wish.mode != Mode.OFF for wish in wishes):
        waiting = ", ".join(wish.partner for wish in wishes if wish.mode == Mode.OFF)
        line = f"{line} {say('checks.waits', names=waiting)}"
    return line


def _show_known(context: Context, channel: Channel) -> list[Block]:
    """The terms that nobody is told about in a channel, since somebody said that it knows them. A
    manager whose side is there has people told again."""
    found = context.session.exec(
        select(Term)
        .join(TermKnown, col(TermKnown.term_id) == col(Term.id))
        .where(
            visible_to(context.viewer, Term),
            col(TermKnown.channel_id) == channel.id,
            col(Term.status) != TermStatus.RETIRED,
        )
        .order_by(col(Term.key), col(Term.id))
        .limit(MOST_KNOWN)
    ).all()
    if not found:
        return []
    names = ", ".join(f"“{term.name}”" for term in found)
    said = Text(text=say("checks.known_terms", channel=f"#{channel.name}", names=names))
    if not context.viewer.is_manager or _own_wish(context, channel) is None:
        return [said]
    options = tuple(Option(value=f"{channel.id}:{term.id}", label=term.name[:75]) for term in found)
    menu = Menu(label=words("checks.tell_again"), action="checks.tell_again", options=options)
    shown = actions(menu)
    return [said, shown] if shown else [said]


def press_tell_again(context: Context, event: ButtonPressed) -> Answer:
    """People are told about a term again in a channel that was said to know it."""
    channel_id, _, term_id = event.value.partition(":")
    channel = find(context, channel_id)
    entry = terms.get_or_raise(context.session, context.viewer, term_id)
    known = context.session.get(TermKnown, (channel.id, entry.term.id))
    if known is not None:
        context.session.delete(known)
        context.session.flush()
        standing.bump_terms(context.session, entry.term.alliance_id)
    done = say("checks.told_again", name=entry.term.name, channel=f"#{channel.name}")
    return Answer(refresh=View(blocks=(Text(text=done), *_render(context))))


def _show_outcomes(context: Context) -> list[Block]:
    """What the checks did, by term: how often shown, taken up, dismissed. Nobody is named."""
    found = get_noisy(context.session, context.viewer)
    if not found or not context.viewer.is_manager:
        return []
    rows = tuple(
        (
            term.name[:60],
            str(term.shown),
            str(term.accepted),
            str(term.dismissed),
            words("checks.quiet") if is_crying_wolf(term.shown, term.dismissed) else "",
        )
        for term in found
    )
    columns = ("term.column", "checks.shown", "checks.accepted", "checks.dismissed", "checks.now")
    return [
        Text(text=say("checks.outcomes")),
        Table(columns=tuple(words(key) for key in columns), rows=rows),
        Note(text=say("checks.outcomes_note")),
    ]


def find(context: Context, channel_id: str) -> Channel:
    """A channel for which the acting manager may speak. Raises NotFound, NotAllowed."""
    context.find(Channel, channel_id, "channels.not_found")
    context.require(Needs.MANAGER)
    found = channels.get_channel_or_raise(context.session, context.viewer, channel_id)
    if found.state != ChannelState.LINKED:
        raise NotFound("channels.not_linked")
    if _own_wish(context, found) is None:
        raise NotAllowed("checks.not_there", channel=f"#{found.name}")
    return found


def _own_wish(context: Context, channel: Channel) -> Wish | None:
    wishes = consents.get_wishes(context.session, channel)
    own = context.viewer.partner_id
    return next((wish for wish in wishes if wish.partner_id == own), None)


def open_form(context: Context, value: str) -> Form:
    """What would be read, kept and shown, and how far one's own side agrees."""
    channel = find(context, value)
    own = _own_wish(context, channel)
    return Form(
        name="checks.form",
        title=words("checks.title"),
        submit=words("consent.submit"),
        context={"channel": channel.id},
        items=(
            Text(
                text=say(
                    "checks.form_intro",
                    partner=context.viewer.partner_name,
                    channel=f"#{channel.name}",
                )
            ),
            Text(text=say("checks.terms")),
            ChoiceInput(
                name="mode",
                label=words("checks.mode"),
                options=tuple(
                    Option(value=mode, label=words(f"checks.mode_{mode}")) for mode in Mode
                ),
                selected=(own.mode if own else Mode.OFF,),
                hint=words("checks.mode_hint"),
            ),
        ),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """One partner's yes to so much; the others' managers hear that it is their turn."""
    channel = find(context, event.context.get("channel", ""))
    try:
        mode = Mode(str(event.values.get("mode") or ""))
    except ValueError:
        raise NotUnderstood("checks.mode_missing", field="mode") from None
    before = _own_wish(context, channel)
    effective = consents.save(context.session, context.viewer, channel, mode, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "checks.agreed",
        channel.id,
        now=context.now,
        before={"mode": before.mode if before else Mode.OFF},
        after={"mode": mode},
    )
    if mode != Mode.OFF and effective == Mode.OFF:
        _tell_waiting(context, channel, mode)
    return Answer(
        view=view(Text(text=_say_channel(context, channel)), Note(text=say("checks.stop")))
    )


def _tell_waiting(context: Context, channel: Channel, mode: Mode) -> None:
    wishes = consents.get_wishes(context.session, channel)
    waiting = {w.partner_id for w in wishes if w.mode == Mode.OFF and w.partner_id}
    said = say(
        "checks.your_turn",
        person=context.viewer.member_name,
        partner=context.viewer.partner_name,
        channel=f"#{channel.name}",
        mode=words(f"checks.mode_{mode}"),
    )
    button = Button(
        label=words("checks.change", channel=channel.name)[:75],
        opens="checks.form",
        value=channel.id,
    )
    content = view(Text(text=said), actions(button))
    tell_managers_of(context, channel.alliance_id, waiting, content)


def undo(context: Context, change: Change) -> Answer:
    """A yes to checks is as it was."""
    channel = find(context, change.subject_id)
    mode = Mode(str(change.before.get("mode") or Mode.OFF))
    consents.save(context.session, context.viewer, channel, mode, now=context.now)
    return Answer(view=view(Text(text=_say_channel(context, channel))))
