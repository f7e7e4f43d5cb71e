"""Finding decisions by their words: SQLite's FTS5, PostgreSQL's full text.

What is searched is folded alike for both (case, accents, punctuation, plural). First come
decisions that have all words in what was decided, then those that have them anywhere; if there are
none, those with words that begin so; then with words near to them; then with as many of them as
there are together, at last with any. Within each, the newest first. A beginning is taken for the
words that are known to begin so, before all that may.

Each step is asked only where the one before found nothing, since most searches end with the
first.
"""

import itertools
import re
import sys
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, and_, or_, text
from sqlalchemy.dialects.postgresql import dialect as postgresql_dialect
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlmodel import Session, col, select

from bot.db.bulk import bind_moment, is_sqlite
from bot.db.revisions import get_number
from bot.features.decisions import log
from bot.features.decisions.models import Decision
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to

MOST = 60
"""Decisions that one search finds at most."""

MOST_WORDS = 8
VOCABULARY = 1500
"""The newest decisions whose words may stand in for a word that is nowhere."""

MOST_BEGINNING = 40
"""So many known words may be looked for in place of a beginning."""

NEAR_ENOUGH = 78
"""How alike two words must be, of 100, for one to stand in for the other."""

_WORD = re.compile(r"[^\W_]+")
_TITLE = "zz"
"""Words of what was decided are indexed a second time, behind these letters."""


class Match(StrEnum):
    """What was found: decisions with all words, with any of them, or with words near to them."""

    ALL = "all"
    ANY = "any"
    NEAR = "near"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Ids of decisions, best first. `words`: what was looked for in the end."""

    ids: tuple[str, ...] = ()
    match: Match = Match.ALL
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of an alliance's newest decisions, sorted, as of a revision of them."""

    number: int
    words: tuple[str, ...]

    def begins(self, word: str) -> bool:
        """Whether any of them begins with it."""
        first, last = self._find(word)
        return first < last

    def get_beginning(self, word: str) -> tuple[str, ...]:
        """Those that begin with it, the first of a great many."""
        first, last = self._find(word)
        return self.words[first : min(last, first + MOST_BEGINNING)]

    def _find(self, word: str) -> tuple[int, int]:
        first = bisect_left(self.words, word)
        return first, bisect_left(self.words, word + chr(sys.maxunicode), lo=first)


def fold(text: str) -> list[str]:
    """The words of a text as they are searched: without accents, case and marks."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return [_stem(word[:40]) for word in _WORD.findall(bare)]


def _stem(word: str) -> str:
    """Alike for one and for several: `sites` is found by `site`, `studies` by `study`."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def make_words(what: str, *rest: str) -> str:
    """What a decision is found by, for `Decision.words`."""
    title = dict.fromkeys(fold(what))
    others = dict.fromkeys(word for text in rest for word in fold(text))
    return " ".join([*(_TITLE + word for word in title), *{**title, **others}])


def find(session: Session, viewer: Viewer, said: str, *, most: int = MOST) -> Found:
    """Decisions that the viewer may see and that the words lead to."""
    words = list(dict.fromkeys(fold(said)))[:MOST_WORDS]
    if not words:
        return Found()
    found = _find_all(session, viewer, words, most=most)
    if found:
        return Found(ids=found, words=tuple(words))
    known = _get_vocabulary(session, viewer)
    found = _find_beginnings(session, viewer, words, known, most=most)
    if found:
        return Found(ids=found, words=tuple(words))
    nearer = [_nearest(word, known) for word in words]
    if nearer != words:
        found = _find_all(session, viewer, nearer, most=most)
        if found:
            return Found(ids=found, match=Match.NEAR, words=tuple(nearer))
    found = _find_some(session, viewer, nearer, most=most)
    return Found(ids=found, match=Match.ANY, words=tuple(nearer))


Word = tuple[str, ...]
"""What a word may be: any of these. One that ends in a star is the beginning of any."""


