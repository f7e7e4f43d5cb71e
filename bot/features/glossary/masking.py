"""Which parts of a message are not its author's own prose: code, links, mentions, quotes, e-mail
addresses, file names, emoji. Words in them don't count. A word in quotes that its author explains
beside them is no quote.

The text may be written as Slack keeps it (`<https://…|label>`, `<@U1>`, `&gt;` at the start of a
quoted line) or as Markdown; both are read alike, and nothing is read that is not written.
"""

import re
from collections.abc import Sequence
from typing import Final

from bot.features.glossary.explaining import explains

Span = tuple[int, int]

_OPENERS = re.compile(r"[`<>&\"“„«\[]")
_REGIONS = re.compile(
    r"```.*?(?:```|\Z)"
    r"|`[^`\n]+`"
    r"|<(?:[@#!]|[a-z]{2,10}:)[^<>\n]{1,2000}>"
    r"|^[ \t]*(?:>|&gt;){3}.*\Z"
    r"|^[ \t]*(?:>|&gt;)[^\n]*"
    r"|\[[^\[\]\n]{0,300}\]\([^()\s]{1,2000}\)"
    r"|(?<!\w)\"[^\"\n]{1,200}\"(?!\w)"
    r"|“[^”\n]{1,200}”"
    r"|„[^“”\n]{1,200}[“”]"
    r"|«[^»\n]{1,200}»",
    re.DOTALL | re.MULTILINE,
)

_QUOTES: Final = frozenset('"“„«')
_NAMED = re.compile(r"(?:the\s+|an?\s+)?(?P<word>[\w&;/'’-]+(?: [\w&;/'’-]+){0,3})", re.IGNORECASE)

_ENDINGS: Final = (
    "pdf|docx?|docm|xlsx?|xlsm|pptx?|odt|ods|odp|csv|tsv|txt|md|rtf|tex|html?|xml|xsd|json|jsonl|"
    "ya?ml|toml|ini|cfg|conf|log|sql|py|ipynb|js|ts|tsx|jsx|java|go|rs|rb|cs|cpp|hpp|sh|bat|exe|"
    "dll|png|jpe?g|gif|svg|webp|bmp|tiff?|mp3|mp4|mov|wav|zip|gz|tgz|tar|rar|7z|msg|eml|ics|vsdx?|"
    "com|org|net|edu|gov|mil|int|info|biz|io|dev|app|ai|eu|de|uk|fr|ch|at|nl|be|es|it|se|dk|no|fi|"
    "jp|cn|ca|us|au"
)
_ENDING = r"(?:" + _ENDINGS + r")(?![\w-])"
_PIECES = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s<>]+"
    r"|www\.[^\s<>]+"
    r"|(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@])@[\w.-]+"
    r"|(?<!\w):[a-z0-9_+'-]+:"
    r"|(?<![\w/.~])(?:~|\.{1,2})?/[\w.@~-]+(?:/[\w.@~-]*)+"
    r"|(?<![\w./~-])[\w~-][\w.~-]*(?:/[\w.~-]+)*\." + _ENDING + r"(?:/[^\s<>]*)?"
    r"|[A-Za-z]:\\[^\s<>]+",
    re.IGNORECASE,
)
_TRIGGERS = re.compile(r"[:@/\\.]")


def find_regions(text: str) -> list[Span]:
    """Code, links, mentions and quotes: from and to, in order, not overlapping. A word in quotes is
    among them whether it is explained or not."""
    if _OPENERS.search(text) is None:
        return []
    return [found.span() for found in _REGIONS.finditer(text)]


def is_masked(text: str, regions: Sequence[Span], start: int, end: int) -> bool:
    """Whether `text[start:end]` reaches into what does not count; `regions` are the text's."""
    for begin, finish in regions:
        if begin < end and start < finish and not _defines(text, begin, finish):
            return True
    pieces = _find_pieces(text, start, end)
    return bool(pieces) and touches(pieces, start, end)


def _defines(text: str, start: int, end: int) -> bool:
    """Whether these are quotes around a word that is explained: “API” means …"""
    if text[start] not in _QUOTES:
        return False
    named = _NAMED.fullmatch(text, start + 1, end - 1)
    return named is not None and explains(text, *named.span("word"))


def _find_pieces(text: str, start: int, end: int) -> list[Span]:
    """Addresses, file names, handles and emoji names in the words (runs without white space) that
    reach into `text[start:end]`."""
    # A wider window does no harm: nothing that is looked for holds a space.
    start = text.rfind(" ", 0, start) + 1
    end = text.find(" ", end)
    end = len(text) if end < 0 else end
    if _TRIGGERS.search(text, start, end) is None:
        return []
    return [found.span() for found in _PIECES.finditer(text, start, end)]


def find_masked(text: str) -> list[Span]:
    """Everything that does not count, regions first."""
    regions = [region for region in find_regions(text) if not _defines(text, *region)]
    return regions + _find_pieces(text, 0, len(text))


def touches(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether `start:end` shares a character with any of these."""
    return any(begin < end and start < finish for begin, finish in spans)
