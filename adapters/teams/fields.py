"""How cards name what comes back from them: presses, openings, and what inputs hold.

All of it returns from the client and is trusted for nothing. An input's name begins with a letter
that says what it holds: `t` a text, `s` one choice, `m` several, `p` people, `c` a menu's choice.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, unquote

from bot.core.events import FormValue
from bot.core.forms import ChoiceInput, Input, PeopleInput

Payload = Mapping[str, Any]

MARK: Final = "entente"
ACTION, VALUE, MENU = "a", "v", "m"
FORM, OPENED, CONTEXT, CHANGED = "f", "o", "c", "u"
ALONE: Final = "p"
_SEPARATOR: Final = ":"


def press(
    action: str, value: str, menu: str | None = None, *, is_alone: bool = False
) -> dict[str, Any]:
    """What a button or a menu sends back; `is_alone`: from a card that one person alone sees."""
    said: dict[str, Any] = {ACTION: action, VALUE: value}
    if menu is not None:
        said[MENU] = menu
    if is_alone:
        said[ALONE] = True
    return {MARK: said}


def opening(form: str, value: str) -> dict[str, Any]:
    """What a button sends that opens a form."""
    return {"msteams": {"type": "task/fetch"}, MARK: {FORM: form, VALUE: value}}


def submission(
    form: str, opened: str, context: Mapping[str, str], *, is_change: bool = False
) -> dict[str, Any]:
    """What a form sends; `opened`: the value it was opened with, to open it anew."""
    said: dict[str, Any] = {FORM: form, OPENED: opened, CONTEXT: dict(context)}
    if is_change:
        said[CHANGED] = True
    return {MARK: said}


def read_mark(values: object) -> dict[str, Any]:
    """What a card of ours sent back; empty if it is none of ours."""
    found = values.get(MARK) if isinstance(values, Mapping) else None
    return dict(found) if isinstance(found, Mapping) else {}


def encode_option(value: str) -> str:
    """An option's value as a choice holds it: several choices come back with commas between."""
    return quote(value, safe=" ") or "%"


def decode_option(value: str) -> str:
    """The other way."""
    return "" if value == "%" else unquote(value)


def name_input(item: Input) -> str:
    """The id of a form's input."""
    kind = "t"
    if isinstance(item, PeopleInput):
        kind = "p"
    elif isinstance(item, ChoiceInput):
        kind = "m" if item.multiple else "s"
    return f"{kind}{_SEPARATOR}{item.name}"


def name_menu(number: int) -> str:
    """The id of a menu's choice."""
    return f"c{_SEPARATOR}{number}"


def read_values(values: Payload) -> dict[str, FormValue]:
    """What the inputs of a form hold, by their names."""
    found: dict[str, FormValue] = {}
    for identifier, value in values.items():
        kind, separator, name = str(identifier).partition(_SEPARATOR)
        if separator and kind in _READERS:
            found[name] = _READERS[kind](str(value) if value is not None else "")
    return found


def _read_several(value: str) -> FormValue:
    return tuple(decode_option(each) for each in value.split(",") if each)[:200]


def _read_people(value: str) -> FormValue:
    return tuple(each.strip() for each in value.split(",") if each.strip())[:200]


_READERS: Final = {
    "t": lambda value: value or None,
    "s": lambda value: decode_option(value) or None,
    "m": _read_several,
    "p": _read_people,
}


def read_people(values: Payload) -> tuple[str, ...]:
    """Everybody whom a form's inputs name."""
    people: list[str] = []
    for identifier, value in values.items():
        if str(identifier).startswith(f"p{_SEPARATOR}") and isinstance(value, str):
            people += [each.strip() for each in value.split(",") if each.strip()]
    return tuple(people[:50])
