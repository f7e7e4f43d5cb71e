"""What people wrote in Slack, as it reads: without its markup.

Slack hands `& < >` over as entities, and links, mentions and dates in `<…>`
(https://docs.slack.dev/messaging/formatting-message-text). Mentions of people stay as `<@ID>`:
their names are the alliance's to say.
"""

import re

_MARKED = re.compile(
    r"<(?:"
    r"@(?P<user>[A-Z0-9]+)(?:\|[^<>]*)?"
    r"|#(?P<channel>[A-Z0-9]+)(?:\|(?P<name>[^<>]*))?"
    r"|!(?P<special>[^<>|]+)(?:\|(?P<said>[^<>]*))?"
    r"|(?P<link>[^<>|@#!][^<>|]*)(?:\|(?P<label>[^<>]*))?"
    r")>"
)
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_STYLED = re.compile(r"(?<!\w)([*_~`])(?!\s|\1)((?:(?!\1).)*(?<!\s))\1(?!\w)")
_QUOTED = re.compile(r"^(?:&gt;){1,3} ?", re.MULTILINE)
_HELD = "\0"
_NESTED = 3
"""Bold, italic and struck through at once, at most."""


def to_plain(mrkdwn: str) -> str:
    """A message's text as people read it, with mentions of people as `<@ID>`."""
    text = _QUOTED.sub("", _FENCE.sub(r"\1", mrkdwn.replace(_HELD, "")))
    # Styles run across links and mentions, and the marks within those are none.
    held = [_read(found) for found in _MARKED.finditer(text)]
    bare = _MARKED.sub(_HELD, text)
    for _ in range(_NESTED):
        bare = _STYLED.sub(r"\2", bare)
    first, *rest = _unescape(bare).split(_HELD)
    return "".join((first, *(f"{kept}{after}" for kept, after in zip(held, rest, strict=True))))


def _unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _read(found: re.Match[str]) -> str:
    if found["user"]:
        return f"<@{found['user']}>"
    if found["channel"]:
        return f"#{_unescape(found['name'] or found['channel'])}"
    if found["special"]:
        said = found["said"] or found["special"].partition("^")[0]
        return _unescape(said if said.startswith("@") or "^" in found["special"] else f"@{said}")
    link, label = _unescape(found["link"]), _unescape(found["label"] or "")
    address = link.removeprefix("mailto:").removeprefix("tel:")
    return address if label in {"", link, address} else f"{label} ({address})"
