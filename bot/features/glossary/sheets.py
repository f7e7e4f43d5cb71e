"""Glossaries as people keep them: CSV, TSV, Excel, JSON; read without trusting anything in them."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

import orjson

from bot.core.errors import NotUnderstood
from bot.features.glossary.folding import fold

MOST_BYTES: Final = 10_000_000
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 40
LONGEST_CELL: Final = 4_000
_MOST_UNPACKED: Final = 200_000_000
SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".json")


_FORMULA: Final = frozenset(["=", "+", "-", "@", "\t", "\r"])
"""What spreadsheets run if a cell begins so (OWASP, CSV injection)."""

_BROKEN: Final = (
    # The archive (RuntimeError: encrypted; NotImplementedError: packed in an unknown way).
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    # What is in it: no workbook, a part missing, values of the wrong kind, and broken XML, of which
    # both libraries that may read it make a SyntaxError.
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
)
"""What a broken or hostile archive makes openpyxl raise; it is no file of terms."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of texts, all as long as `columns`; `columns` are the names in the first line, or
    numbers if that is no line of names. `first` is the number of the first row as people count.
    `name` and `others`: of a workbook with several sheets, the one that was read, and the rest."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    name: str = ""
    others: tuple[str, ...] = ()


FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "term": ("term", "acronym", "abbreviation", "word", "name", "abbr", "short form", "short",
             "initialism", "key", "begriff", "abkürzung", "terme", "sigle"),
    "meaning": ("meaning", "definition", "description", "explanation", "means", "stands for",
                "expansion", "long form", "full form", "full name", "spelled out", "bedeutung",
                "définition", "signification", "text"),
    "spelled_out": ("spelled out", "expansion", "long form", "full form", "full name",
                    "stands for", "ausgeschrieben"),
    "partner": ("partner", "organisation", "organization", "org", "company", "owner org",
                "firma", "société", "side"),
    "context": ("context", "topic", "category", "area", "committee", "domain", "field", "kontext"),
    "alias": ("alias", "aliases", "synonym", "synonyms", "also", "also known as", "aka",
              "variants"),
    "discouraged": ("discouraged", "avoid", "do not use", "don't use", "deprecated", "not"),
    "review_on": ("review on", "review", "review date", "next review", "look at again on"),
    "status": ("status", "state"),
    "examples": ("example", "examples", "usage", "beispiel"),
}  # fmt: skip
"""What a column may hold, and how such columns are called, the likeliest name first."""


