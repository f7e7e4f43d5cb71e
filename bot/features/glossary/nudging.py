"""A hint to one author: when it may come, what it says, and what they do with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlmodel import Session, col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, FormSubmitted, MessagePosted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Button, Note, Option, Text, View, actions, person, view
from bot.delivery.outbox import HINT, Address, Deliver, get_channel_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import Markdown, say, words
from bot.features.glossary import standing, terms
from bot.features.glossary.acronyms import is_explained
from bot.features.glossary.checks import Checks, Place, Watched, is_crying_wolf
from bot.features.glossary.consents import Mode, get_mode, get_wishes
from bot.features.glossary.models import (
    FormKind,
    Term,
    TermKnown,
    TermNudge,
    TermStatus,
    TermUse,
)
from bot.features.glossary.spotting import Spotted
from bot.features.glossary.terms import Entry
from bot.people import nudges, optouts
from bot.people.models import AudienceKind, Channel
from bot.people.viewer import Viewer, visible_to

SUBJECT: Final = "glossary"
"""What people opt out of, and what the budget counts."""

AGAIN_AFTER: Final = timedelta(days=14)
"""Once per person and term in this time."""

PRIVATE_IN_CHANNEL: Final = frozenset({"slack", "teams", "local"})
"""Platforms that can show a message to one person within a channel, or else bring it to them."""

LONGEST_CLARIFICATION: Final = 400


@dataclass(frozen=True, slots=True)
class Find:
    """A term in a message that its author might be told about."""

    hit: Spotted
    term: Watched
    is_discouraged: bool


def handle(context: Context, event: MessagePosted, checks: Checks) -> None:
    """Tell the author of one term at most, if everything speaks for it."""
    place = checks.places.get((event.platform, event.place.channel or ""))
    if place is None or context.chosen is None or context.chosen.alliance_id != place.alliance_id:
        return
    viewer = context.viewer
    place.users[event.actor.user] = viewer.partner_id
    channel = context.session.get(Channel, place.channel_id)
    if viewer.partner_id is None or channel is None:
        return
    mode = get_mode(context.session, channel)
    if mode not in {Mode.PRIVATE, Mode.THREAD}:
        return
    thread = event.place.thread or event.message
    for found in find_terms(place, viewer.partner_id, event.text):
        if not _is_first_use(context, channel, thread, found.term.id):
            continue
        entry = _get_entry(context, found.term.id)
        if entry is None:
            continue
        start, end = found.hit.start, found.hit.end
        if is_explained(event.text, start, end, entry.written(FormKind.SPELLED_OUT)):
            continue
        if _may_tell(context, channel, entry):
            _tell(context, event, channel, mode, thread, entry, found)
            return


def find_terms(place: Place, author: str | None, text: str) -> list[Find]:
    """The terms in a message about which this author might be told, in the order of the text."""
    flagged = place.flagged.get(author, frozenset())
    finds = []
    for hit in place.glossary.spotter.spot(text):
        numbers = flagged.intersection(hit.forms)
        for term in place.glossary.terms if numbers else ():
            mine = numbers & (term.forms | term.discouraged)
            if mine and term.partner_id in {None, author}:
                finds.append(Find(hit, term, is_discouraged=mine <= term.discouraged))
                break
    return finds


def _is_first_use(context: Context, channel: Channel, thread: str, term_id: str) -> bool:
    """Whether this is the term's first use in its thread; from here on it is known there."""
    if context.session.get(TermUse, (channel.id, thread, term_id)) is not None:
        return False
    context.session.add(
        TermUse(channel_id=channel.id, thread=thread, term_id=term_id, at=context.now)
    )
    context.session.flush()
    return True


def _get_entry(context: Context, term_id: str) -> Entry | None:
    """The term as it stands now: what watches messages may be two seconds old."""
    try:
        entry = terms.get_or_raise(context.session, context.viewer, term_id)
    except NotFound:
        return None
    return None if entry.term.status == TermStatus.RETIRED else entry


