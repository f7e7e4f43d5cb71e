"""How the partners stand with their common language, in numbers."""

from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlmodel import Session, col, func, select

from bot.dispatch.messages import say
from bot.features.glossary.models import Term, TermStatus
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the viewer may count. `oldest` is the contested term that has waited longest, with its
    days; `days_to_agree` the median from contested to agreed."""

    counts: dict[TermStatus, int]
    private: int
    oldest: tuple[str, int] | None
    days_to_agree: float | None


def get_figures(session: Session, viewer: Viewer, *, now: datetime) -> Figures:
    """The figures for one viewer; what one partner keeps to itself is counted apart."""
    rows = session.exec(
        select(Term.status, Term.audience_kind, func.count())
        .where(visible_to(viewer, Term))
        .group_by(col(Term.status), col(Term.audience_kind))
    ).all()
    shared = dict.fromkeys(TermStatus, 0)
    private = 0
    for status, kind, count in rows:
        if kind == AudienceKind.ALLIANCE:
            shared[TermStatus(status)] += count
        elif status != TermStatus.RETIRED:
            private += count
    oldest = session.exec(
        select(Term.name, Term.contested_at)
        .where(visible_to(viewer, Term), col(Term.status) == TermStatus.CONTESTED)
        .order_by(col(Term.contested_at))
        .limit(1)
    ).first()
    agreed = session.exec(
        select(Term.contested_at, Term.agreed_at).where(
            visible_to(viewer, Term),
            col(Term.status) == TermStatus.AGREED,
            col(Term.contested_at).is_not(None),
        )
    ).all()
    # What was contested after it was agreed says nothing of how long that took.
    days = [
        (end - begin).total_seconds() / 86_400
        for begin, end in agreed
        if begin and end and begin <= end
    ]
    return Figures(
        counts=shared,
        private=private,
        oldest=(oldest[0], (now - oldest[1]).days) if oldest and oldest[1] else None,
        days_to_agree=median(days) if days else None,
    )


def say_figures(session: Session, viewer: Viewer, *, now: datetime) -> list[str]:
    """The figures in words, a line each."""
    found = get_figures(session, viewer, now=now)
    lines = [
        say(
            "term.figures",
            agreed=found.counts[TermStatus.AGREED],
            contested=found.counts[TermStatus.CONTESTED],
            proposed=found.counts[TermStatus.PROPOSED],
        )
    ]
    if found.private:
        lines.append(say("term.figures_private", count=found.private, partner=viewer.partner_name))
    if found.oldest:
        lines.append(say("term.figures_oldest", name=found.oldest[0], count=found.oldest[1]))
    if found.days_to_agree is not None:
        lines.append(say("term.figures_days", count=round(found.days_to_agree)))
    return lines
