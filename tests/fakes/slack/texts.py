"""Texts: what a person reads in blocks, and how Slack stores what a person types."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from .records import Json, Message, View
from .world import World

TOKEN = re.compile(r"(<(?:[@#!][^>\s]+|https?://[^>]+|mailto:[^>]+)>)")
ADDRESS = re.compile(r"(https?://[^\s<>]+)")
READ = (
    "title",
    "label",
    "text",
    "hint",
    "alt_text",
    "description",
    "fields",
    "rows",
    "placeholder",
)
INSIDE = ("accessory", "element", "elements", "options", "option_groups", "initial_option")
MARKS: dict[str, tuple[str, str]] = {
    "user": ("user_id", "<@{}>"),
    "channel": ("channel_id", "<#{}>"),
    "emoji": ("name", ":{}:"),
    "broadcast": ("range", "<!{}>"),
    "usergroup": ("usergroup_id", "<!subteam^{}>"),
}


def text_of(shown: Message | View | None) -> str:
    """All that a person reads, a line for each piece; the plain text if there are no blocks."""
    if shown is None:
        return ""
    pieces = [shown.title, *read(shown.blocks)] if isinstance(shown, View) else read(shown.blocks)
    texts = [piece for piece in pieces if piece]
    if isinstance(shown, Message):
        texts = texts or [shown.text]
        texts += [text for a in shown.attachments for text in read(a)]
    else:
        texts += [t for key in ("submit", "close") for t in read(shown.payload.get(key))]
    return "\n".join(texts)


def read(part: Any) -> Iterator[str]:
    """The texts inside any part of a block, in reading order."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for item in part:
            yield from read(item)
    elif isinstance(part, dict):
        yield from read_object(part)


def read_object(part: Json) -> Iterator[str]:
    """The texts inside a block, an element or a text object."""
    kind = str(part.get("type", ""))
    if kind.startswith("rich_text_") and kind not in ("rich_text_list", "rich_text_input"):
        yield "".join(rich(piece) for piece in part.get("elements", []))
        return
    if kind == "image":
        yield str(part.get("alt_text", ""))
    for key in (*READ, *INSIDE):
        if key in part and not (kind == "image" and key == "alt_text"):
            yield from read(part[key])


def rich(piece: Json) -> str:
    """One piece of a rich text line."""
    key, form = MARKS.get(str(piece.get("type")), ("text", "{}"))
    return form.format(piece.get(key) or piece.get("url") or piece.get("fallback") or "")


def escape(typed: str) -> str:
    """What Slack makes of typed text: & < > escaped, mentions kept, addresses in brackets."""
    pieces = TOKEN.split(typed)
    return "".join(p if TOKEN.fullmatch(p) else escape_plain(p) for p in pieces)


def escape_plain(text: str) -> str:
    """Text without mentions, escaped."""
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(raw, safe)
    return ADDRESS.sub(r"<\1>", text)


def unescape(text: str) -> str:
    """Stored text as it reads."""
    for safe, raw in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(safe, raw)
    return text


def rich_text(text: str, block_id: str) -> Json:
    """The rich_text block that comes with a person's message."""
    pieces = [rich_piece(piece) for piece in TOKEN.split(text) if piece]
    section = {"type": "rich_text_section", "elements": pieces}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def rich_piece(piece: str) -> Json:
    """A mention, a link or plain text as an element of rich text."""
    inner = piece[1:-1]
    if not TOKEN.fullmatch(piece):
        return {"type": "text", "text": unescape(piece)}
    if inner.startswith("@"):
        return {"type": "user", "user_id": inner[1:].split("|")[0]}
    if inner.startswith("#"):
        return {"type": "channel", "channel_id": inner[1:].split("|")[0]}
    if inner.startswith("!"):
        return {"type": "broadcast", "range": inner[1:].split("|")[0]}
    return {"type": "link", "url": inner.split("|")[0]}


def with_names(text: str, world: World) -> str:
    """Mentions in a command's text as Slack escapes them: `<@U…|name>` and `<#C…|name>`."""

    def name_all(sign: str, name_of: Callable[[str], str | None], text: str) -> str:
        def named(match: "re.Match[str]") -> str:
            name = name_of(match[1])
            return f"<{sign}{match[1]}|{name}>" if name else match[0]

        return re.sub(rf"<{sign}([A-Z0-9]+)>", named, text)

    def handle(name: str) -> str | None:
        member = world.members.get(name)
        return member.handle if member else None

    def title(name: str) -> str | None:
        channel = world.channels.get(name)
        return channel.name if channel else None

    return name_all("#", title, name_all("@", handle, text))
