"""`term import` and the file that comes with it: what it would do, a yes, and an undo."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlmodel import Session, col, delete

from bot.core.documents import File
from bot.core.errors import Conflict, NotFound, NotUnderstood, PlatformError
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form
from bot.core.ports import TOO_LARGE, FileContent, FileQuery
from bot.core.views import Block, Button, Note, Option, Quote, Table, Text, View, actions, view
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import importing, telling, terms
from bot.features.glossary.importing import Outcome, Plan, Row
from bot.features.glossary.models import TermImport
from bot.features.glossary.sheets import (
    FIELDS,
    MOST_BYTES,
    SUFFIXES,
    Sheet,
    guess_mapping,
    make_harmless,
    read_sheet,
)
from bot.people import history, links
from bot.people.models import Change
from bot.people.viewer import Viewer

WAITS = timedelta(days=1)
NONE = "none"
SHOWN_CONFLICTS = 8
SHOWN_BROKEN = 2500
"""Characters of row numbers that people are shown in the chat."""

BROKEN = "glossary.left_out"


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer | Fetch:
    """`term import` with a file; without one, how to send it."""
    if not event.files:
        return Answer(
            view=view(Text(text=say("terms_file.how")), Note(text=say("terms_file.note")))
        )
    terms.require_partner(context.viewer)
    file = event.files[0]
    if not file.name.casefold().endswith(SUFFIXES):
        raise NotUnderstood("terms_file.kind", name=file.name[:80])
    query = FileQuery(workspace=event.workspace, file=file.file, most=MOST_BYTES)
    return Fetch(queries=(query,), then=_offer, between=_read)


def _read(found: Found) -> Sheet:
    """In a thread of its own: a large table takes a second."""
    content = found[0]
    if isinstance(content, FileContent):
        return read_sheet(content.name, content.content)
    if isinstance(content, PlatformError) and content.reason == TOO_LARGE:
        raise NotUnderstood("terms_file.too_large", most=MOST_BYTES // 1_000_000)
    raise NotUnderstood("terms_file.unreadable")


def _offer(context: Context, event: CommandInvoked, sheet: Sheet) -> Answer:
    context.require(Needs.MANAGER)
    waiting = TermImport(
        alliance_id=context.viewer.alliance_id,
        partner_id=terms.require_partner(context.viewer),
        member_id=context.viewer.member_id,
        content=orjson.dumps([sheet.columns, sheet.rows, sheet.first]).decode(),
        mapping=orjson.dumps({"columns": guess_mapping(sheet), "shared": False}).decode(),
        created_at=context.now,
    )
    context.session.add(waiting)
    context.session.flush()
    return Answer(view=_report(context, waiting))


def _load(waiting: TermImport) -> tuple[Sheet, dict[str, int], bool]:
    columns, rows, first = orjson.loads(waiting.content)
    chosen = orjson.loads(waiting.mapping)
    return (
        Sheet(tuple(columns), tuple(map(tuple, rows)), first),
        chosen["columns"],
        chosen["shared"],
    )


def _make_plan(context: Context, waiting: TermImport) -> Plan:
    sheet, mapping, _ = _load(waiting)
    rows, broken = _read_rows(context.session, waiting, sheet, mapping)
    plan = importing.make_plan(context.session, context.viewer, rows)
    plan.broken = broken
    return plan


def _read_rows(
    session: Session, waiting: TermImport, sheet: Sheet, mapping: Mapping[str, int]
) -> tuple[list[Row], dict[str, list[int]]]:
    names = terms.get_partner_names(session, waiting.alliance_id)
    partners = {name: partner_id for partner_id, name in names.items()}
    return importing.read_rows(sheet, mapping, partners, waiting.partner_id)


def _report(context: Context, waiting: TermImport) -> View:
    """The dry run: which column is read as what, and what the rows would do."""
    sheet, mapping, is_shared = _load(waiting)
    plan = _make_plan(context, waiting)
    read_as = "\n".join(
        f"- {_say_column(sheet.columns[column], name)}" for name, column in mapping.items()
    )
    useful = sum(plan.counts[o] for o in Outcome if o != Outcome.SAME)
    return view(
        Text(text=say("terms_file.offer", count=len(sheet.rows))),
        Text(text=read_as),
        Text(text="\n".join(f"- {line}" for line in _say_counts(plan.counts))),
        *_show_conflicts(plan.conflicts),
        *_show_broken(context, waiting, plan.broken),
        Note(text=_say_audience(plan, is_shared=is_shared)),
        actions(
            Button(
                label=words("terms_file.yes"),
                action="terms_file.yes",
                value=waiting.id,
                style="primary",
            )
            if useful
            else None,
            Button(label=words("terms_file.columns"), opens="terms_file.form", value=waiting.id),
            Button(label=words("terms_file.no"), action="terms_file.no", value=waiting.id),
        ),
    )


def _say_audience(plan: Plan, *, is_shared: bool) -> str:
    if is_shared:
        kept = [say("terms_file.kept", count=plan.kept)] if plan.kept else []
        return " ".join([say("terms_file.shared"), *kept])
    already = [say("terms_file.read_by_all", count=plan.read_by_all)] if plan.read_by_all else []
    return " ".join([say("terms_file.private"), *already])


def _say_column(column: str, field: str) -> str:
    return say("terms_file.reads", column=column, field=words(f"terms_file.field_{field}"))


def _say_counts(counts: Mapping[Outcome, int]) -> list[str]:
    return [say(f"terms_file.outcome_{outcome}", count=counts[outcome]) for outcome in Outcome]


def _show_conflicts(conflicts: Sequence[tuple[str, str, str]]) -> tuple[Text | Table, ...]:
    if not conflicts:
        return ()
    rows = tuple(
        (name[:60], one[:150], two[:150]) for name, one, two in conflicts[:SHOWN_CONFLICTS]
    )
    columns = (words("term.column"), words("terms_file.theirs"), words("terms_file.ours"))
    return (Text(text=say("terms_file.differ")), Table(columns=columns, rows=rows))


def _show_broken(
    context: Context, waiting: TermImport, broken: Mapping[str, Sequence[int]]
) -> tuple[Block | None, ...]:
    """The rows that are left out, by number; where they are too many to be read, all of them in a
    file."""
    if not broken:
        return ()
    lines = [
        words(f"terms_file.broken_{reason}", rows=say_numbers(numbers))
        for reason, numbers in broken.items()
    ]
    whole = "\n".join(lines)
    said = Text(text=say("terms_file.broken"))
    if len(whole) <= SHOWN_BROKEN:
        return said, Quote(text=whole)
    shown = "\n".join(line[: SHOWN_BROKEN // len(lines)] + "…" for line in lines)
    address = context.registry.address
    if address is None:
        return said, Quote(text=shown), Note(text=say("terms_file.broken_more"))
    token = links.make_link(
        context.session, context.viewer, BROKEN, subject=waiting.id, now=context.now
    )
    button = Button(label=words("terms_file.broken_all"), url=f"{address}/documents/{token}")
    return said, Quote(text=shown), actions(button)


def render_broken(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    """The rows that make no sense, to be mended: number, what is wrong, and what stands there."""
    waiting = session.get(TermImport, subject)
    if waiting is None or waiting.member_id != viewer.member_id or waiting.state != "waiting":
        raise NotFound("terms_file.gone")
    sheet, mapping, _ = _load(waiting)
    _, broken = _read_rows(session, waiting, sheet, mapping)
    problems = {number: reason for reason, numbers in broken.items() for number in numbers}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        [*(words(f"terms_file.broken_{name}") for name in ("row", "why")), *sheet.columns]
    )
    for number, cells in enumerate(sheet.rows, sheet.first):
        if number in problems:
            why = words(f"terms_file.broken_{problems[number]}", rows=str(number))
            writer.writerow([number, why, *map(make_harmless, cells)])
    body = out.getvalue().encode("utf-8-sig")
    return File(name="left-out.csv", media_type="text/csv; charset=utf-8", body=body)


def say_numbers(numbers: Sequence[int]) -> str:
    """`3, 5–9, 12`."""
    parts: list[str] = []
    begin = last = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == last + 1:
            last = number
            continue
        parts.append(str(begin) if begin == last else f"{begin}–{last}")
        begin = last = number
    return ", ".join(parts)


def find(context: Context, import_id: str) -> TermImport:
    """A file that waits for the acting person's own yes. Raises NotFound."""
    waiting = context.find(TermImport, import_id, "terms_file.gone")
    context.require(Needs.MANAGER)
    if waiting.member_id != context.viewer.member_id or waiting.state != "waiting":
        raise NotFound("terms_file.gone")
    if waiting.partner_id != context.viewer.partner_id:
        raise NotFound("terms_file.gone")
    return waiting


