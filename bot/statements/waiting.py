"""What waits for answers: of whom, and for whom to give."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from bot.people.models import Alliance
from bot.people.viewer import Viewer
from bot.statements.models import Statement, Version, VersionState, Voice
from bot.statements.sides import Side, get_sides


def _select_open() -> Select[Version, Statement]:
    """What waits for answers, oldest first; where an alliance has ended, nothing does."""
    return (
        select(Version, Statement)
        .join(Statement, col(Statement.id) == col(Version.statement_id))
        .join(Alliance, col(Alliance.id) == col(Statement.alliance_id))
        .where(col(Version.state) == VersionState.PROPOSED, col(Alliance.ended_at).is_(None))
        .order_by(col(Version.created_at), col(Version.id))
    )


def take_open(
    session: Session, *, before: datetime, now: datetime, most: int
) -> Sequence[tuple[Version, Statement]]:
    """Versions that wait for answers and were not looked at since `before`, of all alliances; they
    are now, and no other process looks at them meanwhile."""
    found = session.exec(
        _select_open()
        .where(or_(col(Version.looked_at).is_(None), col(Version.looked_at) < before))
        .limit(most)
        .with_for_update(skip_locked=True, of=Version)
    ).all()
    for version, _ in found:
        version.looked_at = now
        session.add(version)
    session.flush()
    return found


def get_open_of_all(session: Session, *, most: int) -> Sequence[tuple[Version, Statement]]:
    """What waits for answers, oldest first, of all alliances."""
    return session.exec(_select_open().limit(most)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A version that waits for answers: of whom, and who has given theirs (ids of partners)."""

    version: Version
    statement: Statement
    sides: Sequence[Side]
    answered: AbstractSet[str]

    @property
    def waiting(self) -> list[Side]:
        """The sides that have not answered."""
        return [side for side in self.sides if side.partner_id not in self.answered]

    def may_answer(self, viewer: Viewer) -> bool:
        """Whether the viewer may answer it for their partner, which has not yet."""
        return any(
            s.partner_id == viewer.partner_id and s.has(viewer.member_id) for s in self.waiting
        )


def get_open(session: Session, alliance_id: str, *, now: datetime) -> list[Open]:
    """The versions of an alliance that wait for answers, oldest first."""
    rows = session.exec(_select_open().where(col(Statement.alliance_id) == alliance_id)).all()
    answered: dict[str, set[str]] = {version.id: set() for version, _ in rows}
    for version_id, partner_id in session.exec(
        select(Voice.version_id, Voice.partner_id).where(col(Voice.version_id).in_(answered))
    ):
        answered[version_id].add(partner_id)
    bodies = {version.committee_id for version, _ in rows}
    sides = {body: get_sides(session, alliance_id, body, now=now) for body in bodies}
    return [
        Open(
            version=version,
            statement=statement,
            sides=sides[version.committee_id],
            answered=answered[version.id],
        )
        for version, statement in rows
    ]


def look_at(session: Session, version: Version, statement: Statement, *, now: datetime) -> Open:
    """How far one version is, whatever its state."""
    answered = session.exec(select(Voice.partner_id).where(col(Voice.version_id) == version.id))
    sides = get_sides(session, statement.alliance_id, version.committee_id, now=now)
    return Open(version=version, statement=statement, sides=sides, answered=set(answered))


def get_waiting(session: Session, viewer: Viewer, *, now: datetime) -> list[Open]:
    """The open versions that the viewer may answer for their partner, which has not yet."""
    if viewer.partner_id is None:
        return []
    return [one for one in get_open(session, viewer.alliance_id, now=now) if one.may_answer(viewer)]
