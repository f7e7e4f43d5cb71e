"""Ways in: the command, the message's menu, the pin, and the button that opens the form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.core import untold
from bot.core.errors import NotUnderstood
from bot.core.events import (
    ButtonPressed,
    CommandInvoked,
    Event,
    FormValue,
    ReactionAdded,
    ShortcutInvoked,
)
from bot.core.ports import ThreadMessage, ThreadProfile, ThreadQuery
from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.delivery.outbox import Deliver
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Result
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.replies import get_reply_address
from bot.features.decisions import capture, log
from bot.features.decisions.capture import compose
from bot.features.decisions.detection import Detector
from bot.features.decisions.forms import NAME, begin_form
from bot.features.decisions.line import Line, read_line
from bot.features.decisions.start import THREAD, Start, find_channel, load, start_here
from bot.features.decisions.surroundings import look_around
from bot.people import committees
from bot.people.models import ChannelState

DRAFT = "decisions.draft"
"""The button that reads the thread and opens the form."""

MOST_LINKS = 3
"""Links of a thread that a form begins with."""

_ASKS = re.compile(r"^\s*(?:<@[^>]+>|@\S+)\s*decide\b", re.IGNORECASE)
"""What people say to Entente is no part of their discussion."""

_ASKS_ALONE = re.compile(_ASKS.pattern + r"\s*$", re.IGNORECASE)

_LINK = re.compile(r"https?://[^\s<>|]*[^\s<>|.,;:!?)]")
_MENTION = re.compile(r"<@([^<>|]+)>")


def decide(context: Context, event: CommandInvoked, arguments: Arguments) -> Result:
    """`decide`: the form; with words: what would be saved, to be looked at first."""
    start = start_here(context, event)
    known = committees.get_committees(context.session, context.viewer)
    if not arguments.text:
        if start.message:
            start = replace(start, ended=THREAD)
        if start.message and event.trigger is None:
            return Answer(view=_offer(event, start))
        return Answer(opens=(NAME, start.dump()))
    said = read_line(arguments, [committee.name for committee in known])
    body = next((c.id for c in known if c.name == said.committee), "")
    _check_line(said)
    filled = replace(start, what=said.what, why=said.why, committee=body)
    if not filled.fits() and event.trigger is not None:
        return Answer(form=begin_form(context, filled, look_around(context, filled)))
    return Answer(view=_preview(filled, said))


def _check_line(said: Line) -> None:
    if not said.what or len(said.what) > capture.LONGEST_WHAT:
        raise NotUnderstood("decisions.length", most=capture.LONGEST_WHAT)
    if len(said.why) > capture.LONGEST_WHY:
        raise NotUnderstood("decisions.length_why", length=len(said.why), most=capture.LONGEST_WHY)


def _preview(start: Start, said: Line) -> View:
    """What one line would save; nothing is kept until a button is pressed."""
    fits = start.fits()
    body = said.committee or words("decisions.body_none")
    return view(
        Text(text=say("decisions.preview", body=body)),
        Quote(text=compose(said.what, said.why)),
        actions(
            Button(label=words("decisions.note_it"), action="decisions.note", value=start.dump())
            if fits
            else None,
            Button(
                label=words("decisions.ask_partners"),
                action="decisions.ask_line",
                value=start.dump(),
                style="primary",
            )
            if fits
            else None,
            Button(label=words("decisions.more"), opens=NAME, value=start.dump()),
        ),
        Note(text=say("decisions.preview_note" if fits else "decisions.preview_long")),
    )


def use_shortcut(context: Context, event: ShortcutInvoked) -> Answer:
    """From the menu of a message: the form, with that message's words."""
    start = start_here(context, event, message=event.message)
    text = _ASKS_ALONE.sub("", event.text)
    around = look_around(context, start, users=_find_mentioned(text))
    filled = replace(start, what=_name_people(text, around.people))
    return Answer(form=begin_form(context, filled, around), opens=(NAME, filled.dump()))


def _find_mentioned(text: str) -> list[str]:
    return list(dict.fromkeys(_MENTION.findall(text)))


