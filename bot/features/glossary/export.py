"""The glossary as a file: CSV, Excel or JSON, behind a private link."""

import csv
import io
from datetime import datetime

import orjson
from sqlmodel import Session

from bot.core.documents import File
from bot.core.events import CommandInvoked
from bot.core.views import Button, Note, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import DocumentKind, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import reporting, terms
from bot.features.glossary.models import FormKind
from bot.features.glossary.sections import dump
from bot.features.glossary.sheets import MOST_ROWS, make_harmless
from bot.people import links
from bot.people.viewer import Viewer

COLUMNS = (
    "term", "partner", "meaning", "status", "agreed", "spelled_out", "alias", "discouraged",
    "context", "examples", "review_on", "owner",
)  # fmt: skip
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term export`: links to the files, which hold what the one who asked may see."""
    address = context.registry.address
    if address is None:
        return Answer(view=view(Text(text=say("terms_file.no_address"))))
    buttons = []
    for ending in TYPES:
        kind = f"glossary.{ending}"
        token = links.make_link(context.session, context.viewer, kind, now=context.now)
        buttons.append(
            Button(label=words(f"terms_file.as_{ending}"), url=f"{address}/documents/{token}")
        )
    return Answer(
        view=view(
            Text(text=say("terms_file.export")),
            actions(*buttons),
            Note(text=say("terms_file.export_note")),
        )
    )


def make_rows(session: Session, viewer: Viewer) -> list[tuple[str, ...]]:
    """A row for each meaning, of retired terms too; what begins like a formula is kept from being
    one."""
    rows = []
    for entry in terms.get_every(session, viewer, most=MOST_ROWS):
        rest = (
            entry.term.status,
            entry.term.agreed_text,
            "; ".join(entry.written(FormKind.SPELLED_OUT)),
            "; ".join(entry.written(FormKind.ALIAS)),
            "; ".join(entry.written(FormKind.DISCOURAGED)),
            entry.term.context,
            entry.term.examples,
            entry.term.review_on.isoformat() if entry.term.review_on else "",
            entry.owner,
        )
        for meaning in entry.meanings:
            partner = entry.partners.get(meaning.partner_id, "")
            cells = (entry.term.name, partner, meaning.text, *rest)
            rows.append(tuple(map(make_harmless, cells)))
    return rows


def render_csv(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    """Comma-separated, in UTF-8 with a mark that Excel knows it by."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(make_rows(session, viewer))
    body = out.getvalue().encode("utf-8-sig")
    return File(name="glossary.csv", media_type=TYPES["csv"], body=body)


def render_xlsx(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    """For Excel."""
    import openpyxl  # not before somebody wants a sheet

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Glossary")
    sheet.append(COLUMNS)
    for row in make_rows(session, viewer):
        sheet.append([_drop_controls(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return File(name="glossary.xlsx", media_type=TYPES["xlsx"], body=out.getvalue())


def _drop_controls(cell: str) -> str:
    return "".join(letter for letter in cell if letter >= " " or letter in "\n\t")


def render_json(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> File:
    """As the record of the alliance has it."""
    body = orjson.dumps({"terms": dump(session, viewer)}, option=orjson.OPT_INDENT_2)
    return File(name="glossary.json", media_type=TYPES["json"], body=body)


DOCUMENTS = (
    DocumentKind(name="glossary.csv", render=render_csv),
    DocumentKind(name="glossary.xlsx", render=render_xlsx),
    DocumentKind(name="glossary.json", render=render_json),
    DocumentKind(name=reporting.BROKEN, render=reporting.render_broken),
)
