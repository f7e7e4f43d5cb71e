"""All of Teams' adapter in one process, put together from what an operator set."""

import asyncio
from dataclasses import dataclass

from adapters.asgi import App
from adapters.teams.app import Http, TeamsApp
from adapters.teams.cloud import Cloud
from adapters.teams.directory import Directory
from adapters.teams.door import Door, Listening
from adapters.teams.kept import Kept
from adapters.teams.keys import KeysOutOfReach, SigningKeys
from adapters.teams.login import Login
from adapters.teams.names import PLATFORM
from adapters.teams.refusals import Targets
from adapters.teams.sdk import Connector
from adapters.teams.send import TeamsPlatform
from adapters.teams.tokens import Tokens
from bot.core.clock import Clock
from bot.core.errors import PlatformError
from bot.db.engine import Database
from bot.dispatch.dispatcher import Dispatcher
from bot.people.channels import get_heard_ids, get_linked_ids, note_heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """As whom Entente speaks with Microsoft. Without `app_id`: the simulator on this machine.
    `tenant`: where a single-tenant app logs in; `timeout` in seconds; `targets`: see
    `TeamsPlatform`; `local`: see `Cloud`."""

    app_id: str
    password: str
    tenant: str | None
    timeout: float
    targets: bool = True
    local: str | None = None

    @property
    def cloud(self) -> Cloud:
        """The servers."""
        return Cloud(local=self.local, is_anonymous=not self.app_id)

    def make_login(self, http: Http) -> Login:
        """What fetches our token."""
        return Login(
            self.cloud,
            http.connect,
            app_id=self.app_id,
            password=self.password,
            tenant=self.tenant,
            timeout=self.timeout,
        )


@dataclass(slots=True)
class Teams:
    """The adapter's parts."""

    http: Http
    platform: TeamsPlatform
    app: TeamsApp
    door: Door
    listening: Listening
    database: Database
    clock: Clock

    async def connect(self, *, serves: bool, stop: asyncio.Event) -> None:
        """Nothing to do: Teams calls us, and connections are made when something is sent."""

    async def follow(self) -> None:
        """Notice what other processes learnt of conversations and people, and let them know in
        which channels everything is heard."""
        await self.platform.directory.follow()
        heard = self.listening.heard
        if heard:
            self.listening.heard = set()
            await self.database.in_write(
                lambda session: note_heard(session, PLATFORM, heard, now=self.clock())
            )
            self.listening.noted |= heard

    async def listen(self) -> None:
        """Read in which channels Entente listens, and of which it is noted that it hears more than
        what mentions it."""
        self.listening.linked, noted = await self.database.in_read(
            lambda session: (get_linked_ids(session, PLATFORM), get_heard_ids(session, PLATFORM))
        )
        self.listening.noted = set(noted)

    async def hush(self) -> None:
        """Nothing to do: it is heard over HTTP alone."""

    async def finish(self) -> None:
        """Wait for what is under way."""
        await self.app.finish()

    async def close(self) -> None:
        """Let go of the connections."""
        await self.http.close()


def make_platform(access: Access, database: Database, http: Http, *, clock: Clock) -> TeamsPlatform:
    """The outbound half."""
    login = access.make_login(http)
    return TeamsPlatform(
        Connector(login, http.connect),
        login,
        Directory(database, clock=clock),
        http.connect,
        cloud=access.cloud,
        kept=Kept(database, clock=clock),
        request_timeout=access.timeout,
        targets=Targets(clock=clock) if access.targets else None,
    )


def make_teams(
    access: Access, database: Database, dispatcher: Dispatcher, inner: App, *, clock: Clock
) -> Teams:
    """The adapter, its door in front of `inner`."""
    http = Http(access.timeout)
    platform = make_platform(access, database, http, clock=clock)
    app = TeamsApp(platform, dispatcher, app_id=access.app_id)
    listening = Listening()
    keys = SigningKeys(access.cloud.keys_url, http.connect)
    door = Door(
        inner,
        app.handle,
        cloud=access.cloud,
        tokens=Tokens(access.app_id, keys) if access.app_id else None,
        listening=listening,
        wants_text=dispatcher.watching.wants,
    )
    return Teams(http, platform, app, door, listening, database, clock)


async def examine(access: Access) -> tuple[str | None, bool]:
    """Why Microsoft does not let us log in, if it doesn't; and whether its keys can be read."""
    http = Http(access.timeout)
    refused: str | None = None
    try:
        try:
            await access.make_login(http).get_token()
        except PlatformError as error:
            refused = error.reason
        try:
            await SigningKeys(access.cloud.keys_url, http.connect).get("")
        except KeysOutOfReach:
            return refused, False
        return refused, True
    finally:
        await http.close()
