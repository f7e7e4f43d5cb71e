"""Committees and their seats: who decides what, for which partner, and who stands in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.people.models import AudienceKind, Committee, Member, Partner, RuleKind, Seat, SeatKind
from bot.people.roles import check_own
from bot.people.viewer import Viewer, visible_to

FEWEST = 2
"""A body of fewer partners decides nothing: no side can hold both keys."""

MOST_DAYS = 60
"""Working days that a rule may give people to object, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a committee needs before something is confirmed. `count`: of how many partners a yes is
    needed (`COUNT` alone); `days`: working days in which any partner may object (`SILENCE`)."""

    kind: RuleKind = RuleKind.ALL
    count: int = 0
    days: int = 0

    def needs(self, seated: int) -> int:
        """How many partners' yes it takes, with so many of them seated."""
        if self.kind == RuleKind.SILENCE:
            return 0
        return min(self.count, seated) if self.kind == RuleKind.COUNT else seated


def get_committees(session: Session, viewer: Viewer) -> Sequence[Committee]:
    """The committees the viewer may know of, by name."""
    return session.exec(
        select(Committee).where(visible_to(viewer, Committee)).order_by(col(Committee.name))
    ).all()


def get_committee(session: Session, viewer: Viewer, name: str) -> Committee | None:
    """A committee by its name, case aside."""
    wanted = " ".join(name.split()).casefold()
    found = get_committees(session, viewer)
    return next((c for c in found if c.name.casefold() == wanted), None)


def get_committee_or_raise(session: Session, viewer: Viewer, committee_id: str) -> Committee:
    """A committee by id. Raises NotFound, also if it is not the viewer's to see."""
    committee = session.exec(
        select(Committee).where(visible_to(viewer, Committee), col(Committee.id) == committee_id)
    ).first()
    if committee is None:
        raise NotFound("roster.no_committee", names="")
    return committee


def add_committee(session: Session, viewer: Viewer, name: str, *, now: datetime) -> Committee:
    """A new committee, known to the whole alliance."""
    committee = Committee(
        alliance_id=viewer.alliance_id,
        name=" ".join(name.split())[:80],
        created_at=now,
        audience_kind=AudienceKind.ALLIANCE,
    )
    session.add(committee)
    session.flush()
    return committee


def get_seats(
    session: Session, committee: Committee, *, now: datetime
) -> Sequence[tuple[Seat, Member, Partner]]:
    """Who sits on a committee at a moment (`now`), partner by partner, co-chairs first; for the
    partners that were in the alliance then."""
    rows = session.exec(
        select(Seat, Member, Partner)
        .join(Member, col(Member.id) == col(Seat.member_id))
        .join(Partner, col(Partner.id) == col(Seat.partner_id))
        .where(
            col(Seat.committee_id) == committee.id,
            col(Seat.since) <= now,
            col(Seat.until).is_(None) | (col(Seat.until) > now),
            col(Member.left_at).is_(None),
            col(Partner.left_at).is_(None) | (col(Partner.left_at) >= now),
        )
    ).all()
    order = {"co_chair": 0, "member": 1, "observer": 2}
    return sorted(rows, key=lambda row: (row[2].name, order[row[0].kind], row[1].name))


def seat(
    session: Session,
    viewer: Viewer,
    committee: Committee,
    member: Member,
    *,
    kind: str,
    since: datetime,
    until: datetime | None = None,
) -> Seat:
    """Seat a member of the viewer's own partner. Raises NotAllowed for others, NotUnderstood for a
    seat that ends before it begins, Conflict if they sit there already."""
    check_own(viewer, member)
    if until is not None and until <= since:
        raise NotUnderstood("seat.no_time", person=member.name)
    if get_seat(session, committee, member, now=since) is not None:
        raise Conflict("seat.already", person=member.name, committee=committee.name)
    taken = Seat(
        alliance_id=viewer.alliance_id,
        committee_id=committee.id,
        partner_id=viewer.partner_id or "",
        member_id=member.id,
        kind=kind,
        since=since,
        until=until,
    )
    session.add(taken)
    session.flush()
    return taken


def get_seat(
    session: Session, committee: Committee, member: Member, *, now: datetime
) -> Seat | None:
    """The member's present or coming seat on a committee."""
    return session.exec(
        select(Seat).where(
            col(Seat.committee_id) == committee.id,
            col(Seat.member_id) == member.id,
            col(Seat.until).is_(None)
            | ((col(Seat.until) > now) & (col(Seat.until) > col(Seat.since))),
        )
    ).first()