def _name_people(text: str, people: Mapping[str, str]) -> str:
    """What a message says, on one line, with names of members where they were mentioned."""
    unknown = words("people.unknown_name")
    named = _MENTION.sub(lambda found: f"@{people.get(found[1], unknown)}", text)
    return " ".join(named.split())[: capture.LONGEST_WHAT]


def hear_pin(context: Context, event: Event) -> None:
    """A pin on a message of a linked channel: a private button that opens the form."""
    if not isinstance(event, ReactionAdded) or context.chosen is None:
        return
    if context.who.channel_state != ChannelState.LINKED:
        return
    book = log.get_book(context.session, context.viewer.alliance_id)
    if event.emoji.partition("::")[0] != book.pin:
        return
    start = start_here(context, event, message=event.message)
    context.deliver(
        Deliver(
            to=get_reply_address(event),
            view=_offer(event, start),
            alliance_id=context.viewer.alliance_id,
        )
    )


def _offer(event: Event, start: Start) -> View:
    return view(
        Text(text=say("decisions.offer")),
        actions(make_opener(start)),
        *note_unread(event.platform),
        Note(text=say("decisions.offer_note")),
    )


def make_opener(start: Start) -> Button:
    """What opens the form with the words of a thread, where they can be read."""
    return Button(
        label=words("decisions.capture"), opens=DRAFT, value=start.dump(), style="primary"
    )


def note_unread(platform: str) -> tuple[Note, ...]:
    """That the form begins empty, and how it would not."""
    return (Note(text=say("decisions.begins_empty")),) if platform in untold.THREADS else ()


def press_draft(context: Context, event: ButtonPressed) -> Result:
    """The form, with the words of the message pointed at, if the platform lets them be read."""
    start = load(event.value)
    context.enter(start.alliance)
    find_channel(context.session, context.viewer, event.platform, start)
    return Fetch(queries=(ask_thread(event, start),), then=then_open, reads=True)


def ask_thread(event: Event, start: Start) -> ThreadQuery:
    """What is read of a thread that somebody pointed at."""
    return ThreadQuery(
        workspace=event.workspace,
        channel=start.channel,
        message=start.message,
        thread=start.thread if start.thread != start.message else None,
    )


def then_open(context: Context, event: ButtonPressed, found: Found) -> Answer:
    """The form; empty where the thread can't be read."""
    start = load(event.value)
    context.enter(start.alliance)
    profile = found[0] if isinstance(found[0], ThreadProfile) else None
    heard = [one for one in profile.messages if not _ASKS.match(one.text)] if profile else []
    said = find_said(heard, start) if start.ended else start.message
    start = replace(
        start,
        message=said or start.message,
        thread=(profile and profile.thread) or start.thread,
        ended="",
    )
    mentioned = dict.fromkeys(user for one in heard for user in _find_mentioned(one.text))
    around = look_around(context, start, users=list(mentioned))
    text = next((one.text for one in heard if one.message == said), "")
    filled = replace(start, what=_name_people(text, around.people))
    took_part = {event.actor.user, *(one.user for one in heard)}
    absent = [user for user in mentioned if user in around.people and user not in took_part]
    unread = len(profile.messages) if profile is not None and profile.is_partial else 0
    more = _draft(heard, absent)
    return Answer(form=begin_form(context, filled, around, more, unread=unread))


def _draft(heard: Sequence[ThreadMessage], absent: Sequence[str]) -> dict[str, FormValue]:
    """What a thread gives beside its words: who was spoken of and did not take part (those who did
    know already), and where its links lead."""
    links = dict.fromkeys(link for message in heard for link in _LINK.findall(message.text))
    values: dict[str, FormValue] = {"inform": tuple(absent)}
    if links:
        values["why"] = words("decisions.draft_links", links=list(links)[:MOST_LINKS])
    return values


def find_said(heard: Sequence[ThreadMessage], start: Start) -> str:
    """The message that most likely says what was decided, in a discussion that ended with another,
    or in a whole thread; none where there is nothing but a yes to be read."""
    if start.ended == THREAD and len(heard) == 1:
        return heard[0].message
    detector = Detector()
    for message in heard:
        detector.hear("", message.user, message.text, message.message)
        if message.message == start.message and start.ended != THREAD:
            break
    said = detector.find_said("")
    return said[1] if said is not None and len(heard) > 1 else ""
