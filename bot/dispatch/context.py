"""What a handler gets beside the event: an open session, the moment, and who is acting."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlmodel import Session

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import Event, PlaceKind
from bot.core.views import View
from bot.delivery.outbox import Address, Deliver, enqueue
from bot.dispatch.feature import Needs, Registry
from bot.people import channels
from bot.people.models import Account, Alliance, Channel, ChannelState, Workspace
from bot.people.viewer import Viewer, get_viewers

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Context:
    """One event being handled, in one transaction.

    `viewers` are the acting account's memberships, one an alliance; `viewer` the one that counts
    here, once it is known.
    """

    session: Session
    registry: Registry
    now: datetime
    event: Event
    account: Account
    channel: Channel | None = None
    viewers: list[Viewer] = field(default_factory=list)
    chosen: Viewer | None = None
    woken: list[int] = field(default_factory=list)

    @property
    def viewer(self) -> Viewer:
        """The acting member. Raises NotFound if they are in no alliance (that is known here)."""
        if self.chosen is None:
            raise NotFound("alliance.none")
        return self.chosen

    @property
    def zone(self) -> str:
        """The zone in which the acting person reads times: their own, or the alliance's."""
        if self.account.zone:
            return self.account.zone
        return self.alliance.zone if self.chosen else "UTC"

    @property
    def alliance(self) -> Alliance:
        """The alliance that counts here."""
        return self.session.get_one(Alliance, self.viewer.alliance_id)

    def enter(self, alliance_id: str) -> Viewer:
        """Act in the alliance that a thing belongs to. Raises NotFound (and logs it) for others:
        whoever may not see a thing is not told that it exists."""
        found = next((v for v in self.viewers if v.alliance_id == alliance_id), None)
        if found is None:
            log.warning("refused: not a member", account=self.account.id, alliance=alliance_id)
            raise NotFound("alliance.not_yours")
        self.chosen = found
        return found

    def require(self, needs: Needs) -> None:
        """Raise NotFound or NotAllowed unless the acting person has what is needed."""
        if needs == Needs.NOTHING:
            return
        if needs == Needs.MANAGER and not self.viewer.is_manager:
            log.warning("refused: not a manager", account=self.account.id)
            raise NotAllowed("alliance.managers_only", alliance=self.alliance.name)
        if self.viewer.alliance_id == "":
            raise NotFound("alliance.none")

    def forget_viewers(self) -> None:
        """Read the memberships anew, after they changed."""
        chosen = self.chosen.alliance_id if self.chosen else None
        self.viewers = get_viewers(self.session, self.account.id)
        self.chosen = next((v for v in self.viewers if v.alliance_id == chosen), None)

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


def choose_viewer(context: Context) -> Viewer | None:
    """The membership that counts: the linked channel's alliance; else the one the person chose;
    else their only one. None if that cannot be told, or there is none."""
    place = context.event.place
    if place.kind == PlaceKind.CHANNEL and place.channel is not None:
        context.channel = channels.get_channel(
            context.session, context.event.platform, place.channel
        )
    channel = context.channel
    if channel is not None and channel.state == ChannelState.LINKED:
        return _in_alliance(context, channel.alliance_id)
    if len(context.viewers) == 1:
        return context.viewers[0]
    return _in_alliance(context, context.account.current_alliance_id)


def _in_alliance(context: Context, alliance_id: str | None) -> Viewer | None:
    return next((v for v in context.viewers if v.alliance_id == alliance_id), None)
