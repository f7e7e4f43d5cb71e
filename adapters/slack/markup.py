"""Markdown as Slack's mrkdwn, and texts made to fit Slack's limits.

Slack reads `& < >` as its own in every text, so they always leave here as entities
(https://docs.slack.dev/messaging/formatting-message-text). Mentions and links stand in `<…>` and
are made only from typed links. mrkdwn has no escape for its marks `* _ ~` and the backtick: one
that came from text and might pair up is set between U+2060 WORD JOINERs, which show as nothing
but keep Slack from seeing a word's edge there. Marks inside a word or between spaces stay bare,
and so does a mark that is alone of its kind. Emoji names such as `:tada:` are left to Slack.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.dispatch.messages import words

JOINER = "\u2060"
SHORTENED = "… (shortened)"
_MARKDOWN = MarkdownIt("commonmark", {"html": False})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_CONTROLS: dict[int, str | None] = {
    **dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),
    ord("\n"): "\n",
    ord("\t"): " ",
}
# What marks from people's words are while a text is put together: no clean text holds these.
_HELD = dict(zip("*_~`", "\x01\x02\x03\x04", strict=True))
_HOLD = str.maketrans(_HELD)
_RELEASE = str.maketrans({held: mark for mark, held in _HELD.items()})
_RUN = re.compile("[\x01-\x04]+")
_QUOTED = re.compile(r"^([ ]*)(?=&gt;)", re.MULTILINE)
_TYPED = re.compile(r"(person|channel):([a-z]+)/(.+)")
_ID = re.compile(r"[A-Z0-9]+")
_ELSEWHERE = re.compile(r"https://teams\.(cloud\.)?microsoft(\.com)?/", re.IGNORECASE)
"""Where the links of other workspaces' chats lead."""
_WHOLE = re.compile(r"&(?:amp|lt|gt);|<[@#!a-z][^<>\n]*>")
_FORMATS = {"strong": "*", "em": "_"}
_LONGEST_CLUSTER = 64
_LONGEST_LINK = 1500


def clean(text: str) -> str:
    """`text` without control characters; lines end in a newline, tabs are spaces."""
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def escape_plain(text: str) -> str:
    """`text` with `& < >` as entities, so that Slack reads no mention or link in it."""
    return text.translate(_ENTITIES)


def exact(text: str) -> str:
    """People's words as mrkdwn that shows just these characters."""
    return _settle(_unquote(_hold(text)))


def labelled(label: str, value: str) -> str:
    """A bold label over a value, both people's words, as mrkdwn."""
    name = _hold(" ".join(label.split()))
    words = _unquote(_hold(value))
    return _settle(f"*{name}*\n{words}" if name else words)


def to_mrkdwn(markdown: str) -> str:
    """Markdown as mrkdwn. Its words form no mention, link or formatting of their own."""
    frames: list[list[str]] = [[]]
    openers: list[Token] = []
    for token in _MARKDOWN.parse(clean(markdown)):
        if token.nesting > 0:
            openers.append(token)
            frames.append([])
        elif token.nesting < 0:
            children = frames.pop()
            frames[-1].append(_close(openers.pop(), children))
        else:
            in_heading = bool(openers) and openers[-1].type == "heading_open"
            frames[-1].append(_leaf(token, in_heading=in_heading))
    return _settle("\n\n".join(part for part in frames[0] if part))


def is_identifier(text: str) -> bool:
    """Whether `text` has the form of an id of Slack's."""
    return _ID.fullmatch(text) is not None


def shorten(text: str, limit: int) -> str:
    """`text` in at most `limit` characters.

    A cut falls between words where it can, never into an entity, a `<…>` or a composed
    character, and is told by "… (shortened)", or by "…" alone where there is little room.
    """
    if len(text) <= limit:
        return text
    ending = SHORTENED if limit >= 3 * len(SHORTENED) else "…"
    return text[: _word_edge(text, limit - len(ending))].rstrip() + ending


def cut(text: str, limit: int) -> str:
    """The first `limit` characters or a few less, with no sign of the cut."""
    return text if len(text) <= limit else text[: _safe_edge(text, limit)]


