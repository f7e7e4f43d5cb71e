"""Views and forms as Block Kit, within its limits (https://docs.slack.dev/reference/block-kit).

What people wrote is cut to fit, and the cut is told. Names and values that come back from Slack
are never cut, as a cut one would mean something else: too long or empty, they raise ValueError, a
fault of the feature that made them.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from adapters.slack import markup
from bot.core import forms, views
from bot.core.events import FormValue

Json = dict[str, Any]
Item = TypeVar("Item")
EMPTY = "—"
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
VIEW_BYTES = 220_000
"""Blocks as JSON: Slack refuses a view over 250,000 bytes (`view_too_large`)."""
TEXT, NOTE, FIELD, LABEL, OPTIONS = 3000, 2000, 2000, 2000, 100
CHECKBOXES, RADIO_BUTTONS = 10, 5
TABLE_ROWS, TABLE_COLUMNS, TABLE_CHARACTERS = 100, 20, 10_000
"""Of a table block, the characters over all its cells
(https://docs.slack.dev/reference/block-kit/blocks/table-block)."""
_SUFFIX = re.compile(r"~\d+$")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def render_message(view: views.View) -> Json:
    """The `text` (for notifications) and `blocks` of a message."""
    words = markup.escape_plain(markup.clean(view.summary or view.plain_text()).strip())
    blocks = _Surface(has_table_block=True).render(view.blocks)
    return {"text": markup.shorten(words, TEXT) or EMPTY, "blocks": _fit(blocks, MESSAGE_BLOCKS)}


def render_home(view: views.View) -> Json:
    """The home tab; it always says something."""
    blocks = _Surface().render(view.blocks) or [_section("There is nothing here yet.")]
    return {"type": "home", "blocks": _fit(blocks, VIEW_BLOCKS)}


def render_form(form: forms.Form) -> Json:
    """The modal view for a form. Raises ValueError if its context exceeds 3,000 characters."""
    context = json.dumps(dict(form.context), separators=(",", ":"), ensure_ascii=False)
    surface = _Surface(taken={item.name for item in form.inputs()})
    if len(surface.taken) < len(form.inputs()):
        raise ValueError(f"form {form.name} has two inputs of one name")
    return {
        "type": "modal",
        "callback_id": _whole(form.name, 255),
        "title": _plain(form.title, 24),
        "submit": _plain(form.submit, 24),
        "close": _plain("Cancel", 24),
        "private_metadata": _whole(context, 3000),
        "blocks": _fit(surface.render(form.items), VIEW_BLOCKS),
    }


def render_errors(form_inputs: Sequence[str], errors: Mapping[str, str]) -> dict[str, str]:
    """Errors (in Markdown) by input, as plain text for `response_action: errors`.

    An error that belongs to no input shown goes to the first one.
    """
    gathered: dict[str, list[str]] = {}
    for name, error in errors.items():
        known = name if name in form_inputs else next(iter(form_inputs), None)
        if known is not None:
            gathered.setdefault(known, []).append(markup.clean(views.plain(error)).strip())
    return {
        name: markup.shorten("\n".join(filter(None, texts)), LABEL) or EMPTY
        for name, texts in gathered.items()
    }


def read_values(state_values: Mapping[str, Mapping[str, Json]]) -> dict[str, FormValue]:
    """What a form's inputs hold, by name, from `view.state.values`, without menus that act."""
    return {
        name: _read_value(elements[name])
        for name, elements in state_values.items()
        if name in elements
    }


def strip_suffix(action_id: str) -> str:
    """The action as the view named it, without the `~2` that made it unique."""
    return _SUFFIX.sub("", action_id)


def _read_value(element: Json) -> FormValue:
    match element.get("type"):
        case "checkboxes" | "multi_static_select":
            return tuple(option["value"] for option in element.get("selected_options") or ())
        case "multi_users_select":
            return tuple(element.get("selected_users") or ())
        case "static_select" | "radio_buttons":
            value: str | None = (element.get("selected_option") or {}).get("value")
        case "datepicker":
            value = element.get("selected_date")
        case "timepicker":
            value = element.get("selected_time")
        case _:
            value = element.get("value")
    return value or None


@dataclass
class _Surface:
    """One message, modal or home tab: which action ids it has used, and its one table block
    (a message may hold one, a modal or home tab none)."""

    taken: set[str] = field(default_factory=set)
    has_table_block: bool = False

    def render(self, items: Sequence[views.Block | forms.Input]) -> list[Json]:
        return [block for item in items for block in self._blocks(item)]

    def _blocks(self, item: views.Block | forms.Input) -> Iterator[Json]:
        match item:
            case views.Heading():
                if _one_line(item.text):
                    yield {"type": "header", "text": _plain(item.text, 150)}
            case views.Text():
                yield from map(_section, markup.split(markup.to_mrkdwn(item.text), TEXT))
            case views.Note():
                yield from _context(markup.to_mrkdwn(item.text))
            case views.Quote():
                text = markup.clean(item.text)
                for piece in _cuts(text if text.strip() else EMPTY, TEXT):
                    yield _rich("rich_text_quote", piece)
            case views.Divider():
                yield {"type": "divider"}
            case views.Fields():
                yield from map(_fields, _chunks(item.items, 10))
            case views.Table():
                yield from self._table(item)
            case views.Actions():
                yield from self._actions(item)
            case _:
                yield from _input(item)

    def _table(self, table: views.Table) -> Iterator[Json]:
        rows = _cells(table)
        if self.has_table_block and rows and _fits_table_block(rows):
            self.has_table_block = False
            yield _table_block(rows)
        elif rows:
            for piece in _cuts(_aligned(rows), TEXT):
                yield _rich("rich_text_preformatted", piece)

    def _actions(self, actions: views.Actions) -> Iterator[Json]:
        elements = [element for item in actions.items if (element := self._element(item))]
        for chunk in _chunks(elements, 25):
            yield {"type": "actions", "elements": list(chunk)}
        for item in actions.items:
            if isinstance(item, views.Menu):
                yield from _left_out(item.label, len(item.options))

    def _element(self, item: views.Button | views.Menu) -> Json | None:
        if isinstance(item, views.Button):
            return self._button(item)
        if not item.options:
            return None
        return {
            "type": "static_select",
            "action_id": self._unique(item.action),
            "placeholder": _plain(item.label, 150),
            "options": _options(item.options),
        }

    def _button(self, button: views.Button) -> Json | None:
        """A button; None for a link that Slack would not take."""
        if button.url is not None and not _is_link(button.url):
            return None
        return _without_none(
            type="button",
            action_id=self._unique(button.opens or button.action or "link"),
            text=_plain(button.label, 75),
            value=_whole(button.value, 2000) if button.value else None,
            style=None if button.style == "plain" else button.style,
            url=button.url,
            confirm=_confirm(button.confirm) if button.confirm else None,
        )

    def _unique(self, action: str) -> str:
        """`action`, with a suffix if it stands here already; see `strip_suffix`."""
        name, number = _whole(action, 250), 1
        while name in self.taken:
            number += 1
            name = f"{action}~{number}"
        self.taken.add(name)
        return name


def _input(item: forms.Input) -> Iterator[Json]:
    if isinstance(item, forms.ChoiceInput) and not item.options:
        yield _section(markup.labelled(item.label, "There is nothing to choose from."))
        return
    yield _without_none(
        type="input",
        block_id=_whole(item.name, 255),
        label=_plain(item.label, LABEL),
        hint=_plain(item.hint, LABEL) if _one_line(item.hint) else None,
        optional=not item.required,
        dispatch_action=True if getattr(item, "live", False) else None,
        element={"action_id": item.name, **_input_element(item)},
    )
    if isinstance(item, forms.ChoiceInput):
        yield from _left_out(item.label, len(item.options))


def _input_element(item: forms.Input) -> Json:
    match item:
        case forms.TextInput():
            return _text_input(item)
        case forms.ChoiceInput():
            return _choice(item)
        case forms.DateInput():
            day = item.value if _is_day(item.value) else None
            return _without_none(type="datepicker", initial_date=day)
        case forms.TimeInput():
            time = item.value if _TIME.fullmatch(item.value) else None
            return _without_none(type="timepicker", initial_time=time)
        case _:
            people = [user for user in item.selected if markup.is_identifier(user)]
            return _without_none(type="multi_users_select", initial_users=people or None)


def _text_input(item: forms.TextInput) -> Json:
    most = max(item.max_length, 1)
    value = markup.clean(item.value) if item.multiline else _one_line(item.value)
    moments = {"trigger_actions_on": ["on_character_entered"]}
    return _without_none(
        type="plain_text_input",
        multiline=item.multiline,
        initial_value=markup.cut(value, most) or None,
        max_length=most,
        placeholder=_plain(item.placeholder, 150) if _one_line(item.placeholder) else None,
        dispatch_action_config=moments if item.live else None,
    )


def _choice(item: forms.ChoiceInput) -> Json:
    options = _options(item.options, item.selected)
    chosen = [option for option in options if option["value"] in item.selected]
    if item.multiple:
        kind = "checkboxes" if len(options) <= CHECKBOXES else "multi_static_select"
        return _without_none(type=kind, options=options, initial_options=chosen or None)
    kind = "radio_buttons" if len(options) <= RADIO_BUTTONS else "static_select"
    first = chosen[0] if chosen else None
    return _without_none(type=kind, options=options, initial_option=first)


def _options(options: Sequence[views.Option], selected: Sequence[str] = ()) -> list[Json]:
    """At most 100 options, in their order; those selected are among them."""
    unique = {option.value: option for option in options}
    first = [value for value in unique if value in selected][:OPTIONS]
    rest = [value for value in unique if value not in selected][: OPTIONS - len(first)]
    kept = {*first, *rest}
    return [_option(option) for value, option in unique.items() if value in kept]


def _option(option: views.Option) -> Json:
    return _without_none(
        text=_plain(option.label, 75),
        value=_whole(option.value, 150),
        description=_plain(option.hint, 75) if _one_line(option.hint) else None,
    )


def _left_out(label: str, count: int) -> Iterator[Json]:
    if count > OPTIONS:
        name = markup.shorten(markup.exact(_one_line(label)), 500)
        yield from _context(f"{name}: {count - OPTIONS} more choices do not fit here.")


def _confirm(confirm: views.Confirm) -> Json:
    return {
        "title": _plain(confirm.title, 100),
        "text": _plain(confirm.text, 300, lines=True),
        "confirm": _plain(confirm.yes, 30),
        "deny": _plain(confirm.no, 30),
    }


def _fit(blocks: list[Json], most: int) -> list[Json]:
    """As many blocks as Slack takes, with a line for those left out. The buttons and small print at
    the end stay: what can be done about a message, and why it came."""
    if len(blocks) <= most and _weight(blocks) <= VIEW_BYTES:
        return blocks
    tail = _get_tail(blocks)
    body = blocks[: len(blocks) - len(tail)]
    kept = body[: most - 1 - len(tail)]
    while kept and _weight([*kept, *tail]) > VIEW_BYTES:
        kept.pop()
    left = len(body) - len(kept)
    return [*kept, *_context(f"The rest does not fit here: {left} more parts."), *tail]


MOST_IN_TAIL = 10


def _get_tail(blocks: list[Json]) -> list[Json]:
    tail: list[Json] = []
    for block in reversed(blocks[-MOST_IN_TAIL:]):
        if block["type"] not in {"actions", "context"}:
            break
        tail.insert(0, block)
    return tail


def _weight(blocks: list[Json]) -> int:
    return len(json.dumps(blocks))


def _plain(text: str, most: int, *, lines: bool = False) -> Json:
    words = markup.clean(text).strip() if lines else _one_line(text)
    return {"type": "plain_text", "text": markup.shorten(words, most) or EMPTY}


def _mrkdwn(text: str, most: int) -> Json:
    """`verbatim` keeps Slack from finding links, names and channels in plain words."""
    return {"type": "mrkdwn", "text": markup.shorten(text, most), "verbatim": True}


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text, TEXT)}


