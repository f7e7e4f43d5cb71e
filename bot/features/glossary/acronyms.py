"""Acronyms in a message that nobody has defined."""

import re
from typing import Final

from bot.features.glossary.explaining import explains
from bot.features.glossary.masking import find_regions, is_masked
from bot.features.glossary.words import ACRONYMS, EVERYDAY

_CANDIDATE = re.compile(
    r"(?<![\w&/.'’#@$€£-])"
    r"(?P<word>[A-ZÄÖÜÉÈÀÇÑ](?:[A-ZÄÖÜÉÈÀÇÑ0-9]|&(?:amp;)?(?=[A-Z])){1,7})"
    r"(?:['’]?s)?(?![\w&/$€£-]|[.'’]\w)"
)
_SHOUTING: Final = 0.6
_LONGEST: Final = 6
"""Letters of an acronym; a longer word in capitals is there for emphasis."""


def find_acronyms(text: str) -> set[str]:
    """The words in capitals that may be acronyms, each once, as they are written; not the common
    ones, none from code, links or quotes, none that the author explains, and none where somebody
    shouts."""
    if len(text) > 8_000:
        text = text[:8_000]
    matches = list(_CANDIDATE.finditer(text))
    if not matches:
        return set()
    found = {m["word"].replace("&amp;", "&"): m for m in matches}
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
        m["word"].replace("&amp;", "&") for m in matches if explains(text, *m.span("word"))
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