def split(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit`, parted at paragraphs, lines or words.

    A fenced block that is parted ends in one piece and begins anew in the next.
    """
    pieces: list[str] = []
    fenced = False
    for piece in _pieces(text.strip("\n"), limit - 8):
        whole = f"```\n{piece}" if fenced else piece
        fenced = whole.count("```") % 2 == 1
        pieces.append(f"{whole}\n```" if fenced else whole)
    return pieces


def _pieces(text: str, room: int) -> list[str]:
    pieces: list[str] = []
    while len(text) > room:
        edge = _part_edge(text, room)
        pieces.append(text[:edge].rstrip())
        text = text[edge:].lstrip("\n")
    return [piece for piece in (*pieces, text) if piece.strip()]


def _part_edge(text: str, room: int) -> int:
    for boundary in ("\n\n", "\n"):
        edge = text.rfind(boundary, room // 2, room)
        if edge > 0:
            return edge
    return _word_edge(text, room)


def _word_edge(text: str, most: int) -> int:
    edge = _safe_edge(text, most)
    space = max(text.rfind(" ", edge * 3 // 4, edge + 1), text.rfind("\n", edge * 3 // 4, edge + 1))
    return _safe_edge(text, space) if space > 0 else edge


def _safe_edge(text: str, most: int) -> int:
    """The last place up to `most` where a cut does no harm."""
    edge = most
    for found in _WHOLE.finditer(text, 0, most + _LONGEST_LINK + 8):
        if found.start() < most < found.end():
            edge = found.start()
    least = max(edge - _LONGEST_CLUSTER, 0)
    back = edge
    while back > least and _joins(text, back):
        back -= 1
    return (back if back > least else edge) or most


def _joins(text: str, place: int) -> bool:
    """Whether the characters on both sides of `place` make up one that is seen."""
    if place >= len(text):
        return False
    before, after = text[place - 1], text[place]
    flags = all("\U0001f1e6" <= letter <= "\U0001f1ff" for letter in (before, after))
    toned = "\U0001f3fb" <= after <= "\U0001f3ff"
    marked = unicodedata.category(after).startswith("M")
    return flags or toned or marked or "\u200d" in (before, after)


def _hold(text: str) -> str:
    return escape_plain(clean(text).translate(_HOLD))


def _unquote(text: str) -> str:
    """Keep people's `>` at the start of a line from making a quote."""
    return _QUOTED.sub(rf"\1{JOINER}", text)


def _settle(text: str) -> str:
    """Put people's marks back, guarded where they might pair up."""
    loose = {held for mark, held in _HELD.items() if text.count(mark) + text.count(held) < 2}

    def release(found: re.Match[str]) -> str:
        run = found[0]
        sides = text[max(found.start() - 1, 0) : found.start()], text[found.end() : found.end() + 1]
        if set(run) <= loose or ("\x04" not in run and _is_bare(*sides)):
            return run.translate(_RELEASE)
        return JOINER + JOINER.join(run.translate(_RELEASE)) + JOINER

    return _RUN.sub(release, text)


def _is_bare(before: str, after: str) -> bool:
    """Whether a mark between these cannot begin or end anything: in a word, or in the open."""
    in_word = all(side.isascii() and side.isalnum() for side in (before, after))
    return in_word or not (before.strip(" \n") or after.strip(" \n"))


def _close(opener: Token, children: list[str]) -> str:
    """What an opened block amounts to."""
    parts = [child for child in children if child]
    match opener.type:
        case "heading_open":
            words = " ".join("".join(parts).split("\n"))
            return f"*{words}*" if words else ""
        case "bullet_list_open":
            return "\n".join(f"• {_indent(item)}" for item in children)
        case "ordered_list_open":
            first = int(opener.attrGet("start") or 1)
            return "\n".join(f"{n}. {_indent(item)}" for n, item in enumerate(children, first))
        case "blockquote_open":
            return _quote("\n\n".join(parts))
        case _:
            return "\n".join(parts)


def _indent(item: str) -> str:
    return item.replace("\n", "\n    ")


def _quote(text: str) -> str:
    """mrkdwn knows one level of quotes: an inner one joins the outer."""
    return "\n".join(line if line.startswith(">") else f"> {line}" for line in text.split("\n"))


def _leaf(token: Token, *, in_heading: bool) -> str:
    match token.type:
        case "inline":
            return _Line(formats={} if in_heading else _FORMATS).write(token.children or ())
        case "fence" | "code_block":
            guarded = escape_plain(token.content.rstrip("\n"))
            return f"```\n{guarded.replace('```', JOINER.join('```'))}\n```"
        case "hr":
            return "———"
        case _:
            return ""


@dataclass
class _Line:
    """A paragraph on its way to mrkdwn: what is written, and what is still open."""

    formats: dict[str, str]
    written: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)

    def write(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            self.add(token)
        return _unquote("".join(self.written))

    def add(self, token: Token) -> None:
        match token.type:
            case "text" | "image":
                self.written.append(_hold(token.content))
            case "code_inline":
                self.written.append(_code(token.content))
            case "softbreak" | "hardbreak":
                self.written.append(self.line_end())
            case "link_open":
                self.links.append((len(self.written), str(token.attrGet("href") or "")))
            case "link_close":
                self.end_link()
            case _:
                self.toggle(token)

    def line_end(self) -> str:
        """A new line; Slack's formatting ends with the line, so it is closed and opened again."""
        if self.links:
            return " "
        return "".join(reversed(self.marks)) + "\n" + "".join(self.marks)

    def toggle(self, token: Token) -> None:
        name = token.type.removesuffix("_open").removesuffix("_close")
        mark = self.formats.get(name, "")
        if token.nesting > 0:
            self.marks.append("" if mark in self.marks or self.links else mark)
            self.written.append(self.marks[-1])
        elif token.nesting < 0:
            self.written.append(self.marks.pop())

    def end_link(self) -> None:
        start, target = self.links.pop()
        label = "".join(self.written[start:])
        self.written[start:] = [_link(target, label)]


def _code(content: str) -> str:
    """Code in a line; what holds a backtick cannot be code in mrkdwn and stays plain."""
    return _hold(content) if "`" in content else f"`{escape_plain(content)}`"


def _link(target: str, label: str) -> str:
    typed = _TYPED.fullmatch(target)
    if typed and typed[2] == "slack" and is_identifier(typed[3]):
        return f"<{'@' if typed[1] == 'person' else '#'}{typed[3]}>"
    if typed and typed[1] == "channel" and typed[2] != "slack":
        return f"{label} ({words('links.elsewhere')})"
    if not target.lower().startswith(("http://", "https://", "mailto:")):
        return label
    if _ELSEWHERE.match(target):
        return f"{_web_link(target, label)} ({words('links.elsewhere')})"
    return _web_link(target, label)


def _web_link(target: str, label: str) -> str:
    address = escape_plain(target.replace("|", "%7C"))
    if len(address) + len(label) > _LONGEST_LINK:
        return label
    return f"<{address}|{label}>" if label.strip() else f"<{address}>"
