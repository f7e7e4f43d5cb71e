"""`charter import`, files sent directly, and what is pressed until an import is in force."""

import re
from collections.abc import Sequence
from functools import partial

from bot.core.errors import Conflict, NotFound, NotUnderstood, PlatformError
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.ports import TOO_LARGE, FileContent, FileQuery
from bot.core.views import Note, Option, Text, View, view
from bot.dispatch import holding
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.charter import drafts, pieces
from bot.features.charter.clauses import KIND, get_body, get_title, split_committee
from bot.features.charter.documents import LARGEST, read_document
from bot.features.charter.draft_views import OUT, get_draft_body, render_done, render_draft
from bot.features.charter.drafts import get_parts
from bot.features.charter.models import CharterDraft
from bot.features.charter.reviewing import get_next_review
from bot.features.charter.sections import Section, read_markdown
from bot.people import committees, history
from bot.people.models import Change, Committee
from bot.statements.models import Statement, Version

INPUTS = 4
"""How many inputs of 3,000 characters a form has for a pasted text."""

LONGEST_TO_EDIT = 15_000
"""Characters of a part that a form can hold."""

_COMMAND = re.compile(r"\s*charter\s+import\b[ \t]*", re.IGNORECASE)


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer | Fetch:
    """`charter import [COMMITTEE]`: with a file or a text right below it, what that says; alone,
    the form."""
    head, _, text = _COMMAND.sub("", event.text, count=1).partition("\n")
    committee, rest = split_committee(context, head)
    if event.files:
        if rest:
            raise _no_committee(context)
        return import_file(context, event, arguments)
    if rest and not text.strip():
        raise _no_committee(context)
    if text.strip():
        whole = f"{rest}\n{text}" if rest else text
        return Fetch(
            queries=(),
            between=partial(_read_text, whole),
            then=partial(_make_from_text, committee.id if committee else ""),
        )
    place = f"{context.viewer.alliance_id}:{committee.id if committee else ''}"
    return Answer(opens=("charter.import", place))


def _no_committee(context: Context) -> NotFound:
    known = committees.get_committees(context.session, context.viewer)
    names = ", ".join(c.name for c in known) or words("roster.none_yet")
    return NotFound("roster.no_committee", names=names)


def import_file(context: Context, event: CommandInvoked, arguments: Arguments) -> Fetch:
    """A file that was sent directly, with a committee's name beside it or nothing."""
    if len(event.files) > 1:
        raise NotUnderstood("charter.one_file")
    query = FileQuery(workspace=event.workspace, file=event.files[0].file, most=LARGEST)
    return Fetch(queries=(query,), between=_read_file, then=_make_from_file)


