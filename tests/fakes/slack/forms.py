"""Elements under a user's hand: finding them, and the state they send when used."""

import datetime
from dataclasses import dataclass
from typing import Any

from .blocks import elements_of
from .elements import INPUTS, all_options
from .errors import SlackRefuses
from .records import Json
from .texts import escape, rich_text

SINGLE = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "rich_text_input": "rich_text_value",
}
SEVERAL = {
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}
INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
    "rich_text_value": "initial_value",
    "value": "initial_value",
}


@dataclass(frozen=True)
class Control:
    """An element together with the block in which it stands."""

    block: Json
    element: Json

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def label(self) -> str:
        """What a user calls it: the button's text, the input's label, or the placeholder."""
        for holder, key in ((self.element, "text"), (self.block, "label")):
            if isinstance(holder.get(key), dict):
                return str(holder[key]["text"])
        return str((self.element.get("placeholder") or {}).get("text", ""))

    @property
    def names(self) -> set[str]:
        """All names by which a test may call it."""
        return {self.label, self.element["action_id"], self.block["block_id"]}

    @property
    def state_key(self) -> str:
        """Where in its state the value stands."""
        return SEVERAL.get(self.kind) or SINGLE.get(self.kind, "value")

    @property
    def is_input(self) -> bool:
        """Whether it stands in an input block."""
        return bool(self.block["type"] == "input")

    @property
    def dispatches(self) -> bool:
        """Whether using it tells the app at once."""
        return not self.is_input or bool(self.block.get("dispatch_action"))

    def state(self, value: Any) -> Json:
        """The state with a value, which may be an object with an id, a date, or an option."""
        if self.kind in SEVERAL:
            given = value if isinstance(value, (list, tuple, set, frozenset)) else [value]
            chosen: Any = [self.one(item) for item in given if item not in (None, "")]
        else:
            chosen = None if value in (None, "") else self.one(value)
        return {"type": self.kind, self.state_key: chosen}

    def one(self, value: Any) -> Any:
        """One chosen thing in the form in which Slack sends it."""
        if self.kind == "rich_text_input":
            return value if isinstance(value, dict) else rich_text(escape(str(value)), "")
        if self.kind == "datetimepicker":
            return int(value.timestamp()) if isinstance(value, datetime.datetime) else int(value)
        if "option" in self.state_key:
            return self.option(value)
        if isinstance(value, datetime.time):
            return value.strftime("%H:%M")
        if isinstance(value, datetime.date):
            return value.isoformat()[:10]
        return str(getattr(value, "id", value))

    def option(self, value: Any) -> Json:
        """The option with a value or a text."""
        if self.kind.endswith("external_select") and isinstance(value, dict):
            return value
        options = all_options(self.element)
        for option in options:
            if str(value) in (option["value"], option["text"]["text"]):
                return option
        known = [f"{o['value']} ({o['text']['text']})" for o in options]
        raise SlackRefuses(f"“{self.label}” offers no “{value}”, only {known}")

    def initial(self) -> Json:
        """The state before anybody touched it."""
        empty: Any = [] if self.kind in SEVERAL else None
        chosen = self.element.get(INITIAL.get(self.state_key, ""), empty)
        if self.kind == "conversations_select" and chosen is None:
            chosen = self.element.get("default_conversation")
        return {"type": self.kind, self.state_key: chosen}


def controls(blocks: list[Json]) -> list[Control]:
    """Everything that can be used in some blocks."""
    return [Control(block, element) for block in blocks for element in elements_of(block)]


def find_control(blocks: list[Json], name: str, value: Any = None) -> Control:
    """The one control with a name; `value` tells buttons of the same name apart.

    Raises SlackRefuses when there is none, or more than one.
    """
    every = controls(blocks)
    named = [c for c in every if name in c.names or offers(c, name)]
    if value is not None and len(named) > 1:
        named = [c for c in named if value in (c.element.get("value"), c.label) or offers(c, value)]
    if value is not None and [c.kind for c in named] == ["button"]:
        named = [c for c in named if value in (c.element.get("value"), c.label)]
    if len(named) == 1:
        return named[0]
    known = [f"{c.label!r} ({c.element['action_id']}, {c.element.get('value')!r})" for c in every]
    count = f"{len(named)} of these" if named else "nothing"
    raise SlackRefuses(f"{count} is called {name!r} (value {value!r}); there are: {known}")


def offers(control: Control, value: Any) -> bool:
    """Whether a control has an option of that value; only menus behind dots go by options."""
    if control.kind != "overflow":
        return False
    return any(
        str(value) in (option["value"], option["text"]["text"])
        for option in all_options(control.element)
    )


def values_of(blocks: list[Json], entered: dict[str, Json]) -> Json:
    """`state.values`: what each input holds, by block and action."""
    values: Json = {}
    for control in controls(blocks):
        if control.kind in INPUTS:
            block, action = control.block["block_id"], control.element["action_id"]
            state = entered.get(block, {}).get(action) or control.initial()
            values.setdefault(block, {})[action] = state
    return values


def enter(entered: dict[str, Json], control: Control, state: Json) -> None:
    """Put a state into an input."""
    here = entered.setdefault(control.block["block_id"], {})
    here[control.element["action_id"]] = state


def check_entered(blocks: list[Json], values: Json) -> None:
    """What Slack itself checks before it sends a form; raises SlackRefuses."""
    for control in controls(blocks):
        if control.is_input:
            state = values[control.block["block_id"]][control.element["action_id"]]
            check_value(control, state[control.state_key])


def check_value(control: Control, value: Any) -> None:
    """Check one input: required, lengths, numbers, addresses, dates."""
    element, label = control.element, control.label
    if value in (None, "", []):
        if not control.block.get("optional"):
            raise SlackRefuses(f"“{label}” is required")
        return
    most = element.get("max_selected_items")
    if most is not None and len(value) > most:
        raise SlackRefuses(f"“{label}” takes at most {most} items")
    if isinstance(value, str):
        check_typed(control, value)


def check_typed(control: Control, value: str) -> None:
    """Check what was typed into a field."""
    element, label = control.element, control.label
    longest = element.get("max_length", 3000)
    if control.state_key == "value" and len(value) > longest:
        raise SlackRefuses(f"“{label}” takes at most {longest} characters")
    if len(value) < element.get("min_length", 0):
        raise SlackRefuses(f"“{label}” takes at least {element['min_length']} characters")
    if control.kind == "email_text_input" and "@" not in value:
        raise SlackRefuses(f"“{label}” takes an e-mail address")
    if control.kind == "url_text_input" and "://" not in value:
        raise SlackRefuses(f"“{label}” takes an address")
    if control.kind == "datepicker":
        check_form(label, value, datetime.date.fromisoformat)
    if control.kind == "timepicker":
        check_form(label, value, datetime.time.fromisoformat)
    if control.kind == "number_input":
        check_number(element, label, value)


def check_form(label: str, value: str, parse: Any) -> None:
    """Check a date or a time."""
    try:
        parse(value)
    except ValueError:
        raise SlackRefuses(f"“{label}” does not take {value!r}") from None


def check_number(element: Json, label: str, value: str) -> None:
    """Check a number and its bounds."""
    read: Any = float if element.get("is_decimal_allowed") else int
    check_form(label, value, read)
    low, high = element.get("min_value"), element.get("max_value")
    if (low is not None and read(value) < float(low)) or (
        high is not None and read(value) > float(high)
    ):
        raise SlackRefuses(f"“{label}” is out of bounds: {value}")
