"""A person before Slack's client: who they are, and what Slack lets them do."""

from typing import TYPE_CHECKING

from . import payloads
from .errors import SlackRefuses
from .records import Channel, Delivery, Installation, Json, Member, Message, Response, Team, View

if TYPE_CHECKING:
    from .courier import Courier


class Person:
    """A person in front of their Slack client, hands still."""

    def __init__(self, courier: "Courier", member: Member, command: str) -> None:
        self.courier = courier
        self.world = courier.world
        self.member = member
        self.command = command

    def __repr__(self) -> str:
        return f"<User {self.name} of {self.team.name}>"

    @property
    def id(self) -> str:
        """The user id."""
        return self.member.id

    @property
    def name(self) -> str:
        """The real name."""
        return self.member.name

    @property
    def team(self) -> Team:
        """The workspace the person belongs to."""
        return self.member.team

    @property
    def email(self) -> str | None:
        """The e-mail address."""
        return self.member.email

    @property
    def mention(self) -> str:
        """How a message mentions this person."""
        return f"<@{self.id}>"

    @property
    def dm_channel(self) -> Channel:
        """The DM of this person with the bot."""
        return self.world.dm(self.member, self._installation())

    # What Slack allows

    def _installation(self) -> Installation:
        """The installation this person meets: their own team's, else the first."""
        own = self.world.installation_of(self.team)
        return own or self.world.first_installation()

    def _own_installation(self, what: str) -> Installation:
        installation = self.world.installation_of(self.team)
        if installation is None:
            raise SlackRefuses(f"{self.team.name} has not installed the app: no {what}")
        return installation

    def _heard_in(self, channel: Channel) -> bool:
        return next(self.world.bots_in(channel), None) is not None

    def _through(self, channel: Channel) -> Installation:
        """The installation through which an event of this person comes."""
        bots = list(self.world.bots_in(channel))
        own = (i for i in bots if i.team is self.team)
        return next(own, bots[0] if bots else self._installation())

    def _author(self, message: Message) -> Installation:
        every = self.world.installations.values()
        return next(i for i in every if i.bot_id == message.bot_id)

    def _event(
        self, event: Json, channel: Channel, through: Installation | None = None
    ) -> Delivery:
        through = through or self._through(channel)
        team = self.team.id
        return payloads.event_delivery(self.world, through, event, team=team, channel=channel)

    def _send_event(self, event: Json, channel: Channel) -> list[Response]:
        self.world.changed()
        return self.courier.deliver_all(self._events(event, channel))

    def _events(self, event: Json, channel: Channel) -> list[Delivery]:
        """An event as the bots in a channel are told of it: through one installation, or through
        each under an id of its own."""
        if self.world.tells_every_installation:
            return [self._event(event, channel, i) for i in self.world.bots_in(channel)]
        return [self._event(event, channel)] if self._heard_in(channel) else []

    def _must_be_in(self, channel: Channel) -> None:
        if self.id not in channel.members:
            raise SlackRefuses(f"{self.name} is not in #{channel.name}")
        if channel.is_archived:
            raise SlackRefuses(f"#{channel.name} is archived")

    def _must_see(self, message: Message) -> None:
        self._must_be_in(message.channel)
        if message.deleted or message.ephemeral_to not in (None, self.id):
            raise SlackRefuses(f"{self.name} does not see this message")

    def _must_be_shown(self, surface: Message | View) -> None:
        if isinstance(surface, Message):
            self._must_see(surface)
        elif surface.type == "home":
            if surface.user != self.id:
                raise SlackRefuses(f"this is not the home of {self.name}")
        else:
            self._must_be_on_top(surface)

    def _must_be_on_top(self, view: View) -> None:
        if self.world.open_views(self.id)[-1:] != [view]:
            raise SlackRefuses(f"{self.name} does not have this modal in front of them")
