"""Markdown as HTML: emphasis, code, lists and links, and nothing that a text could smuggle in."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_TYPED = re.compile(r"(person|channel):[a-z]+/[A-Za-z0-9_-]+")
_OURS = re.compile(r"(say|how):.*", re.DOTALL)
"""What to say, or how a thing is done: here the words themselves say it."""
_TOKEN = re.compile(r"<([@#])([A-Z]-?[A-Z0-9-]+)(?:\|[^>]*)?>")


class _Renderer(RendererHTML):
    """Links become links to the web, mentions, or nothing but their words."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """Begin what the address allows, and remember how it ends."""
        target = str(tokens[idx].attrGet("href") or "")
        typed = _TYPED.fullmatch(target)
        ends: list[str] = env.setdefault("ends", [])
        if _OURS.fullmatch(target):
            ends.append("")
            return ""
        if typed is not None:
            ends.append("</span>")
            return '<span class="mention">' + ("@" if typed[1] == "person" else "")
        ends.append("</a>")
        return f'<a href="{escape(target)}" target="_blank" rel="noopener noreferrer">'

    def link_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        """End what was begun."""
        return str(env["ends"].pop())


class _Markdown(MarkdownIt):
    """Addresses that are neither ours nor the web's make no link: their source is shown."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether a link to `url` may be made."""
        return any(known.fullmatch(url) for known in (_TYPED, _LINK, _OURS))


_MARKDOWN = _Markdown("commonmark", {"html": False}, renderer_cls=_Renderer).disable(
    ["heading", "lheading", "hr", "html_block", "html_inline", "image", "autolink", "reference"]
)


def render_markdown(text: str) -> Markup:
    """Markdown as safe HTML."""
    return Markup(_MARKDOWN.render(text))  # noqa: S704 - made from tokens, all text escaped


def render_words(text: str, names: dict[str, str]) -> Markup:
    """What a person typed: exactly these characters, with mentions by name."""
    parts: list[Any] = []
    last = 0
    for found in _TOKEN.finditer(text):
        name = names.get(found[2])
        if name is None:
            continue
        parts += [escape(text[last : found.start()]), _mention(found[1], name)]
        last = found.end()
    parts.append(escape(text[last:]))
    return Markup("").join(parts)


def _mention(mark: str, name: str) -> Markup:
    return Markup('<span class="mention">{}{}</span>').format(mark, name)
