"""Markdown as runs of an Adaptive Card's rich text: people's words are never read as markup.

Teams' clients read Markdown in text blocks, each in a way of its own; rich text shows exactly the
characters it is given. Only a line that mentions a person of Teams has to be a text block, and its
other words are escaped.

Source: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.teams.names import PLATFORM

Json = dict[str, Any]

SHORTENED: Final = "… (shortened)"
COMMAND: Final = "@Entente "
_SCHEMES: Final = ("say", "how", "person", "channel")

_CONTROLS: Final[dict[int, str | None]] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    ord("\n"): "\n",
    ord("\t"): " ",
}
_MARKS: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>&])")
_TYPED: Final = re.compile(r"(person|channel):([a-z]+)/(.+)", re.DOTALL)
_LINK: Final = re.compile(r"(https?|mailto):", re.IGNORECASE)
_ELSEWHERE: Final = re.compile(r"(^|\.)slack\.com$")
"""Where the links of other workspaces' chats lead."""


class _Reader(MarkdownIt):
    """Knows our typed links too, which its own rule would leave as text."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether a link to `url` may be made."""
        return bool(_LINK.match(url)) or url.partition(":")[0] in _SCHEMES


_MARKDOWN: Final = _Reader("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class Wording:
    """What this platform's readers are told in other words than others: by its name, how a thing
    is done here, and what is said of a link that leads to another platform."""

    how: Mapping[str, str]
    elsewhere: str


@dataclass(slots=True)
class Line:
    """One line: its runs, and whom it mentions."""

    runs: list[Json] = field(default_factory=list)
    mentions: list[tuple[str, str]] = field(default_factory=list)


def clean(text: str) -> str:
    """`text` without control characters; lines end in a newline, tabs are spaces."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def one_line(text: str) -> str:
    """`text` on one line."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters; a cut is told."""
    if len(text) <= limit:
        return text
    ending = SHORTENED if limit >= 3 * len(SHORTENED) else "…"
    return text[: limit - len(ending)].rstrip() + ending


def escape(text: str) -> str:
    """People's words for a text block, which reads Markdown."""
    return _MARKS.sub(r"\\\1", text)


def to_lines(markdown: str, wording: Wording) -> list[Line | None]:
    """Markdown as lines; None stands for the space between two paragraphs."""
    writer = _Writer(wording)
    writer.write_blocks(_MARKDOWN.parse(clean(markdown)))
    return writer.finish()


def to_plain(lines: Sequence[Line | None]) -> str:
    """Lines as they are read aloud."""
    said = ["".join(run["text"] for run in line.runs) if line else "" for line in lines]
    return "\n".join(said)


@dataclass(slots=True)
class _Writer:
    wording: Wording
    lines: list[Line | None] = field(default_factory=list)
    current: Line = field(default_factory=Line)
    bold: int = 0
    italic: int = 0
    links: list[str] = field(default_factory=list)
    bullets: list[Iterator[str]] = field(default_factory=list)
    lead: str = ""

    def write_blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "bullet_list_open":
                    self.bullets.append(iter(lambda: "• ", ""))
                case "ordered_list_open":
                    self.bullets.append(_numbers(int(token.attrGet("start") or 1)))
                case "bullet_list_close" | "ordered_list_close":
                    self.bullets.pop()
                    self._gap()
                case "list_item_open":
                    self.lead = "\u2003" * (len(self.bullets) - 1) + next(self.bullets[-1])
                case "inline":
                    self._write_inline(token.children or ())
                    self._end_line()
                case "paragraph_close" if not self.bullets:
                    self._gap()
                case "heading_open":
                    self.bold += 1
                case "heading_close":
                    self.bold -= 1
                    self._gap()
                case "fence" | "code_block":
                    for line in token.content.rstrip("\n").split("\n"):
                        self._run(line, is_code=True)
                        self._end_line()
                    self._gap()
                case "hr":
                    self._gap()
                case _:
                    pass

    def finish(self) -> list[Line | None]:
        while self.lines and self.lines[-1] is None:
            self.lines.pop()
        return self.lines

    def _gap(self) -> None:
        if self.lines and self.lines[-1] is not None:
            self.lines.append(None)

    def _end_line(self) -> None:
        if self.current.runs:
            self.lines.append(self.current)
        self.current = Line()

    def _write_inline(self, tokens: Sequence[Token]) -> None:
        skipped = 0
        for token in tokens:
            if skipped and token.type not in {"link_close", "link_open"}:
                continue
            match token.type:
                case "text" | "image":
                    self._run(token.content)
                case "code_inline":
                    self._run(token.content, is_code=True)
                case "softbreak" | "hardbreak":
                    self._end_line()
                case "strong_open" | "strong_close":
                    self.bold += token.nesting
                case "em_open" | "em_close":
                    self.italic += token.nesting
                case "link_open":
                    target = str(token.attrGet("href") or "")
                    skipped += self._open_link(target, tokens, token)
                    self.links.append(target)
                case "link_close":
                    self._close_link(self.links.pop())
                    skipped = 0
                case _:
                    pass

    def _open_link(self, target: str, tokens: Sequence[Token], opening: Token) -> int:
        """Write what stands for a link instead of its label; answers whether it is left out."""
        scheme, _, rest = target.partition(":")
        if scheme == "say":
            self._run(COMMAND + _words_of(tokens, opening).removeprefix("/alliance "), is_code=True)
            return 1
        if scheme == "how" and rest in self.wording.how:
            self._run(self.wording.how[rest])
            return 1
        typed = _TYPED.fullmatch(target)
        if typed and typed[1] == "person" and typed[2] == PLATFORM and "~" not in typed[3]:
            name = one_line(_words_of(tokens, opening)) or "…"
            self.current.mentions.append((name, typed[3]))
            self._run(name, mention=len(self.current.mentions) - 1)
            return 1
        return 0

    def _close_link(self, target: str) -> None:
        typed = _TYPED.fullmatch(target)
        is_elsewhere = bool(typed and typed[1] == "channel" and typed[2] != PLATFORM)
        if is_elsewhere or _leads_elsewhere(target):
            self._run(f" ({self.wording.elsewhere})")

    def _run(self, text: str, *, is_code: bool = False, mention: int | None = None) -> None:
        if not text:
            return
        if self.lead:
            text, self.lead = self.lead + text, ""
        run: Json = {"type": "TextRun", "text": text}
        if self.bold:
            run["weight"] = "Bolder"
        if self.italic:
            run["italic"] = True
        if is_code:
            run["fontType"] = "Monospace"
        target = self.links[-1] if self.links else ""
        if _is_link(target):
            run["selectAction"] = {"type": "Action.OpenUrl", "url": target}
        if mention is not None:
            run["mention"] = mention
        self.current.runs.append(run)


def _numbers(first: int) -> Iterator[str]:
    while True:
        yield f"{first}. "
        first += 1


def _words_of(tokens: Sequence[Token], opening: Token) -> str:
    """The words of a link's label."""
    at, depth, words = next(i for i, t in enumerate(tokens) if t is opening), 0, []
    for token in tokens[at:]:
        depth += token.nesting if token.type.startswith("link") else 0
        if token.type in {"text", "code_inline"}:
            words.append(token.content)
        if depth == 0:
            break
    return "".join(words)


def _is_link(target: str) -> bool:
    return bool(_LINK.match(target)) and len(target) <= 2000


def _leads_elsewhere(target: str) -> bool:
    try:
        host = urlsplit(target).hostname or ""
    except ValueError:
        return False
    return bool(_ELSEWHERE.search(host))


def to_mentioning(line: Line) -> str:
    """A line that mentions people, as a text block's Markdown."""
    parts: list[str] = []
    for run in line.runs:
        if "mention" in run:
            lead, _, _ = run["text"].rpartition(line.mentions[run["mention"]][0])
            parts.append(f"{lead}<at>{_tag(line.mentions[run['mention']][0])}</at>")
            continue
        words = escape(run["text"])
        inner = words.strip()
        if inner and run.get("weight"):
            words = words.replace(inner, f"**{inner}**", 1)
        if inner and run.get("italic"):
            words = words.replace(inner, f"_{inner}_", 1)
        if inner and "selectAction" in run:
            words = f"[{words}]({run['selectAction']['url'].replace(')', '%29')})"
        parts.append(words)
    return "".join(parts)


def _tag(name: str) -> str:
    return re.sub(r"[<>&*_`\[\]\\]", "", name)


def to_entity(name: str, identifier: str) -> Json:
    """What Teams needs beside a mention in a card."""
    shown = _tag(name)
    return {
        "type": "mention",
        "text": f"<at>{shown}</at>",
        "mentioned": {"id": identifier, "name": shown},
    }
