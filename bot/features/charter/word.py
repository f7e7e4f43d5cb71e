"""Reading a Word document, once it is known to be harmless (see documents.py)."""

import io
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.oxml.exceptions import InvalidXmlError
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from bot.core.errors import NotUnderstood
from bot.features.charter.sections import MOST_CHARACTERS, Section, looks_like_heading, settle

MOST_PARAGRAPHS = 5_000


def read(content: bytes) -> list[Section]:
    """Its sections. Raises NotUnderstood for what is no Word document."""
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