def _may_tell(context: Context, channel: Channel, entry: Entry) -> bool:
    session, member_id, term = context.session, context.viewer.member_id, entry.term
    told = session.exec(
        select(TermNudge.id).where(
            col(TermNudge.member_id) == member_id,
            col(TermNudge.term_id) == term.id,
            col(TermNudge.at) > context.now - AGAIN_AFTER,
        )
    ).first()
    if told is not None or is_crying_wolf(term.shown, term.dismissed):
        return False
    if session.get(TermKnown, (channel.id, term.id)) is not None:
        return False
    if optouts.has_opted_out(session, member_id, make_subject(term.id), now=context.now):
        return False
    return nudges.may_nudge(session, member_id, SUBJECT, now=context.now, zone=context.zone)


def make_subject(term_id: str) -> str:
    """What somebody opts out of who does not mean this by a word."""
    return f"{SUBJECT}:{term_id}"


def _tell(
    context: Context,
    event: MessagePosted,
    channel: Channel,
    mode: Mode,
    thread: str,
    entry: Entry,
    found: Find,
) -> None:
    """Where the author cannot be told alone: silence, or the thread if the channel chose that and
    everybody may read the term."""
    is_private = event.platform in PRIVATE_IN_CHANNEL
    if not is_private and (mode != Mode.THREAD or not _is_shared(entry)):
        return
    session, viewer = context.session, context.viewer
    form = " ".join(event.text[found.hit.start : found.hit.end].replace("&amp;", "&").split())
    is_new = not session.exec(
        select(TermNudge.id).where(col(TermNudge.member_id) == viewer.member_id).limit(1)
    ).first()
    nudge = TermNudge(
        alliance_id=viewer.alliance_id,
        term_id=entry.term.id,
        member_id=viewer.member_id,
        channel_id=channel.id,
        thread=thread,
        form=form[:200],
        kind="discouraged" if found.is_discouraged else "contested",
        at=context.now,
    )
    session.add(nudge)
    entry.term.shown += 1
    session.add(entry.term)
    nudges.note_nudge(session, viewer.member_id, SUBJECT, now=context.now)
    shown = (
        _render(context, channel, entry, nudge, is_new=is_new)
        if is_private
        else view(Text(text=say_meanings(entry, form, found.is_discouraged, viewer)))
    )
    base = get_channel_address(session, channel)
    address = Address(
        platform=base.platform,
        workspace=base.workspace,
        channel=base.channel,
        user=event.actor.user if is_private else None,
        thread=event.place.thread if is_private else thread,
    )
    deliver = Deliver(
        to=address,
        view=shown,
        topic=HINT,
        alliance_id=viewer.alliance_id,
        expires_at=context.now + timedelta(minutes=15),
    )
    context.deliver(deliver)


def _is_shared(entry: Entry) -> bool:
    return entry.term.audience_kind == AudienceKind.ALLIANCE


def say_meanings(entry: Entry, form: str, is_discouraged: bool, viewer: Viewer) -> str:
    """What a word means to whom, for readers who may all know."""
    if is_discouraged:
        return say("checks.discouraged", form=form, name=entry.term.name)
    parts = [
        say("checks.at", partner=entry.partners.get(m.partner_id, ""), meaning=_shorten(m.text))
        for m in sorted(entry.meanings, key=lambda m: m.partner_id != viewer.partner_id)
        if m.audience_kind == AudienceKind.ALLIANCE
    ]
    return say("checks.contested", form=form, meanings=Markdown("; ".join(parts)))


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line.rstrip(".") if len(line) <= 140 else f"{line[:139].rstrip()}…"


