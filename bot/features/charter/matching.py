"""Which clause a heading of somebody's charter belongs to.

People name the same thing in many ways; what stands here was drawn from charters and governance
documents of open-source foundations and committees. A guess is shown for correction, never saved
as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.features.charter.sections import Section, strip_number

STRONG, WEAK, FAINT = 3, 2, 1

_WORDS: tuple[tuple[str, int, str], ...] = (
    # Of words that tell equally much, those that stand first here win.
    ("conflict", STRONG, r"disagree|dispute|conflict(?!s? of interest)|escalat|grievance|deadlock"),
    ("conflict", STRONG, r"mediation|arbitration"),
    ("approvals", STRONG, r"internal approval|^approvals?$|sign[- ]?off|delegation of authority"),
    ("norms", STRONG, r"start,? (and )?stop|working norm|ground rule|code of conduct|behaviou?r"),
    ("norms", STRONG, r"\bnorms?\b|working agreement|ways? of being|etiquette"),
    ("decides", STRONG, r"decision|decid|\bconsensus\b|\bquorum\b|majority|ratif|\bamendments?\b"),
    ("decides", STRONG, r"\bvoting(?! members?)|(?<!who )\bvotes?\b"),
    (
        "decides",
        STRONG,
        r"(chang|updat|review)\w* (to |of )?((this|the) )?(document|governance|charter)",
    ),
    ("star", STRONG, r"north star|\bmission\b|\bvision\b|\bpurpose\b|\bobjectives?\b|\bgoals?\b"),
    ("star", STRONG, r"guiding principle|\bambition\b|\baims?\b"),
    ("focus", STRONG, r"\bfocus|\bpriorit|strategic (direction|focus)"),
    (
        "deliverables",
        STRONG,
        r"deliverable|milestone|timeline|exit criteria|success (criteria|measure)",
    ),
    ("deliverables", STRONG, r"\boutputs?\b|\boutcomes?\b|\broadmap\b|\bkpis?\b|expected results"),
    ("scope", STRONG, r"\bscope\b|\bremit\b|\bmandate\b|\bboundar|terms of reference"),
    (
        "why",
        STRONG,
        r"\bwhy\b|common pain|\bbackground\b|\bmotivation|\brationale\b|problem statement",
    ),
    ("flow", STRONG, r"how we work|work ?flows?|\bmeetings?\b|ways? of working|working method"),
    ("flow", STRONG, r"project management|technical process|proposal|life ?cycle|\bcadence\b"),
    ("work", STRONG, r"\broles?\b|responsibilit|distribution of work|division of labou?r|\braci\b"),
    (
        "work",
        STRONG,
        r"\bmember(s|ship)?\b|\belections?\b|\bstakeholders?\b|\bobservers?\b|\bremoval\b",
    ),
    (
        "work",
        STRONG,
        r"\bresign|\bcomposition\b|\bmaintainers?\b|governing (body|board)|\bseats?\b",
    ),
    ("work", STRONG, r"\bleadership\b|\bwho does\b"),
    ("norms", WEAK, r"\bvalues?\b|\bconduct\b|\bculture\b|confidentiality"),
    ("why", WEAK, r"\bcontext\b|\bintroduction\b|\boverview\b|\bpreamble\b|\bneeds?\b"),
    (
        "flow",
        WEAK,
        r"\bprocess(es)?\b|\boperat|\bcommunicat|\breporting\b|\bplanning\b|\breviews?\b",
    ),
    ("flow", WEAK, r"\bprocedures?\b|organi[sz]ational management|\bmerging\b"),
    ("decides", FAINT, r"\bapprov"),
    ("why", FAINT, r"\babstract\b|\bsummary\b"),
    ("flow", FAINT, r"\bcoordination\b|\bdiscussions?\b"),
    ("work", FAINT, r"\bdut(y|ies)\b|\bowners?\b"),
    ("work", FAINT, r"\bstructure\b|\bcommittee\b|\bcouncil\b|\bboard\b|\bcommunity\b|\bteams?\b"),
    ("work", FAINT, r"\brepresentation\b|\bparticipation\b|\bestablishment\b|\bsubproject"),
    ("work", FAINT, r"\bcollaborators?\b|\bcontributors?\b|\brelat(ed|ionships?)\b"),
)
_PATTERNS = tuple((clause, weight, re.compile(words)) for clause, weight, words in _WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A clause, and how much speaks for it."""

    clause: str
    weight: int


def guess_clause(heading: str) -> Guess | None:
    """The clause that a heading's words speak for, if any do."""
    words = " ".join(strip_number(heading).casefold().split())
    fitting = [
        Guess(clause=clause, weight=weight)
        for clause, weight, pattern in _PATTERNS
        if pattern.search(words)
    ]
    return max(fitting, key=lambda guess: guess.weight, default=None)


def assign(sections: Sequence[Section]) -> list[str | None]:
    """The clause of each section, or None: by its own heading; below a heading that has one, its
    own only if it is telling, and otherwise its parent's. A document's title stands for nothing."""
    title = _find_title(sections)
    above: list[tuple[int, str | None]] = []
    found: list[str | None] = []
    for index, section in enumerate(sections):
        while above and above[-1][0] >= section.level:
            above.pop()
        inherited = next((clause for _, clause in reversed(above) if clause), None)
        guess = None if index == title else guess_clause(section.heading)
        if inherited and (guess is None or guess.weight < STRONG):
            clause: str | None = inherited
        else:
            clause = guess.clause if guess else None
        above.append((section.level, clause))
        found.append(clause)
    return found


def _find_title(sections: Sequence[Section]) -> int | None:
    """The index of the document's title: the only heading of the topmost level, and the first."""
    top = [index for index, section in enumerate(sections) if section.level == 1]
    first = next((index for index, section in enumerate(sections) if section.level), None)
    deeper = any(section.level > 1 for section in sections)
    return top[0] if len(top) == 1 and top[0] == first and deeper else None
