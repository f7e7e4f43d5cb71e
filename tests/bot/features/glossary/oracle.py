"""The slow and plain way to find terms, against which the fast one is held."""

from collections.abc import Sequence
from itertools import combinations

from bot.features.glossary.folding import fold, is_boundary, is_word, widen
from bot.features.glossary.masking import find_masked
from bot.features.glossary.spotting import Spotted, is_acronym, resolve

Tables = tuple[dict[str, set[tuple[int, str]]], dict[str, set[tuple[int, str]]]]
"""All that can be written, phrases and acronyms: the numbers of the forms, and the endings."""


def spot_slowly(forms: Sequence[str], text: str) -> list[Spotted]:
    """What `Spotter(forms).spot(text)` has to find."""
    return search(tabulate(forms), text)


def tabulate(forms: Sequence[str]) -> Tables:
    """Every form with each of its inflections."""
    tables: Tables = ({}, {})
    for number, form in enumerate(forms):
        words = " ".join(form.split())
        if any(is_word(letter) for letter in words):
            by_case = is_acronym(words)
            for written, ending in inflect(
                widen(words) if by_case else fold(words), by_case=by_case
            ):
                tables[by_case].setdefault(written, set()).add((number, ending))
    return tables


def search(tables: Tables, text: str) -> list[Spotted]:
    """Look up every stretch of whole words; masked characters are crossed out one by one."""
    plain, origin = resolve(text)
    masked = {place for start, end in find_masked(text) for place in range(start, end)}
    longest = max((len(written) for table in tables for written in table), default=0)
    hits = []
    borders = [place for place in range(len(plain) + 1) if is_boundary(plain, place)]
    for start, end in combinations(borders, 2):
        span = origin[start], origin[end]
        if end - start > longest or not masked.isdisjoint(range(*span)):
            continue
        for by_case, change in ((True, widen), (False, fold)):
            found = tables[by_case].get(change(plain[start:end]), set())
            numbers = {n for n, ending in found if may_end(plain, end, ending)}
            if numbers:
                hits.append(Spotted(*span, tuple(sorted(numbers))))
                break
    return choose(hits)


def inflect(form: str, *, by_case: bool) -> set[tuple[str, str]]:
    """A form in all the ways it may be written, each with its ending."""
    bases = {form}
    vowels = "aeiou_0123456789"
    if not by_case and form[-1] == "y" and is_word(form[-2:][0]) and form[-2:][0] not in vowels:
        bases |= {form[:-1] + "ies"} if len(form) > 1 else set()
    written = {(base, "") for base in bases}
    for base in bases:
        if is_word(base[-1]):
            endings = ["s", "'s", "s'"]
            if base[-1].lower() in "sxzo" or base[-2:].lower() in {"ch", "sh"}:
                endings += ["es", "es'"]
            if base[-1] in "sS":
                endings += ["'"]
            written |= {(base + ending, ending) for ending in endings}
    return written


def may_end(text: str, end: int, ending: str) -> bool:
    """Whether no contraction goes on here: “can” is not in “can't”."""
    if ending == "'s":
        return True
    if ending.endswith("'"):
        return end == len(text) or not is_word(fold(text[end])[0])
    goes_on = fold(text[end : end + 1]) == "'" and is_word(fold(text[end + 1 : end + 2] or " ")[0])
    return not goes_on or not is_word(text[end - 1])


def choose(hits: Sequence[Spotted]) -> list[Spotted]:
    """The longest first, then from the left."""
    chosen: list[Spotted] = []
    for hit in sorted(hits, key=lambda hit: (-(hit.end - hit.start), hit.start)):
        if not any(hit.start < other.end and other.start < hit.end for other in chosen):
            chosen.append(hit)
    return sorted(chosen)
