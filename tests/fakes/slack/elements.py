"""Slack's rules for the elements inside blocks: texts, options, buttons, menus and inputs."""

import re
from typing import Any

from .records import Json

SELECTS = frozenset(
    f"{kind}_select" for kind in ("static", "external", "users", "conversations", "channels")
)
MULTI_SELECTS = frozenset(f"multi_{name}" for name in SELECTS)
DATES = frozenset({"datepicker", "timepicker", "datetimepicker"})
CHOICES = frozenset({"checkboxes", "radio_buttons"})
FIELDS = frozenset(
    {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
    | {"rich_text_input", "file_input"}
)
INPUTS = SELECTS | MULTI_SELECTS | DATES | CHOICES | FIELDS
IN_ACTIONS = SELECTS | MULTI_SELECTS | DATES | CHOICES | {"button", "overflow", "workflow_button"}
IN_SECTION = (IN_ACTIONS | {"image"}) - {"datetimepicker"}

DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Findings:
    """What is wrong, each with a pointer to the place, worded as Slack words it."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def add(self, path: str, why: str) -> None:
        """Remember one fault."""
        self.messages.append(f"[ERROR] {why} [json-pointer:{path}]")

    def string(
        self, holder: Json, key: str, path: str, *, most: int, required: bool = False
    ) -> str | None:
        """Check an optional or required string of bounded length."""
        value = holder.get(key)
        if value is None:
            if required:
                self.add(path, f"missing required field: {key}")
            return None
        if not isinstance(value, str):
            self.add(f"{path}/{key}", "must be a string")
            return None
        if required and not value:
            self.add(f"{path}/{key}", "must be more than 0 characters")
        if len(value) > most:
            self.add(f"{path}/{key}", f"must be less than {most + 1} characters")
        return value

    def items(
        self, holder: Json, key: str, path: str, *, least: int = 1, most: int = 10**6
    ) -> list[Json]:
        """Check a list of objects of bounded length; the objects."""
        value = holder.get(key)
        if not isinstance(value, list):
            self.add(path, f"missing required field: {key}")
            return []
        if not least <= len(value) <= most:
            self.add(f"{path}/{key}", f"must have between {least} and {most} items")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                self.add(f"{path}/{key}/{index}", "must be an object")
        return [item for item in value if isinstance(item, dict)]

    def one_of(self, holder: Json, key: str, path: str, allowed: set[str]) -> None:
        """Check an optional word from a list."""
        if key in holder and holder[key] not in allowed:
            self.add(f"{path}/{key}", f"must be one of {sorted(allowed)}")


def check_text(found: Findings, text: Any, path: str, *, most: int, plain: bool = True) -> None:
    """Check a text object; `plain` means that only plain_text will do."""
    if not isinstance(text, dict):
        return found.add(path, "must be a text object")
    if text.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        found.add(path, "must be plain_text" if plain else "must be plain_text or mrkdwn")
    if not isinstance(text.get("text"), str):
        return found.add(path, "missing required field: text")
    if not text["text"]:
        found.add(f"{path}/text", "must be more than 0 characters")
    if len(text["text"]) > most:
        found.add(f"{path}/text", f"must be less than {most + 1} characters")
    if "emoji" in text and text.get("type") == "mrkdwn":
        found.add(f"{path}/emoji", "is for plain_text only")
    if "verbatim" in text and text.get("type") == "plain_text":
        found.add(f"{path}/verbatim", "is for mrkdwn only")
    return None


def check_optional_text(
    found: Findings, holder: Json, key: str, path: str, *, most: int, plain: bool = True
) -> None:
    """Check a text object that may be left out."""
    if holder.get(key) is not None:
        check_text(found, holder[key], f"{path}/{key}", most=most, plain=plain)


def check_confirm(found: Findings, element: Json, path: str) -> None:
    """Check the confirmation dialog of an element."""
    confirm = element.get("confirm")
    if confirm is None:
        return None
    path = f"{path}/confirm"
    if not isinstance(confirm, dict):
        return found.add(path, "must be an object")
    check_text(found, confirm.get("title"), f"{path}/title", most=100)
    check_text(found, confirm.get("text"), f"{path}/text", most=300, plain=False)
    check_optional_text(found, confirm, "confirm", path, most=30)
    check_optional_text(found, confirm, "deny", path, most=30)
    return found.one_of(confirm, "style", path, {"primary", "danger"})


def check_button(found: Findings, button: Json, path: str) -> None:
    """Check a button."""
    check_text(found, button.get("text"), f"{path}/text", most=75)
    found.string(button, "value", path, most=2000)
    found.string(button, "url", path, most=3000)
    found.string(button, "accessibility_label", path, most=75)
    found.one_of(button, "style", path, {"primary", "danger"})


def check_image(found: Findings, image: Json, path: str) -> None:
    """Check an image block or element."""
    found.string(image, "alt_text", path, most=2000, required=True)
    found.string(image, "image_url", path, most=3000)
    if not (image.get("image_url") or image.get("slack_file")):
        found.add(path, "missing required field: image_url")
    check_optional_text(found, image, "title", path, most=2000)


def check_options(found: Findings, options: list[Json], path: str, *, plain: bool) -> None:
    """Check option objects."""
    for index, option in enumerate(options):
        at = f"{path}/{index}"
        check_text(found, option.get("text"), f"{at}/text", most=75, plain=plain)
        found.string(option, "value", at, most=150, required=True)
        check_optional_text(found, option, "description", at, most=75, plain=plain)


def all_options(element: Json) -> list[Json]:
    """The options of a menu, those in groups too."""
    groups = element.get("option_groups") or []
    return [*(element.get("options") or []), *(o for g in groups for o in g.get("options", []))]


def check_choices(found: Findings, element: Json, path: str) -> None:
    """Check what a menu, a set of checkboxes or radio buttons offers."""
    kind = element["type"]
    plain = kind not in CHOICES
    if "option_groups" in element and "options" in element:
        found.add(path, "options and option_groups exclude each other")
    if element.get("option_groups"):
        for index, group in enumerate(found.items(element, "option_groups", path, most=100)):
            at = f"{path}/option_groups/{index}"
            check_text(found, group.get("label"), f"{at}/label", most=75)
            options = found.items(group, "options", at, most=100)
            check_options(found, options, f"{at}/options", plain=plain)
    else:
        most = 5 if kind == "overflow" else 10 if kind in CHOICES else 100
        options = found.items(element, "options", path, most=most)
        check_options(found, options, f"{path}/options", plain=plain)
        values = [str(option.get("value")) for option in options]
        if len(set(values)) != len(values):
            found.add(f"{path}/options", "option values must be unique")
    check_initial_options(found, element, path)


def check_initial_options(found: Findings, element: Json, path: str) -> None:
    """What is chosen at first must be, word for word, among the options."""
    offered = [o for o in all_options(element) if isinstance(o, dict)]
    first = element.get("initial_options")
    chosen = first if isinstance(first, list) else []
    if first is not None and not chosen:
        found.add(f"{path}/initial_options", "must have at least 1 item")
    for option in [*chosen, *filter(None, [element.get("initial_option")])]:
        if not any(same_option(option, other) for other in offered):
            found.add(path, "initial option must exactly match one of the options")


def same_option(one: Any, other: Json) -> bool:
    """Whether two option objects are the same, apart from what Slack fills in."""
    if not isinstance(one, dict) or not isinstance(one.get("text"), dict):
        return False
    alike = one.get("value") == other.get("value")
    return alike and one["text"].get("text") == (other.get("text") or {}).get("text")


def check_field(found: Findings, element: Json, path: str) -> None:
    """Check a field to type into."""
    least, most = element.get("min_length"), element.get("max_length")
    for key, value in (("min_length", least), ("max_length", most)):
        if value is not None and not (isinstance(value, int) and 0 <= value <= 3000):
            found.add(f"{path}/{key}", "must be between 0 and 3000")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        found.add(path, "min_length must not exceed max_length")
    if element["type"] != "rich_text_input":
        value = found.string(element, "initial_value", path, most=3000)
        if value is not None and isinstance(most, int) and len(value) > most:
            found.add(f"{path}/initial_value", "must not be longer than max_length")
    if element["type"] == "number_input" and "is_decimal_allowed" not in element:
        found.add(path, "missing required field: is_decimal_allowed")
    check_dispatch(found, element, path)


def check_dispatch(found: Findings, element: Json, path: str) -> None:
    """Check when an input tells the app about what is typed."""
    config = element.get("dispatch_action_config")
    if config is None:
        return
    moments = config.get("trigger_actions_on") if isinstance(config, dict) else None
    allowed = {"on_enter_pressed", "on_character_entered"}
    if not isinstance(moments, list) or not moments or set(map(str, moments)) - allowed:
        found.add(f"{path}/dispatch_action_config", f"trigger_actions_on: {sorted(allowed)}")


def check_dates(found: Findings, element: Json, path: str) -> None:
    """Check initial dates and times."""
    for key, form in (("initial_date", DATE), ("initial_time", TIME)):
        if key in element and not form.fullmatch(str(element[key])):
            found.add(f"{path}/{key}", "has the wrong form")
    if "initial_date_time" in element and len(str(element["initial_date_time"])) != 10:
        found.add(f"{path}/initial_date_time", "must be a timestamp of 10 digits")


def check_element(found: Findings, element: Json, path: str, allowed: frozenset[str]) -> None:
    """Check any interactive element or image."""
    kind = element.get("type")
    if kind not in allowed:
        return found.add(f"{path}/type", f"unsupported type: {kind}")
    found.string(element, "action_id", path, most=255)
    check_optional_text(found, element, "placeholder", path, most=150)
    check_confirm(found, element, path)
    if kind in ("button", "workflow_button"):
        check_button(found, element, path)
    elif kind == "image":
        check_image(found, element, path)
    elif kind in CHOICES or kind in ("overflow", "static_select", "multi_static_select"):
        check_choices(found, element, path)
    elif kind in FIELDS:
        check_field(found, element, path)
    elif kind in DATES:
        check_dates(found, element, path)
    most = element.get("max_selected_items")
    if most is not None and not (isinstance(most, int) and most >= 1):
        found.add(f"{path}/max_selected_items", "must be more than 0")
    return None