def _find_all(session: Session, viewer: Viewer, words: list[str], *, most: int) -> tuple[str, ...]:
    """Whole words; those in what was decided first."""
    whole, titles = [(word,) for word in words], [(_TITLE + word,) for word in words]
    if len(words) == 1:
        found = _match(session, viewer, [titles], most=most)
        if len(found) < most:
            found |= _match(session, viewer, [whole], most=most)
    else:
        # Where several are nowhere together, it is no use to ask for them in titles.
        anywhere = _match(session, viewer, [whole], most=most)
        found = _match(session, viewer, [titles], most=most) | anywhere if anywhere else {}
    return tuple(found)[:most]


def _find_beginnings(
    session: Session, viewer: Viewer, words: list[str], known: Vocabulary, *, most: int
) -> tuple[str, ...]:
    """To look for all that begins with a common word costs several times as much as to look for the
    words that are known to do so."""
    usual: list[Word] = [known.get_beginning(word) or (word + "*",) for word in words]
    every: list[Word] = [(word + "*",) for word in words]
    found = _match(session, viewer, [usual], most=most)
    if not found and usual != every:
        found = _match(session, viewer, [every], most=most)
    return tuple(found)


def _find_some(session: Session, viewer: Viewer, words: list[str], *, most: int) -> tuple[str, ...]:
    """With as many of the words as possible; if no two of them are anywhere together, with any of
    them, and the rarest first, so that a common one does not hide it."""
    whole = [(word,) for word in words]
    for size in range(len(words) - 1, 1, -1):
        found = _match(session, viewer, list(itertools.combinations(whole, size)), most=most)
        if found:
            return tuple(found)
    by_word = [list(_match(session, viewer, [[word]], most=most)) for word in whole]
    return tuple(dict.fromkeys(one for ids in sorted(by_word, key=len) for one in ids))[:most]


def _match(
    session: Session, viewer: Viewer, groups: Sequence[Sequence[Word]], *, most: int
) -> dict[str, None]:
    """The newest decisions with all words of a group, of whichever group."""
    sqlite = is_sqlite(session)
    wanted = _say(groups, sqlite=sqlite)
    visible, parameters = _say_visible(
        sqlite=sqlite, left_at=viewer.left_at, is_dated=viewer.now is not None
    )
    values = {name: _fill(session, value, viewer) for name, value in parameters.items()}
    values |= {"wanted": wanted, "most": most}
    if not sqlite and len(groups) == 1:
        statement = text(_QUERY[sqlite].format(visible=visible, among=_AMONG_NEWEST))
        for newest in NEWEST.get(len(groups[0]), ()):
            those = {**values, "own": viewer.alliance_id, "newest": newest}
            found = list(session.connection().scalars(statement, those))
            if len(found) == most:
                return dict.fromkeys(found)
    statement = text(_QUERY[sqlite].format(visible=visible, among=""))
    return dict.fromkeys(session.connection().scalars(statement, values))


def _say(groups: Sequence[Sequence[Word]], *, sqlite: bool) -> str:
    """What is looked for, in the database's language."""
    conjunction, disjunction = _BETWEEN[sqlite]
    said = ((_say_word(word, sqlite=sqlite) for word in group) for group in groups)
    return disjunction.join(f"({conjunction.join(group)})" for group in said)


def _say_word(word: Word, *, sqlite: bool) -> str:
    forms = (_FORMS[sqlite, one.endswith("*")].format(one.removesuffix("*")) for one in word)
    return f"({_BETWEEN[sqlite][1].join(forms)})"


_FORMS = {
    (True, False): '"{}"',
    (True, True): '"{}"*',
    (False, False): "{}",
    (False, True): "{}:*",
}
_BETWEEN = {True: (" AND ", " OR "), False: (" & ", " | ")}
_QUERY = {
    True: "SELECT decisions.id FROM decision_search "
    "CROSS JOIN decisions ON decisions.search_row = decision_search.rowid "
    "WHERE decision_search MATCH :wanted AND {visible} "
    "ORDER BY decision_search.rowid DESC LIMIT :most",
    # Not to be flattened: the planner would walk the newest decisions in the hope of a match.
    False: "WITH found AS MATERIALIZED (SELECT id, search_row, alliance_id, audience_kind, "
    "audience_id, created_at, changed_at FROM decisions "
    "WHERE to_tsvector('simple', words) @@ to_tsquery('simple', :wanted){among}) "
    "SELECT decisions.id FROM found AS decisions WHERE {visible} "
    "ORDER BY decisions.search_row DESC LIMIT :most",
}

