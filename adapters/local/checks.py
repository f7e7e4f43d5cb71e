"""What a form's inputs must hold before it is sent off, as a platform's own dialogs check it."""

from collections.abc import Mapping
from datetime import date, time

from bot.core.events import FormValue
from bot.core.forms import ChoiceInput, DateInput, Form, Input, TextInput, TimeInput
from bot.core.views import escape


def check_values(form: Form, values: Mapping[str, FormValue]) -> dict[str, str]:
    """What is wrong, as Markdown by input; nothing if all is well."""
    found = {item.name: _check(item, values.get(item.name)) for item in form.inputs()}
    return {name: escape(problem) for name, problem in found.items() if problem}


def _check(item: Input, value: FormValue) -> str:
    if not value or (isinstance(value, str) and not value.strip()):
        return "Please fill this in." if item.required else ""
    if isinstance(item, TextInput) and len(str(value)) > item.max_length:
        return f"Please keep this to {item.max_length} characters; it has {len(str(value))}."
    if isinstance(item, ChoiceInput):
        known = {option.value for option in item.options}
        given = {value} if isinstance(value, str) else set(value)
        return "" if given <= known else "Please choose from the list."
    if isinstance(item, DateInput):
        return "" if _reads(date.fromisoformat, value) else "Please choose a day."
    if isinstance(item, TimeInput):
        return "" if _reads(time.fromisoformat, value) else "Please choose a time."
    return ""


def _reads(read: object, value: FormValue) -> bool:
    assert callable(read)  # noqa: S101 - one of two functions above
    try:
        read(str(value))
    except ValueError:
        return False
    return True
