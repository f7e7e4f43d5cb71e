"""Acronyms in a message that nobody has defined."""

import re
from typing import Final

from bot.features.glossary.explaining import explains
from bot.features.glossary.masking import find_regions, is_masked
from bot.features.glossary.words import ACRONYMS, EVERYDAY

_CAPITAL: Final = "A-ZÄÖÜÉÈÀÇÑ"
_WORD: Final = (
    rf"(?:[a-z]{{1,2}}(?=[{_CAPITAL}]{{2}}))?"  # mRNA
    rf"[{_CAPITAL}](?:[{_CAPITAL}0-9]|&(?:amp;)?(?=[A-Z])){{1,7}}"
)
_CANDIDATES = re.compile(
    r"(?<![\w&/.'’#@$€£-])_*"
    rf"(?P<words>{_WORD}(?:['’]?s)?(?:[/-]{_WORD}(?:['’]?s)?)*)"
    r"_*(?![\w&/$€£-]|[.'’]\w)"
)
"""One, or several with a stroke or a hyphen between them: "FDA/EMA"."""
_ONE = re.compile(_WORD)
_SHOUTING: Final = 0.6
_LONGEST: Final = 6
"""Letters of an acronym; a longer word in capitals is there for emphasis."""


def find_acronyms(text: str) -> set[str]:
    """The words in capitals that may be acronyms, each once, as they are written, with a small
    letter or two before them ("mRNA"); not the common ones nor what begins with one ("JSON-LD"),
    none from code, links or quotes, none that the author explains, none where somebody shouts."""
    if len(text) > 8_000:
        text = text[:8_000]
    matches = [
        match
        for joined in _CANDIDATES.finditer(text)
        if joined["words"].split("-")[0] not in ACRONYMS
        for match in _ONE.finditer(text, *joined.span("words"))
    ]
    if not matches:
        return set()
    found = {match[0].replace("&amp;", "&"): match for match in matches}
    kept = {
        word: match
        for word, match in found.items()
        if word not in ACRONYMS
        and sum(map(str.isalpha, word)) in range(2, _LONGEST + 1)
        and word.casefold() not in EVERYDAY
    }
    if not kept or _is_shouted(text):
        return set()
    regions = find_regions(text)
    explained = {
        word
        for match in matches
        if (word := match[0].replace("&amp;", "&")) in kept and explains(text, *match.span())
    }
    return {
        word
        for word, match in kept.items()
        if word not in explained and not is_masked(text, regions, *match.span())
    }


def _is_shouted(text: str) -> bool:
    """Whether most words are in capitals: then capitals tell nothing."""
    words = re.findall(r"[^\W\d_]{2,}", text)
    loud = sum(word.isupper() for word in words)
    return len(words) >= 3 and loud / len(words) >= _SHOUTING