def read_sheet(name: str, content: bytes) -> Sheet:
    """The rows of a file. Raises NotUnderstood, with what to do, if there are none to be read."""
    if len(content) > MOST_BYTES:
        raise NotUnderstood("terms_file.too_large", most=MOST_BYTES // 1_000_000)
    ending = name.casefold().rpartition(".")[2]
    title, others = "", tuple[str, ...]()
    raw: Iterable[Sequence[Any]]
    if content[:4] == b"PK\x03\x04":
        raw, title, others = _read_xlsx(content)
    elif ending == "json" or content.lstrip()[:1] in (b"{", b"["):
        raw = _read_json(content)
    else:
        raw = _read_csv(content)
    lines = [_clean(line) for line in islice(raw, MOST_ROWS + 2)]
    while lines and not any(lines[-1]):
        lines.pop()
    if len(lines) > MOST_ROWS + 1:
        raise NotUnderstood("terms_file.too_many", most=MOST_ROWS)
    if not lines or max(map(len, lines)) < 2:
        raise NotUnderstood("terms_file.no_table")
    return replace(_to_sheet(lines), name=title, others=others)


def _clean(line: Iterable[Any]) -> list[str]:
    cells = islice(line, MOST_COLUMNS)
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [_tame(text.replace("\0", "").strip())[:LONGEST_CELL] for text in texts]


def _tame(text: str) -> str:
    """A cell as it was before `make_harmless`."""
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text


def _to_sheet(lines: list[list[str]]) -> Sheet:
    width = max(map(len, lines))
    padded = [tuple(line + [""] * (width - len(line))) for line in lines]
    names = {alias for aliases in FIELDS.values() for alias in aliases}
    heads = [_fold_head(cell) for cell in padded[0]]
    if any(head in names for head in heads):
        columns = tuple(cell[:75] or str(n) for n, cell in enumerate(padded[0], 1))
        return Sheet(columns, tuple(padded[1:]), 2)
    return Sheet(tuple(str(n) for n in range(1, width + 1)), tuple(padded), 1)


def _fold_head(name: str) -> str:
    """The name of a column as such names are compared."""
    return fold(name).replace("_", " ").replace("-", " ").strip()


def _read_csv(content: bytes) -> Iterator[list[str]]:
    text = _decode(content)
    csv.field_size_limit(1_000_000)
    sample = text[:20_000]
    counts = {mark: sample.count(mark) for mark in ("\t", ";", ",", "|")}
    first = sample.splitlines()[0] if sample.strip() else ""
    mark = max(counts, key=lambda m: (m in first, first.count(m), counts[m]))
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error:
        raise NotUnderstood("terms_file.unreadable") from None


def _decode(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _read_xlsx(content: bytes) -> tuple[Sequence[Sequence[Any]], str, tuple[str, ...]]:
    """The rows of the sheet that looks most like a glossary, its name where it is not the only one,
    and the names of the others."""
    import openpyxl  # not before somebody sends a sheet
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(item.file_size for item in packed.infolist()) > _MOST_UNPACKED:
                raise NotUnderstood("terms_file.too_large", most=MOST_BYTES // 1_000_000)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        filled = [s for s in book.worksheets if (s.max_row, s.max_column) != (1, 1)]
        tables = [s for s in filled if (s.max_column or 2) > 1]
        if not tables:
            raise NotUnderstood("terms_file.no_table")
        sheet = max(tables, key=_rank) if len(tables) > 1 else tables[0]
        lines = list(islice(sheet.iter_rows(values_only=True), MOST_ROWS + 2))
        others = tuple(s.title for s in filled if s is not sheet)
        book.close()
    except (*_BROKEN, InvalidFileException):
        raise NotUnderstood("terms_file.unreadable") from None
    return lines, sheet.title if others else "", others


def _rank(sheet: Any) -> tuple[bool, int, int]:
    """How much the first line looks like that of a glossary: whether it names terms and meanings,
    how likely those names are, and how much else it names. Of equals the first is taken."""
    line = next(iter(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS, values_only=True)), ())
    heads = [_fold_head(str(cell or "")) for cell in line]
    places = {
        name: min((aliases.index(head) for head in heads if head in aliases), default=-1)
        for name, aliases in FIELDS.items()
    }
    named = [name for name, place in places.items() if place >= 0]
    is_both = "term" in named and "meaning" in named
    likely = -(places["term"] + places["meaning"]) if is_both else 0
    return is_both, likely, len(named)


def _read_json(content: bytes) -> Iterator[list[str]]:
    """A list of objects, `{"terms": […]}`, objects a line, or `{"TERM": "meaning"}`."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        found = _read_lines(content)
    if isinstance(found, dict) and isinstance(found.get("terms"), list):
        found = found["terms"]
    if isinstance(found, dict):
        found = [{"term": term, "meaning": meaning} for term, meaning in found.items()]
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise NotUnderstood("terms_file.unreadable")
    rows = [row for item in found for row in _unfold(item)]
    columns = list(dict.fromkeys(key for row in rows for key in row))[:MOST_COLUMNS]
    yield columns
    for row in rows:
        yield [_to_text(row.get(column, "")) for column in columns]


def _read_lines(content: bytes) -> object:
    try:
        return [orjson.loads(line) for line in content.splitlines() if line.strip()]
    except orjson.JSONDecodeError:
        raise NotUnderstood("terms_file.unreadable") from None


def _unfold(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """`{"term": …, "meanings": {"Acme": […]}}`, or `[{"partner": "Acme", "text": …}]` as Entente's
    own export has it, as a row for each meaning."""
    meanings = item.get("meanings")
    rest = {key: value for key, value in item.items() if key not in {"meanings", "chain"}}
    if isinstance(meanings, dict):
        for partner, texts in meanings.items():
            for text in texts if isinstance(texts, list) else [texts]:
                yield {**rest, "partner": partner, "meaning": text}
    elif isinstance(meanings, list):
        for each in meanings:
            said = each if isinstance(each, dict) else {"text": each}
            yield {**rest, "partner": said.get("partner"), "meaning": said.get("text")}
    else:
        yield item


def _to_text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def guess_mapping(sheet: Sheet) -> dict[str, int]:
    """Which column holds what, by their names, each column for one thing; without names the first
    two are the term and its meaning."""
    heads = [_fold_head(name) for name in sheet.columns]
    found: dict[str, int] = {}
    for field in ("term", "meaning", *(f for f in FIELDS if f not in {"term", "meaning"})):
        for alias in FIELDS[field]:
            if alias in heads and heads.index(alias) not in found.values():
                found[field] = heads.index(alias)
                break
    free = [n for n in range(len(heads)) if n not in found.values()]
    for field in ("term", "meaning"):
        if field not in found and free:
            found[field] = free.pop(0)
    return found


def make_harmless(cell: str) -> str:
    """A cell for a spreadsheet: what begins like a formula is kept from being one."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell
