"""The clauses of a charter, in their order, and how people name them.

The order is that of a kick-off: why, what, how, and what then.
"""

from bot.core.errors import NotFound
from bot.dispatch.context import Context
from bot.dispatch.grammar import fold
from bot.dispatch.messages import words
from bot.people import committees
from bot.people.models import Committee
from bot.statements import grounds

CLAUSES = (
    "why",
    "star",
    "scope",
    "focus",
    "deliverables",
    "work",
    "flow",
    "decides",
    "approvals",
    "norms",
    "conflict",
)
KIND = grounds.CHARTER

PRIVATE = "approvals"
"""The clause that stays with its partner: nobody's to post or to propose."""


def get_title(clause: str) -> str:
    """The clause's name as people read it."""
    return words(f"charter.clause_{clause}")


def get_body(committee: Committee | None) -> str:
    """Whose charter it is, as people read it."""
    return committee.name if committee else words("charter.of_alliance")


def make_subject(committee: Committee | None, clause: str) -> str:
    """The subject of a clause's statement."""
    return grounds.make_subject(committee.id if committee else "", clause)


def find_clause(said: str) -> str:
    """A clause by its short name or by words of its title. Raises NotFound with all of them."""
    wanted = [fold(word) for word in said.split() if fold(word)]
    for clause in CLAUSES:
        if wanted == [clause]:
            return clause
    fitting = [
        clause
        for clause in CLAUSES
        if wanted and all(word in get_title(clause).casefold() for word in wanted)
    ]
    if len(fitting) != 1:
        raise NotFound("charter.no_clause", names=", ".join(CLAUSES))
    return fitting[0]


def read_subject(context: Context, said: str) -> str:
    """The subject of the clause that these words name. Raises NotFound with all clauses."""
    committee, rest = split_committee(context, said)
    return make_subject(committee, find_clause(rest))


def split_committee(context: Context, said: str) -> tuple[Committee | None, str]:
    """The committee that a text begins with, if any, and the rest of the text."""
    known = committees.get_committees(context.session, context.viewer)
    text = said.strip()
    for committee in sorted(known, key=lambda c: -len(c.name)):
        head = text[: len(committee.name)]
        if head.casefold() == committee.name.casefold():
            return committee, text[len(head) :].strip()
    return None, text
