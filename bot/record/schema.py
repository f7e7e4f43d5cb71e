"""What the file that moves an alliance may hold: a JSON schema, put together from the features'
sections and published as `docs/alliance.schema.json`.

`python -m bot.record.schema` writes it out.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from bot.core.records import Item, Listed, Problem
from bot.dispatch.feature import Registry

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

FORMAT: Final = 1
_AT_ONCE: Final = 20
"""Problems that are told at once."""

_NAMES: Final = {
    "object": "names and values",
    "array": "a list (lines that begin with -)",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}


def make_schema(registry: Registry) -> dict[str, Any]:
    """The schema of everything that the registered features export."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An alliance, as Entente exports and imports it",
        "type": "object",
        "required": ["entente", "alliance", "partners"],
        "additionalProperties": False,
        "properties": {
            "entente": {"const": FORMAT, "description": "The format of this file."},
            **{section.name: dict(section.schema) for section in registry.record},
        },
    }


def check(found: Item, schema: Mapping[str, Any]) -> list[Problem]:
    """Everything in which `found` does not fit, with its line; the first twenty."""
    from jsonschema import Draft202012Validator  # not before somebody brings a record

    errors = Draft202012Validator(dict(schema)).iter_errors(found)
    problems = [_describe(found, _deepest(error)) for error in errors]
    return sorted(problems, key=lambda problem: problem.line)[:_AT_ONCE]


def _deepest(error: "ValidationError") -> "ValidationError":
    """Of several ways to be right, the one that came closest."""
    while error.context:
        error = max(error.context, key=lambda e: (len(e.absolute_path), e.validator != "type"))
    return error


def _describe(root: Item, error: "ValidationError") -> Problem:
    value: Any = root
    line, path = root.line or 1, ""
    for step in error.absolute_path:
        if isinstance(value, Item) and isinstance(step, str):
            line, path = value.line_of(step), f"{path}.{step}" if path else step
        elif isinstance(value, Listed) and isinstance(step, int):
            line, path = value.lines[step], f"{path}[{step + 1}]"
        value = value[step]
    line = _line_of_extra(value, error) or line
    return Problem(f"{path}: {_expect(error)}" if path else _expect(error), line=line)


def _line_of_extra(value: Any, error: "ValidationError") -> int:
    extra = _get_extra(error)
    return value.line_of(extra[0]) if extra and isinstance(value, Item) else 0


def _get_extra(error: "ValidationError") -> list[str]:
    if error.validator != "additionalProperties":
        return []
    instance: Any = error.instance
    return [key for key in instance if key not in _get_schema(error).get("properties", {})]


def _get_schema(error: "ValidationError") -> dict[str, Any]:
    found: Any = error.schema
    return found if isinstance(found, dict) else {}


def _expect(error: "ValidationError") -> str:
    wanted: Any = error.validator_value
    instance: Any = error.instance
    schema = _get_schema(error)
    kind = str(error.validator)
    if kind == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return "expected " + " or ".join(_NAMES.get(one, one) for one in kinds)
    if kind == "required":
        missing = [name for name in wanted if name not in instance]
        return f"expected also {', '.join(missing)}"
    if kind == "additionalProperties":
        known = ", ".join(sorted(schema.get("properties", {})))
        return f"there is no {_get_extra(error)[0][:40]!r} here; expected {known}"
    if kind in {"enum", "const"}:
        values = wanted if isinstance(wanted, list) else [wanted]
        return f"expected {' or '.join(str(value) for value in values)}"
    limits = {
        "maxLength": f"expected at most {wanted} characters",
        "minLength": "expected some text",
        "maxItems": f"expected at most {wanted}",
        "minItems": f"expected at least {wanted}",
        "pattern": f"expected {schema.get('description', wanted)}",
    }
    return limits.get(kind, error.message[:200])


def to_text(registry: Registry) -> str:
    """The schema as it is published."""
    return json.dumps(make_schema(registry), indent=2, ensure_ascii=False) + "\n"
