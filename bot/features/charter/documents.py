"""Reading a charter out of a file that somebody handed over: Markdown, text, or Word.

Files come from outside: what they claim is checked before anything is unpacked, nothing in them
is run, and nothing they point to is fetched.
"""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from bot.core.errors import NotUnderstood
from bot.features.charter.sections import Section, read_markdown

LARGEST = 2_000_000
"""Bytes of a file."""

LARGEST_UNPACKED = 30_000_000
"""Bytes of all that a Word file holds: pictures, mostly."""

LARGEST_TEXT = 6_000_000
"""Bytes of any of its texts: those are read into memory."""

MOST_ENTRIES = 1_000

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
    # Its library is not imported before somebody sends a Word file.
    from bot.features.charter import word

    return word.read(content)


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
