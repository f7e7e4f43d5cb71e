"""What a handler gets beside the event: an open session, the moment, and who is acting."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

import structlog
from sqlmodel import Session

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import Event, PlaceKind
from bot.core.views import View
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.dispatch.feature import Needs, Registry
from bot.people import partings
from bot.people.models import Account, Alliance, Channel, Workspace
from bot.people.presence import Presence, get_presence
from bot.people.viewer import Viewer

log = structlog.get_logger(__name__)


class _OfAlliance(Protocol):
    alliance_id: str


T = TypeVar("T", bound=_OfAlliance)


@dataclass(slots=True, kw_only=True)
class Context:
    """One event being handled, in one transaction.

    `who` is the acting person, `chosen` their membership that counts here, if that can be told.
    `for_former`: people whose partner has left, or whose alliance has ended, may do this.
    """

    session: Session
    registry: Registry
    now: datetime
    event: Event
    who: Presence
    chosen: Viewer | None = None
    for_former: bool = True
    woken: list[int] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """The acting person's account, to be changed."""
        return self.session.get_one(Account, self.who.account_id)

    @property
    def channel(self) -> Channel | None:
        """The alliance's channel that this happened in, if it is one's."""
        return self.session.get(Channel, self.who.channel_id) if self.who.channel_id else None

    @property
    def viewers(self) -> tuple[Viewer, ...]:
        """The acting person's memberships, one an alliance, oldest first."""
        return self.who.viewers

    @property
    def viewer(self) -> Viewer:
        """The acting member. Raises NotFound if they are in no alliance (that is known here)."""
        if self.chosen is None:
            raise NotFound("alliance.none")
        return self.chosen

    @property
    def zone(self) -> str:
        """The zone in which the acting person reads times: their own, or the alliance's."""
        if self.who.zone:
            return self.who.zone
        return self.alliance.zone if self.chosen else "UTC"

    @property
    def alliance(self) -> Alliance:
        """The alliance that counts here."""
        return self.session.get_one(Alliance, self.viewer.alliance_id)

    def enter(self, alliance_id: str) -> Viewer:
        """Act in the alliance that a thing belongs to. Raises NotFound (and logs it) for others:
        whoever may not see a thing is not told that it exists."""
        found = self.who.get_viewer(alliance_id)
        if found is None:
            log.warning("refused: not a member", account=self.who.account_id, alliance=alliance_id)
            raise NotFound("alliance.not_yours")
        self.chosen = found
        self._check_former(found)
        return found

    def find(
        self, table: type[T], identifier: str, missing: str = "alliance.not_yours", **said: str
    ) -> T:
        """The row with this id; the person acts in its alliance from here on. Raises NotFound,
        in the words `missing`: alike for what is in another alliance and for what is nowhere."""
        row = self.session.get(table, identifier) if identifier else None
        if row is None:
            raise NotFound(missing, **said)
        try:
            self.enter(row.alliance_id)
        except NotFound:
            raise NotFound(missing, **said) from None
        return row

    def _check_former(self, viewer: Viewer) -> None:
        """Raise NotAllowed where somebody would change what they may only read by now."""
        if viewer.is_former and not self.for_former:
            raise self._refuse_former(viewer)

    def _refuse_former(self, viewer: Viewer) -> NotAllowed:
        log.warning("refused: over", account=self.who.account_id)
        key = "parting.is_over" if viewer.has_ended else "parting.is_left"
        return NotAllowed(key, alliance=self.alliance.name, partner=viewer.partner_name)

    def require(self, needs: Needs) -> None:
        """Raise NotFound or NotAllowed unless the acting person has what is needed."""
        if needs == Needs.NOTHING:
            return
        self._check_former(self.viewer)
        if needs == Needs.KEEPER and not partings.is_keeper(self.session, self.viewer):
            raise self._refuse_member()
        if needs == Needs.MANAGER and self.viewer.is_former:
            raise self._refuse_former(self.viewer)
        if needs == Needs.MANAGER and not self.viewer.is_manager:
            raise self._refuse_member()
        if self.viewer.alliance_id == "":
            raise NotFound("alliance.none")

    def _refuse_member(self) -> NotAllowed:
        log.warning("refused: not a manager", account=self.who.account_id)
        return NotAllowed("alliance.managers_only", alliance=self.alliance.name)

    def look_again(self) -> None:
        """Read who is acting anew, after memberships or the channel changed."""
        chosen = self.chosen.alliance_id if self.chosen else None
        place = self.event.place
        found = get_presence(
            self.session,
            platform=self.event.platform,
            user=self.event.actor.user,
            channel=place.channel if place.kind == PlaceKind.CHANNEL else None,
            now=self.now,
        )
        self.who = found or self.who
        self.chosen = self.who.get_viewer(chosen) or self.who.choose()

    def deliver(self, deliver: Deliver) -> None:
        """Put a message into the outbox; it is tried at once after the commit."""
        self.woken.append(enqueue(self.session, deliver, now=self.now))

    def to_account(self, account: Account) -> Address:
        """A person's direct messages."""
        home = self.session.get(Workspace, account.workspace_id) if account.workspace_id else None
        workspace = home.external_id if home and home.bot_user else self.event.workspace
        return Address(platform=account.platform, workspace=workspace, user=account.external_id)

    def tell(self, account: Account, view: View) -> None:
        """Send a person a direct message that somebody asked for."""
        self.deliver(
            Deliver(to=self.to_account(account), view=view, alliance_id=self.viewer.alliance_id)
        )
