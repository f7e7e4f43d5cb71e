"""A record as text: JSON, YAML, and Markdown for people."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from bot.core.views import escape


def to_json(record: Mapping[str, Any]) -> str:
    """The record as JSON, readable."""
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, texts of several lines as blocks, and lists set in."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written by reference."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        """Set lists in."""
        return super().increase_indent(flow, False)


def _write_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def to_yaml(record: Mapping[str, Any]) -> str:
    """The record as the file that `entente import` reads."""
    return yaml.dump(dict(record), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


HIDDEN = frozenset(
    {"id", "statement_id", "partner_id", "member_id", "hash", "previous_hash", "chain", "entente"}
)
"""What is of use to programs alone."""

_TITLES = ("name", "term", "number", "person", "title", "clause")
_LONG = ("text", "wording", "meaning")


def to_markdown(record: Mapping[str, Any], *, title: str, notes: tuple[str, ...] = ()) -> str:
    """The record for people: a heading a section, an item a heading or a line."""
    lines = [f"# {escape(title)}", "", *(line for note in notes for line in (note, ""))]
    for name, content in record.items():
        if name in HIDDEN or not content:
            continue
        lines += [f"## {_say(name)}", ""]
        lines += _write(content, level=3)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _say(name: str) -> str:
    return escape(name.replace("_", " ").capitalize())


def _write(content: Any, *, level: int) -> list[str]:
    if isinstance(content, Mapping):
        return _write_item(content, level=level)
    lines: list[str] = []
    for item in content if isinstance(content, list | tuple) else [content]:
        if isinstance(item, Mapping):
            lines += [f"{'#' * min(level, 6)} {_title(item)}", ""]
            lines += [*_write_item(item, level=level), ""]
        else:
            lines.append(f"- {escape(str(item))}")
    return lines


def _title(item: Mapping[str, Any]) -> str:
    parts = [str(item[key]) for key in _TITLES if item.get(key) not in (None, "")]
    owner = [str(item[key]) for key in ("partner",) if item.get(key)]
    return escape(", ".join([*parts, *owner]) or "Entry")


def _write_item(item: Mapping[str, Any], *, level: int) -> list[str]:
    simple, long, nested = [], [], []
    for key, value in item.items():
        if key in HIDDEN or value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping) or (
            isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
        ):
            nested += [f"**{_say(key)}**", "", *_write(value, level=level + 1), ""]
        elif key in _LONG or (isinstance(value, str) and "\n" in value):
            quoted = [
                f"> {escape(line)}" if line.strip() else ">" for line in str(value).split("\n")
            ]
            long += ["", *quoted, ""]
        else:
            said = ", ".join(str(one) for one in value) if isinstance(value, list) else value
            simple.append(f"- {_say(key)}: {escape(str(said))}")
    return [*simple, *long, *nested]
