"""What to say to somebody who adds a term that will be found far too often, or never."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from bot.dispatch.messages import say
from bot.features.glossary.models import Sighting
from bot.features.glossary.spotting import is_acronym
from bot.features.glossary.terms import Entry, make_key
from bot.features.glossary.words import EVERYDAY

MOST_NAMED: Final = 10


def is_common(name: str) -> bool:
    """Whether a name stands in every other message."""
    return len(name) == 1 or (make_key(name) in EVERYDAY and not is_acronym(name))


def warn_names(names: Sequence[str]) -> list[str]:
    """A line about those of an import's new terms that would be found far too often."""
    common = sorted({name for name in names if is_common(name)})
    if not common:
        return []
    shown = ", ".join(f"“{name}”" for name in common[:MOST_NAMED])
    return [say("term.warn_many", names=shown, count=len(common))]


def warn(session: Session, entry: Entry, *, now: datetime) -> list[str]:
    """A line for each form that people should think twice about."""
    lines = []
    for form in entry.forms:
        if is_common(form.text):
            lines.append(say("term.warn_common", form=form.text))
        elif form.key in EVERYDAY:
            lines.append(say("term.warn_shouted", form=form.text))
        seen = _count_last_week(session, entry.term.alliance_id, form.text, now=now)
        if seen:
            lines.append(say("term.warn_seen", form=form.text, count=seen))
    return lines


def _count_last_week(session: Session, alliance_id: str, word: str, *, now: datetime) -> int:
    """How often the word was written in shared channels while nothing explained it."""
    found = session.exec(
        select(func.sum(Sighting.count)).where(
            col(Sighting.alliance_id) == alliance_id,
            col(Sighting.word) == word[:20],
            col(Sighting.is_shared).is_(True),
            col(Sighting.day) > (now - timedelta(days=7)).date(),
        )
    ).one()
    return int(found or 0)