def leave_seat(
    session: Session, viewer: Viewer, committee: Committee, member: Member, *, now: datetime
) -> Seat:
    """End a seat of the viewer's own partner. Raises NotAllowed, NotFound."""
    check_own(viewer, member)
    found = get_seat(session, committee, member, now=now)
    if found is None:
        raise NotFound("seat.none", person=member.name, committee=committee.name)
    found.until = now
    session.add(found)
    session.flush()
    return found


def set_deputy(
    session: Session,
    viewer: Viewer,
    committee: Committee,
    member: Member,
    deputy: Member,
    *,
    now: datetime,
) -> Seat:
    """Who stands in for a member; both of the viewer's own partner."""
    check_own(viewer, member)
    check_own(viewer, deputy)
    found = get_seat(session, committee, member, now=now)
    if found is None:
        raise NotFound("seat.none", person=member.name, committee=committee.name)
    if deputy.id == member.id:
        raise Conflict("seat.own_deputy", person=member.name)
    found.deputy_id = deputy.id
    session.add(found)
    session.flush()
    return found


def make_rule(kind: str, *, count: int, days: int) -> Rule:
    """A rule with only what its kind needs. Raises NotUnderstood, with the field at fault."""
    if kind not in set(RuleKind):
        raise NotUnderstood("committee.rule_unknown", field="rule_kind")
    if kind == RuleKind.COUNT:
        if not 1 <= count <= 99:
            raise NotUnderstood("committee.rule_count_wrong", field="rule_count", most=99)
        return Rule(kind=RuleKind.COUNT, count=count)
    if kind == RuleKind.SILENCE:
        if not 1 <= days <= MOST_DAYS:
            raise NotUnderstood("committee.rule_days_wrong", field="rule_days", most=MOST_DAYS)
        return Rule(kind=RuleKind.SILENCE, days=days)
    return Rule()


def get_rule(session: Session, committee: Committee | None) -> Rule:
    """The rule that counts for a body's confirmations; None stands for the alliance as a whole.

    All partners seated, unless the managers of every partner whom it concerns agreed to another:
    no side can make it easier for itself.
    """
    if committee is None or get_waited_for(session, committee):
        return Rule()
    return get_wanted_rule(committee)


def get_wanted_rule(committee: Committee) -> Rule:
    """The rule as last written, whether or not everybody agreed to it yet."""
    return Rule(
        kind=RuleKind(committee.rule_kind),
        count=committee.rule_count,
        days=committee.rule_days,
    )


def get_waited_for(session: Session, committee: Committee) -> Sequence[Partner]:
    """The partners whose managers have not agreed to the rule as last written, by name: of those
    that ever had a seat on the committee, or of all as long as fewer than two have. A partner that
    has not joined has nobody who could agree."""
    if committee.rule_kind == RuleKind.ALL:
        return ()
    partners = session.exec(
        select(Partner)
        .where(
            col(Partner.alliance_id) == committee.alliance_id,
            col(Partner.joined_at).is_not(None),
            col(Partner.left_at).is_(None),
        )
        .order_by(col(Partner.name))
    ).all()
    seated = set(
        session.exec(select(Seat.partner_id).where(col(Seat.committee_id) == committee.id)).all()
    )
    concerned = [partner for partner in partners if partner.id in seated]
    return [
        partner
        for partner in (concerned if len(concerned) >= FEWEST else partners)
        if partner.id not in committee.rule_agreed
    ]


def set_rule(session: Session, viewer: Viewer, committee: Committee, rule: Rule) -> None:
    """Write a rule, as the viewer's partner wants it; the same rule once more is a yes to it."""
    agreed = committee.rule_agreed if rule == get_wanted_rule(committee) else []
    own = [viewer.partner_id] if viewer.partner_id else []
    committee.rule_kind, committee.rule_count = rule.kind, rule.count
    committee.rule_days = rule.days
    committee.rule_agreed = sorted({*agreed, *own})
    session.add(committee)
    session.flush()


def get_voices(session: Session, committee: Committee, *, now: datetime) -> Sequence[str]:
    """The ids of the partners with a voice on a committee now: observers have none."""
    seats = get_seats(session, committee, now=now)
    found = (partner.id for seat, _, partner in seats if seat.kind != SeatKind.OBSERVER)
    return tuple(dict.fromkeys(found))


def get_seated_ids(session: Session, partner_id: str, *, now: datetime) -> list[str]:
    """The present members of a partner who sit on any committee now, in the order of their ids."""
    return list(
        session.exec(
            select(Member.id)
            .join(Seat, col(Seat.member_id) == col(Member.id))
            .where(
                col(Seat.partner_id) == partner_id,
                col(Seat.since) <= now,
                col(Seat.until).is_(None) | (col(Seat.until) > now),
                col(Member.left_at).is_(None),
            )
            .distinct()
            .order_by(col(Member.id))
        )
    )
