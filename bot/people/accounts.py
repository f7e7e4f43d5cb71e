"""Accounts that are switched off, and accounts that are one person's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.db.revisions import bump
from bot.people.alliances import get_managers
from bot.people.identity import ACCOUNTS_SCOPE
from bot.people.models import (
    Account,
    AccountClaim,
    Member,
    MemberAccount,
    Role,
    Seat,
)
from bot.people.readers import doubt
from bot.people.viewer import Viewer

CLAIM_LASTS = timedelta(days=7)
MOST_CLAIMS = 3
"""Accounts that one person may ask in that time: each gets a direct message."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""A profile of that age is read again when the person acts."""


def get_deactivated_ids(session: Session, platform: str) -> frozenset[str]:
    """The platform's ids of the people whose accounts are switched off."""
    return frozenset(
        session.exec(
            select(Account.external_id).where(
                col(Account.platform) == platform, col(Account.deactivated_at).is_not(None)
            )
        )
    )


def deactivate(session: Session, account: Account, *, now: datetime) -> list[Member]:
    """The account is switched off: its members leave their alliances, unless they have another
    account that works. Their roles and seats rest, and count again when they are back. Answers
    those who left."""
    if account.deactivated_at is not None:
        return []
    account.deactivated_at, account.checked_at = now, LONG_AGO
    session.add(account)
    session.flush()
    left = [m for m in _get_members(session, account) if not _can_act(session, m)]
    for member in left:
        member.left_at = now
        session.add(member)
    session.flush()
    bump(session, ACCOUNTS_SCOPE)
    return left


def _get_members(session: Session, account: Account) -> Sequence[Member]:
    return session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .where(col(MemberAccount.account_id) == account.id, col(Member.left_at).is_(None))
    ).all()


def _can_act(session: Session, member: Member) -> bool:
    return (
        session.exec(
            select(Account.id)
            .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
            .where(col(MemberAccount.member_id) == member.id, col(Account.deactivated_at).is_(None))
        ).first()
        is not None
    )


def leaves_without_manager(session: Session, member: Member) -> bool:
    """Whether the partner of a member who has just left has nobody left who manages it."""
    if member.partner_id is None or get_managers(session, member.partner_id):
        return False
    return (
        session.exec(
            select(Role.id).where(
                col(Role.member_id) == member.id,
                col(Role.partner_id) == member.partner_id,
                col(Role.until).is_(None),
            )
        ).first()
        is not None
    )


# -- one person, several accounts ------------------------------------------------------------------


def claim(session: Session, viewer: Viewer, other: Account, *, now: datetime) -> AccountClaim:
    """Say that another account is the viewer's too. Raises Conflict if it is known already, or was
    asked lately, or if so many others were."""
    if other.id in get_account_ids(session, viewer.member_id):
        raise Conflict("belonging.already")
    asked = session.exec(
        select(AccountClaim.other_id).where(
            col(AccountClaim.account_id) == viewer.account_id,
            col(AccountClaim.at) > now - CLAIM_LASTS,
        )
    ).all()
    if other.id in asked or len(asked) >= MOST_CLAIMS:
        raise Conflict("belonging.asked_lately", count=CLAIM_LASTS.days)
    made = AccountClaim(
        alliance_id=viewer.alliance_id, account_id=viewer.account_id, other_id=other.id, at=now
    )
    session.add(made)
    session.flush()
    return made


def get_account_ids(session: Session, member_id: str) -> set[str]:
    """A member's accounts."""
    chosen = select(MemberAccount.account_id).where(col(MemberAccount.member_id) == member_id)
    return set(session.exec(chosen))


def get_claim_or_raise(
    session: Session, claim_id: str, account_id: str, *, now: datetime
) -> AccountClaim:
    """An open claim on this very account. Raises NotFound for any other."""
    found = session.get(AccountClaim, claim_id, with_for_update=True)
    if (
        found is None
        or found.other_id != account_id
        or found.used_at is not None
        or found.at + CLAIM_LASTS <= now
    ):
        raise NotFound("belonging.no_claim")
    return found


