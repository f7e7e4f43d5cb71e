"""What a file of terms would do, told before anything is done; and the rows that make no sense."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlmodel import Session

from bot.core.documents import File
from bot.core.errors import NotFound
from bot.core.views import Block, Button, Heading, Note, Quote, Table, Text, View, actions, view
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.features.glossary import planning, terms
from bot.features.glossary.models import ImportState, TermImport
from bot.features.glossary.planning import Outcome, Plan, Row
from bot.features.glossary.sheets import Sheet, make_harmless
from bot.features.glossary.warnings import warn_many
from bot.people import links
from bot.people.viewer import Viewer

SHOWN_CONFLICTS = 8
SHOWN_SHEETS = 20
SHOWN_BROKEN = 2500
"""Characters of row numbers that people are shown in the chat."""

BROKEN = "glossary.left_out"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a file's columns hold, whose glossary it is where no column says so, and whether all are
    to read it. `name`: the file's, where others came with it."""

    columns: dict[str, int]
    shared: bool
    partner: str
    name: str = ""


def keep(sheet: Sheet) -> str:
    """A sheet as it waits for a yes."""
    kept = [sheet.columns, sheet.rows, sheet.first, sheet.name, sheet.others]
    return orjson.dumps(kept).decode()


def load(waiting: TermImport) -> tuple[Sheet, Chosen]:
    """The rows of a file, and what was chosen for them."""
    columns, rows, first, *more = orjson.loads(waiting.content)
    name, others = more or ("", ())
    sheet = Sheet(tuple(columns), tuple(map(tuple, rows)), first, name, tuple(others))
    return sheet, read_choice(waiting)


def read_choice(waiting: TermImport) -> Chosen:
    """What was chosen for the rows of a file."""
    chosen = orjson.loads(waiting.mapping)
    whose = chosen.get("partner") or waiting.partner_id
    return Chosen(chosen["columns"], chosen["shared"], whose, chosen.get("name", ""))


def make_plan(context: Context, waiting: TermImport) -> Plan:
    """What the file would do as things stand."""
    sheet, chosen = load(waiting)
    rows, broken = _read_rows(context.session, waiting, sheet, chosen)
    plan = planning.make_plan(context.session, context.viewer, rows)
    plan.broken = broken
    return plan


def _read_rows(
    session: Session, waiting: TermImport, sheet: Sheet, chosen: Chosen
) -> tuple[list[Row], dict[str, list[int]]]:
    lines = enumerate(sheet.rows, sheet.first)
    return read_lines(session, waiting, lines, chosen)


def read_lines(
    session: Session,
    waiting: TermImport,
    lines: Iterable[tuple[int, Sequence[str]]],
    chosen: Chosen,
) -> tuple[list[Row], dict[str, list[int]]]:
    """Some of a file's lines, each with its number, understood as was chosen."""
    names = terms.get_partner_names(session, waiting.alliance_id)
    partners = {name: partner_id for partner_id, name in names.items()}
    return planning.read_lines(lines, chosen.columns, partners, chosen.partner)


def report(context: Context, waiting: TermImport) -> View:
    """The dry run: which column is read as what, and what the rows would do."""
    sheet, chosen = load(waiting)
    plan = make_plan(context, waiting)
    read_as = "\n".join(
        f"- {_say_column(sheet.columns[column], name)}" for name, column in chosen.columns.items()
    )
    own = waiting.partner_id
    return view(
        Heading(text=chosen.name) if chosen.name else None,
        Text(text=say("terms_file.offer", count=len(sheet.rows))),
        Text(text=_say_sheets(sheet)) if sheet.others else None,
        Text(text=read_as),
        Text(text="\n".join(f"- {line}" for line in say_counts(plan.counts))),
        *_show_conflicts("terms_file.differ", plan.conflicts),
        *_show_conflicts("terms_file.denied", plan.denied),
        *_show_broken(context, waiting, plan.broken),
        *(Text(text=line) for line in warn_many(_get_new_forms(plan))),
        Note(text=_say_whose(context, chosen.partner)) if chosen.partner != own else None,
        Note(text=_say_audience(plan, is_shared=chosen.shared)),
        actions(
            Button(
                label=words("terms_file.yes"),
                action="terms_file.yes",
                value=waiting.id,
                style="primary",
            )
            if plan.senses
            else None,
            Button(label=words("terms_file.columns"), opens="terms_file.form", value=waiting.id),
            Button(label=words("terms_file.no"), action="terms_file.no", value=waiting.id),
        ),
    )


def _say_sheets(sheet: Sheet) -> str:
    """Which sheet of a workbook was read, and which were not."""
    names = [f"“{name}”" for name in sheet.others[:SHOWN_SHEETS]]
    if len(sheet.others) > SHOWN_SHEETS:
        names.append("…")
    return say("terms_file.sheets", name=sheet.name, others=", ".join(names))


def _say_audience(plan: Plan, *, is_shared: bool) -> str:
    if is_shared:
        kept = [say("terms_file.kept", count=plan.kept)] if plan.kept else []
        return " ".join([say("terms_file.shared"), *kept])
    already = [say("terms_file.read_by_all", count=plan.read_by_all)] if plan.read_by_all else []
    if plan.described:
        already.append(say("terms_file.described", count=plan.described))
    return " ".join([say("terms_file.private"), *already])


def _get_new_forms(plan: Plan) -> Iterator[str]:
    for sense in plan.senses:
        if sense.is_new:
            yield sense.name
            for row in sense.rows.values():
                for forms in row.forms.values():
                    yield from forms


def _say_whose(context: Context, partner_id: str) -> str:
    names = terms.get_partner_names(context.session, context.viewer.alliance_id)
    return say("terms_file.whose", partner=names.get(partner_id, ""))


def _say_column(column: str, field: str) -> str:
    return say("terms_file.reads", column=column, field=words(f"terms_file.field_{field}"))


def say_counts(counts: Mapping[Outcome, int]) -> list[str]:
    """How many rows do what, a line each."""
    return [say(f"terms_file.outcome_{outcome}", count=counts[outcome]) for outcome in Outcome]


def _show_conflicts(
    key: str, conflicts: Sequence[tuple[str, str, str]]
) -> tuple[Text | Table, ...]:
    if not conflicts:
        return ()
    rows = tuple(
        (name[:60], one[:150], two[:150]) for name, one, two in conflicts[:SHOWN_CONFLICTS]
    )
    columns = (words("term.column"), words("terms_file.theirs"), words("terms_file.ours"))
    return (Text(text=say(key)), Table(columns=columns, rows=rows))


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
    if (
        waiting is None
        or waiting.member_id != viewer.member_id
        or waiting.state != ImportState.WAITING
    ):
        raise NotFound("terms_file.gone")
    sheet, chosen = load(waiting)
    _, broken = _read_rows(session, waiting, sheet, chosen)
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
