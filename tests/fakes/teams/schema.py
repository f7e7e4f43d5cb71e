"""Microsoft's own schema of cards, where the shared test data is at hand."""

import json
from functools import cache
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from tests.fakes.schemas import read_schema

from .errors import ConnectorError

_FREE = frozenset({"text", "title", "label", "value", "fallbackText", "id", "placeholder", "data"})
"""What holds people's words, or ids: any text will do, and any other would."""

_passed: set[str] = set()


@cache
def get_validator() -> Validator | None:
    """What checks a card; None without the data. Raises FileNotFoundError in CI."""
    schema = read_schema("adaptive-card-1.5.json")
    return None if schema is None else jsonschema.validators.validator_for(schema)(schema)


def check_schema(card: Any) -> None:
    """Raise ConnectorError for what is no card by the schema. Cards of one shape are looked at
    once, since a look takes long."""
    validator = get_validator()
    if validator is None:
        return
    shape = _shape(card)
    key = json.dumps(shape, sort_keys=True)
    if key in _passed:
        return
    error = next(validator.iter_errors(shape), None)
    if error is not None:
        raise ConnectorError(400, "BadSyntax", f"against the schema: {error.message[:300]}")
    _passed.add(key)


def _shape(part: Any) -> Any:
    """A card without what differs from one to the next. Microsoft's schema knows neither Teams' own
    part nor its people picker."""
    if isinstance(part, dict):
        return {
            name: "x" if name in _FREE and isinstance(inner, str) and inner else _shape(inner)
            for name, inner in part.items()
            if name not in {"msteams", "choices.data"} and not (name == "data" and inner)
        }
    if isinstance(part, list):
        shapes = [_shape(inner) for inner in part]
        return [each for n, each in enumerate(shapes) if each not in shapes[:n]]
    return part
