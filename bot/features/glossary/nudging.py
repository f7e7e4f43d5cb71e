"""A hint to one author: when it may come, what it says, and when it counts for nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from bot.core.errors import NotFound
from bot.core.events import MessagePosted
from bot.core.views import Button, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import HINT, Address, Deliver, enqueue, get_channel_address
from bot.delivery.postman import Skip
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.features.glossary import standing, terms
from bot.features.glossary.checks import Checks, Place, Watched, is_crying_wolf
from bot.features.glossary.consents import Mode, get_mode, get_wishes
from bot.features.glossary.explaining import is_explained
from bot.features.glossary.models import (
    FormKind,
    Term,
    TermKnown,
    TermNudge,
    TermStatus,
    TermUse,
)
from bot.features.glossary.senses import (
    CONTESTED,
    DISCOURAGED,
    get_senses,
    is_shared,
    say_meanings,
)
from bot.features.glossary.spotting import Spotted
from bot.features.glossary.terms import Entry
from bot.people import nudges, optouts
from bot.people.models import Channel
from bot.people.viewer import Viewer, visible_to

SUBJECT: Final = "glossary"
"""What people opt out of, and what the budget counts."""

AGAIN_AFTER: Final = timedelta(days=14)
"""Once per person and term in this time."""

STALE_AFTER: Final = timedelta(minutes=15)
"""A hint that took longer comes too late."""

TOPIC: Final = f"{HINT}:term"


@dataclass(frozen=True, slots=True)
class Find:
    """A word in a message, and the terms it may mislead about, in one sense each. `is_clear`: it
    is written out, so that readers know which it is."""

    hit: Spotted
    terms: tuple[Watched, ...]
    is_discouraged: bool
    is_clear: bool

    def is_of(self, term_ids: Collection[str]) -> bool:
        """Whether it is about any of these terms."""
        return any(term.id in term_ids for term in self.terms)


def handle(context: Context, event: MessagePosted, checks: Checks) -> None:
    """Tell the author of one word at most, if everything speaks for it."""
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
    finds = find_terms(place, viewer.partner_id, event.text)
    for found in sorted(finds, key=lambda each: not each.is_clear):
        ids = [term.id for term in found.terms]
        is_news = _is_first_use(context, channel, thread, ids)
        if found.is_clear or not is_news:
            continue
        entries = [entry for term_id in ids if (entry := _get_entry(context, term_id))]
        if not entries or _explains(event.text, finds, entries):
            continue
        if _may_tell(context, channel, entries[0]):
            _tell(context, event, channel, mode, thread, entries[0], found)
            return


def find_terms(place: Place, author: str | None, text: str) -> list[Find]:
    """The words in a message about which this author might be told, in the order of the text."""
    flagged = place.flagged.get(author, frozenset())
    finds = []
    for hit in place.glossary.spotter.spot(text):
        numbers = flagged.intersection(hit.forms)
        found = [
            term
            for term in (place.glossary.terms if numbers else ())
            if term.partner_id in {None, author} and not numbers.isdisjoint(term.watched)
        ]
        if found:
            finds.append(
                Find(
                    hit,
                    tuple(found),
                    is_discouraged=numbers & found[0].watched <= found[0].discouraged,
                    is_clear=all(numbers & term.watched <= term.clear for term in found),
                )
            )
    return finds


def _explains(text: str, finds: Sequence[Find], entries: Sequence[Entry]) -> bool:
    """Whether the author says what they mean, wherever in the message."""
    ids = {entry.term.id for entry in entries}
    spelled_out = [form for entry in entries for form in entry.written(FormKind.SPELLED_OUT)]
    return any(
        is_explained(text, found.hit.start, found.hit.end, spelled_out)
        for found in finds
        if found.is_of(ids)
    )


def _is_first_use(context: Context, channel: Channel, thread: str, term_ids: Sequence[str]) -> bool:
    """Whether this is the word's first use in its thread, in any sense; from here on it is known
    there."""
    new = [
        term_id
        for term_id in term_ids
        if context.session.get(TermUse, (channel.id, thread, term_id)) is None
    ]
    for term_id in new:
        context.session.add(
            TermUse(channel_id=channel.id, thread=thread, term_id=term_id, at=context.now)
        )
    context.session.flush()
    return len(new) == len(term_ids)


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
    """Tell the author alone. Where that turns out impossible, `take_back` says what then."""
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
        kind=DISCOURAGED if found.is_discouraged else CONTESTED,
        at=context.now,
    )
    session.add(nudge)
    entry.term.shown += 1
    session.add(entry.term)
    nudges.note_nudge(session, viewer.member_id, SUBJECT, now=context.now)
    base = get_channel_address(session, channel)
    address = Address(
        platform=base.platform,
        workspace=base.workspace,
        channel=base.channel,
        user=event.actor.user,
        thread=event.place.thread,
    )
    deliver = Deliver(
        to=address,
        view=_render(context, channel, entry, nudge, is_new=is_new),
        topic=TOPIC,
        subject=nudge.id,
        alliance_id=viewer.alliance_id,
        expires_at=context.now + STALE_AFTER,
    )
    context.deliver(deliver)


def render_topic(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """A hint brings its view along; without it, it has been shown."""
    return Skip("shown already")


def take_back(registry: Registry, session: Session, message: Claimed, now: datetime) -> None:
    """Where the author can't be told alone, the thread is told instead, if the channel chose that
    and everybody may read the term: that counts like any hint. Otherwise there is silence, and a
    hint that reached nobody counts for nothing."""
    nudge = session.get(TermNudge, message.subject)
    term = session.get(Term, nudge.term_id) if nudge else None
    if nudge is None or term is None or nudge.outcome:
        return
    channel = session.get_one(Channel, nudge.channel_id)
    viewer = terms.find_viewer(session, nudge.member_id)
    is_late = message.expires_at is not None and message.expires_at <= now
    may_be_public = not is_late and get_mode(session, channel) == Mode.THREAD
    if viewer and may_be_public and _tell_thread(session, viewer, channel, nudge, now=now):
        return
    term.shown = max(0, term.shown - 1)
    session.add(term)
    nudges.forget_nudge(session, nudge.member_id, SUBJECT, at=nudge.at)
    session.delete(nudge)
    session.flush()


def _tell_thread(
    session: Session, viewer: Viewer, channel: Channel, nudge: TermNudge, *, now: datetime
) -> bool:
    """Whether everybody may be told."""
    try:
        entry = terms.get_or_raise(session, viewer, nudge.term_id)
    except NotFound:
        return False
    if not is_shared(entry):
        return False
    senses = get_senses(session, viewer, entry, nudge)
    said = say_meanings(senses, nudge.form, nudge.kind == DISCOURAGED, viewer)
    address = replace(get_channel_address(session, channel), thread=nudge.thread)
    deliver = Deliver(
        to=address,
        view=view(
            Text(text=said),
            Note(text=f"{_say_who_agreed(session, channel)} {say('checks.thread_stop')}"),
        ),
        alliance_id=nudge.alliance_id,
        expires_at=now + STALE_AFTER,
    )
    enqueue(session, deliver, now=now)
    return True


def _say_who_agreed(session: Session, channel: Channel) -> str:
    people = ", ".join(
        f"{wish.person} ({wish.partner})" for wish in get_wishes(session, channel) if wish.person
    )
    return say("checks.set_up_by", people=people, channel=f"#{channel.name}")


def _render(
    context: Context, channel: Channel, entry: Entry, nudge: TermNudge, *, is_new: bool
) -> View:
    senses = get_senses(context.session, context.viewer, entry, nudge)
    said = say_meanings(senses, nudge.form, nudge.kind == DISCOURAGED, context.viewer)
    note = say("checks.not_stored")
    if is_new:
        note = f"{_say_who_agreed(context.session, channel)} {note}"
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


def find(context: Context, nudge_id: str) -> tuple[TermNudge, Entry]:
    """The acting person's own nudge and its term. Raises NotFound for anybody else's."""
    nudge = context.find(TermNudge, nudge_id, "checks.gone")
    if nudge.member_id != context.viewer.member_id:
        raise NotFound("checks.gone")
    return nudge, terms.get_or_raise(context.session, context.viewer, nudge.term_id)


def unsettle(session: Session, nudge: TermNudge, entry: Entry) -> None:
    """Take back what was noted as dismissed."""
    if not nudge.outcome or nudge.outcome == "accepted":
        return
    nudge.outcome = ""
    entry.term.dismissed = max(0, entry.term.dismissed - 1)
    session.add(nudge)
    session.add(entry.term)
    session.flush()


def settle(session: Session, nudge: TermNudge, entry: Entry, outcome: str) -> None:
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


def get_noisy(session: Session, viewer: Viewer) -> Sequence[Term]:
    """The terms that people were told about, the most dismissed first."""
    return session.exec(
        select(Term)
        .where(visible_to(viewer, Term), col(Term.shown) > 0)
        .order_by(col(Term.dismissed).desc(), col(Term.shown).desc(), col(Term.key))
        .limit(25)
    ).all()