def _render(
    context: Context, channel: Channel, entry: Entry, nudge: TermNudge, *, is_new: bool
) -> View:
    said = say_meanings(entry, nudge.form, nudge.kind == "discouraged", context.viewer)
    note = say("checks.not_stored")
    if is_new:
        people = ", ".join(
            f"{wish.person} ({wish.partner})"
            for wish in get_wishes(context.session, channel)
            if wish.person
        )
        note = f"{say('checks.set_up_by', people=people, channel=f'#{channel.name}')} {note}"
    return view(
        Text(text=f"{say('checks.only_you')} {said}"),
        Note(text=note),
        actions(
            Button(
                label=words("checks.preview"),
                opens="checks.clarify",
                value=nudge.id,
                style="primary",
            ),
            Button(label=words("checks.known"), action="checks.known", value=nudge.id),
            Button(label=words("checks.wrong"), action="checks.wrong", value=nudge.id),
            Button(label=words("checks.less"), action="checks.less", value=nudge.id),
            Button(label=words("checks.never"), action="checks.never", value=nudge.id),
        ),
    )


# What the author does with it


def find(context: Context, nudge_id: str) -> tuple[TermNudge, Entry]:
    """The acting person's own nudge and its term. Raises NotFound for anybody else's."""
    nudge = context.find(TermNudge, nudge_id, "checks.gone")
    if nudge.member_id != context.viewer.member_id:
        raise NotFound("checks.gone")
    return nudge, terms.get_or_raise(context.session, context.viewer, nudge.term_id)


def _settle(session: Session, nudge: TermNudge, entry: Entry, outcome: str) -> None:
    """Note what became of a nudge, once."""
    if nudge.outcome:
        return
    nudge.outcome = outcome
    was_quiet = is_crying_wolf(entry.term.shown, entry.term.dismissed)
    if outcome == "accepted":
        entry.term.accepted += 1
    else:
        entry.term.dismissed += 1
    session.add(nudge)
    session.add(entry.term)
    session.flush()
    if is_crying_wolf(entry.term.shown, entry.term.dismissed) != was_quiet:
        standing.bump_terms(session, entry.term.alliance_id)


def press_known(context: Context, event: ButtonPressed) -> Answer:
    """This channel knows what the word means."""
    nudge, entry = find(context, event.value)
    if context.session.get(TermKnown, (nudge.channel_id, nudge.term_id)) is None:
        context.session.add(
            TermKnown(
                channel_id=nudge.channel_id,
                term_id=nudge.term_id,
                member_id=context.viewer.member_id,
                at=context.now,
            )
        )
    _settle(context.session, nudge, entry, "known")
    standing.bump_terms(context.session, nudge.alliance_id)
    return _done("checks.known_done", entry)


def press_wrong(context: Context, event: ButtonPressed) -> Answer:
    """The author means something else by the word."""
    nudge, entry = find(context, event.value)
    member_id = context.viewer.member_id
    optouts.opt_out(context.session, member_id, make_subject(nudge.term_id), now=context.now)
    _settle(context.session, nudge, entry, "wrong")
    return _done("checks.wrong_done", entry)


def press_less(context: Context, event: ButtonPressed) -> Answer:
    """Hints about terms come once a week at most."""
    nudge, entry = find(context, event.value)
    nudges.want_less(context.session, context.viewer.member_id, SUBJECT, now=context.now)
    _settle(context.session, nudge, entry, "less")
    return _done("checks.less_done", entry, again=True)


def press_never(context: Context, event: ButtonPressed) -> Answer:
    """No hints about terms any more."""
    nudge, entry = find(context, event.value)
    nudges.want_none(context.session, context.viewer.member_id, SUBJECT, now=context.now)
    _settle(context.session, nudge, entry, "never")
    return _done("checks.never_done", entry, again=True)


def _done(key: str, entry: Entry, *, again: bool = False) -> Answer:
    button = Button(
        label=words("checks.again"), action="checks.again", value=entry.term.alliance_id
    )
    said = Text(text=say(key, name=entry.term.name))
    return Answer(refresh=view(said, actions(button) if again else None))


def press_again(context: Context, event: ButtonPressed) -> Answer:
    """Hints as everybody gets them."""
    context.enter(event.value)
    nudges.want_again(context.session, context.viewer.member_id, SUBJECT)
    return Answer(refresh=view(Text(text=say("checks.again_done"))))