def _context(text: str) -> Iterator[Json]:
    if text.strip():
        yield {"type": "context", "elements": [_mrkdwn(text, NOTE)]}


def _fields(pairs: Sequence[tuple[str, str]]) -> Json:
    texts = [
        markup.labelled(markup.shorten(_one_line(label), 150), markup.clean(value).strip() or EMPTY)
        for label, value in pairs
    ]
    return {"type": "section", "fields": [_mrkdwn(text, FIELD) for text in texts]}


def _rich(kind: str, text: str) -> Json:
    inner = {"type": kind, "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [inner]}


def _cells(table: views.Table) -> list[list[str]]:
    rows = [[_one_line(cell) for cell in row] for row in (table.columns, *table.rows)]
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows] if width else []


def _fits_table_block(rows: list[list[str]]) -> bool:
    characters = sum(max(len(cell), 1) for row in rows for cell in row)
    longest = max(len(cell) for row in rows for cell in row)
    shape = len(rows) <= TABLE_ROWS and len(rows[0]) <= TABLE_COLUMNS
    return shape and longest <= TEXT and characters <= TABLE_CHARACTERS


def _table_block(rows: list[list[str]]) -> Json:
    cells = [[{"type": "raw_text", "text": cell or EMPTY} for cell in row] for row in rows]
    return {
        "type": "table",
        "rows": cells,
        "column_settings": [{"is_wrapped": True}] * len(rows[0]),
    }


