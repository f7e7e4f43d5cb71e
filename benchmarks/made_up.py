"""Made-up terms and chat messages."""

import random
from collections.abc import Sequence

from bot.features.glossary.words import EVERYDAY

_SYLLABLES = [
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "he",
    "jo",
    "ka",
    "li",
    "mo",
    "nu",
    "pra",
    "qui",
    "ro",
    "sta",
    "tri",
    "vo",
    "wen",
    "zy",
    "al",
    "en",
    "or",
]
_PLAIN = tuple(sorted(EVERYDAY))


def make_forms(dice: random.Random, count: int) -> list[str]:
    """Acronyms and phrases, one to four words long."""
    forms: dict[str, None] = {}
    while len(forms) < count:
        if dice.random() < 0.4:
            length = dice.choice((2, 3, 3, 4, 4, 5))
            letters = dice.choices("ABCDEFGHIKLMNOPRSTUV", k=length)
            forms["".join(letters)] = None
        else:
            words = [_make_word(dice) for _ in range(dice.choice((1, 2, 2, 3, 4)))]
            forms[" ".join(words)] = None
    return list(forms)


def _make_word(dice: random.Random) -> str:
    return "".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 3, 4))))


def make_texts(dice: random.Random, forms: Sequence[str], count: int) -> list[str]:
    """Chat messages: mostly plain words, now and then a term, a link, code, a quote."""
    texts = []
    for _ in range(count):
        words = dice.choices(_PLAIN, k=dice.choice((3, 6, 9, 14, 22, 35)))
        for place in range(len(words)):
            roll = dice.random()
            if roll < 0.005:
                words[place] = dice.choice(forms) + dice.choice(("", "", "s", "'s", ","))
            elif roll < 0.009:
                words[place] = dice.choice(
                    (
                        f"<https://example.com/{dice.choice(forms)}|here>",
                        f"`{dice.choice(forms)}`",
                        f"“{dice.choice(forms)}”",
                        f"{dice.choice(forms).replace(' ', '_')}.docx",
                        "<@U0123ABCD>",
                        ":tada:",
                        "R&amp;D",
                        "café",
                    )
                )
        texts.append(" ".join(words))
    return texts
