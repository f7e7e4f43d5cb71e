"""Gathering the book from what features contribute, and telling what changed in it."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.views import Actions, Block, Divider, Fields, Heading, Note, Quote, Table, Text
from bot.dispatch.feature import Registry
from bot.features.briefing.models import Visit
from bot.people.models import Member
from bot.people.viewer import Viewer
from bot.statements.versions import get_texts_since

ONE_VISIT = timedelta(hours=8)
"""Looking again within this time is the same visit."""

MOST_CHANGES = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One feature's part. `key` is its title's in the catalogue."""

    key: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """The smallest piece that can change by itself, in words, under what it stands below."""

    text: str
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is new since an earlier visit, or since the reader joined if this is the first one
    (`is_first`): by chapter, in words. Empty if nothing is."""

    since: datetime
    is_first: bool = False
    passages: Mapping[str, Sequence[Passage]]


def gather(registry: Registry, session: Session, viewer: Viewer, *, now: datetime) -> list[Chapter]:
    """The chapters that have something for this viewer, in order. Buttons are left out."""
    chapters = []
    for section in registry.briefing:
        shown = section.render(session, viewer, now)
        blocks = tuple(block for block in shown if not isinstance(block, Actions))
        if blocks:
            chapters.append(Chapter(key=section.title, blocks=blocks))
    return chapters


def _passages(chapter: Chapter) -> Iterator[Passage]:
    """What can change by itself; small print aside. A list is its lines, and a quote is told with
    the titles that it stands below."""
    heading = title = ""
    for block, following in zip(chapter.blocks, (*chapter.blocks[1:], None), strict=True):
        if isinstance(block, Heading):
            heading, title = block.text, ""
        elif isinstance(block, Table):
            yield from (Passage(text=" · ".join(row)) for row in block.rows)
        elif isinstance(block, Fields):
            yield from (Passage(text=f"{label}: {value}") for label, value in block.items)
        elif isinstance(block, Quote):
            yield Passage(text=block.text, title=": ".join(filter(None, (heading, title))))
        elif isinstance(block, Text) and isinstance(following, Quote):
            title = block.plain_text()
        elif not isinstance(block, Divider | Note):
            lines = block.plain_text().splitlines()
            yield from (Passage(text=_LISTED.sub("", line)) for line in lines if line.strip())


_LISTED = re.compile(r"^\s*[-•]\s+")


def _mark(passage: Passage) -> str:
    return hashlib.sha256(passage.text.encode("utf-8", "replace")).hexdigest()[:16]


def make_marks(chapters: Sequence[Chapter]) -> dict[str, list[str]]:
    """Marks of all passages, by chapter."""
    return {c.key: [_mark(passage) for passage in _passages(c)] for c in chapters}


def note_visit(
    session: Session, viewer: Viewer, chapters: Sequence[Chapter], *, now: datetime
) -> None:
    """Remember what stands there now; what stood there at the visit before is kept to compare."""
    visit = session.get(Visit, viewer.member_id)
    marks = make_marks(chapters)
    if visit is None:
        visit = Visit(
            member_id=viewer.member_id, alliance_id=viewer.alliance_id, at=now, marks=marks
        )
    else:
        if abs(now - visit.at) > ONE_VISIT:
            visit.before_at, visit.before = visit.at, visit.marks
            visit.at = now
        visit.marks = marks
    session.add(visit)
    session.flush()


def find_changes(
    session: Session, viewer: Viewer, chapters: Sequence[Chapter], *, now: datetime
) -> Changes | None:
    """What is new since the reader's visit before this one; at the first, since they joined. None
    if nothing is then."""
    visit = session.get(Visit, viewer.member_id)
    since, known = (visit.before_at, visit.before) if visit else (None, {})
    if visit is not None and abs(now - visit.at) > ONE_VISIT:
        since, known = visit.at, visit.marks
    if since is None:
        return _find_first(session, viewer, chapters)
    found = {}
    for chapter in chapters:
        marks = set(known.get(chapter.key, ()))
        new = [passage for passage in _passages(chapter) if _mark(passage) not in marks]
        if new:
            found[chapter.key] = new[:MOST_CHANGES]
    return Changes(since=since, passages=found)


LEAST = 60
"""Of a wording so much, as it may stand shortened in the book."""


def _find_first(session: Session, viewer: Viewer, chapters: Sequence[Chapter]) -> Changes | None:
    """What was agreed or put in force after the reader joined. Nobody knows what they would have
    read then; but a wording tells since when it holds."""
    since = session.get_one(Member, viewer.member_id).joined_at
    fresh = [wording[:LEAST] for wording in get_texts_since(session, viewer, since)]
    found = {}
    for chapter in chapters:
        new = [p for p in _passages(chapter) if any(wording in p.text for wording in fresh)]
        if new:
            found[chapter.key] = new[:MOST_CHANGES]
    return Changes(since=since, passages=found, is_first=True) if found else None
