"""The sections of a document: what stands under each of its headings.

Markdown is read by its grammar; text without any mark is read by how headings look when people
paste them: short lines that stand alone, numbered, in capitals or with a colon.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_CHARACTERS = 200_000
"""Of a document's text: about 80 pages. What is longer is no charter."""

MOST_LINES = 8_000
MOST_SECTIONS = 300

_FRONT = re.compile(r"\A---\n.{0,2000}?\n---\n", re.DOTALL)
"""What some tools keep before a document: its layout, its title."""

_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,5000}?-->", re.DOTALL)
# What they look for has an end, or a text made of beginnings alone would take its square to read.
_LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\](?:\([^)\n]{0,500}\)|\[[^\]\n]{0,300}\])")
_TARGET = re.compile(r"^ {0,3}\[[^\]\n]{1,300}\]:[ \t]*\S.*$", re.MULTILINE)
_TAG = re.compile(r"</?[a-zA-Z][^>\n]{0,300}>")
_STRONG = re.compile(r"(\*\*|__|`)(?=\S)(.{1,500}?)(?<=\S)\1")
_BULLET = re.compile(r"^(\s*)[*+]\s+", re.MULTILINE)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_GAP = re.compile(r"\n{3,}")

_NUMBER = re.compile(
    r"^\s*(?:(?:section|article|clause|chapter|part|annex|appendix)\s+)?"
    r"(?P<number>(?:\d{1,2}(?:\.\d{1,2}){0,3}|[IVXLC]{1,6}|[A-Z])[.):]?)"
    r"(?:\s*[-–—:.]\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
"""`1.`, `2.3`, `Section 4:`, `Article IV -`: what comes before a heading's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, up to the next one. `level` is 1 for the topmost kind of
    heading, and 0 for what comes before any."""

    heading: str
    level: int
    text: str


def read_markdown(text: str) -> list[Section]:
    """The sections of a Markdown document; of a text without headings in Markdown, those whose
    headings look like some."""
    source = _normalise(text)
    lines = source.split("\n")
    found = [
        (token.map[0], token.map[1], int(token.tag[1]), following.content)
        for token, following in _pairs(source)
        if token.type == "heading_open" and token.map is not None and token.level == 0
    ]
    if not found:
        return read_plain(source)
    sections = [Section(heading="", level=0, text=_clean("\n".join(lines[: found[0][0]])))]
    for index, (_, begin, level, heading) in enumerate(found):
        end = found[index + 1][0] if index + 1 < len(found) else len(lines)
        body = _clean("\n".join(lines[begin:end]))
        sections.append(Section(heading=_clean_heading(heading), level=level, text=body))
    return settle(sections)


def _pairs(source: str) -> Iterator[tuple[Token, Token]]:
    # Blocks alone: what stands within lines is cleaned of its marks, not read by its grammar.
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    tokens = parser.parse(source)
    return itertools.pairwise(tokens)


def _normalise(text: str) -> str:
    text = text[:MOST_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    text = "\n".join(text.split("\n", MOST_LINES)[:MOST_LINES])
    return _COMMENT.sub("", _FRONT.sub("", text))


def _clean(markdown: str) -> str:
    """Markdown as people read it: its words and lists, without the marks of links and emphasis."""
    text = _TARGET.sub("", markdown)
    text = _LINK.sub(r"\1", text)
    text = _TAG.sub("", text)
    text = _STRONG.sub(r"\2", text)
    text = _BULLET.sub(r"\1- ", text)
    text = _ESCAPE.sub(r"\1", text)
    return _GAP.sub("\n\n", text).strip()


def _clean_heading(heading: str) -> str:
    return " ".join(_clean(heading).split())[:200]


def read_plain(text: str) -> list[Section]:
    """The sections of a text without marks."""
    lines = _normalise(text).split("\n")
    sections: list[tuple[str, int, list[str]]] = [("", 0, [])]
    for index, line in enumerate(lines):
        before = lines[index - 1] if index else ""
        after = lines[index + 1] if index + 1 < len(lines) else ""
        level = _get_level(line, before, after)
        if level:
            sections.append((line.strip().rstrip(":").strip(), level, []))
        else:
            sections[-1][2].append(line)
    return settle(
        [
            Section(heading=heading[:200], level=level, text=_clean("\n".join(body)))
            for heading, level, body in sections
        ]
    )


def _get_level(line: str, before: str, after: str) -> int:
    """How deep a heading this line seems to be; 0 if it seems to be none."""
    words = line.strip()
    if not words or len(words) > 80 or words[-1] in ".,;!?":
        return 0
    if before.strip():
        # Within a paragraph nothing but capitals tells a heading.
        return 1 if words.isupper() and len(words) > 3 else 0
    number = _NUMBER.match(words)
    if number is not None and number["number"][0].isdigit():
        depth = number["number"].rstrip(".):").count(".")
        # A list's item goes on right below; a heading's text begins there, but not with a number.
        return 0 if _NUMBER.match(after) else depth + 1
    rest = words[number.end() :] if number else words
    if rest.isupper() and len(rest) > 3:
        return 1
    if words.endswith(":") and len(words.split()) <= 8:
        return 1
    is_title = words[0].isupper() and len(words.split()) <= 6
    return 1 if is_title and not after.strip() else 0


def looks_like_heading(line: str) -> bool:
    """Whether a line that is set apart, by bold letters perhaps, can be a heading."""
    words = line.strip()
    return 0 < len(words) <= 80 and words[-1] not in ".,;!?" and "\n" not in words


def settle(sections: list[Section]) -> list[Section]:
    """The sections with their levels counted from 1, without what says nothing."""
    levels = sorted({section.level for section in sections if section.level})
    depth = {level: index + 1 for index, level in enumerate(levels)}
    kept = [
        Section(
            heading=section.heading,
            level=depth.get(section.level, 0),
            text=section.text,
        )
        for section in sections
        if section.heading or section.text
    ]
    return kept[:MOST_SECTIONS]


def strip_number(heading: str) -> str:
    """A heading without what numbers it."""
    match = _NUMBER.match(heading)
    if match is None:
        return heading.strip()
    number = match["number"]
    is_letter = number[:1].isalpha() and number[-1:] not in ".):"
    if is_letter and not re.match(r"(?i)\s*(section|article|clause|chapter|part|annex)", heading):
        return heading.strip()
    return heading[match.end() :].strip()