def _read_file(found: Found) -> tuple[str, list[Section]]:
    (content,) = found
    if isinstance(content, PlatformError):
        if content.reason == TOO_LARGE:
            raise NotUnderstood("charter.file_large", most=LARGEST // 1_000_000)
        raise NotUnderstood("charter.file_unread")
    if not isinstance(content, FileContent):
        raise NotUnderstood("charter.file_unread")
    return content.name, read_document(content.content, content.name)


def _read_text(text: str, _found: Found) -> list[Section]:
    return read_markdown(text)


def _make_from_file(
    context: Context, event: CommandInvoked, read: tuple[str, list[Section]]
) -> Answer:
    context.require(Needs.MANAGER)
    name, sections = read
    committee, _ = split_committee(context, _COMMAND.sub("", event.text, count=1))
    return Answer(view=_render_new(context, sections, committee=committee, name=name))


def _make_from_text(
    committee_id: str, context: Context, event: CommandInvoked, sections: list[Section]
) -> Answer:
    context.require(Needs.MANAGER)
    committee = _find_committee(context, committee_id)
    return Answer(view=_render_new(context, sections, committee=committee, name=""))


def _render_new(
    context: Context, sections: Sequence[Section], *, committee: Committee | None, name: str
) -> View:
    draft = drafts.make(
        context.session,
        context.viewer,
        sections,
        committee=committee,
        name=name,
        now=context.now,
    )
    return render_draft(context, draft)


def _find_committee(context: Context, committee_id: str) -> Committee | None:
    if not committee_id:
        return None
    return committees.get_committee_or_raise(context.session, context.viewer, committee_id)


def find_draft(context: Context, draft_id: str) -> CharterDraft:
    """A draft of the acting manager's own side; they act in its alliance from here on."""
    context.find(CharterDraft, draft_id, "charter.no_draft")
    context.require(Needs.MANAGER)
    return drafts.get_draft_or_raise(context.session, context.viewer, draft_id)


def _split_value(value: str) -> tuple[str, int, str]:
    """`DRAFT:NUMBER[:REST]`."""
    draft_id, _, rest = value.partition(":")
    number, _, last = rest.partition(":")
    is_number = number.isascii() and number.isdigit() and len(number) < 6
    return draft_id, int(number) if is_number else -1, last


def press_correct(context: Context, event: ButtonPressed) -> Answer:
    """A part was chosen: show it, and where it may go."""
    draft_id, index, _ = _split_value(event.value)
    draft = find_draft(context, draft_id)
    return Answer(refresh=render_draft(context, draft, chosen=index))


def press_assign(context: Context, event: ButtonPressed) -> Answer:
    """A part goes to another clause, or to none."""
    draft_id, index, clause = _split_value(event.value)
    draft = find_draft(context, draft_id)
    parts = get_parts(draft)
    if not 0 <= index < len(parts):
        raise NotFound("charter.no_part")
    wanted = None if clause == OUT else clause
    drafts.correct(context.session, draft, index, clause=wanted, text=parts[index].text)
    return Answer(refresh=render_draft(context, draft))


def press_body(context: Context, event: ButtonPressed) -> Answer:
    """The draft is for another body."""
    draft_id, _, committee_id = event.value.partition(":")
    draft = find_draft(context, draft_id)
    drafts.set_body(context.session, draft, _find_committee(context, committee_id))
    return Answer(refresh=render_draft(context, draft))


def press_enforce(context: Context, event: ButtonPressed) -> Answer:
    """Put all of it in force at the manager's partner: what they read, and nothing that came
    since."""
    draft_id, number, _ = _split_value(event.value)
    draft = find_draft(context, draft_id)
    body = get_body(get_draft_body(context, draft))
    if draft.number != number:
        lead = say("charter.draft_changed")
        return Answer(refresh=render_draft(context, draft, lead=lead))
    made = drafts.put_in_force(
        context.session,
        context.viewer,
        draft,
        number=number,
        review_on=get_next_review(context.now.date()),
        now=context.now,
    )
    history.record(
        context.session,
        context.viewer,
        "charter.imported",
        made[0].id,
        now=context.now,
        after={"versions": [version.id for version in made]},
    )
    done = render_done(context, [_title_of(context, v) for v in made], body)
    held = holding.render_held(context, KIND)
    return Answer(refresh=View(blocks=(*done.blocks, *held), summary=done.summary))


def _title_of(context: Context, version: Version) -> str:
    subject = context.session.get_one(Statement, version.statement_id).subject
    return get_title(subject.rpartition("/")[2])


def press_discard(context: Context, event: ButtonPressed) -> Answer:
    """Throw a draft away."""
    draft = find_draft(context, event.value)
    context.session.delete(draft)
    return Answer(refresh=view(Text(text=say("charter.discarded"))))


def undo_import(context: Context, change: Change) -> Answer:
    """Take back everything that one import put in force."""
    made = change.after.get("versions")
    if not isinstance(made, list):
        raise Conflict("undo.changed_since")
    drafts.take_back(context.session, [str(version_id) for version_id in made])
    return Answer(view=view(Text(text=say("charter.import_undone", count=len(made)))))


def open_import(context: Context, value: str) -> Form:
    """The form for a pasted text. `value`: `ALLIANCE:COMMITTEE`, or `+DRAFT` to add to one."""
    if value.startswith("+"):
        draft = find_draft(context, value[1:])
        return _make_form(context, value, chosen=draft.committee_id or "", adds=True)
    alliance_id, _, committee_id = value.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    _find_committee(context, committee_id)
    return _make_form(context, value, chosen=committee_id, adds=False)


def _make_form(context: Context, value: str, *, chosen: str, adds: bool) -> Form:
    known = committees.get_committees(context.session, context.viewer)
    body = ChoiceInput(
        name="body",
        label=words("charter.whose"),
        options=tuple(
            Option(value=c.id if c else "alliance", label=get_body(c)) for c in (None, *known[:99])
        ),
        selected=(chosen or "alliance",),
    )
    inputs = tuple(
        TextInput(
            name="text" if number == 1 else f"text_{number}",
            label=words("charter.paste" if number == 1 else "charter.goes_on"),
            hint=words("charter.paste_hint") if number == 1 else "",
            multiline=True,
            required=number == 1,
            max_length=pieces.LARGEST,
        )
        for number in range(1, INPUTS + 1)
    )
    return Form(
        name="charter.import",
        title=words("charter.import_title"),
        submit=words("charter.read_it"),
        context={"place": value},
        items=(
            Text(text=say("charter.import_intro")),
            *([] if adds else [body]),
            *inputs,
            Note(text=say("charter.import_note")),
        ),
    )


def submit_import(context: Context, event: FormSubmitted) -> Answer:
    """Read what was pasted, and write to the manager directly what it says."""
    place = event.context.get("place", "")
    given = [event.values.get("text" if n == 1 else f"text_{n}") for n in range(1, INPUTS + 1)]
    # Cut by hand to fit the inputs, at the end of a paragraph most likely.
    text = "\n\n".join(piece for piece in given if isinstance(piece, str) and piece.strip())
    if not text.strip():
        raise NotUnderstood("charter.file_empty", field="text")
    if place.startswith("+"):
        draft = find_draft(context, place[1:])
        drafts.extend(context.session, draft, read_markdown(text))
    else:
        context.enter(place.partition(":")[0])
        context.require(Needs.MANAGER)
        chosen = str(event.values.get("body") or "alliance")
        committee = _find_committee(context, "" if chosen == "alliance" else chosen)
        draft = drafts.make(
            context.session,
            context.viewer,
            read_markdown(text),
            committee=committee,
            name="",
            now=context.now,
        )
    context.tell(context.account, render_draft(context, draft))
    return Answer(view=view(Text(text=say("charter.import_read", count=len(draft.parts)))))


def open_part(context: Context, value: str) -> Form:
    """The form for the words of one part."""
    draft_id, index, _ = _split_value(value)
    draft = find_draft(context, draft_id)
    part = _get_part(draft, index)
    if len(part.text) > LONGEST_TO_EDIT:
        raise NotUnderstood("charter.part_long", most=LONGEST_TO_EDIT)
    return Form(
        name="charter.part",
        title=words("charter.part_title"),
        submit=words("charter.part_save"),
        context={"part": value},
        items=(
            *pieces.make_inputs(part.text, label=part.heading[:150] or words("charter.paste")),
            Note(text=say("charter.part_note", most=drafts.LONGEST)),
        ),
    )


def _get_part(draft: CharterDraft, index: int) -> drafts.Part:
    parts = get_parts(draft)
    if not 0 <= index < len(parts):
        raise NotFound("charter.no_part")
    return parts[index]


def submit_part(context: Context, event: FormSubmitted) -> Answer:
    """Other words for a part."""
    draft_id, index, _ = _split_value(event.context.get("part", ""))
    draft = find_draft(context, draft_id)
    part = _get_part(draft, index)
    text = pieces.join(event.values, part.text)
    if not text:
        raise NotUnderstood("charter.file_empty", field="text")
    drafts.correct(context.session, draft, index, clause=part.clause, text=text)
    return Answer(view=view(Text(text=say("charter.part_saved"))))
