"""What a word means to whom, in all senses that are written alike, as others may be told."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session

from bot.dispatch.messages import Markdown, say, words
from bot.features.glossary import terms
from bot.features.glossary.models import TermMeaning, TermNudge, TermStatus
from bot.features.glossary.terms import Entry
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer

MOST_SENSES: Final = 3
"""Meanings of one partner that a hint shows."""

CONTESTED: Final = "contested"
DISCOURAGED: Final = "discouraged"


def is_shared(entry: Entry) -> bool:
    """Whether everybody may see the term."""
    return entry.term.audience_kind == AudienceKind.ALLIANCE


def get_senses(session: Session, viewer: Viewer, entry: Entry, nudge: TermNudge) -> list[Entry]:
    """The term, and the other contested ones that are written like it."""
    if nudge.kind == DISCOURAGED:
        return [entry]
    others = terms.find(session, viewer, entry.term.name)
    return [
        entry,
        *(
            other
            for other in others
            if other.term.id != entry.term.id and other.term.status == TermStatus.CONTESTED
        ),
    ]


def get_readable(senses: Sequence[Entry], viewer: Viewer) -> list[TermMeaning]:
    """What the word means by its partners' own word, as all may read it; the viewer's own partner
    first. What only somebody else says of a partner is no fact."""
    found = [
        meaning
        for entry in senses
        for meaning in entry.meanings
        if meaning.audience_kind == AudienceKind.ALLIANCE and meaning.confirmed_by_id is not None
    ]
    return sorted(found, key=lambda meaning: meaning.partner_id != viewer.partner_id)


def say_meanings(senses: Sequence[Entry], form: str, is_discouraged: bool, viewer: Viewer) -> str:
    """What a word means to whom, for readers who may all know."""
    entry = senses[0]
    if is_discouraged:
        is_agreed = entry.term.status == TermStatus.AGREED
        key = "checks.agreed" if is_agreed else "checks.preferred"
        partner = entry.partners.get(entry.term.partner_id, "")
        return say(key, form=form, name=entry.term.name, partner=partner)
    by_partner: dict[str, list[str]] = {}
    for meaning in get_readable(senses, viewer):
        by_partner.setdefault(meaning.partner_id, []).append(shorten(meaning.text))
    parts = [
        say(
            "checks.at" if number == 0 else "checks.at_next",
            partner=entry.partners.get(partner_id, ""),
            meaning=f" {words('checks.or')} ".join(texts[:MOST_SENSES]),
        )
        for number, (partner_id, texts) in enumerate(by_partner.items())
    ]
    return say("checks.contested", form=form, meanings=Markdown("; ".join(parts)))


def shorten(text: str) -> str:
    """A meaning as part of a sentence."""
    line = " ".join(text.split())
    return line.rstrip(".") if len(line) <= 140 else f"{line[:139].rstrip()}…"
