"""Putting messages into the outbox, in the transaction that makes them necessary."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot.core.ids import new_id
from bot.core.views import View
from bot.db.bulk import bind_moment, is_sqlite
from bot.delivery.models import Delivery, Deployment
from bot.people.activity import last_used
from bot.people.models import Account, Channel, MemberAccount, Workspace

ANSWER = "answer"
"""The topic of what a person has just asked for."""

HINT = "hint"
"""The topic of what nobody asked for, about what somebody just wrote: it comes to them alone, or
not at all. A feature's own begins with it (`hint:term`)."""


def is_hint(topic: str) -> bool:
    """Whether what is of this topic is such a hint."""
    return topic.partition(":")[0] == HINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a message goes, in the platform's ids: a channel, a person, or (both) a person alone
    within a channel."""

    platform: str
    workspace: str
    channel: str | None = None
    user: str | None = None
    thread: str | None = None

    @property
    def lane_key(self) -> str:
        """Messages with one key keep their order."""
        return f"{self.platform}:{self.channel or '@' + (self.user or '')}"


NOTICE = "notice"
"""The topic of a message that carries its view."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A message to be sent. Content: `view`, or `topic` and `subject` for a feature to render at
    the moment of sending. `unasked` direct messages are bundled, one a person and day."""

    to: Address
    view: View | None = None
    topic: str = NOTICE
    subject: str = ""
    alliance_id: str | None = None
    unasked: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None


_LANE = text(
    "INSERT INTO lanes (key, platform, workspace, channel, person) "
    "VALUES (:key, :platform, :workspace, :channel, :person) "
    "ON CONFLICT (key) DO UPDATE SET workspace = excluded.workspace RETURNING id"
)


def ensure_lane(session: Session, to: Address) -> int:
    """The lane of an address, made if it's new; held by this transaction until it ends."""
    row = session.execute(
        _LANE,
        {
            "key": to.lane_key,
            "platform": to.platform,
            "workspace": to.workspace,
            "channel": to.channel,
            "person": None if to.channel else to.user,
        },
    ).one()
    return int(row[0])


def get_channel_address(session: Session, channel: Channel) -> Address:
    """Where a post to a channel goes."""
    workspace = session.get_one(Workspace, channel.workspace_id)
    return Address(
        platform=channel.platform, workspace=workspace.external_id, channel=channel.external_id
    )


def get_member_address(session: Session, member_id: str) -> Address | None:
    """A member's direct messages, where they were last met; None if they can't be reached."""
    return next(iter(get_member_addresses(session, member_id)), None)


def get_member_addresses(session: Session, member_id: str) -> list[Address]:
    """A member's direct messages on each of their accounts, where they were last met first."""
    rows = session.exec(
        select(Account.platform, Workspace.external_id, Account.external_id)
        .join(MemberAccount, col(MemberAccount.account_id) == col(Account.id))
        .join(Workspace, col(Workspace.id) == col(Account.workspace_id))
        .where(col(MemberAccount.member_id) == member_id)
        .order_by(last_used().desc(), col(Account.id))
    ).all()
    return [Address(platform=row[0], workspace=row[1], user=row[2]) for row in rows]


def wake_sql(session: Session) -> str:
    """How `next_at` of a lane changes when something is queued for `:at`."""
    least, greatest = ("min", "max") if is_sqlite(session) else ("least", "greatest")
    soonest = f"{greatest}(:at, coalesce(free_at, :at))"
    return f"next_at = {least}(coalesce(next_at, {soonest}), {soonest})"


def enqueue(session: Session, deliver: Deliver, *, now: datetime) -> int:
    """Queue one message; answers its lane's id."""
    lane_id = ensure_lane(session, deliver.to)
    not_before = deliver.not_before or now
    delivery = Delivery(
        lane_id=lane_id,
        alliance_id=deliver.alliance_id,
        topic=deliver.topic,
        subject=deliver.subject,
        view=deliver.view.model_dump(mode="json") if deliver.view else None,
        thread=deliver.to.thread,
        private_to=deliver.to.user if deliver.to.channel else None,
        unasked=deliver.unasked,
        set_aside=not_before > now,
        created_at=now,
        not_before=not_before,
        expires_at=deliver.expires_at,
    )
    session.add(delivery)
    session.flush()
    session.execute(
        text(f"UPDATE lanes SET {wake_sql(session)} WHERE id = :lane"),
        {"at": bind_moment(session, not_before), "lane": lane_id},
    )
    return lane_id


def get_deployment_key(session: Session) -> str:
    """This database's own random name, made when first asked for (in a writing transaction)."""
    session.execute(
        text("INSERT INTO deployment (id, key) VALUES (1, :key) ON CONFLICT DO NOTHING"),
        {"key": new_id()},
    )
    return session.get_one(Deployment, 1).key
