"""On what grounds a body may decide, as its charter says in people's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
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

ALWAYS: Final = (Basis.CONSENSUS, Basis.ESCALATION)
"""What any body may go by: nobody's word is final by itself."""

_LAST = r"(?:final (?:say|word|decision|authority)|last (?:say|word)|casting vote|tie-?break)"
_DENIED = re.compile(rf"\b(?:nobody|no one|neither)(?: has| have)?(?: the| a)? {_LAST}", re.I)
_SAYS = {
    Basis.CONSENSUS: re.compile(r"\b(?:consensus|consensual|unanim|by consent|one voice)", re.I),
    Basis.ESCALATION: re.compile(r"\bescalat|\b(?:goes|referred) up\b", re.I),
    Basis.FINAL_SAY: re.compile(rf"\b{_LAST}", re.I),
}


class Written(StrEnum):
    """Whether a charter says how its body decides: in words that are known here, in others (it may
    be in any language), or not at all."""

    KNOWN = "known"
    OTHERWISE = "otherwise"
    NOT = "not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What may be chosen, the usual one first."""

    offered: tuple[Basis, ...]
    written: Written

    def choose(self, wanted: str) -> Basis:
        """What was wanted, if it is offered; else the usual one."""
        return next((basis for basis in self.offered if basis == wanted), self.offered[0])


def read_grounds(texts: Sequence[str]) -> Grounds:
    """What the words of a charter's clauses, or of a committee's rule, give: what they name comes
    first; a final say is there only if they give it, or may do so."""
    said = " ".join(" ".join(texts).split())
    granted = _DENIED.sub("", said)
    named = tuple(basis for basis, pattern in _SAYS.items() if pattern.search(granted))
    if named:
        return Grounds(offered=tuple(dict.fromkeys((*named, *ALWAYS))), written=Written.KNOWN)
    if said and said == granted:
        return Grounds(offered=tuple(Basis), written=Written.OTHERWISE)
    written = Written.KNOWN if said else Written.NOT
    return Grounds(offered=ALWAYS, written=written)


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
