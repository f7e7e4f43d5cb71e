"""What people wrote, out of Teams' activities: as words for a command, as Markdown for a message.

Teams sends a message twice: `text` is plain, and an attachment holds it as HTML. Code, quotes and
links can be told from the HTML alone, and words in them are not the author's own prose.

Source: https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages
"""

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, Final

from adapters.teams.names import compact, get_user

Payload = Mapping[str, Any]
Users = Mapping[str, str]
"""Our ids of people by Teams' own, where they differ."""

MOST_HTML: Final = 40_000
"""Characters of a message's HTML that are read."""

_MARKED: Final = re.compile(r"<(?:code|pre|blockquote|a)[\s>]", re.IGNORECASE)
_MENTION: Final = "schema.skype.com/mention"
_LINES: Final = frozenset({"p", "div", "li", "ul", "ol", "h1", "h2", "h3", "tr", "table"})
_EMPTY: Final = frozenset({"br", "img", "hr", "input", "meta", "link", "wbr"})


def read_command(payload: Payload, users: Users) -> tuple[str, bool]:
    """The words of a message without the first mention of Entente, others as `<@ID|name>`; and
    whether Entente was mentioned. Each mention stands in the text as its entity says, once for
    each entity."""
    text, me = str(payload.get("text") or ""), payload["recipient"]["id"]
    parts: list[str] = []
    is_for_us = False
    for entity in get_mentions(payload):
        shown, mentioned = str(entity.get("text") or ""), entity["mentioned"]
        before, found, after = text.partition(shown) if shown else (text, "", "")
        is_me = mentioned.get("id") == me
        if not found:
            is_for_us = is_for_us or is_me
            continue
        parts.append(to_words(before))
        if not is_me or is_for_us:
            parts.append(_to_token(mentioned, users))
        is_for_us = is_for_us or is_me
        text = after
    parts.append(to_words(text))
    return "".join(parts).strip(), is_for_us


def read_posted(payload: Payload) -> str | None:
    """A message as Markdown, if it holds code, quotes or links; None if its plain text is all."""
    found = _get_html(payload)
    if _MARKED.search(found) is None:
        return None
    tokens = [_to_token(entity["mentioned"], {}) for entity in get_mentions(payload)]
    reader = _Reader(tokens)
    try:
        reader.feed(found[:MOST_HTML])
        reader.close()
    except AssertionError:
        # What the library raises for HTML that is none.
        return None
    return reader.finish()


def get_mentions(payload: Payload) -> list[Payload]:
    """The mentions in a message, in their order."""
    entities = payload.get("entities") or ()
    return [e for e in entities if e.get("type") == "mention" and e.get("mentioned")]


def to_words(text: str) -> str:
    """Teams' escaped text as it reads."""
    return html.unescape(text).replace("\xa0", " ")


def _to_token(mentioned: Payload, users: Users) -> str:
    account = str(mentioned["id"])
    if account.startswith("19:"):
        return f"<#{compact(account)}>"
    name = re.sub("[<>|]", "", str(mentioned.get("name") or ""))
    known = users.get(account) or get_user(mentioned)
    return f"<@{known}|{name}>"


def _get_html(payload: Payload) -> str:
    for attachment in payload.get("attachments") or ():
        if attachment.get("contentType") == "text/html":
            return str(attachment.get("content") or "")
    return ""


class _Reader(HTMLParser):
    """Writes HTML down as Markdown, as far as it matters which words are the author's own."""

    def __init__(self, mentions: Sequence[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._mentions = mentions
        self._parts: list[str] = [""]
        self._opened: list[tuple[str, str]] = []
        """The tags that are open, and what each writes at its end."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin what the tag stands for."""
        given = {name: value or "" for name, value in attrs}
        if tag in _EMPTY:
            self._write("\n" if tag == "br" else "")
            return
        ending = ""
        if tag in _LINES:
            self._break()
        elif tag == "blockquote" or tag == "pre":
            self._break()
            self._parts.append("")
        elif tag == "code" and not self._is_in("pre"):
            self._parts.append("")
        elif tag == "a":
            self._write("[")
            ending = f"]({given.get('href', '').replace(' ', '%20') or '#'})"
        elif _MENTION in given.get("itemtype", "").casefold():
            self._parts.append("")
            ending = self._mention(given.get("itemid", ""))
        self._opened.append((tag, ending))

    def handle_endtag(self, tag: str) -> None:
        """End it, and what was left open in it."""
        if not self._is_in(tag):
            return
        while self._opened:
            found, ending = self._opened.pop()
            self._end(found, ending)
            if found == tag:
                return

    def _end(self, tag: str, ending: str) -> None:
        if tag in _LINES:
            self._break()
        elif tag == "blockquote":
            lines = [line for line in self._parts.pop().split("\n") if line.strip()]
            self._write("".join(f"> {line}\n" for line in lines))
        elif tag == "pre":
            self._write(f"```\n{self._parts.pop().strip()}\n```\n")
        elif tag == "code" and not self._is_in("pre"):
            code = " ".join(self._parts.pop().replace("`", "'").split())
            self._write(f"`{code}`" if code else "")
        elif tag == "a":
            self._write(ending)
        elif ending:
            self._parts.pop()
            self._write(ending)

    def handle_data(self, data: str) -> None:
        """Words."""
        self._write(data.replace("\xa0", " "))

    def finish(self) -> str:
        """All that was written."""
        while self._opened:
            self._end(*self._opened.pop())
        return re.sub(r"\n{2,}", "\n", self._parts[0]).strip()

    def _write(self, text: str) -> None:
        self._parts[-1] += text

    def _break(self) -> None:
        if self._parts[-1] and not self._parts[-1].endswith("\n"):
            self._write("\n")

    def _is_in(self, tag: str) -> bool:
        return any(found == tag for found, _ in self._opened)

    def _mention(self, number: str) -> str:
        at = int(number) if number.isdecimal() else -1
        return self._mentions[at] if 0 <= at < len(self._mentions) else "@"
