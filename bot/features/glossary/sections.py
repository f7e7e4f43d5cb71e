"""The glossary on the home view, in digest, briefing book and record, and for newcomers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.core.views import Block, Fields, Heading, Note, Table, Text, actions
from bot.core.views import Button as ViewButton
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.glossary import asking, importing, planning, terms, troubled
from bot.features.glossary.figures import say_figures
from bot.features.glossary.models import FormKind, Term, TermProposal, TermStatus
from bot.features.glossary.planning import Row
from bot.features.glossary.sheets import MOST_ROWS
from bot.features.glossary.terms import LONGEST_MEANING, STATEMENT
from bot.features.glossary.views import say_meaning
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to
from bot.statements import record

SHOWN = 5
MOST_IN_BOOK = 1000


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
    """For newcomers: the words that mislead, and those that are agreed."""
    contested = terms.get_all(session, viewer, status=TermStatus.CONTESTED, most=SHOWN)
    agreed = terms.get_all(session, viewer, status=TermStatus.AGREED, most=SHOWN)
    shown = [e for e in contested if e.term.audience_kind == AudienceKind.ALLIANCE] + agreed
    if not shown:
        return ()
    items = tuple((entry.term.name[:100], say_meaning(entry)[:400]) for entry in shown)
    return (Text(text=say("term.step")), Fields(items=items))


def dump(session: Session, viewer: Viewer) -> Any:
    """Every term that the viewer may see, with the meanings they may see."""
    chains = _dump_chains(session, viewer)
    return [
        {
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
        for entry in terms.get_all(session, viewer, most=MOST_ROWS)
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


_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": {"type": "string", "maxLength": 200}}
SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "Meanings arrive as proposals, for each partner's own manager to confirm.",
    "items": {
        "type": "object",
        "required": ["term"],
        "additionalProperties": False,
        "properties": {
            "term": {"type": "string", "minLength": 1, "maxLength": 200},
            "context": {"type": "string", "maxLength": 200},
            "examples": {"type": "string", "maxLength": 1000},
            **dict.fromkeys(("spelled_out", "aliases", "discouraged"), _TEXTS),
            **dict.fromkeys(("status", "audience", "review_on", "agreed", "agreed_at"), _TEXT),
            "meanings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["partner", "text"],
                    "additionalProperties": False,
                    "properties": {
                        "partner": {"type": "string", "minLength": 1, "maxLength": 80},
                        "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_MEANING},
                        "audience": _TEXT,
                        "confirmed": {"type": "boolean"},
                    },
                },
            },
            "chain": {"type": "array", "items": record.VERSION_SCHEMA},
        },
    },
}


def load(session: Session, viewer: Viewer, data: Any, now: datetime) -> Sequence[str]:
    """Take terms over from such a list: meanings as proposals, which each partner's manager has to
    confirm; what is there already is left alone. What was shared there is shared here."""
    if viewer.partner_id is None or not isinstance(data, list):
        return ()
    names = terms.get_partner_names(session, viewer.alliance_id)
    partners = {terms.make_key(name): partner for partner, name in names.items()}
    done = 0
    for is_shared in (True, False):
        rows = [
            row
            for number, item in enumerate(data[:MOST_ROWS], 1)
            if isinstance(item, dict)
            for row in _read_item(item, number, partners, is_shared=is_shared)
            if is_shared or row.partner_id == viewer.partner_id
        ]
        plan = planning.make_plan(session, viewer, rows)
        done += sum(len(sense.rows) for sense in plan.senses)
        importing.apply(
            session, viewer, plan, import_id="", is_shared=is_shared, now=now, is_confirmed=False
        )
    return (words("term.loaded", count=done),) if done else ()


def _read_item(
    item: dict[str, Any], number: int, partners: dict[str, str], *, is_shared: bool
) -> list[Row]:
    rows = []
    meanings = item.get("meanings")
    for meaning in meanings if isinstance(meanings, list) else ():
        if not isinstance(meaning, dict):
            continue
        partner = partners.get(terms.make_key(str(meaning.get("partner") or "")))
        name, text = " ".join(str(item.get("term") or "").split()), str(meaning.get("text") or "")
        if (meaning.get("audience") == AudienceKind.ALLIANCE) != is_shared or partner is None:
            continue
        if planning.find_fault(name, text.strip(), partner):
            continue
        rows.append(
            Row(
                number=number,
                partner_id=partner,
                name=name,
                text=text.strip()[:LONGEST_MEANING],
                forms=planning.read_forms(
                    {
                        "spelled_out": _join(item.get("spelled_out")),
                        "alias": _join(item.get("aliases")),
                        "discouraged": _join(item.get("discouraged")),
                    }
                ),
                context=str(item.get("context") or "")[:200],
                examples=str(item.get("examples") or "")[:1000],
                review_on=planning.read_day(str(item.get("review_on") or "")),
            )
        )
    return rows


def _join(value: object) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value or "")
