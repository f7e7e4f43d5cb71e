"""Blocks of a document as HTML and as Markdown. What people typed never becomes markup."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

from bot.core.documents import Document
from bot.core.views import Block, Fields, Heading, Note, Quote, Table, Text, plain

_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)


class _Renderer(RendererHTML):
    """Links lead to the web or are nothing but their words: mentions have no page."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[idx]
        if _WEB.fullmatch(str(token.attrGet("href") or "")) is None:
            return "<span>"
        token.attrs = {"href": token.attrs["href"], "rel": "noreferrer noopener nofollow"}
        return str(self.renderToken(tokens, idx, options, env))

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        depth, opening = 0, idx
        for place in range(idx, -1, -1):
            kind = tokens[place].type
            depth += (kind == "link_close") - (kind == "link_open")
            if depth == 0:
                opening = place
                break
        is_web = _WEB.fullmatch(str(tokens[opening].attrGet("href") or "")) is not None
        return "</a>" if is_web else "</span>"

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Headings that somebody wrote into a text stand below the document's own."""
        return "<p><strong>"

    def heading_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """The end of one."""
        return "</strong></p>\n"


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # judged when rendered
    return parser.disable(["image", "html_block", "html_inline"])


_PARSER = _make_parser()


def write_html(text: str) -> Markup:
    """Markdown as HTML; raw HTML in it is shown as it was typed."""
    return Markup(_PARSER.render(text))  # noqa: S704 - the parser escapes whatever is no markup


_ADDRESS = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]}]", re.IGNORECASE)


def link_addresses(text: str) -> Markup:
    """What somebody typed, exactly so, with the web addresses in it as links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        address = escape(found.group())
        parts += [escape(text[end : found.start()])]
        parts += [_LINK.format(address=address)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


_LINK = Markup('<a href="{address}" rel="noreferrer noopener nofollow">{address}</a>')


def write_markdown(document: Document) -> str:
    """The whole document as Markdown."""
    lines = [f"# {_plain(document.title)}", ""]
    lines += [line for note in document.notes for line in (f"*{plain(note)}*", "")]
    for section in document.sections:
        mark = " (changed)" if section.is_new else ""
        lines += [f"## {_plain(section.title)}{mark}", ""]
        for block in section.blocks:
            lines += [_write(block), ""]
    if document.closing:
        lines += ["---", "", document.closing]
    return "\n".join(lines).rstrip() + "\n"


_MARKS = re.compile(r"[\\`*_\[\]<>|~&]")
_STARTS = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))")


def _plain(text: str) -> str:
    """A line that shows exactly these characters, with no more marks than that takes."""
    line = _MARKS.sub(lambda found: f"\\{found.group()}", " ".join(text.split()))
    return _STARTS.sub(_set_off, line)


def _set_off(found: re.Match[str]) -> str:
    mark = found[2]
    return f"{found[1]}{mark}\\" if mark.isdigit() else f"{found[1]}\\{mark}"


def _write(block: Block) -> str:
    match block:
        case Heading():
            return f"### {_plain(block.text)}"
        case Text() | Note():
            return block.text
        case Quote():
            return _write_quote(block.text.splitlines())
        case Fields():
            return "\n".join(f"- **{_plain(k)}**: {_plain(v)}" for k, v in block.items)
        case Table():
            return _write_table(block.columns, block.rows)
        case _:
            return ""


def _write_quote(lines: Sequence[str]) -> str:
    """Lines stay lines: where one follows, two blanks at the end say so."""
    written = []
    for line, following in zip(lines, (*lines[1:], ""), strict=True):
        breaks = "  " if line.strip() and following.strip() else ""
        written.append(f"> {_plain(line)}".rstrip() + breaks)
    return "\n".join(written)


def _write_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    ruler = ["---"] * len(columns)
    lines = [[_plain(str(cell)) for cell in row] for row in (columns, *rows)]
    lines.insert(1, ruler)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
