"""What the form shows of the alliance around a decision, read in one statement: whoever pressed the
button waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, case, cast, func, literal, or_, select, union_all
from sqlmodel import col

from bot.core.errors import NotFound
from bot.dispatch.context import Context
from bot.features.decisions.models import Decision
from bot.features.decisions.start import Start, open_channels
from bot.people.identity import select_members
from bot.people.models import Account, Channel, Committee, Member
from bot.people.viewer import Viewer, visible_to
from bot.statements.grounds import CHARTER, DECIDING, Grounds, make_subject, read_grounds
from bot.statements.models import Statement, Version
from bot.statements.versions import select_held

NORTH_STAR = "north_star"

PLACE, CAPTURED, FORMER, BODY, HELD, PERSON = range(6)
"""What a row of the statement is about: its first column."""

WIDTH = 7
"""How many columns, all of them text, follow that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A decision that is on record already."""

    id: str
    number: int
    what: str
    committee: str
    weight: str
    basis: str
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """`audience`: who reads the channel that the form comes from, if it comes from one;
    `captured`: what was captured from its thread already, oldest first; `former`: what the new one
    takes the place of; `bodies`: the committees' names by their ids, in the order of the names;
    `held`: kind and subject of what a decision can serve; `ways`: how each body decides (the
    alliance itself has no id), as its charter says and as it is written beside the committee;
    `people`: the names of members by their ids on the platform."""

    audience: str | None
    captured: tuple[Recorded, ...]
    former: Recorded | None
    bodies: dict[str, str]
    held: frozenset[tuple[str, str]]
    ways: dict[str, list[str]]
    people: dict[str, str]

    def get_grounds(self, body: str) -> Grounds:
        """On what grounds a body may decide."""
        return read_grounds(self.ways.get(body, ()))


def look_around(context: Context, start: Start, *, users: Sequence[str] = ()) -> Surroundings:
    """What the viewer may see around a start, and who of these users is in the alliance. One
    statement. Raises NotFound as `find_channel` does, and if what is to be replaced is not theirs
    to see."""
    viewer, platform = context.viewer, context.event.platform
    parts = [_select_bodies(viewer), _select_served(viewer)]
    if start.channel:
        parts.append(_select_place(viewer, platform, start))
    if start.channel and start.thread:
        parts.append(_select_captured(viewer, platform, start))
    if start.replaces:
        parts.append(_select_former(viewer, start))
    if users:
        parts.append(_select_people(viewer, platform, users))
    found: dict[int, list[tuple[str, ...]]] = {}
    for about, *values in context.session.execute(union_all(*parts)):
        found.setdefault(about, []).append(tuple(values))
    if start.channel and PLACE not in found:
        raise NotFound("decisions.not_here")
    if start.replaces and FORMER not in found:
        raise NotFound("decisions.not_found")
    captured = map(_read_recorded, found.get(CAPTURED, ()))
    bodies = sorted(found.get(BODY, ()), key=lambda row: (row[1].casefold(), row[0]))
    return Surroundings(
        audience=found[PLACE][0][0] if start.channel else None,
        captured=tuple(sorted(captured, key=lambda each: each.number)),
        former=_read_recorded(found[FORMER][0]) if start.replaces else None,
        bodies={row[0]: row[1] for row in bodies},
        held=frozenset((row[0], row[1]) for row in found.get(HELD, ())),
        ways=_read_ways(found.get(HELD, ()), bodies),
        people={row[0]: row[1] for row in found.get(PERSON, ())},
    )


def _columns(about: int, *values: Any) -> list[Any]:
    """The columns of one part: alike in number and type for all of them."""
    filled = [func.coalesce(cast(value, String), "") for value in values]
    return [literal(about), *filled, *[literal("", String)] * (WIDTH - len(filled))]


def _select_place(viewer: Viewer, platform: str, start: Start) -> Select[Any]:
    return select(*_columns(PLACE, col(Channel.audience_kind))).where(
        *open_channels(viewer, platform, start.channel)
    )


_RECORDED = (
    Decision.id,
    Decision.number,
    Decision.what,
    Decision.committee_id,
    Decision.weight,
    Decision.basis,
    Decision.audience_kind,
)


def _select_captured(viewer: Viewer, platform: str, start: Start) -> Select[Any]:
    return (
        select(*_columns(CAPTURED, *_RECORDED))
        .join(Channel, col(Channel.id) == col(Decision.channel_id))
        .where(
            *open_channels(viewer, platform, start.channel),
            visible_to(viewer, Decision),
            col(Decision.thread) == start.thread,
            col(Decision.closed_at).is_(None),
        )
    )


def _select_former(viewer: Viewer, start: Start) -> Select[Any]:
    return select(*_columns(FORMER, *_RECORDED)).where(
        visible_to(viewer, Decision), col(Decision.id) == start.replaces
    )


def _read_recorded(row: tuple[str, ...]) -> Recorded:
    identifier, number, what, committee, weight, basis, audience = row
    return Recorded(
        id=identifier,
        number=int(number),
        what=what,
        committee=committee,
        weight=weight,
        basis=basis,
        audience=audience,
    )


def _select_bodies(viewer: Viewer) -> Select[Any]:
    return select(*_columns(BODY, Committee.id, Committee.name, Committee.rule)).where(
        visible_to(viewer, Committee)
    )


def _select_served(viewer: Viewer) -> Select[Any]:
    says_how = or_(*(col(Statement.subject).endswith(make_subject("", one)) for one in DECIDING))
    columns = _columns(
        HELD,
        Statement.kind,
        Statement.subject,
        case((says_how, col(Version.text)), else_=""),
        Statement.partner_id,
        Version.created_at,
    )
    return select_held(viewer, (NORTH_STAR, CHARTER), columns)


def _read_ways(
    held: Sequence[tuple[str, ...]], bodies: Sequence[tuple[str, ...]]
) -> dict[str, list[str]]:
    """What the partners confirmed goes before what one of them has in force, and of two of those
    the newer."""
    by_clause: dict[str, str] = {}
    for _, subject, text, *_ in sorted(held, key=lambda row: (not row[3], row[4])):
        if text:
            by_clause[subject] = text
    ways = {row[0]: [row[2]] for row in bodies}
    for subject, text in by_clause.items():
        ways.setdefault(subject.rpartition("/")[0], []).append(text)
    return ways


def _select_people(viewer: Viewer, platform: str, users: Sequence[str]) -> Select[Any]:
    columns = _columns(PERSON, Account.external_id, Member.name)
    return select_members(columns, viewer.alliance_id, platform=platform, users=users)
