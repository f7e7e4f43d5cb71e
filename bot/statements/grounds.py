"""On what grounds a body may decide, as its charter says in people's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from bot.people.models import Committee
from bot.people.viewer import Viewer
from bot.statements.models import Basis
from bot.statements.versions import get_in_force

CHARTER: Final = "charter"
"""The kind of a charter's clauses. Their subject is a committee's id (the alliance's own charter:
none), a slash, and the clause."""

DECIDING: Final = ("decides", "conflict")
"""The clauses that say how a body decides, and what it does when it can't agree."""

UNWRITTEN: Final = (Basis.CONSENSUS, Basis.ESCALATION)
"""What a body may go by that has not written how it decides: nobody's word is final by itself."""

_LAST = r"(?:final (?:say|word|decision|authority)|last (?:say|word)|casting vote|tie-?break)"
_DENIED = re.compile(rf"\b(?:nobody|no one|neither)(?: has| have)?(?: the| a)? {_LAST}", re.I)
_SAYS = {
    Basis.CONSENSUS: re.compile(r"\b(?:consensus|consensual|unanim|by consent|one voice)", re.I),
    Basis.ESCALATION: re.compile(r"\bescalat|\b(?:goes|referred) up\b", re.I),
    Basis.FINAL_SAY: re.compile(rf"\b{_LAST}", re.I),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What may be chosen, the usual one first. `is_written`: the charter says so; otherwise it is
    what anybody may go by."""

    offered: tuple[Basis, ...]
    is_written: bool

    def choose(self, wanted: str) -> Basis:
        """What was wanted, if it is offered; else the usual one."""
        return next((basis for basis in self.offered if basis == wanted), self.offered[0])


def read_grounds(texts: Sequence[str]) -> Grounds:
    """What the words of a charter's clauses, or of a committee's rule, give."""
    said = _DENIED.sub("", " ".join(" ".join(texts).split()))
    found = tuple(basis for basis, pattern in _SAYS.items() if pattern.search(said))
    return Grounds(offered=found or UNWRITTEN, is_written=bool(found))


def get_grounds(session: Session, viewer: Viewer, committee: Committee | None) -> Grounds:
    """What a body's charter gives, as far as the viewer may read it; None: the alliance's."""
    body = committee.id if committee else ""
    clauses = [
        get_in_force(session, viewer, CHARTER, subject=make_subject(body, clause))
        for clause in DECIDING
    ]
    texts = [version.text for version in clauses if version is not None]
    return read_grounds([*texts, committee.rule if committee else ""])


def make_subject(body: str, clause: str) -> str:
    """The subject of a charter's clause; `body`: the committee's id, if it is one's."""
    return f"{body}/{clause}"
