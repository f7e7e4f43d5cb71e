"""The structure of blocks by Slack's published schema, where the shared test data is at hand."""

import functools
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from tests.fakes.schemas import read_schema

from .elements import Findings
from .records import Json

SCHEMA = "block-kit.open.schema.json"
DEFINITIONS = {"rich_text": "RichTextBlock", "context_actions": "ContextActionsBlock"}


@functools.cache
def load_schema() -> Json | None:
    """The schema, or None where the data is absent. Raises FileNotFoundError in CI."""
    return read_schema(SCHEMA)


@functools.cache
def validator_for(kind: str) -> Any:
    """A validator for one type of block, or None where the schema does not speak of it."""
    schema = load_schema()
    name = DEFINITIONS.get(kind, f"{kind.capitalize()}Block")
    if schema is None or name not in schema["definitions"]:
        return None
    return Draft7Validator({**schema, "$ref": f"#/definitions/{name}"})


def check_structure(found: Findings, block: Json, path: str) -> None:
    """Check one block against the schema; the most telling fault is reported."""
    validator = validator_for(str(block.get("type")))
    error = best_match(validator.iter_errors(block)) if validator is not None else None
    if error is not None:
        where = "/".join([path, *map(str, error.absolute_path)])
        found.add(where, f"schema: {error.message[:200]}")
