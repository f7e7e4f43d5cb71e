"""What Teams asks of a card, and how a person finds their way in one."""

import json
from collections.abc import Iterator
from typing import Any

from .errors import ConnectorError, TeamsRefuses
from .schema import check_schema
from .world import Json

ELEMENTS = {
    "TextBlock": {"text"},
    "RichTextBlock": {"inlines"},
    "Container": {"items"},
    "ActionSet": {"actions"},
    "Table": {"columns", "rows"},
    "TableRow": {"cells"},
    "TableCell": {"items"},
    "TextRun": {"text"},
    "Input.Text": {"id"},
    "Input.ChoiceSet": {"id"},
    "Input.Date": {"id"},
    "Input.Time": {"id"},
    "Action.Execute": {"verb", "title"},
    "Action.Submit": {"title"},
    "Action.OpenUrl": {"url"},
    "Action.ToggleVisibility": {"targetElements", "title"},
}
PRIMARY = 6
MOST_MESSAGE, MOST_DIALOG = 28 * 1024, 100 * 1024


def bad(why: str) -> ConnectorError:
    return ConnectorError(400, "BadSyntax", why)


def walk(part: Any) -> Iterator[Json]:
    """Every element of a card."""
    if isinstance(part, dict):
        if isinstance(part.get("type"), str) and part["type"] in ELEMENTS:
            yield part
        for key, inner in part.items():
            if key not in {"data", "msteams", "selectAction"}:
                yield from walk(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from walk(inner)


def check_card(card: Any, *, in_dialog: bool = False) -> None:
    """Raise ConnectorError for what Teams would not show as it is meant."""
    if not isinstance(card, dict) or card.get("type") != "AdaptiveCard":
        raise bad("not an adaptive card")
    if card.get("version") not in {"1.2", "1.3", "1.4", "1.5"}:
        raise bad("a version that Teams does not show")
    if not str(card.get("fallbackText") or "").strip():
        raise bad("no fallbackText")
    if not card.get("body"):
        raise bad("an empty card")
    check_schema(card)
    _check_kinds(card)
    elements = list(walk(card))
    for element in elements:
        _check_element(element, in_dialog=in_dialog)
    _check_ids(elements)
    _check_mentions(card, elements)
    if len(card.get("actions") or ()) > PRIMARY:
        raise bad("more than six primary actions")


def _check_kinds(part: Any) -> None:
    if isinstance(part, dict):
        kind = part.get("type")
        for key in ("body", "items", "inlines", "rows", "cells", "actions"):
            for inner in part.get(key) or ():
                if not isinstance(inner, dict) or inner.get("type") not in ELEMENTS:
                    raise bad(f"{inner!r} in {key} of {kind}")
                _check_kinds(inner)


def _check_element(element: Json, *, in_dialog: bool) -> None:
    kind = element["type"]
    for name in ELEMENTS[kind]:
        if element.get(name) in (None, "", []):
            raise bad(f"{kind} without {name}")
    if kind == "ActionSet":
        shown = [a for a in element["actions"] if a.get("mode") != "secondary"]
        if len(shown) > PRIMARY:
            raise bad("more than six primary actions")
    if kind.startswith("Input."):
        if not str(element.get("label") or "").strip():
            raise bad(f"{element['id']} has no label")
        if element.get("isRequired") and not element.get("errorMessage"):
            raise bad(f"{element['id']} is required and says not what is missing")
    if kind == "Input.ChoiceSet":
        _check_choices(element)
    if kind == "Action.Execute" and in_dialog:
        raise bad("Action.Execute does nothing in a dialog")
    if kind == "Action.Submit" and not in_dialog and not _opens_dialog(element):
        raise bad("Action.Submit in a message that opens no dialog")


def _opens_dialog(action: Json) -> bool:
    return bool((action.get("data") or {}).get("msteams", {}).get("type") == "task/fetch")


def _check_choices(element: Json) -> None:
    values = [choice.get("value") for choice in element.get("choices") or ()]
    if "choices.data" in element:
        return
    if not values or not all(isinstance(value, str) and value for value in values):
        raise bad(f"{element['id']} has choices without values")
    if len(set(values)) < len(values):
        raise bad(f"{element['id']} has a choice twice")
    if any("," in value for value in values):
        raise bad(f"{element['id']} has a comma in a value")
    chosen = str(element.get("value") or "")
    if chosen and not set(chosen.split(",")) <= set(values):
        raise bad(f"{element['id']} begins with what can't be chosen")


def _check_ids(elements: list[Json]) -> None:
    ids = [element["id"] for element in elements if "id" in element]
    if len(set(ids)) < len(ids):
        raise bad("an id stands twice")
    toggled = {
        name
        for element in elements
        if element["type"] == "Action.ToggleVisibility"
        for name in element["targetElements"]
    }
    if not toggled <= set(ids):
        raise bad("toggles what is not there")


def _check_mentions(card: Json, elements: list[Json]) -> None:
    entities = (card.get("msteams") or {}).get("entities") or ()
    texts = " ".join(str(e.get("text") or "") for e in elements if e["type"] == "TextBlock")
    for entity in entities:
        if entity["text"] not in texts or not entity["mentioned"].get("id"):
            raise bad("a mention that is not in the text")
    if texts.count("<at>") > sum(texts.count(t) for t in {e["text"] for e in entities}):
        raise bad("a mention without its entity")


def check_size(activity: Any, most: int) -> None:
    """Raise ConnectorError for what is too large."""
    if len(json.dumps(activity, ensure_ascii=False).encode()) > most:
        raise ConnectorError(413, "MessageSizeTooBig")


def words_of(card: Json | None, *, hidden: bool = True) -> str:
    """What a person reads in a card."""
    if card is None:
        return ""
    lines = [_line(part, hidden=hidden) for part in (*card["body"], *card.get("actions", ()))]
    return "\n".join(line for line in lines if line)


def _line(part: Json, *, hidden: bool) -> str:
    if not hidden and part.get("isVisible") is False:
        return ""
    match part["type"]:
        case "TextBlock":
            return str(part["text"])
        case "RichTextBlock":
            return "".join(run["text"] for run in part["inlines"])
        case "Container" | "TableCell":
            return "\n".join(_line(item, hidden=hidden) for item in part["items"])
        case "Table":
            return "\n".join(_line(row, hidden=hidden) for row in part["rows"])
        case "TableRow":
            return " · ".join(_line(cell, hidden=hidden) for cell in part["cells"])
        case "ActionSet":
            return " ".join(f"[{action['title']}]" for action in part["actions"])
        case kind if kind.startswith("Action."):
            return f"[{part['title']}]"
        case _:
            choices = " / ".join(c["title"] for c in part.get("choices") or ())
            return f"{part.get('label', '')}: {part.get('value', '')} {choices}".strip()


def find_action(card: Json, label: str, *, below: str = "") -> Json:
    """The button with a label, the first `below` these words; behind a question, the one that
    answers yes."""
    elements = list(_walk_below(card, below)) if below else list(walk(card))
    found = [e for e in elements if e["type"].startswith("Action.") and e.get("title") == label]
    for action in found:
        if action["type"] != "Action.ToggleVisibility":
            return action
    for action in found:
        (name,) = action["targetElements"]
        question = next(e for e in walk(card) if e.get("id") == name)
        for inner in walk(question["items"]):
            if inner["type"] in {"Action.Execute", "Action.Submit"}:
                return inner
    shown = [e.get("title") for e in walk(card) if e["type"].startswith("Action.")]
    raise TeamsRefuses(f"no button “{label}” among {shown}")


def _walk_below(card: Json, words: str) -> Iterator[Json]:
    elements = walk(card)
    for element in elements:
        if element["type"] in {"TextBlock", "RichTextBlock"} and words in _line(
            element, hidden=True
        ):
            return elements
    raise TeamsRefuses(f"nothing here says “{words}”")


def inputs_of(card: Json) -> dict[str, Json]:
    """The inputs by id."""
    return {e["id"]: e for e in walk(card) if e["type"].startswith("Input.")}


def find_input(card: Json, name: str) -> Json:
    """An input by its form's name for it, its id or its label."""
    for identifier, element in inputs_of(card).items():
        if name in {identifier, identifier.partition(":")[2], element.get("label")}:
            return element
    raise TeamsRefuses(f"no input “{name}” among {list(inputs_of(card))}")


def error_below(card: Json, name: str) -> str:
    """What stands in red right below an input; nothing if that is not there."""
    shown = [e for e in walk(card) if e["type"].startswith("Input.") or "inlines" in e]
    at = shown.index(find_input(card, name)) + 1
    runs = shown[at].get("inlines", ()) if at < len(shown) else ()
    return "".join(run["text"] for run in runs if run.get("color") == "Attention")


def enter(element: Json, value: Any) -> str:
    """What an input holds after a person filled it in. Raises TeamsRefuses."""
    if element["type"] == "Input.ChoiceSet":
        return _choose(element, value)
    text = str(value)
    if len(text) > element.get("maxLength", 10**6):
        raise TeamsRefuses(f"{element['id']} is too long")
    return text


def _choose(element: Json, value: Any) -> str:
    wanted = [str(each) for each in (value if isinstance(value, list | tuple) else [value])]
    if "choices.data" in element:
        return ",".join(wanted)
    chosen = []
    for each in wanted:
        for choice in element["choices"]:
            if each in {choice["value"], choice["title"]} or choice["title"].startswith(
                f"{each} ("
            ):
                chosen.append(choice["value"])
                break
        else:
            raise TeamsRefuses(f"{each!r} is none of {[c['title'] for c in element['choices']]}")
    if len(chosen) > 1 and not element.get("isMultiSelect"):
        raise TeamsRefuses("only one may be chosen")
    return ",".join(chosen)


def initial_values(card: Json) -> dict[str, str]:
    """What a card's inputs hold at first."""
    return {name: str(element.get("value") or "") for name, element in inputs_of(card).items()}


def check_entered(card: Json, values: dict[str, str]) -> None:
    """What Teams' client asks before it sends a form off. Raises TeamsRefuses."""
    for name, element in inputs_of(card).items():
        if element.get("isRequired") and not values.get(name):
            raise TeamsRefuses(f"{element.get('label')}: {element['errorMessage']}")