# The clarification


def open_clarify(context: Context, value: str) -> Form:
    """A line to be posted, and what it will look like."""
    nudge, entry = find(context, value)
    options = _make_options(entry, nudge)
    first = options[0].label if options else ""
    return Form(
        name="checks.clarify",
        title=words("checks.clarify_title"),
        submit=words("checks.clarify_submit"),
        context={"nudge": nudge.id},
        items=(
            Text(text=say("checks.clarify_intro", person=context.viewer.member_name)),
            *(
                (
                    ChoiceInput(
                        name="meaning",
                        label=words("checks.clarify_choice", form=nudge.form)[:75],
                        options=options,
                        selected=(options[0].value,),
                    ),
                )
                if len(options) > 1
                else ()
            ),
            TextInput(
                name="text",
                label=words("checks.clarify_own"),
                value="" if len(options) > 1 else first,
                hint=words("checks.clarify_hint") if len(options) > 1 else "",
                multiline=True,
                required=len(options) < 2,
                max_length=LONGEST_CLARIFICATION,
            ),
        ),
    )


def _make_options(entry: Entry, nudge: TermNudge) -> tuple[Option, ...]:
    """What the author may have meant, as all may read it: the partners' own meanings. The name of
    a term that is one side's alone is not offered for posting."""
    if nudge.kind == "discouraged" and not _is_shared(entry):
        return ()
    if nudge.kind == "discouraged":
        label = words("checks.says_instead", form=nudge.form, name=entry.term.name)
        return (Option(value="instead", label=label[:75]),)
    return tuple(
        Option(value=m.partner_id, label=_shorten(m.text)[:75])
        for m in entry.meanings
        if m.audience_kind == AudienceKind.ALLIANCE
    )


def submit_clarify(context: Context, event: FormSubmitted) -> Answer:
    """Post the line in the thread, as Entente's, for the author who said yes to it."""
    nudge, entry = find(context, event.context.get("nudge", ""))
    context.session.refresh(nudge, with_for_update=True)  # pressed twice, it is posted once
    channel = context.session.get(Channel, nudge.channel_id)
    if channel is None or get_mode(context.session, channel) == Mode.OFF:
        raise NotFound("checks.gone")
    text = _read_clarification(entry, nudge, event)
    if nudge.outcome == "accepted":
        raise NotFound("checks.posted_already")
    base = get_channel_address(context.session, channel)
    author = person(event.platform, event.actor.user, context.viewer.member_name)
    said = say("checks.clarified", person=Markdown(author), text=text)
    address = Address(
        platform=base.platform, workspace=base.workspace, channel=base.channel, thread=nudge.thread
    )
    context.deliver(Deliver(to=address, view=view(Text(text=said)), alliance_id=nudge.alliance_id))
    if nudge.outcome:
        entry.term.dismissed -= 1
        nudge.outcome = ""
    _settle(context.session, nudge, entry, "accepted")
    return Answer(view=view(Text(text=say("checks.posted"))))


def _read_clarification(entry: Entry, nudge: TermNudge, event: FormSubmitted) -> str:
    own = " ".join(str(event.values.get("text") or "").split())
    if own:
        return own[:LONGEST_CLARIFICATION]
    chosen = str(event.values.get("meaning") or "")
    meaning = next(
        (
            m
            for m in entry.meanings
            if m.partner_id == chosen and m.audience_kind == AudienceKind.ALLIANCE
        ),
        None,
    )
    if meaning is None:
        raise NotUnderstood("checks.clarify_missing", field="text")
    return words("checks.means_here", form=nudge.form, meaning=_shorten(meaning.text))


def get_noisy(session: Session, viewer: Viewer) -> Sequence[Term]:
    """The terms that people were told about, the most dismissed first."""
    return session.exec(
        select(Term)
        .where(visible_to(viewer, Term), col(Term.shown) > 0)
        .order_by(col(Term.dismissed).desc(), col(Term.shown).desc(), col(Term.key))
        .limit(25)
    ).all()