def open_form(context: Context, value: str) -> Form:
    """Which column holds what, and who may read it."""
    waiting = find(context, value)
    sheet, mapping, is_shared = _load(waiting)
    columns = tuple(
        Option(value=str(n), label=name[:75]) for n, name in enumerate(sheet.columns[:60])
    )
    none = Option(value=NONE, label=words("terms_file.no_column"))
    return Form(
        name="terms_file.form",
        title=words("terms_file.title"),
        submit=words("setup.save"),
        context={"import": waiting.id},
        items=(
            *(
                ChoiceInput(
                    name=name,
                    label=words(f"terms_file.field_{name}"),
                    options=columns if name in {"term", "meaning"} else (none, *columns),
                    selected=(str(mapping[name]) if name in mapping else NONE,),
                    required=name in {"term", "meaning"},
                )
                for name in FIELDS
            ),
            ChoiceInput(
                name="audience",
                label=words("term.audience"),
                options=(
                    Option(value="partner", label=words("term.audience_partner")),
                    Option(value="alliance", label=words("term.audience_alliance")),
                ),
                selected=("alliance" if is_shared else "partner",),
                hint=words("term.audience_hint"),
            ),
        ),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Take over the columns, and show again what would happen."""
    waiting = find(context, event.context.get("import", ""))
    sheet, _, _ = _load(waiting)
    mapping = {}
    for name in FIELDS:
        chosen = str(event.values.get(name) or NONE)
        if chosen.isdecimal() and int(chosen) < len(sheet.columns):
            mapping[name] = int(chosen)
    if mapping.get("term") == mapping.get("meaning"):
        raise NotUnderstood("terms_file.no_columns", field="meaning")
    shared = event.values.get("audience") == "alliance"
    waiting.mapping = orjson.dumps({"columns": mapping, "shared": shared}).decode()
    context.session.add(waiting)
    return Answer(view=_report(context, waiting))


def press_yes(context: Context, event: ButtonPressed) -> Answer:
    """Do it, all of it in one transaction."""
    waiting = find(context, event.value)
    context.session.refresh(waiting, with_for_update=True)
    if waiting.state != "waiting":
        raise Conflict("terms_file.gone")
    _, _, is_shared = _load(waiting)
    plan = _make_plan(context, waiting)
    before = importing.apply(
        context.session,
        context.viewer,
        plan,
        import_id=waiting.id,
        is_shared=is_shared,
        now=context.now,
    )
    waiting.state, waiting.content = "done", orjson.dumps(before).decode()
    context.session.add(waiting)
    change = history.record(
        context.session,
        context.viewer,
        "term.imported",
        waiting.id,
        now=context.now,
        after={"reopened": before["reopened"]},
    )
    telling.tell_imported(context, change)
    return Answer(
        refresh=view(
            Text(text=say("terms_file.done")),
            Text(text="\n".join(f"- {line}" for line in _say_counts(plan.counts))),
            actions(
                Button(
                    label=words("term.contested_list"),
                    action="term.list",
                    value=waiting.alliance_id,
                )
            )
            if plan.conflicts
            else None,
            Note(text=say("terms_file.undo_hint")),
        )
    )


def press_no(context: Context, event: ButtonPressed) -> Answer:
    """Nothing was imported, and the file is forgotten."""
    context.session.delete(find(context, event.value))
    return Answer(refresh=view(Text(text=say("terms_file.given_up"))))


def undo(context: Context, change: Change) -> Answer:
    """Take an import back."""
    done = context.session.get(TermImport, change.subject_id)
    if done is None or done.state != "done" or done.partner_id != context.viewer.partner_id:
        raise NotFound("undo.nothing")
    before: dict[str, Any] = orjson.loads(done.content)
    gone = importing.undo(context.session, done.alliance_id, done.id, before, now=context.now)
    done.state, done.content = "undone", ""
    context.session.add(done)
    return Answer(view=view(Text(text=say("terms_file.undone", count=gone))))


def forget(registry: Registry, session: Session, now: datetime) -> bool:
    """Files that nobody said yes to, and what an undo needed while it could be asked for."""
    session.execute(delete(TermImport).where(col(TermImport.created_at) < now - WAITS))
    return False
