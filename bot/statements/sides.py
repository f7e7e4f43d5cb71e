"""Who is asked to confirm something, for which partner: whom the committee seats, and their
deputies while they are away; without a committee, each partner's managers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from bot.people.committees import FEWEST, Rule, get_rule
from bot.people.models import (
    Committee,
    Member,
    OptOut,
    Partner,
    Role,
    RoleKind,
    RuleKind,
    Seat,
    SeatKind,
)
from bot.people.optouts import AWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One partner, and who may speak for it at the moment; nobody, if its seat is empty."""

    partner_id: str
    name: str
    electors: tuple[Member, ...]

    def has(self, member_id: str) -> bool:
        """Whether the member may speak for this partner."""
        return any(member.id == member_id for member in self.electors)


def get_sides(
    session: Session, alliance_id: str, committee_id: str | None, *, now: datetime
) -> list[Side]:
    """The partners whose yes is asked for, by name, as of now.

    With a committee: those that have or had a voice on it; all that joined, as long as fewer than
    two have, so that no partner can seat itself alone and confirm alone.
    """
    partners = session.exec(
        select(Partner)
        .where(
            col(Partner.alliance_id) == alliance_id,
            col(Partner.joined_at).is_not(None),
            col(Partner.left_at).is_(None),
        )
        .order_by(col(Partner.name), col(Partner.id))
    ).all()
    if committee_id is None:
        spoken = _get_managers(session, alliance_id)
        return [_make(partner, spoken) for partner in partners]
    spoken = _get_seated(session, committee_id, now=now)
    ever = set(
        session.exec(
            select(Seat.partner_id).where(
                col(Seat.committee_id) == committee_id,
                col(Seat.kind) != SeatKind.OBSERVER,
                col(Seat.since) <= now,
            )
        )
    )
    concerned = [partner for partner in partners if partner.id in ever]
    return [_make(p, spoken) for p in (concerned if len(concerned) >= FEWEST else partners)]


def get_rule_among(session: Session, committee: Committee | None, sides: Sequence[Side]) -> Rule:
    """What it takes among the partners that are asked. The committee's rule counts if the managers
    of each of them agreed to it, and silence only of those who could speak; else it takes all."""
    rule = get_rule(session, committee)
    if committee is None or not {s.partner_id for s in sides} <= set(committee.rule_agreed):
        return Rule()
    return rule if is_heard(rule, sides) else Rule()


def is_heard(rule: Rule, sides: Sequence[Side], answered: Collection[str] = ()) -> bool:
    """Whether the rule can be gone by: where silence is a yes, every side that has not `answered`
    must have somebody who could object."""
    silent = [side for side in sides if side.partner_id not in answered]
    return rule.kind != RuleKind.SILENCE or all(side.electors for side in silent)


def _make(partner: Partner, spoken: Sequence[tuple[str, Member]]) -> Side:
    own = {member.id: member for partner_id, member in spoken if partner_id == partner.id}
    return Side(partner_id=partner.id, name=partner.name, electors=tuple(own.values()))


def _get_managers(session: Session, alliance_id: str) -> Sequence[tuple[str, Member]]:
    return session.exec(
        select(Role.partner_id, Member)
        .join(Member, col(Member.id) == col(Role.member_id))
        .where(
            col(Role.alliance_id) == alliance_id,
            col(Role.kind) == RoleKind.MANAGER,
            col(Role.until).is_(None),
            col(Member.left_at).is_(None),
            col(Member.partner_id) == col(Role.partner_id),
        )
        .order_by(col(Member.name), col(Member.id))
    ).all()


def _get_seated(
    session: Session, committee_id: str, *, now: datetime
) -> Sequence[tuple[str, Member]]:
    seats = session.exec(
        select(Seat, Member)
        .join(Member, col(Member.id) == col(Seat.member_id))
        .where(
            col(Seat.committee_id) == committee_id,
            col(Seat.kind) != SeatKind.OBSERVER,
            col(Seat.since) <= now,
            or_(col(Seat.until).is_(None), col(Seat.until) > now),
            col(Member.partner_id) == col(Seat.partner_id),
        )
        .order_by(col(Member.name), col(Member.id))
    ).all()
    away = _get_away(session, [member.id for _, member in seats], now=now)
    deputies = [seat.deputy_id for seat, member in seats if member.id in away or member.left_at]
    standing_in = {
        member.id: member
        for member in session.exec(
            select(Member).where(
                col(Member.id).in_([d for d in deputies if d]), col(Member.left_at).is_(None)
            )
        )
    }
    found: list[tuple[str, Member]] = []
    for seat, member in seats:
        if member.left_at is None:
            found.append((seat.partner_id, member))
        deputy = standing_in.get(seat.deputy_id or "")
        gone = member.id in away or member.left_at is not None
        if gone and deputy is not None and deputy.partner_id == seat.partner_id:
            found.append((seat.partner_id, deputy))
    return found


def _get_away(session: Session, member_ids: Sequence[str], *, now: datetime) -> set[str]:
    return set(
        session.exec(
            select(OptOut.member_id).where(
                col(OptOut.member_id).in_(member_ids),
                col(OptOut.subject) == AWAY,
                or_(col(OptOut.until).is_(None), col(OptOut.until) > now),
            )
        )
    )