def _aligned(rows: list[list[str]]) -> str:
    """Rows in columns of fixed-width letters, a rule under the first."""
    short = [[markup.shorten(cell, 80) for cell in row] for row in rows]
    widths = [max(map(_columns, column)) for column in zip(*short, strict=True)]
    head, *body = ["  ".join(map(_padded, row, widths)).rstrip() for row in short]
    return "\n".join([head, "-" * min(sum(widths) + 2 * len(widths) - 2, 200), *body])


def _columns(text: str) -> int:
    """How many columns a text takes: wide letters two, marks on letters none."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.category(letter) in ("Mn", "Cf") for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _cuts(text: str, most: int) -> Iterator[str]:
    """`text` in pieces that together are exactly it, parted at lines where there are any."""
    while len(text) > most:
        line = text.rfind("\n", most // 2, most) + 1
        piece = text[:line] if line else markup.cut(text, most)
        yield piece
        text = text[len(piece) :]
    yield text


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _one_line(text: str) -> str:
    return " ".join(markup.clean(text).split())


def _whole(text: str, most: int) -> str:
    if not 0 < len(text) <= most:
        raise ValueError(f"Slack takes 1 to {most} characters here, not {len(text)}: {text[:40]!r}")
    return text


def _is_link(url: str) -> bool:
    return url.lower().startswith(("http://", "https://")) and len(url) <= 3000


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _without_none(**values: Any) -> Json:
    return {key: value for key, value in values.items() if value is not None}
