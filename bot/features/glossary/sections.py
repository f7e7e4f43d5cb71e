"""The glossary on the home view, in digest, briefing book and record, and for newcomers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.core.views import Block, Fields, Heading, Note, Table, Text, actions
from bot.core.views import Button as ViewButton
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.glossary import asking, terms, troubled
from bot.features.glossary.figures import say_figures
from bot.features.glossary.models import FormKind, Term, TermProposal, TermStatus
from bot.features.glossary.sheets import MOST_ROWS
from bot.features.glossary.terms import STATEMENT, Entry
from bot.features.glossary.views import say_meaning
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to
from bot.statements import record

SHOWN = 5
MOST_IN_BOOK = 1000

FOR_NEWCOMERS, AMONG = 10, 200
"""Terms in one note, of so many that are looked through."""


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """How the common language stands, and what is contested."""
    if not _has_terms(context.session, viewer):
        return ()
    lines = _say_all(context.session, viewer, now=context.now)
    contested = terms.get_all(context.session, viewer, status=TermStatus.CONTESTED, most=SHOWN)
    buttons = actions(
        *(
            ViewButton(label=entry.term.name[:75], action="term.pick", value=entry.term.id)
            for entry in contested
        )
    )
    blocks: list[Block] = [
        Heading(text=words("term.home")),
        Text(text="\n".join(f"- {line}" for line in lines)),
    ]
    if buttons is not None:
        blocks += [Text(text=say("term.home_contested")), buttons]
    return blocks


def _say_all(session: Session, viewer: Viewer, *, now: datetime) -> list[str]:
    """The figures, what people answered last, and what waits for the viewer."""
    lines = say_figures(session, viewer, now=now)
    latest = asking.get_latest(session, viewer)
    if latest is not None:
        lines.append(say("term.latest_check", name=latest[0], value=latest[1]))
    waiting = troubled.count_waiting(session, viewer) if viewer.is_manager else 0
    if waiting:
        lines.append(say("term.waiting", count=waiting))
    return lines


def render_status(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """How the common language stands."""
    if not _has_terms(session, viewer):
        return ()
    lines = "\n".join(f"- {line}" for line in _say_all(session, viewer, now=now))
    return (Text(text=f"**{words('term.home')}**\n{lines}"),)


def _has_terms(session: Session, viewer: Viewer) -> bool:
    return (
        session.exec(select(Term.id).where(visible_to(viewer, Term)).limit(1)).first() is not None
    )


def render_digest(
    session: Session, viewer: Viewer, since: datetime, now: datetime
) -> Sequence[Block]:
    """What became contested or agreed, and how things stand."""
    if not _has_terms(session, viewer):
        return ()
    lines = _say_all(session, viewer, now=now)
    for key, column in (
        ("term.newly_contested", col(Term.contested_at)),
        ("term.newly_agreed", col(Term.agreed_at)),
    ):
        names = session.exec(
            select(Term.name)
            .where(visible_to(viewer, Term), column >= since)
            .order_by(col(Term.key))
            .limit(10)
        ).all()
        if names:
            lines.append(say(key, names=", ".join(names)))
    return (
        Heading(text=words("term.home")),
        Text(text="\n".join(f"- {line}" for line in lines)),
    )


def render_briefing(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """The terms that the viewer may see, and how many more there are than a book can hold."""
    found = terms.get_all(session, viewer, most=MOST_IN_BOOK)
    if not found:
        return ()
    rows = tuple(
        (entry.term.name, words(f"term.status_{entry.term.status}"), say_meaning(entry))
        for entry in found
    )
    columns = (words("term.column"), words("term.status"), words("term.meaning"))
    more = terms.count(session, viewer, terms.in_status(None)) - len(found)
    note = (Note(text=say("term.more", count=more)),) if more > 0 else ()
    return (Table(columns=columns, rows=rows), *note)


def render_step(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """For newcomers: the words that mislead, then those that are agreed; of each first those that
    their own side has a meaning of its own for."""
    contested = terms.get_all(session, viewer, status=TermStatus.CONTESTED, most=AMONG)
    agreed = terms.get_all(session, viewer, status=TermStatus.AGREED, most=AMONG)
    shared = [e for e in contested if e.term.audience_kind == AudienceKind.ALLIANCE]
    shown = [*_put_own_first(shared, viewer), *_put_own_first(agreed, viewer)][:FOR_NEWCOMERS]
    if not shown:
        return ()
    items = tuple((entry.term.name[:100], say_meaning(entry)[:400]) for entry in shown)
    return (Text(text=say("term.step")), Fields(items=items))


def _put_own_first(found: Sequence[Entry], viewer: Viewer) -> list[Entry]:
    return sorted(found, key=lambda e: all(m.partner_id != viewer.partner_id for m in e.meanings))


def dump(session: Session, viewer: Viewer) -> Any:
    """Every term that the viewer may see, retired ones too, with the meanings they may see."""
    chains = _dump_chains(session, viewer)
    return [
        {
            "id": entry.term.id,
            "term": entry.term.name,
            "status": entry.term.status,
            "audience": entry.term.audience_kind,
            "spelled_out": entry.written(FormKind.SPELLED_OUT),
            "aliases": entry.written(FormKind.ALIAS),
            "discouraged": entry.written(FormKind.DISCOURAGED),
            "context": entry.term.context,
            "examples": entry.term.examples,
            "review_on": entry.term.review_on.isoformat() if entry.term.review_on else "",
            "agreed": entry.term.agreed_text,
            "agreed_at": entry.term.agreed_at.isoformat() if entry.term.agreed_at else "",
            "owner": entry.owner,
            "meanings": [
                {
                    "partner": entry.partners.get(meaning.partner_id, ""),
                    "text": meaning.text,
                    "audience": meaning.audience_kind,
                    "confirmed": meaning.confirmed_by_id is not None,
                }
                for meaning in entry.meanings
            ],
            "chain": chains.get(entry.term.id, []),
        }
        for entry in terms.get_every(session, viewer, most=MOST_ROWS)
    ]


def _dump_chains(session: Session, viewer: Viewer) -> dict[str, list[dict[str, Any]]]:
    """What was put to the partners about each term, in all its versions."""
    versions = {item["id"]: item["versions"] for item in record.dump(session, viewer, STATEMENT)}
    found: dict[str, list[dict[str, Any]]] = {}
    for about in session.exec(
        select(TermProposal)
        .where(col(TermProposal.statement_id).in_(versions))
        .order_by(col(TermProposal.statement_id))
    ):
        found.setdefault(about.term_id, []).extend(versions[about.statement_id])
    return found
