"""The published schema of the file that moves an alliance."""

from pathlib import Path

import jsonschema

from adapters.local.sample import read_sample
from bot.features.catalogue import make_registry
from bot.record.schema import make_schema, to_text

PUBLISHED = Path(__file__).parents[3] / "docs" / "alliance.schema.json"


def test_what_is_published_is_what_is_checked() -> None:
    said = "write it anew: entente schema > docs/alliance.schema.json"
    assert PUBLISHED.read_text() == to_text(make_registry()), said


def test_every_section_says_what_it_holds() -> None:
    for section in make_registry().record:
        assert section.schema, section.name
        jsonschema.Draft202012Validator.check_schema(section.schema)


def test_the_playgrounds_alliance_fits_it() -> None:
    registry = make_registry()
    known = {section.name for section in registry.record} | {"entente"}
    found = {name: content for name, content in read_sample().items() if name in known}
    jsonschema.validate(found, make_schema(registry))
