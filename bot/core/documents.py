"""What somebody can open in a browser, print or save: no platform's own, as views are not."""

from dataclasses import dataclass

from bot.core.views import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document. `is_new`: something in it changed since the reader last looked."""

    title: str
    blocks: tuple[Block, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A text in sections. Titles are plain text; `notes` stand under the title, `closing` at the
    end, both in Markdown."""

    title: str
    notes: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something to download, as it is."""

    name: str
    media_type: str
    body: bytes
