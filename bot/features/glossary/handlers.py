"""`define`, "what is …?", `term` and its verbs, and the buttons of terms."""

import re
from collections.abc import Callable

from rapidfuzz import fuzz, process
from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Heading, Note, Table, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Result
from bot.dispatch.grammar import Arguments, TokenKind, match_phrase
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.glossary import adding, changing, chronicle, figures, telling, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.forms import NEW, answer_saved, enter_term, save_new, split_value
from bot.features.glossary.models import Term, TermForm, TermStatus
from bot.features.glossary.records import note
from bot.features.glossary.terms import Entry
from bot.features.glossary.views import (
    render_entries,
    render_unknown,
)
from bot.people import alliances, history
from bot.people.models import Change
from bot.people.viewer import Viewer, visible_to

_EQUALS = re.compile(r"\s*(?:=|:=|:| means )\s*")
_ARTICLE = re.compile(r"^(?:the|a|an|our|your)\s+", re.IGNORECASE)
_NEAR = 70
MOST_WORDS = 6
"""Words of a question's subject: what is longer is a question about something else."""


def define(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """What a word means here."""
    word = get_word(arguments)
    if not word:
        raise NotUnderstood("term.which")
    return show_word(context, word)


def answer_question(context: Context, event: CommandInvoked, subject: str) -> Result:
    """What a word means, to somebody who asked in their own words. "What is our North Star?" is
    answered by the command of that name. None: it was no question about a word at all."""
    word = subject.strip().strip("\"“”„'?!. ")
    if not word or len(word.split()) > MOST_WORDS or context.chosen is None:
        return None
    for attempt in dict.fromkeys((word, _ARTICLE.sub("", word))):
        if terms.find(context.session, context.viewer, attempt):
            return show_word(context, attempt)
    bare = _ARTICLE.sub("", word)
    named = match_phrase(bare, list(context.registry.commands))
    if named is None:
        return show_word(context, bare)
    command = context.registry.commands[named[0]]
    may_be_said = command.aloud or context.viewer.is_somebody
    if named[1].text or not command.reads or not may_be_said:
        return None
    context.require(command.needs)
    return command.handle(context, event, named[1])


def get_word(arguments: Arguments) -> str:
    """The word that a command is about."""
    quoted = arguments.of_kind(TokenKind.QUOTED)
    word = quoted[0] if len(arguments.tokens) == 1 and quoted else arguments.text
    return word.strip().rstrip("?").strip()


def show_word(context: Context, word: str) -> Answer:
    """What a word means, or what is near."""
    viewer = context.viewer
    found = terms.find(context.session, viewer, word)
    if found:
        return Answer(view=render_entries(found, viewer, context.zone))
    near = get_nearest(context.session, viewer, word)
    return Answer(view=render_unknown(word, near, viewer, may_ask=True))


def get_nearest(session: Session, viewer: Viewer, word: str, *, most: int = 3) -> list[str]:
    """Names of terms in use that are written almost so, best first."""
    rows = session.exec(
        select(TermForm.key, Term.name)
        .join(Term, col(Term.id) == col(TermForm.term_id))
        .where(visible_to(viewer, Term), col(Term.status) != TermStatus.RETIRED)
    ).all()
    names = dict(rows)
    found = process.extract(
        terms.make_key(word)[:100], list(names), scorer=fuzz.ratio, limit=20, score_cutoff=_NEAR
    )
    return list(dict.fromkeys(names[key] for key, _, _ in found))[:most]


def press_show(context: Context, event: ButtonPressed) -> Answer:
    """A near word was chosen."""
    return show_word(context, split_value(context, event.value))


def show_glossary(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term`: how the glossary stands; `term WORD`: that word."""
    if arguments.text:
        return define(context, event, arguments)
    viewer = context.viewer
    buttons = actions(
        Button(label=words("term.add"), opens="term.form", value=f"{NEW}{viewer.alliance_id}:"),
        Button(label=words("term.contested_list"), action="term.list", value=viewer.alliance_id),
    )
    lines = figures.say_figures(context.session, viewer, now=context.now)
    lines += adding.say_progress(context.session, viewer)
    return Answer(
        view=view(
            Text(text="\n".join(f"- {line}" for line in lines)),
            buttons,
            Note(text=say("term.ways")),
        )
    )


# Changing


def add(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term add` opens the form; `term add WORD = meaning` adds it in one line."""
    name, meaning = _split(arguments)
    if not meaning:
        return Answer(opens=("term.form", f"{NEW}{context.viewer.alliance_id}:{name[:200]}"))
    return save_new(context, Wording(name=name, meaning=meaning))


def _split(arguments: Arguments) -> tuple[str, str]:
    """A word and what it means, as typed: `WORD = meaning`, or the word in quotation marks."""
    tokens = arguments.tokens
    if tokens and tokens[0].kind == TokenKind.QUOTED:
        rest = tokens[1:]
        start = rest[0].start - tokens[0].start if rest else len(arguments.text)
        said = _EQUALS.sub("", arguments.text[start:], count=1) if rest else ""
        return tokens[0].text.strip(), said.strip().strip('"“”')
    parts = _EQUALS.split(arguments.text, maxsplit=1)
    return parts[0].strip(), parts[1].strip().strip('"“”') if len(parts) == 2 else ""


def edit(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term edit WORD` opens the form; `term edit WORD = meaning` says what one's side means."""
    name, meaning = _split(arguments)
    return with_one(context, name, lambda entry: _edit(context, entry, meaning))


def _edit(context: Context, entry: Entry, meaning: str) -> Answer:
    if not meaning:
        return Answer(opens=("term.form", entry.term.id))
    before = note(entry, context.viewer.partner_id)
    wording = Wording(name=entry.term.name, meaning=meaning, review_on=entry.term.review_on)
    changed = changing.edit(
        context.session,
        context.viewer,
        entry.term.id,
        wording,
        edition=entry.term.edition,
        now=context.now,
    )
    return answer_saved(context, changed, "term.edited", before=before)


def with_one(context: Context, name: str, work: Callable[[Entry], Answer]) -> Answer:
    """Do something with the term of this name; of several senses people choose on the terms."""
    if not name:
        raise NotUnderstood("term.which")
    found = terms.find(context.session, context.viewer, name)
    in_use = [entry for entry in found if entry.term.status != TermStatus.RETIRED]
    if not in_use:
        near = get_nearest(context.session, context.viewer, name)
        return Answer(view=render_unknown(name, near, context.viewer, may_ask=False))
    if len(in_use) > 1:
        return Answer(view=render_entries(in_use, context.viewer, context.zone))
    return work(in_use[0])


def keep(
    context: Context, action: str, entry: Entry, before: dict[str, object], *, reason: str = ""
) -> Change:
    """Note what was done to a term, for its history and an undo; whom it concerns is told."""
    change = history.record(
        context.session,
        context.viewer,
        action,
        entry.term.id,
        now=context.now,
        before=before,
        after=note(entry, context.viewer.partner_id) | ({"reason": reason} if reason else {}),
    )
    telling.tell_reopened(context, change, entry)
    return change


def press_confirm(context: Context, event: ButtonPressed) -> Answer:
    """A manager confirms what their own side means."""
    before = note(enter_term(context, event.value), context.viewer.partner_id)
    entry = changing.confirm_own(context.session, context.viewer, event.value, now=context.now)
    keep(context, "term.confirmed", entry, before)
    return _shown(context, "term.confirmed", entry)


def press_share(context: Context, event: ButtonPressed) -> Answer:
    """A manager lets the alliance read what their own side means."""
    before = note(enter_term(context, event.value), context.viewer.partner_id)
    entry = changing.share(context.session, context.viewer, event.value, now=context.now)
    keep(context, "term.shared", entry, before)
    return _shown(context, "term.shared", entry)


def _shown(context: Context, key: str, entry: Entry) -> Answer:
    said = say(key, name=entry.term.name, partner=context.viewer.partner_name)
    shown = render_entries([entry], context.viewer, context.zone)
    return Answer(view=view(Text(text=said), *shown.blocks))


def press_history(context: Context, event: ButtonPressed) -> Answer:
    """What was done to a term, by whom."""
    entry = enter_term(context, event.value)
    rows = tuple(
        (
            say_moment(each.at, context.zone),
            words(f"term.row_{each.what}"),
            each.person,
            entry.partners.get(each.partner_id or "", ""),
            each.text[:600],
        )
        for each in chronicle.get_history(context.session, context.viewer, entry)
    )
    columns = ("when", "what", "who", "partner", "meaning")
    return Answer(
        view=view(
            Heading(text=entry.term.name[:150]),
            Table(columns=tuple(words(f"term.history_{c}") for c in columns), rows=rows)
            if rows
            else Text(text=say("term.no_history")),
        )
    )


def press_ask(context: Context, event: ButtonPressed) -> Answer:
    """Ask all partners' managers what a word means; whoever asks has agreed to be named."""
    word = split_value(context, event.value)
    viewer = context.viewer
    for member_id in sorted(alliances.get_manager_ids(context.session, viewer.alliance_id)):
        if member_id != viewer.member_id:
            tell_unasked(
                context.session,
                viewer.alliance_id,
                member_id,
                view=_question(viewer, word),
                now=context.now,
            )
    return Answer(view=view(Text(text=say("term.asked", name=word[:80]))))


def _question(viewer: Viewer, word: str) -> View:
    said = say(
        "term.asks",
        person=viewer.member_name,
        partner=viewer.partner_name or words("status.unplaced"),
        name=word[:80],
    )
    button = Button(
        label=words("term.define_it"),
        opens="term.form",
        value=f"{NEW}{viewer.alliance_id}:{word}",
        style="primary",
    )
    return view(Text(text=said), actions(button))


def press_pick(context: Context, event: ButtonPressed) -> Answer:
    """A term was chosen from a menu."""
    entry = enter_term(context, event.value)
    return Answer(view=render_entries([entry], context.viewer, context.zone))
