"""The forms for a term: adding or editing one, and putting a meaning to the partners."""

from datetime import date

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import ChoiceInput, DateInput, Form, TextInput
from bot.core.views import Option, Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.glossary import changing, telling, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import FormKind, Term
from bot.features.glossary.records import mark, note
from bot.features.glossary.terms import Entry
from bot.features.glossary.views import render_entries
from bot.features.glossary.warnings import warn
from bot.people import alliances, history
from bot.people.models import AudienceKind

NEW = "new:"
MOST_FORMS = 20
MOST_OWNERS = 100
NOBODY = "nobody"


def enter_term(context: Context, term_id: str) -> Entry:
    """A term that the acting person may see; they act in its alliance from here on."""
    context.find(Term, term_id, "term.not_found")
    return terms.get_or_raise(context.session, context.viewer, term_id)


def split_value(context: Context, value: str) -> str:
    """The word in `ALLIANCE:WORD`; the acting person is in that alliance from here on."""
    alliance_id, _, word = value.partition(":")
    context.enter(alliance_id)
    return word[:200]


def open_form(context: Context, value: str) -> Form:
    """`value`: a term's id, or `new:`, an alliance's id, `:` and a name."""
    if value.startswith(NEW):
        name = split_value(context, value.removeprefix(NEW))
        terms.require_partner(context.viewer)
        return _make_form(context, None, name)
    entry = enter_term(context, value)
    terms.require_partner(context.viewer)
    return _make_form(context, entry, entry.term.name)


def _make_form(context: Context, entry: Entry | None, name: str) -> Form:
    viewer = context.viewer
    own = entry.meaning_of(viewer.partner_id) if entry else None
    meaning = TextInput(
        name="meaning",
        label=words("term.own_meaning", partner=viewer.partner_name)[:75],
        value=own.text if own else "",
        hint=words("term.own_meaning_hint"),
        multiline=True,
        required=entry is None,
        max_length=terms.LONGEST_MEANING,
    )
    is_open = entry is None or changing.may_rewrite(viewer, entry.term)
    others = _others(entry, viewer.partner_id) if entry else ()
    return Form(
        name="term.form",
        title=words("term.form_title"),
        submit=words("setup.save"),
        context={
            "alliance": viewer.alliance_id,
            "term": entry.term.id if entry else "",
            "seen": mark(entry, context.viewer.partner_id) if entry else "",
        },
        items=(
            *((_name_input(name),) if is_open else (Text(text=say("term.about", name=name)),)),
            meaning,
            *others,
            *((*_more_inputs(entry), *_owner_input(context, entry)) if is_open else ()),
            *(
                (_audience_input(entry, own is not None and own.audience_kind),)
                if viewer.is_manager
                else ()
            ),
        ),
    )


def _others(entry: Entry, partner_id: str | None) -> tuple[Text, ...]:
    """What the other partners mean, to be read beside one's own."""
    return tuple(
        Text(text=say("term.theirs", partner=entry.partners.get(m.partner_id, ""), meaning=m.text))
        for m in entry.meanings
        if m.partner_id != partner_id
    )


def _name_input(name: str) -> TextInput:
    return TextInput(
        name="name",
        label=words("term.name"),
        value=name[:200],
        hint=words("term.name_hint"),
        max_length=200,
    )


def _more_inputs(entry: Entry | None) -> tuple[TextInput | DateInput, ...]:
    def written(kind: FormKind) -> str:
        return "\n".join(entry.written(kind)) if entry else ""

    review = entry.term.review_on if entry else None
    return (
        *(
            TextInput(
                name=kind.value,
                label=words(f"term.form_{kind.value}"),
                value=written(kind)[:3000],
                hint=words(f"term.form_{kind.value}_hint"),
                multiline=True,
                required=False,
            )
            for kind in (FormKind.SPELLED_OUT, FormKind.ALIAS, FormKind.DISCOURAGED)
        ),
        TextInput(
            name="context",
            label=words("term.context"),
            value=entry.term.context if entry else "",
            hint=words("term.context_hint"),
            required=False,
            max_length=200,
        ),
        TextInput(
            name="examples",
            label=words("term.examples"),
            value=entry.term.examples if entry else "",
            multiline=True,
            required=False,
            max_length=1000,
        ),
        DateInput(
            name="review_on",
            label=words("term.review"),
            value=review.isoformat() if review else "",
            required=False,
        ),
    )


