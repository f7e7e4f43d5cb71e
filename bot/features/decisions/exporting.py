"""Decisions to take along: CSV, JSON, and Markdown decision records (MADR), each partner's own."""

import csv
import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select

from bot.core.documents import Document, File
from bot.core.errors import NotUnderstood
from bot.core.events import CommandInvoked
from bot.core.views import Block, Button, Note, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import log, moving, tasks
from bot.features.decisions.forms import say_serves
from bot.features.decisions.log import COUNTS, Entry, State
from bot.features.decisions.models import Decision, Task, TaskKind, Weight
from bot.features.decisions.views import name_informed, say_line
from bot.people import links
from bot.people.alliances import get_alliance_or_raise
from bot.people.models import Committee, Member, Partner
from bot.people.viewer import Viewer, visible_to
from bot.statements import record

KIND = "decisions"
FORMATS = ("csv", "json", "markdown")
NEWEST = 20
"""Decisions that the briefing shows."""

IN_DIGEST = 8
"""Decisions that the digest names of each kind; it says how many there are."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SLUG = re.compile(r"[^a-z0-9]+")


def start_export(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """A private link to a file with what the viewer may see."""
    form = arguments.text.strip().casefold() or "csv"
    form = {"md": "markdown", "madr": "markdown"}.get(form, form)
    if form not in FORMATS:
        raise NotUnderstood("decisions.export_usage")
    if context.registry.address is None:
        raise NotUnderstood("decisions.export_no_address")
    token = links.make_link(context.session, context.viewer, KIND, subject=form, now=context.now)
    button = Button(
        label=words("decisions.download"), url=f"{context.registry.address}/documents/{token}"
    )
    return Answer(
        view=view(
            Text(text=say("decisions.export_ready")),
            actions(button),
            Note(text=say("decisions.export_note")),
        )
    )


def render_file(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> Document | File:
    """The file that a link opens, as its owner may see things now."""
    rows = dump(session, viewer)
    if subject == "json":
        body = orjson.dumps(rows, option=orjson.OPT_INDENT_2)
        return File(name="decisions.json", media_type="application/json", body=body)
    if subject == "markdown":
        body = make_records(rows)
        return File(name="decisions.zip", media_type="application/zip", body=body)
    return File(name="decisions.csv", media_type="text/csv; charset=utf-8", body=make_csv(rows))


def get_all(session: Session, viewer: Viewer) -> list[Entry]:
    """All decisions that the viewer may see, by number."""
    found = session.exec(
        select(Decision).where(visible_to(viewer, Decision)).order_by(col(Decision.number))
    ).all()
    return log.get_entries(session, found)


def dump(session: Session, viewer: Viewer) -> list[dict[str, Any]]:
    """All decisions that the viewer may see, as plain data; of approvals, one's own side's."""
    chains: dict[str, list[dict[str, Any]]] = {}
    for item in record.dump(session, viewer, log.KIND, lambda subject: {"decision": subject}):
        chains.setdefault(item["decision"], []).extend(item["versions"])
    found = get_all(session, viewer)
    needed = tasks.get_all(session, viewer)
    numbers = {entry.decision.id: entry.name for entry in found}
    came = moving.get_histories(session, viewer, [entry.decision for entry in found])
    return [
        {
            **_dump_one(session, entry, needed.get(entry.decision.id, ()), numbers),
            "chain": chains.get(entry.decision.id, []),
            **_get_unchanged(entry, came.get(entry.decision.id, {})),
        }
        for entry in found
    ]


def _get_unchanged(entry: Entry, came: Mapping[str, Any]) -> dict[str, Any]:
    """What a decision was in the record it came with, while nobody has made anything of it here."""
    if entry.state not in {State.DRAFT, State.PLANNED}:
        return {}
    return dict(came)


def _dump_one(
    session: Session, entry: Entry, needed: Sequence[Task], numbers: Mapping[str, str]
) -> dict[str, Any]:
    decision = entry.decision
    committee = session.get(Committee, decision.committee_id) if decision.committee_id else None
    return {
        "id": decision.id,
        "number": entry.name,
        "what": decision.what,
        "why": decision.why,
        "alternatives": decision.alternatives,
        "state": entry.state.value,
        "weight": decision.weight,
        "committee": committee.name if committee else "",
        "partner": session.get_one(Partner, decision.partner_id).name,
        "captured_by": session.get_one(Member, decision.member_id).name,
        "captured_at": decision.created_at.isoformat(),
        "audience": decision.audience_kind,
        "basis": decision.basis,
        "serves": say_serves(session, decision.serves) if decision.serves else "",
        "needs_to_know": ", ".join(name_informed(session, decision)),
        "minuted": decision.minuted,
        "planned_on": decision.planned_on.isoformat() if decision.planned_on else "",
        "review_on": decision.review_on.isoformat() if decision.review_on else "",
        "replaces": numbers.get(decision.supersedes_id or "", ""),
        "replaced_by": log.say_number(entry.replaced_by) if entry.replaced_by else "",
        "thread": decision.permalink,
        "hash": entry.version.hash if entry.version else "",
        "approvals": _dump_tasks(session, needed, TaskKind.APPROVAL),
        "actions": _dump_tasks(session, needed, TaskKind.ACTION),
    }


def _dump_tasks(session: Session, needed: Sequence[Task], kind: TaskKind) -> list[dict[str, str]]:
    return [
        {
            "what": task.what,
            "owner": session.get_one(Member, task.owner_id).name,
            "partner": session.get_one(Partner, task.partner_id).name,
            "state": task.state,
            "due_on": task.due_on.isoformat() if task.due_on else "",
        }
        for task in needed
        if task.kind == kind
    ]


def make_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """A table for spreadsheets; what would be a formula there is kept from being one."""
    out = io.StringIO()
    names = (
        [name for name in rows[0] if name not in {"id", "chain"}] if rows else ["number", "what"]
    )
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in names])
    return ("\ufeff" + out.getvalue()).encode()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = "; ".join(", ".join(v for v in item.values() if v) for item in value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def make_records(rows: Sequence[dict[str, Any]]) -> bytes:
    """One Markdown decision record each (MADR 4.0.0, https://adr.github.io/madr/), zipped."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in rows:
            number = int(str(row["number"]).removeprefix("D-"))
            slug = _SLUG.sub("-", str(row["what"]).casefold()).strip("-")[:60].strip("-")
            moment = datetime.fromisoformat(str(row["captured_at"]))
            name = f"decisions/{number:04d}-{slug or 'decision'}.md"
            entry = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
            archive.writestr(entry, make_record(row))
    return out.getvalue()


_STATUS = {
    "confirmed": "accepted",
    "noted": "accepted",
    "in_force": "accepted",
    "proposed": "proposed",
    "planned": "proposed",
    "draft": "proposed",
    "objected": "rejected",
    "lapsed": "rejected",
    "withdrawn": "rejected",
}


_MORE = (
    ("Agreed by", "basis"),
    ("Serves", "serves"),
    ("Needs to know", "needs_to_know"),
    ("Minuted", "minuted"),
    ("Thread", "thread"),
    ("Replaces", "replaces"),
)


def make_record(row: dict[str, Any]) -> str:
    """One decision as a MADR document."""
    status = _STATUS.get(str(row["state"]), f"superseded by {row['replaced_by']}")
    title = " ".join(str(row["what"]).split())
    lines = [
        "---",
        f"status: {orjson.dumps(status).decode()}",
        f"date: {str(row['captured_at'])[:10]}",
        f"decision-makers: {orjson.dumps(row['committee'] or row['partner']).decode()}",
        "---",
        "",
        f"# {row['number']}: {_md(title)}",
        "",
        "## Context and Problem Statement",
        "",
        _md(row["why"]) or "Not written down.",
        "",
        "## Considered Options",
        "",
        f"* {_md(title)}",
        *(f"* {_md(option)}" for option in str(row["alternatives"]).splitlines() if option.strip()),
        "",
        "## Decision Outcome",
        "",
        f'Chosen option: "{_md(title)}"' + (f", because {_md(row['why'])}" if row["why"] else ""),
        "",
        "## More Information",
        "",
        f"* State: {row['state']}; captured by {_md(row['captured_by'])} ({_md(row['partner'])})",
    ]
    lines += [f"* {label}: {_md(row[name])}" for label, name in _MORE if row.get(name)]
    return "\n".join(lines) + "\n"


def _md(value: object) -> str:
    """What people typed, with nothing in it that Markdown would take for HTML."""
    text = " ".join(str(value).split())
    return text.replace("\\", "\\\\").replace("<", "\\<").replace("[", "\\[").replace("`", "\\`")


# The briefing and the digest


def render_briefing(session: Session, viewer: Viewer, now: datetime) -> Sequence[Block]:
    """What counts, the newest first."""
    found = session.exec(
        select(Decision)
        .where(visible_to(viewer, Decision), col(Decision.closed_at).is_(None))
        .order_by(col(Decision.search_row).desc())
        .limit(NEWEST * 2)
    ).all()
    standing = [e for e in log.get_entries(session, found) if e.state in COUNTS][:NEWEST]
    if not standing:
        return ()
    zone = get_alliance_or_raise(session, viewer.alliance_id).zone
    lines = [f"- {say_line(session, entry, zone=zone)}" for entry in standing]
    return (Text(text="\n".join(lines)),)


def render_digest(
    session: Session, viewer: Viewer, since: datetime, now: datetime
) -> Sequence[Block]:
    """New, overdue, coming up; what waits for the partners stands beside what else does."""
    zone = get_alliance_or_raise(session, viewer.alliance_id).zone
    parts = []
    for key, which in _pick(session, viewer, since, now).items():
        query = select(Decision).where(visible_to(viewer, Decision), which)
        found = session.exec(query.order_by(col(Decision.number)).limit(IN_DIGEST)).all()
        if found:
            count = session.exec(select(func.count()).select_from(query.subquery())).one()
            lines = [
                f"- {say_line(session, entry, zone=zone)}"
                for entry in log.get_entries(session, found)
            ]
            parts.append(f"{say(f'decisions.digest_{key}', count=count)}\n" + "\n".join(lines))
    return tuple(Text(text=part) for part in parts)


def _pick(
    session: Session, viewer: Viewer, since: datetime, now: datetime
) -> dict[str, ColumnElement[bool]]:
    is_planned = col(Decision.weight) == Weight.PLANNED
    return {
        "new": and_(col(Decision.created_at) >= since, ~is_planned),
        "overdue": col(Decision.id).in_(tasks.get_overdue(session, viewer, now=now)),
        "coming": log.is_coming(viewer.alliance_id),
    }
