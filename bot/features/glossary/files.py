"""`term import` and the file that comes with it: what it would do, a yes, and an undo."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import orjson
from sqlmodel import col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood, PlatformError
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted, SharedFile
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.ports import TOO_LARGE, FileContent, FileQuery, Profile
from bot.core.views import Block, Button, Note, Option, Text, View, actions, view
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import adding, terms
from bot.features.glossary.models import ImportState, TermImport
from bot.features.glossary.reporting import Chosen, keep, load, report
from bot.features.glossary.sheets import (
    FIELDS,
    MOST_BYTES,
    SUFFIXES,
    Sheet,
    guess_mapping,
    read_sheet,
)
from bot.people.models import Change

NONE = "none"
PASTED = 4
"""How many inputs of 3,000 characters there are for pasted rows."""


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer | Fetch:
    """`term import` with files, or with rows below it; without either, how to send them."""
    terms.require_partner(context.viewer)
    pasted = event.text.partition("\n")[2]
    if event.files:
        queries = tuple(
            FileQuery(workspace=event.workspace, file=file.file, most=MOST_BYTES)
            for file in _choose(event.files)
        )
        return Fetch(queries=queries, between=_read, then=_offer)
    if pasted.strip():
        return Fetch(queries=(), between=partial(_read_pasted, pasted), then=_offer)
    button = Button(
        label=words("terms_file.paste"), opens="terms_file.paste", value=context.viewer.alliance_id
    )
    return Answer(
        view=view(
            Text(text=say("terms_file.how")), actions(button), Note(text=say("terms_file.note"))
        )
    )


def _choose(files: Sequence[SharedFile]) -> Sequence[SharedFile]:
    """The files that hold tables. Raises NotUnderstood if one does not."""
    for file in files:
        if not file.name.casefold().endswith(SUFFIXES):
            raise NotUnderstood("terms_file.kind", name=file.name[:80])
    return files


def _read(found: Found) -> list[Sheet]:
    """In a thread of its own: a large table takes a second."""
    return [_read_one(content) for content in found]


def _read_one(content: Profile | PlatformError) -> Sheet:
    if isinstance(content, FileContent):
        return read_sheet(content.name, content.content)
    if isinstance(content, PlatformError) and content.reason == TOO_LARGE:
        raise NotUnderstood("terms_file.too_large", most=MOST_BYTES // 1_000_000)
    raise NotUnderstood("terms_file.unreadable")


def _read_pasted(text: str, _found: Found) -> list[Sheet]:
    return [read_sheet("pasted.tsv", text.encode())]


def _offer(context: Context, event: CommandInvoked, sheets: list[Sheet]) -> Answer:
    context.require(Needs.MANAGER)
    names = [file.name for file in event.files] if len(sheets) > 1 else [""]
    offers = [
        _make_offer(context, sheet, name=name) for name, sheet in zip(names, sheets, strict=True)
    ]
    return Answer(view=View(blocks=tuple(block for offer in offers for block in offer.blocks)))


def _make_offer(context: Context, sheet: Sheet, *, name: str = "") -> View:
    """What a file would do; `name` tells it from others that came with it."""
    own = terms.require_partner(context.viewer)
    chosen = Chosen(guess_mapping(sheet), shared=False, partner=own, name=name[:80])
    waiting = TermImport(
        alliance_id=context.viewer.alliance_id,
        partner_id=own,
        member_id=context.viewer.member_id,
        content=keep(sheet),
        mapping=orjson.dumps(chosen).decode(),
        created_at=context.now,
    )
    context.session.add(waiting)
    context.session.flush()
    return report(context, waiting)


def _offer_others(context: Context, waiting: TermImport) -> Sequence[Block]:
    """The files that came along and wait still: what became of one takes the place of them all."""
    others = context.session.exec(
        select(TermImport).where(
            col(TermImport.member_id) == waiting.member_id,
            col(TermImport.created_at) == waiting.created_at,
            col(TermImport.id) != waiting.id,
            col(TermImport.state) == ImportState.WAITING,
        )
    )
    return [block for other in others for block in report(context, other).blocks]


def open_paste(context: Context, value: str) -> Form:
    """Room for rows that were copied from a spreadsheet."""
    context.enter(value)
    context.require(Needs.MANAGER)
    return Form(
        name="terms_file.paste",
        title=words("terms_file.paste"),
        submit=words("terms_file.paste_submit"),
        context={"alliance": context.viewer.alliance_id},
        items=(
            Text(text=say("terms_file.paste_intro")),
            *(
                TextInput(
                    name=f"rows{number}",
                    label=words(
                        "terms_file.paste_label" if not number else "terms_file.paste_more"
                    ),
                    multiline=True,
                    required=not number,
                )
                for number in range(PASTED)
            ),
        ),
    )


def submit_paste(context: Context, event: FormSubmitted) -> Answer:
    """What the rows would do."""
    context.enter(event.context.get("alliance", ""))
    context.require(Needs.MANAGER)
    parts = [str(event.values.get(f"rows{number}") or "") for number in range(PASTED)]
    text = "\n".join(part.strip("\n") for part in parts if part.strip())
    return Answer(view=_make_offer(context, read_sheet("pasted.tsv", text.encode())))


def find(context: Context, import_id: str) -> TermImport:
    """A file that waits for the acting person's own yes. Raises NotFound."""
    waiting = context.find(TermImport, import_id, "terms_file.gone")
    context.require(Needs.MANAGER)
    if waiting.member_id != context.viewer.member_id or waiting.state != ImportState.WAITING:
        raise NotFound("terms_file.gone")
    if waiting.partner_id != context.viewer.partner_id:
        raise NotFound("terms_file.gone")
    return waiting