NEWEST = {1: (3_000, 12_000), 2: (12_000,)}
"""By the number of words: among so many newest decisions of an alliance PostgreSQL looks before it
looks among all. Common words are in thousands, of which it would fetch and sort every one."""

_AMONG_NEWEST = (
    " AND alliance_id = :own AND number > "
    "(SELECT max(number) - :newest FROM decisions WHERE alliance_id = :own)"
)


_STAND_IN = {name: f"\0{name}" for name in ("alliance_id", "partner_id", "member_id")}


_ITS_NOW = datetime.min.replace(tzinfo=UTC)


@lru_cache(maxsize=64)
def _say_visible(
    *, sqlite: bool, left_at: datetime | None, is_dated: bool
) -> tuple[str, dict[str, Any]]:
    """`visible_to` as SQL, with its parameters; those in `_STAND_IN` stand for a viewer's. Put
    together once: doing it for each search takes longer than the search."""
    viewer = Viewer(
        account_id="",
        alliance_id=_STAND_IN["alliance_id"],
        partner_id=_STAND_IN["partner_id"],
        member_id=_STAND_IN["member_id"],
        member_name="",
        partner_name=None,
        is_manager=False,
        left_at=left_at,
        now=_ITS_NOW if is_dated else None,
    )
    dialect = (sqlite_dialect if sqlite else postgresql_dialect)(paramstyle="named")
    compiled = visible_to(viewer, Decision).compile(dialect=dialect)
    return str(compiled), dict(compiled.params)


def _fill(session: Session, value: Any, viewer: Viewer) -> Any:
    if value == _ITS_NOW:
        return bind_moment(session, viewer.now)
    if isinstance(value, datetime):
        return bind_moment(session, value)
    if str(value).startswith("\0"):
        return getattr(viewer, str(value)[1:]) or ""
    return str(value)


_VOCABULARIES: dict[tuple[str, str], Vocabulary] = {}
"""By alliance and partner; what has not changed is not read again."""

MOST_VOCABULARIES = 500


def _get_vocabulary(session: Session, viewer: Viewer) -> Vocabulary:
    """Of what everybody at the viewer's partner may see; people of one that left see less each, so
    that is read anew."""
    if viewer.left_at is not None:
        return _read_vocabulary(session, visible_to(viewer, Decision), 0)
    key = (viewer.alliance_id, viewer.partner_id or "")
    number = get_number(session, log.get_scope(viewer.alliance_id))
    held = _VOCABULARIES.get(key)
    if held is None or held.number != number:
        if len(_VOCABULARIES) >= MOST_VOCABULARIES:
            _VOCABULARIES.clear()
        all_see = col(Decision.audience_kind) == AudienceKind.ALLIANCE
        own = and_(
            col(Decision.audience_kind) == AudienceKind.PARTNER,
            col(Decision.audience_id) == (viewer.partner_id or ""),
        )
        here = and_(col(Decision.alliance_id) == viewer.alliance_id, or_(all_see, own))
        held = _VOCABULARIES[key] = _read_vocabulary(session, here, number)
    return held


def _read_vocabulary(session: Session, seen: ColumnElement[bool], number: int) -> Vocabulary:
    newest = session.exec(
        select(Decision.words)
        .where(seen)
        .order_by(col(Decision.search_row).desc())
        .limit(VOCABULARY)
    ).all()
    words = {word for text in newest for word in text.split()}
    return Vocabulary(number, tuple(sorted(w for w in words if not w.startswith(_TITLE))))


def _nearest(word: str, known: Vocabulary) -> str:
    if len(word) < 4 or known.begins(word):
        return word
    best = process.extractOne(word, known.words, scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
    return str(best[0]) if best else word
