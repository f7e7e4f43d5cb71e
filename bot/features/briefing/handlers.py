"""`briefing`, its parts, and the private link to all of it as a document."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from bot.core.documents import Document, Section
from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import (
    Block,
    Button,
    Heading,
    Menu,
    Note,
    Option,
    Quote,
    Text,
    View,
    actions,
    escape,
    view,
)
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date, say_moment
from bot.dispatch.feature import Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.briefing import book
from bot.features.briefing.book import Changes
from bot.people import links
from bot.people.models import Alliance
from bot.people.viewer import Viewer

KIND = "briefing"


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The book's parts, to open one by one."""
    viewer = context.viewer
    chapters = book.gather(context.registry, context.session, viewer, now=context.now)
    if not chapters:
        return Answer(view=view(Text(text=say("briefing.empty", alliance=context.alliance.name))))
    changes = book.find_changes(context.session, viewer, chapters, now=context.now)
    book.note_visit(context.session, viewer, chapters, now=context.now)
    options = tuple(
        Option(value=f"{viewer.alliance_id}:{c.key}", label=words(c.key)[:75]) for c in chapters
    )
    titles = "\n".join(f"- {say('briefing.part', title=words(c.key))}" for c in chapters)
    return Answer(
        view=view(
            Heading(text=words("briefing.title", alliance=context.alliance.name)),
            Text(text=say("briefing.intro", alliance=context.alliance.name)),
            Text(text=titles),
            _changes_line(context, changes),
            actions(
                Menu(label=words("briefing.open_part"), action="briefing.part", options=options),
                Button(
                    label=words("briefing.document"),
                    action="briefing.document",
                    value=viewer.alliance_id,
                    style="primary",
                ),
            ),
            Note(text=_as_of(context.session, viewer, now=context.now)),
        )
    )


def _changes_line(context: Context, changes: Changes | None) -> Block | None:
    if changes is None:
        return None
    date = say_date(changes.since, context.zone)
    if not changes.passages:
        return Note(text=say("briefing.unchanged", date=date))
    titles = ", ".join(words(key) for key in changes.passages)
    key = "briefing.changed_first" if changes.is_first else "briefing.changed"
    return Text(text=say(key, date=date, titles=titles))


def _as_of(session: Session, viewer: Viewer, *, now: datetime) -> str:
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    return say(
        "briefing.as_of",
        when=say_moment(now, zone),
        person=viewer.member_name,
        partner=viewer.partner_name or words("briefing.unplaced"),
    )


def press_part(context: Context, event: ButtonPressed) -> Answer:
    """One part in full."""
    alliance_id, _, key = event.value.partition(":")
    viewer = context.enter(alliance_id)
    chapters = book.gather(context.registry, context.session, viewer, now=context.now)
    chapter = next((c for c in chapters if c.key == key), None)
    if chapter is None:
        raise NotFound("briefing.part_gone")
    return Answer(view=View(blocks=(Heading(text=words(chapter.key)), *chapter.blocks)))


def press_document(context: Context, event: ButtonPressed) -> Answer:
    """A private link to all of it."""
    viewer = context.enter(event.value)
    return Answer(view=make_link_view(context, viewer, KIND))


def make_link_view(context: Context, viewer: Viewer, kind: str, *, subject: str = "") -> View:
    """A fresh private link to a document, with what its reader should know of it."""
    address = context.registry.address
    if address is None:
        return view(Text(text=say("briefing.no_address")))
    token = links.make_link(context.session, viewer, kind, subject=subject, now=context.now)
    until = say_moment(context.now + links.LASTS, context.zone)
    return view(
        Text(text=say("briefing.document_link", when=until)),
        actions(
            Button(
                label=words("briefing.document_open"),
                url=f"{address}/documents/{token}",
                style="primary",
            ),
            Button(
                label=words("briefing.document_markdown"), url=f"{address}/documents/{token}.md"
            ),
            Button(
                label=words("briefing.close_link"),
                action="briefing.close",
                value=f"{viewer.alliance_id}:{kind}:{subject}",
            ),
        ),
    )


def press_close(context: Context, event: ButtonPressed) -> Answer:
    """End one's own link before its time."""
    alliance_id, _, rest = event.value.partition(":")
    kind, _, subject = rest.partition(":")
    viewer = context.enter(alliance_id)
    links.close_links(context.session, viewer, kind, subject=subject, now=context.now)
    return Answer(view=view(Text(text=say("briefing.link_closed"))))


def render_document(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> Document:
    """The whole book, as the viewer may see it at this moment."""
    alliance = session.get_one(Alliance, viewer.alliance_id)
    chapters = book.gather(registry, session, viewer, now=now)
    changes = book.find_changes(session, viewer, chapters, now=now)
    changed = set(changes.passages) if changes else set()
    sections = [
        Section(title=words(c.key), blocks=c.blocks, is_new=c.key in changed) for c in chapters
    ]
    if changes is not None and changes.passages:
        sections.insert(0, _what_changed(changes, alliance.zone))
    notes = [_as_of(session, viewer, now=now)]
    if changes is not None and not changes.passages:
        notes.append(say("briefing.unchanged", date=say_date(changes.since, alliance.zone)))
    return Document(
        title=words("briefing.title", alliance=alliance.name),
        notes=tuple(notes),
        sections=tuple(sections),
        closing=say("briefing.closing", person=viewer.member_name),
    )


def _what_changed(changes: Changes, zone: str) -> Section:
    key = "briefing.what_changed_first" if changes.is_first else "briefing.what_changed"
    title = words(key, date=say_date(changes.since, zone))
    return Section(title=title, blocks=tuple(say_changes(changes)))


def say_changes(changes: Changes) -> Sequence[Block]:
    """What is new, chapter by chapter."""
    blocks: list[Block] = []
    for key, passages in changes.passages.items():
        blocks.append(Heading(text=words(key)))
        for passage in passages:
            if passage.title:
                blocks.append(Text(text=f"**{escape(passage.title)}**"))
            blocks.append(Quote(text=passage.text))
    return blocks