def join_accounts(
    session: Session, claimed: AccountClaim, keep: Viewer, *, now: datetime
) -> dict[str, object]:
    """Both accounts have said so: the other one becomes the claimer's member's, and counts for
    that member's partner. Whose it was until now (`gone`), and what it takes to part them.

    Raises Conflict if that would leave a partner without a manager.
    """
    claimed.used_at = now
    session.add(claimed)
    doubt(session, claimed.alliance_id)
    gone = _get_other(session, claimed)
    moved: dict[str, object] = {"account": claimed.other_id, "keep": keep.member_id, "gone": ""}
    if gone is None:
        session.add(MemberAccount(member_id=keep.member_id, account_id=claimed.other_id))
        session.flush()
        return moved
    accounts = get_account_ids(session, gone.id)
    if len(accounts) > 1:
        _move_account(session, claimed.other_id, gone.id, keep.member_id)
        return moved | {"gone": gone.id}
    same_side = gone.partner_id == keep.partner_id
    managers = get_managers(session, gone.partner_id or "")
    if not same_side and managers == [gone.id]:
        raise Conflict("belonging.last_manager")
    seats = _move_seats(session, gone, keep.member_id) if same_side else []
    roles = _move_roles(session, gone, keep.member_id) if same_side else []
    _move_account(session, claimed.other_id, gone.id, keep.member_id)
    gone.left_at = now
    session.add(gone)
    session.flush()
    return moved | {"gone": gone.id, "seats": seats, "roles": roles}


def _get_other(session: Session, claimed: AccountClaim) -> Member | None:
    return session.exec(
        select(Member)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .where(
            col(MemberAccount.account_id) == claimed.other_id,
            col(Member.alliance_id) == claimed.alliance_id,
        )
    ).first()


def _move_account(session: Session, account_id: str, source: str, target: str) -> None:
    link = session.get(MemberAccount, (source, account_id))
    if link is not None:
        session.delete(link)
        session.flush()
    session.add(MemberAccount(member_id=target, account_id=account_id))
    session.flush()


def _move_seats(session: Session, gone: Member, keep_id: str) -> list[str]:
    taken = set(
        session.exec(
            select(Seat.committee_id).where(
                col(Seat.member_id) == keep_id, col(Seat.until).is_(None)
            )
        )
    )
    moved = []
    for seat in session.exec(
        select(Seat).where(col(Seat.member_id) == gone.id, col(Seat.until).is_(None))
    ).all():
        if seat.committee_id not in taken:
            seat.member_id = keep_id
            session.add(seat)
            moved.append(seat.id)
    session.flush()
    return moved


def _move_roles(session: Session, gone: Member, keep_id: str) -> list[str]:
    chosen = select(Role).where(col(Role.until).is_(None))
    if session.exec(chosen.where(col(Role.member_id) == keep_id)).first() is not None:
        return []
    moved = []
    for role in session.exec(chosen.where(col(Role.member_id) == gone.id)).all():
        role.member_id = keep_id
        session.add(role)
        moved.append(role.id)
    session.flush()
    return moved


def part_accounts(session: Session, moved: dict[str, object], alliance_id: str) -> None:
    """They are two people after all: everything is as it was before they were joined.

    Raises NotFound if that has changed since.
    """
    account_id, keep_id, gone_id = (str(moved[key]) for key in ("account", "keep", "gone"))
    link = session.get(MemberAccount, (keep_id, account_id))
    if link is None:
        raise NotFound("undo.changed_since")
    session.delete(link)
    session.flush()
    gone = session.get(Member, gone_id) if gone_id else None
    if gone is None:
        return
    if gone.alliance_id != alliance_id:
        raise NotAllowed("place.other_side", person=gone.name)
    gone.left_at = None
    session.add(gone)
    session.add(MemberAccount(member_id=gone.id, account_id=account_id))
    _give_back(session, Seat, moved.get("seats"), keep_id, gone.id)
    _give_back(session, Role, moved.get("roles"), keep_id, gone.id)
    session.flush()


def _give_back(
    session: Session, table: type[Seat] | type[Role], ids: object, source: str, target: str
) -> None:
    for row_id in ids if isinstance(ids, list) else []:
        row: Any = session.get(table, str(row_id))
        if row is not None and row.member_id == source:
            row.member_id = target
            session.add(row)
