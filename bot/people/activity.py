"""Which of their accounts people used last: that is where they are written to.

Kept for those with several accounts alone, and to the hour. What happens is noted in memory, also
where only something is read, and stored from there.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.people.models import Account, MemberAccount

OFTEN: Final = timedelta(hours=1)
MOST: Final = 20_000
"""Accounts that are kept in mind; beyond that it begins anew."""


class Activity:
    """Who acted in this process. `note` and `drain` belong to the loop's thread."""

    def __init__(self) -> None:
        self._noted: dict[str, datetime] = {}
        self._fresh: dict[str, datetime] = {}

    def note(self, account_id: str, now: datetime) -> None:
        """Somebody acted by this account."""
        last = self._noted.get(account_id)
        if last is not None and now - last < OFTEN:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[account_id] = self._fresh[account_id] = now

    def drain(self) -> dict[str, datetime]:
        """Take out what is to be stored."""
        fresh, self._fresh = self._fresh, {}
        return fresh


def store(session: Session, acted: dict[str, datetime]) -> None:
    """Write down when accounts of people who have several were used."""
    other, own = aliased(MemberAccount), aliased(MemberAccount)
    has_several = exists(
        select(own.account_id)
        .join(other, col(other.member_id) == col(own.member_id))
        .where(col(own.account_id) == col(Account.id), col(other.account_id) != col(own.account_id))
    )
    for account_id, at in acted.items():
        session.execute(
            update(Account)
            .where(
                col(Account.id) == account_id,
                or_(col(Account.seen_at).is_(None), col(Account.seen_at) < at),
                has_several,
            )
            .values(seen_at=at)
        )


def last_used() -> ColumnElement[datetime]:
    """By what a person's accounts are put in order: when it was used, else when it was met."""
    return func.coalesce(col(Account.seen_at), col(Account.checked_at))
