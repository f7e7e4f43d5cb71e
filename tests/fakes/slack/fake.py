"""FakeSlack: everything a test says to the fake, in one place."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from urllib.parse import parse_qsl, urlencode

from . import payloads
from .admin import Disturbances
from .courier import Courier
from .errors import SlackRefuses
from .faults import Faults
from .ledger import Ledger
from .people import User
from .records import (
    DEFAULT_SCOPES,
    Channel,
    Code,
    Delivery,
    Installation,
    Json,
    Member,
    Message,
    Response,
    Team,
)
from .server import Server
from .structure import load_schema
from .users import install
from .world import World


class FakeSlack(Disturbances, Ledger):
    """Slack's servers and its people on this machine, strict about what a bot does.

    A context manager; all methods are synchronous and may be called from any thread. A test whose
    bot runs in its own event loop calls them with `asyncio.to_thread`.
    """

    def __init__(
        self,
        *,
        signing_secret: str = "signing-secret",
        bot_token: str = "xoxb-fake",
        app_token: str = "xapp-fake",
        command: str = "/alliance",
        scopes: Iterable[str] = DEFAULT_SCOPES,
    ) -> None:
        self.signing_secret = signing_secret
        self.bot_token = bot_token
        self.app_token = app_token
        self.command = command
        self.scopes = set(scopes)
        self.world = World()
        self.world.on_post.append(self._echo)
        self.faults = Faults()
        self.echo_bot_messages = False
        self._server = Server(self.world, self.faults, app_token)
        self._courier = Courier(self._server, signing_secret)

    def __enter__(self) -> "FakeSlack":
        load_schema()
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Answer nobody any more and stop."""
        self._server.stop()

    # Where things are

    @property
    def api_url(self) -> str:
        """The base URL of the Web API, for SLACK_API_URL."""
        return f"{self._server.base_url}/api/"

    @property
    def events_url(self) -> str | None:
        """Where signed requests go; None means Socket Mode."""
        return self._courier.events_url

    @events_url.setter
    def events_url(self, url: str | None) -> None:
        self._courier.events_url = url

    @property
    def patience(self) -> float:
        """Seconds to wait for the bot's answer; over Socket Mode at most 3."""
        return self._courier.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self._courier.patience = seconds

    @property
    def raises_when_unreachable(self) -> bool:
        """Whether a dead bot is a BotUnreachable, or else a Response with status 0."""
        return self._courier.raises_when_unreachable

    @raises_when_unreachable.setter
    def raises_when_unreachable(self, value: bool) -> None:
        self._courier.raises_when_unreachable = value

    @property
    def installation(self) -> Installation:
        """The first team's installation."""
        return self.world.first_installation()

    @property
    def bot_user(self) -> str:
        """The bot's user id in the first team."""
        return self.installation.bot.id

    @property
    def bot_id(self) -> str:
        """The bot id (B…) in the first team."""
        return self.installation.bot_id

    @property
    def app_id(self) -> str:
        """The app id (A…)."""
        return self.world.app_id

    # Making the world

    def team(self, name: str, *, enterprise: str | None = None) -> Team:
        """A new workspace, perhaps one of an enterprise's; the first has the app installed."""
        with self.world.lock:
            made = Team(self.world.new_id("T", name), name, enterprise)
            self.world.teams[made.id] = made
            if len(self.world.teams) == 1:
                self.install(made, bot_token=self.bot_token)
        return made

    def install(self, team: Team, *, bot_token: str) -> Installation:
        """Install the app in a workspace, with a token of its own."""
        with self.world.lock:
            return install(self.world, team, bot_token, self.scopes)

    def allows(self, address: str, installer: User, *, is_organisation: bool = False) -> str:
        """Somebody follows a link to Slack's page and allows the app; where Slack sends them."""
        query = self._read_authorize(address)
        code = self.world.new_secret()
        with self.world.lock:
            self.world.oauth_codes[code] = Code(
                installer.team, installer.id, query["redirect_uri"], is_organisation
            )
        back = urlencode({"code": code, "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def declines(self, address: str) -> str:
        """Somebody follows the link and says no."""
        query = self._read_authorize(address)
        back = urlencode({"error": "access_denied", "state": query["state"]})
        return f"{query['redirect_uri']}?{back}"

    def _read_authorize(self, address: str) -> dict[str, str]:
        """What Slack's page is asked for; it refuses what is no installation of this app."""
        page, _, given = address.partition("?")
        query = dict(parse_qsl(given))
        fits = page == f"{self._server.base_url}/oauth/v2/authorize"
        if not fits or query.get("client_id") != self.world.client_id:
            raise SlackRefuses(f"not a page of Slack's for this app: {address}")
        if not query.get("redirect_uri") or not query.get("state"):
            raise SlackRefuses("redirect_uri and state belong here")
        unknown = set(query.get("scope", "").split(",")) - self.scopes
        if unknown:
            raise SlackRefuses(f"invalid_scope: {unknown}")
        return query

    def user(
        self,
        name: str,
        *,
        team: Team,
        tz: str = "Etc/UTC",
        email: str | None = None,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_admin: bool = False,
        locale: str = "en-US",
    ) -> User:
        """A new person, with hands to do things."""
        member = Member(
            self.world.new_id("U", name),
            name,
            team,
            tz,
            email or f"{name.lower().replace(' ', '.')}@{team.domain}.example",
            locale,
            is_restricted=is_restricted or is_ultra_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_admin=is_admin,
        )
        with self.world.lock:
            self.world.members[member.id] = member
        return User(self._courier, member, self.command)

    def channel(
        self,
        name: str,
        *,
        team: Team,
        members: Iterable[User] = (),
        shared_with: Iterable[Team] = (),
        is_private: bool = False,
        with_bot: bool = True,
    ) -> Channel:
        """A new channel, with the bots of all its installing teams unless `with_bot` is false."""
        with self.world.lock:
            made = Channel(
                self.world.new_id("C", name),
                name,
                team,
                [user.id for user in members],
                list(shared_with),
                is_private,
                created=int(self.world.now()),
            )
            strangers = [user.name for user in members if user.team not in self._teams_of(made)]
            if strangers:
                raise ValueError(f"{strangers} are of no team of #{name}")
            teams = self._teams_of(made) if with_bot else []
            made.members += [i.bot.id for t in teams if (i := self.world.installation_of(t))]
            self.world.channels[made.id] = made
        return made

    def _teams_of(self, channel: Channel) -> list[Team]:
        return [channel.team, *channel.shared_with]

    # Events and requests by hand

    def sends_event(
        self,
        event: Json,
        *,
        team: Team | None = None,
        event_id: str | None = None,
        channel: Channel | None = None,
    ) -> Response:
        """Send any event in an envelope, through the installation of `team`."""
        through = self.world.installation_of(team) if team else None
        named = event.get("channel")
        place = channel or self.world.channels.get(named if isinstance(named, str) else "")
        delivery = payloads.event_delivery(
            self.world,
            through or self.installation,
            event,
            team=team.id if team else None,
            channel=place,
            event_id=event_id,
        )
        return self._courier.deliver(delivery)

    def sends_payload(self, kind: str, payload: Json) -> Response:
        """Send a payload as it is: `events_api`, `interactive` or `slash_commands`."""
        return self._courier.deliver(Delivery(kind, payload, accepts_payload=True))

    def post_raw(self, body: bytes | str, headers: Mapping[str, str]) -> Response:
        """Send a request as it is, for forgeries."""
        raw = body.encode() if isinstance(body, str) else body
        delivery = Delivery("raw", {})
        return self._courier.wait(self._courier.post(raw, headers, delivery))

    def sign(self, body: bytes | str, timestamp: float | None = None) -> dict[str, str]:
        """The signature headers of a body."""
        return self._courier.sign(body, timestamp)

    def redelivers(
        self,
        delivered: Response | Message | str,
        retry_num: int = 1,
        reason: str = "http_timeout",
    ) -> Response:
        """Send the same again as Slack does when it was not acknowledged."""
        if isinstance(delivered, Message):
            delivered = delivered.responses[0]
        if isinstance(delivered, Response):
            delivery = delivered.delivery
        else:
            delivery = self._courier.deliveries[delivered]
        return self._courier.deliver(delivery, (retry_num, reason))

    def disconnects(self, reason: str = "refresh_requested") -> None:
        """Tell the bot to open new Socket Mode connections."""
        self._courier.wait(self._server.sockets.disconnect(reason))

    def _echo(self, message: Message) -> None:
        """Tell the bots in a channel what one of them posted."""
        if not self.echo_bot_messages:
            return
        author = next(i for i in self.world.installations.values() if i.bot_id == message.bot_id)
        event = payloads.message_event(message, author.bot)
        event.update(bot_profile=payloads.bot_profile(self.world, author), app_id=self.world.app_id)
        through = next(self.world.bots_in(message.channel), author)
        delivery = payloads.event_delivery(
            self.world, through, event, team=author.team.id, channel=message.channel
        )
        self._server.spawn(lambda: self._courier.send(delivery))