def open_form(context: Context, value: str) -> Form:
    """Which column holds what, and who may read it."""
    waiting = find(context, value)
    sheet, chosen = load(waiting)
    mapping, is_shared = chosen.columns, chosen.shared
    names = terms.get_partner_names(context.session, waiting.alliance_id)
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
                name="whose",
                label=words("terms_file.whose_label"),
                options=tuple(
                    Option(value=partner, label=name[:75]) for partner, name in names.items()
                ),
                selected=(chosen.partner,),
                hint=words("terms_file.whose_hint"),
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
    sheet, before = load(waiting)
    mapping = {}
    for name in FIELDS:
        column = str(event.values.get(name) or NONE)
        if column.isdecimal() and int(column) < len(sheet.columns):
            mapping[name] = int(column)
    if mapping.get("term") == mapping.get("meaning"):
        raise NotUnderstood("terms_file.no_columns", field="meaning")
    whose = str(event.values.get("whose") or before.partner)
    if whose not in terms.get_partner_names(context.session, waiting.alliance_id):
        raise NotUnderstood("terms_file.whose_unknown", field="whose")
    shared = event.values.get("audience") == "alliance"
    chosen = replace(before, columns=mapping, shared=shared, partner=whose)
    waiting.mapping = orjson.dumps(chosen).decode()
    context.session.add(waiting)
    return Answer(view=report(context, waiting))


def press_yes(context: Context, event: ButtonPressed) -> Answer:
    """Begin, and come to the end at once where that is soon."""
    session = context.session
    waiting = find(context, event.value)
    session.refresh(waiting, with_for_update=True)
    if waiting.state != ImportState.WAITING:
        raise Conflict("terms_file.gone")
    count = len(load(waiting)[0].rows)
    pieces = adding.begin(session, waiting)
    if pieces > adding.AT_ONCE or adding.is_busy(session, waiting.alliance_id, besides=waiting.id):
        said = Text(text=say("terms_file.adding", count=count))
        return Answer(refresh=view(said, *_offer_others(context, waiting)))
    while adding.go_on(session, context.viewer, waiting, now=context.now):
        pass
    return Answer(refresh=view(*adding.render_done(waiting), *_offer_others(context, waiting)))


def press_no(context: Context, event: ButtonPressed) -> Answer:
    """Nothing was imported, and the file is forgotten."""
    waiting = find(context, event.value)
    others = _offer_others(context, waiting)
    context.session.delete(waiting)
    return Answer(refresh=view(Text(text=say("terms_file.given_up")), *others))


def undo(context: Context, change: Change) -> Answer:
    """Take an import back: nobody sees it any more; of a large one, the rest follows."""
    session = context.session
    done = session.get(TermImport, change.subject_id)
    if done is None or done.state != ImportState.DONE:
        raise NotFound("undo.nothing")
    if done.partner_id != context.viewer.partner_id:
        raise NotFound("undo.nothing")
    pieces = adding.count_pieces(session, done)
    gone = adding.take_back(session, done)
    while pieces <= adding.AT_ONCE and adding.remove(session, done, now=context.now):
        pass
    return Answer(view=view(Text(text=say("terms_file.undone", count=gone))))
