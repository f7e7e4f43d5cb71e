"""Forms as dialogs: an Adaptive Card with inputs, and errors at those they belong to.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/what-are-task-modules
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.teams import fields, fitting, markup
from adapters.teams.elements import action_set, exact, make_choice, note_block, rich, text_block
from adapters.teams.markup import Json
from adapters.teams.render import Surface, make_card, plain_block, render_card
from bot.core import forms, views
from bot.core.events import FormValue
from bot.dispatch.messages import words

EXPANDED_ONE, EXPANDED_MANY = 5, 10

Values = Mapping[str, FormValue]


def render_dialog(card: Json, title: str) -> Json:
    """The answer that shows a card in a dialog."""
    value = {"title": markup.shorten(title, 60), "width": "medium", "height": "medium", "card": {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "content": card,
    }}  # fmt: skip
    return {"task": {"type": "continue", "value": value}}


def render_view(view: views.View) -> Json:
    """The answer that shows a view in a dialog."""
    return render_dialog(render_card(view, in_dialog=True), words("help.dialog_title"))


def render_form(
    form: forms.Form,
    opened: str,
    *,
    values: Values | None = None,
    errors: Mapping[str, str] | None = None,
) -> Json:
    """The answer that shows a form. `opened`: the value it was opened with; `values`: what was
    filled in already; `errors` (in Markdown) by input, others stand at the top."""
    given, wrong = values or {}, errors or {}
    names = {item.name for item in form.inputs()}
    surface = Surface(in_dialog=True)
    groups = [[_error(text)] for name, text in wrong.items() if name not in names]
    for item in form.items:
        if isinstance(item, forms.INPUT_KINDS):
            groups.append(list(_input(item, given, wrong.get(item.name))))
        else:
            groups.append(list(surface.render(item)))
    buttons = [_submit(form, opened)]
    if any(getattr(item, "live", False) for item in form.inputs()):
        buttons.append(_preview(form, opened))
    card = make_card(
        fitting.fit(groups, fitting.MOST_DIALOG),
        fallback=markup.shorten(markup.clean(plain_form(form)), 1000),
        entities=surface.entities,
        actions=action_set(buttons)["actions"],
    )
    return render_dialog(card, form.title)


def plain_form(form: forms.Form) -> str:
    """What a reader without a dialog gets, in Teams' own wording."""
    lines = (
        each.label if isinstance(each, forms.INPUT_KINDS) else plain_block(each)
        for each in form.items
    )
    return "\n".join([form.title, *lines])


def _submit(form: forms.Form, opened: str) -> Json:
    said = fields.submission(form.name, opened, form.context)
    return {"type": "Action.Submit", "title": form.submit, "style": "positive", "data": said}


def _preview(form: forms.Form, opened: str) -> Json:
    """Teams tells of no change while a form is open: this asks for what a change would show."""
    said = fields.submission(form.name, opened, form.context, is_change=True)
    return {"type": "Action.Submit", "title": words("teams.preview"), "data": said}


def _error(text: str) -> Json:
    said = markup.clean(views.plain(text)).strip()
    return rich([exact(said, color="Attention", weight="Bolder")], spacing="Small")


def _input(item: forms.Input, given: Values, error: str | None) -> Iterator[Json]:
    if isinstance(item, forms.ChoiceInput) and not item.options:
        yield text_block(markup.escape(markup.one_line(item.label)), weight="Bolder")
        yield from note_block(words("teams.no_choice"))
        return
    label = markup.shorten(markup.one_line(item.label), 300)
    shown: Json = {"id": fields.name_input(item), "label": label, **_element(item, given)}
    if item.required:
        shown["isRequired"] = True
        shown["errorMessage"] = words("teams.required")
    yield {key: value for key, value in shown.items() if value not in (None, "")}
    if error is not None:
        yield _error(error)
    hint = markup.one_line(item.hint)
    if hint:
        yield from note_block(hint)


def _element(item: forms.Input, given: Values) -> dict[str, Any]:
    match item:
        case forms.TextInput():
            value = _one(given, item.name, item.value)
            return {
                "type": "Input.Text",
                "value": markup.clean(value)[: item.max_length],
                "placeholder": markup.one_line(item.placeholder)[:150],
                "isMultiline": item.multiline or None,
                "maxLength": max(item.max_length, 1),
            }
        case forms.DateInput():
            return {"type": "Input.Date", "value": _one(given, item.name, item.value)}
        case forms.TimeInput():
            return {"type": "Input.Time", "value": _one(given, item.name, item.value)}
        case forms.ChoiceInput():
            return _choice(item, _many(given, item.name, item.selected))
        case _:
            return {
                "type": "Input.ChoiceSet",
                "isMultiSelect": True,
                "choices": [],
                "choices.data": {"type": "Data.Query", "dataset": "graph.microsoft.com/users"},
                "value": ",".join(_many(given, item.name, item.selected)),
            }


def _choice(item: forms.ChoiceInput, selected: tuple[str, ...]) -> dict[str, Any]:
    unique = {option.value: option for option in item.options}
    first = [value for value in unique if value in selected][:100]
    kept = {*first, *[v for v in unique if v not in selected][: 100 - len(first)]}
    choices = [make_choice(option) for value, option in unique.items() if value in kept]
    is_short = len(choices) <= (EXPANDED_MANY if item.multiple else EXPANDED_ONE)
    return {
        "type": "Input.ChoiceSet",
        "style": "expanded" if is_short else "compact",
        "isMultiSelect": item.multiple or None,
        "wrap": True,
        "choices": choices,
        "value": ",".join(fields.encode_option(value) for value in first),
    }


def _one(given: Values, name: str, default: str) -> str:
    if name not in given:
        return default
    value = given[name]
    return value if isinstance(value, str) else ""


def _many(given: Values, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if name not in given:
        return default
    value = given[name]
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
