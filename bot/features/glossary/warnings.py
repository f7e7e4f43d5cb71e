"""What to say to somebody who adds a term that will be found far too often, or never."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from bot.dispatch.messages import say
from bot.features.glossary.models import MessageCount, Sighting
from bot.features.glossary.spotting import is_acronym
from bot.features.glossary.terms import Entry, make_key
from bot.features.glossary.words import COMMON, LETTER

MOST_NAMED: Final = 10

WEEK: Final = timedelta(days=7)


def is_common(form: str) -> bool:
    """Whether a form stands in every other message."""
    return len(form) == 1 or (make_key(form) in COMMON and not is_acronym(form))


def warn_many(forms: Iterable[str]) -> list[str]:
    """A line about those of an import's new forms that would be found far too often."""
    common = sorted({form for form in forms if is_common(form)})
    if not common:
        return []
    shown = ", ".join(f"“{name}”" for name in common[:MOST_NAMED])
    return [say("term.warn_many", names=shown, count=len(common))]


def warn(session: Session, entry: Entry, *, now: datetime) -> list[str]:
    """A line for each form that people should think twice about."""
    lines = []
    for form in entry.forms:
        if is_common(form.text):
            lines.append(_estimate(session, entry.term.alliance_id, form.text, now=now))
        elif form.key in COMMON:
            lines.append(say("term.warn_shouted", form=form.text))
        seen = _count_last_week(session, entry.term.alliance_id, form.text, now=now)
        if seen:
            lines.append(say("term.warn_seen", form=form.text, count=seen))
    return lines


def _estimate(session: Session, alliance_id: str, word: str, *, now: datetime) -> str:
    """In how many messages a common word probably stood in the last week: by how often people
    write it in chat, since no word of a message is kept."""
    share = COMMON.get(make_key(word), LETTER)
    messages = _count_messages(session, alliance_id, now=now)
    if not messages:
        return say("term.warn_common", form=word, share=share)
    count = -(-messages * share // 1000)
    return say("term.warn_estimate", form=word, messages=messages, count=count)


def _count_messages(session: Session, alliance_id: str, *, now: datetime) -> int:
    """How many messages were looked at in shared channels within a week."""
    found = session.exec(
        select(func.sum(MessageCount.count)).where(
            col(MessageCount.alliance_id) == alliance_id,
            col(MessageCount.day) > (now - WEEK).date(),
        )
    ).one()
    return int(found or 0)


def _count_last_week(session: Session, alliance_id: str, word: str, *, now: datetime) -> int:
    """How often the word was written in shared channels while nothing explained it."""
    found = session.exec(
        select(func.sum(Sighting.count)).where(
            col(Sighting.alliance_id) == alliance_id,
            col(Sighting.word) == word[:20],
            col(Sighting.is_shared).is_(True),
            col(Sighting.day) > (now - WEEK).date(),
        )
    ).one()
    return int(found or 0)
