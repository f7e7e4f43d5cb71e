"""Reading a charter out of a file that somebody handed over: Markdown, text, or Word.

Files come from outside: what they claim is checked before anything is unpacked, nothing in them
is run, and nothing they point to is fetched.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

import docx
from docx.document import Document
from docx.oxml.exceptions import InvalidXmlError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from bot.core.errors import NotUnderstood
from bot.features.charter.sections import (
    MOST_CHARACTERS,
    Section,
    looks_like_heading,
    read_markdown,
    settle,
)

LARGEST = 2_000_000
"""Bytes of a file."""

LARGEST_UNPACKED = 30_000_000
"""Bytes of all that a Word file holds: pictures, mostly."""

LARGEST_TEXT = 6_000_000
"""Bytes of any of its texts: those are read into memory."""

MOST_ENTRIES = 1_000
MOST_PARAGRAPHS = 5_000

TEXTS = frozenset({".md", ".markdown", ".txt", ".text"})
WORD = frozenset({".docx"})
SUFFIXES = TEXTS | WORD


def read_document(content: bytes, name: str) -> list[Section]:
    """The sections of a file. Raises NotUnderstood, in words, for what cannot be read."""
    if len(content) > LARGEST:
        raise NotUnderstood("charter.file_large", most=LARGEST // 1_000_000)
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.casefold()
    if suffix == ".docm":
        raise NotUnderstood("charter.file_macros")
    if content[:4] == b"PK\x03\x04" or suffix in WORD:
        sections = _read_word(content)
    elif suffix in TEXTS or not suffix:
        sections = read_markdown(_decode(content))
    else:
        raise NotUnderstood("charter.file_kind", name=name[:80])
    if not any(section.text for section in sections):
        raise NotUnderstood("charter.file_empty")
    return sections


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in _MARKS else ("utf-8-sig",):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    if b"\0" in content:
        raise NotUnderstood("charter.file_binary")
    # What no encoding fits was written on an older Windows, most likely.
    return content.decode("cp1252", errors="replace")


_MARKS = {b"\xff\xfe", b"\xfe\xff"}


def _read_word(content: bytes) -> list[Section]:
    _check_package(content)
    try:
        document = docx.Document(io.BytesIO(content))
        return _read_body(document)
    except (
        InvalidXmlError,
        SyntaxError,
        KeyError,
        ValueError,
        AttributeError,
        TypeError,
        IndexError,
        AssertionError,
        NotImplementedError,
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
        RecursionError,
    ):
        # The library trips in many ways over files that are no Word documents.
        raise NotUnderstood("charter.file_not_word") from None


def _check_package(content: bytes) -> None:
    """Raise NotUnderstood for what must not be unpacked: no package, too much in it, macros, or
    XML that defines entities of its own."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_entries(package.infolist())
            for entry in package.infolist():
                if entry.filename.casefold().endswith((".xml", ".rels")):
                    _check_xml(package.read(entry), entry.filename)
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        OSError,
        EOFError,
        ValueError,
    ):
        raise NotUnderstood("charter.file_not_word") from None
    except zipfile.LargeZipFile:
        raise NotUnderstood("charter.file_bomb") from None


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.casefold() for entry in entries]
    if "word/document.xml" not in names or "[content_types].xml" not in names:
        raise NotUnderstood("charter.file_not_word")
    texts = [e.file_size for e in entries if e.filename.casefold().endswith((".xml", ".rels"))]
    if (
        len(entries) > MOST_ENTRIES
        or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED
        or max(texts) > LARGEST_TEXT
        or sum(texts) > 2 * LARGEST_TEXT
    ):
        raise NotUnderstood("charter.file_bomb")
    if any("vbaproject" in name or "/activex/" in name for name in names):
        raise NotUnderstood("charter.file_macros")


def _check_xml(text: bytes, name: str) -> None:
    plain = text.replace(b"\0", b"")
    if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise NotUnderstood("charter.file_not_word")
    if name.casefold() == "[content_types].xml" and b"macroenabled" in plain.lower():
        raise NotUnderstood("charter.file_macros")


def _read_body(document: Document) -> list[Section]:
    found: list[tuple[str, int, list[str]]] = [("", 0, [])]
    paragraphs = list(_read_paragraphs(document))
    is_styled = any(level for _, level, _ in paragraphs)
    for text, level, is_bold in paragraphs:
        if not level and not is_styled and is_bold and looks_like_heading(text):
            level = 1
        if level:
            found.append((text, level, []))
        elif text:
            found[-1][2].append(text)
    return settle(
        [
            Section(heading=" ".join(heading.split())[:200], level=level, text="\n".join(body))
            for heading, level, body in found
        ]
    )


def _read_paragraphs(document: Document) -> Iterator[tuple[str, int, bool]]:
    """Each paragraph's text, its level as a heading (0: none), and whether all of it is bold."""
    characters = 0
    for count, block in enumerate(document.iter_inner_content()):
        if count >= MOST_PARAGRAPHS or characters >= MOST_CHARACTERS:
            return
        if isinstance(block, Table):
            for text in _read_rows(block):
                characters += len(text)
                yield text, 0, False
            continue
        text = block.text.strip()
        characters += len(text)
        level = _get_level(block) if text else 0
        runs = [run for run in block.runs if run.text.strip()]
        is_bold = bool(runs) and all(run.bold for run in runs)
        yield (text if level else _with_bullet(block, text)), level, is_bold


def _read_rows(table: Table) -> Iterator[str]:
    for row in table.rows[:200]:
        # Not `row.cells`: that makes as many of a cell as it claims to span columns.
        cells = [" ".join(_Cell(tc, table).text.split()) for tc in row._tr.tc_lst[:20]]
        if any(cells):
            yield " | ".join(cell for cell in cells if cell)


def _get_level(paragraph: Paragraph) -> int:
    """The level of a heading: by its outline, or by its style or those that this one is based on.
    The names of Word's own styles are the same in every language, in the file."""
    style = paragraph.style
    for _ in range(10):
        if style is None:
            return 0
        name = (style.name or "").casefold()
        if name == "title":
            return 1
        if name.startswith("heading ") and name[8:].isdigit():
            # A document's title stands above its first level.
            return min(int(name[8:]), 8) + 1
        style = style.base_style
    return 0


def _with_bullet(paragraph: Paragraph, text: str) -> str:
    name = ((paragraph.style.name if paragraph.style is not None else "") or "").casefold()
    return f"- {text}" if text and name.startswith("list") else text