def _owner_input(context: Context, entry: Entry | None) -> tuple[ChoiceInput, ...]:
    """Who of one's own side looks after the term."""
    people = [
        member
        for member in alliances.get_members(context.session, context.viewer.alliance_id)
        if member.partner_id == context.viewer.partner_id
    ]
    owner = entry.term.owner_id if entry else None
    # Whoever it is stays to be chosen, however many there are.
    people.sort(key=lambda member: (member.id != owner, member.name))
    nobody = Option(value=NOBODY, label=words("term.owner_nobody"))
    options = [Option(value=m.id, label=m.name[:75]) for m in people[: MOST_OWNERS - 1]]
    known = {option.value for option in options}
    return (
        ChoiceInput(
            name="owner",
            label=words("term.owner"),
            options=(nobody, *options),
            selected=(owner if owner in known else NOBODY,) if owner else (NOBODY,),
            required=False,
        ),
    )


def _audience_input(entry: Entry | None, kind: object) -> ChoiceInput:
    is_shared = kind == AudienceKind.ALLIANCE
    options = (
        Option(value="partner", label=words("term.audience_partner")),
        Option(value="alliance", label=words("term.audience_alliance")),
    )
    return ChoiceInput(
        name="audience",
        label=words("term.audience"),
        options=options[1:] if is_shared else options,
        selected=("alliance",) if is_shared else ("partner",),
        hint=words("term.audience_hint"),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Add the term, or change it."""
    values = {name: str(value or "").strip() for name, value in event.values.items()}
    term_id = event.context.get("term", "")
    entry = enter_term(context, term_id) if term_id else None
    if entry is None:
        context.enter(event.context.get("alliance", ""))
    wording = Wording(
        name=values.get("name") or (entry.term.name if entry else ""),
        meaning=values.get("meaning", ""),
        forms=_read_forms(values),
        context=values.get("context"),
        examples=values.get("examples"),
        review_on=_read_day(values.get("review_on", "")),
        owner_id=_read_owner(values.get("owner")),
        is_shared=values.get("audience") == "alliance",
    )
    if entry is None:
        return save_new(context, wording)
    before = note(entry, context.viewer.partner_id)
    if event.context.get("seen") != mark(entry, context.viewer.partner_id):
        raise Conflict("term.changed_meanwhile", name=entry.term.name)
    changed = changing.edit(
        context.session,
        context.viewer,
        term_id,
        wording,
        edition=entry.term.edition,
        now=context.now,
    )
    return answer_saved(context, changed, "term.edited", before=before)


def save_new(context: Context, wording: Wording) -> Answer:
    """Add a term and show it."""
    before = terms.find(context.session, context.viewer, wording.name)
    added = changing.add(context.session, context.viewer, wording, now=context.now)
    known = next((e for e in before if e.term.id == added.term.id), None)
    earlier = note(known, context.viewer.partner_id) if known else None
    return answer_saved(context, added, "term.added", before=earlier)


def answer_saved(
    context: Context, entry: Entry, action: str, *, before: dict[str, object] | None
) -> Answer:
    """Note the change, and show the term with what to expect of it."""
    change = history.record(
        context.session,
        context.viewer,
        action,
        entry.term.id,
        now=context.now,
        before=before,
        after=note(entry, context.viewer.partner_id),
    )
    telling.tell_reopened(context, change, entry)
    telling.tell_proposed(context, entry)
    own = entry.meaning_of(context.viewer.partner_id)
    is_open = own is None or own.confirmed_by_id is not None
    key = "term.saved" if is_open else "term.saved_proposal"
    shown = render_entries([entry], context.viewer, context.zone)
    said = say(key, name=entry.term.name, partner=context.viewer.partner_name)
    warned = warn(context.session, entry, now=context.now)
    return Answer(view=view(Text(text=said), *(Text(text=line) for line in warned), *shown.blocks))


def _read_forms(values: dict[str, str]) -> dict[FormKind, list[str]]:
    forms: dict[FormKind, list[str]] = {}
    for kind in (FormKind.SPELLED_OUT, FormKind.ALIAS, FormKind.DISCOURAGED):
        if kind.value not in values:
            continue
        lines = [line.strip() for line in values[kind.value].replace(";", "\n").splitlines()]
        forms[kind] = [line for line in lines if line]
        if len(forms[kind]) > MOST_FORMS:
            raise NotUnderstood("term.too_many_forms", field=kind.value, most=MOST_FORMS)
    return forms


def _read_owner(said: str | None) -> str | None:
    """Who was chosen; empty for nobody, None where it was not asked."""
    return "" if said == NOBODY else said


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise NotUnderstood("term.no_day", field="review_on") from None
