"""FakeTeams: everything a test says to the fake, in one place."""

import http.client
import json
import uuid
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from .cards import words_of
from .errors import ConnectorError
from .keys import Signer
from .person import BOT_NAME, Response, TeamsUser
from .schema import get_validator
from .server import Fault, Server
from .world import Channel, Chat, Json, Member, Message, Team, Tenant, World


class FakeTeams:
    """Microsoft's servers and Teams' people on this machine, strict about what a bot does.
    `is_multi_tenant`: the bot's app is one of many tenants, which logs in at none of them."""

    def __init__(self, *, is_multi_tenant: bool = False) -> None:
        self.app_id = str(uuid.uuid4())
        self.password = "client-secret"
        self.is_multi_tenant = is_multi_tenant
        self.home = "botframework.com" if is_multi_tenant else str(uuid.uuid4())
        self.bot = f"28:{self.app_id}"
        self.world = World(self.bot, self.app_id)
        self.server = Server(self.world, password=self.password, tenant=self.home)
        self.messages_url = ""
        self.hears_all = False
        self.users: dict[str, TeamsUser] = {}
        self.last_sent: Any = None

    def __enter__(self) -> Self:
        get_validator()
        self.server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.server.stop()

    @property
    def url(self) -> str:
        """The server that stands for all of Microsoft's."""
        return self.server.base_url

    @property
    def service_url(self) -> str:
        return self.server.service_url

    @property
    def signer(self) -> Signer:
        return self.server.signer

    @property
    def strict_errors(self) -> list[str]:
        """What a good client would not have done."""
        return self.world.objections

    # Who and what is there

    def tenant(self, name: str) -> Tenant:
        made = Tenant(name)
        self.world.tenants.append(made)
        return made

    def user(
        self,
        name: str,
        *,
        tenant: Tenant,
        tz: str = "Europe/Berlin",
        is_guest: bool = False,
        email: str | None = None,
    ) -> TeamsUser:
        member = Member(name, tenant, tz, is_guest=is_guest, email=email)
        self.world.people.append(member)
        self.users[member.aad] = TeamsUser(self, member)
        return self.users[member.aad]

    def team(self, name: str, *, tenant: Tenant, with_bot: bool = True) -> Team:
        """A team; if Entente is in it, it is told so."""
        made = Team(name, tenant, with_bot)
        made.channels.append(Channel("General", made, id=made.id))
        self.world.teams.append(made)
        return made

    def channel(
        self,
        name: str,
        *,
        team: Team,
        members: Iterable[TeamsUser] = (),
        kind: str = "standard",
    ) -> Channel:
        made = Channel(name, team, kind, members=[user.member for user in members])
        team.channels.append(made)
        for member in made.members:
            if member not in team.channels[0].members:
                team.channels[0].members.append(member)
        return made

    def group(self, *members: TeamsUser, name: str | None = None) -> Chat:
        made = Chat("groupChat", members[0].tenant, [user.member for user in members], name=name)
        self.world.chats.append(made)
        return made

    # What people see

    def messages(self, place: Channel | Chat) -> list[Message]:
        """What everybody there sees, oldest first."""
        return [m for m in self.world.messages if m.place is place and m.target is None]

    def posts(self, place: Channel | Chat) -> list[Message]:
        """Of these, Entente's."""
        return [m for m in self.messages(place) if m.by_bot]

    def private(self, user: TeamsUser) -> list[Message]:
        """What Entente has shown to one person alone: targeted at them, or in their chat."""
        chat = self.world.direct(user.member)
        return [
            m
            for m in self.world.messages
            if m.by_bot and (m.target is user.member or m.place is chat)
        ]

    def dms(self, user: TeamsUser) -> list[Message]:
        return self.posts(self.world.direct(user.member))

    @staticmethod
    def text_of(message: Message) -> str:
        """What a person reads."""
        return "\n".join(part for part in (message.text, words_of(message.card)) if part)

    # What Teams sends

    def conversation(self, place: Channel | Chat, thread: Message | None = None) -> Json:
        if isinstance(place, Channel):
            identifier = f"{place.id};messageid={thread.id}" if thread else place.id
            return {"id": identifier, "isGroup": True, "conversationType": "channel"}
        found = {"id": place.id, "conversationType": place.kind}
        if place.kind == "personal":
            found["tenantId"] = place.tenant.id
        else:
            found |= {"isGroup": True, **({"name": place.name} if place.name else {})}
        return found

    def channel_data(self, place: Channel | Chat) -> Json:
        data: Json = {"tenant": {"id": place.tenant.id}}
        if isinstance(place, Channel):
            team = place.team
            data["team"] = {"id": team.id, "aadGroupId": team.group, "name": team.name}
            data["channel"] = {"id": place.id, "type": place.kind}
        return data

    def post(
        self,
        payload: Any,
        *,
        token: str | None = "",
        headers: dict[str, str] | None = None,
        url: str | None = None,
    ) -> Response:
        """Send an activity; `token`: another than a good one, None for none."""
        self.last_sent = payload
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        given = {"Content-Type": "application/json; charset=utf-8"}
        if token is not None:
            given["Authorization"] = f"Bearer {token or self.signer.sign()}"
        parts = urlsplit(url or self.messages_url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            connection.request("POST", parts.path, body, given | (headers or {}))
            answer = connection.getresponse()
            return Response(answer.status, answer.read().decode())
        finally:
            connection.close()

    def sends_again(self, payload: Any = None) -> Response:
        """An activity, the last if none is named, since Teams is not sure that it was heard."""
        return self.post(self.last_sent if payload is None else payload)

    def update(
        self,
        place: Channel,
        event: str,
        *,
        added: Iterable[Json] = (),
        removed: Iterable[Json] = (),
        name: str | None = None,
    ) -> Response:
        """An update of a team or channel."""
        data = {**self.channel_data(place), "eventType": event}
        if name is not None:
            data["channel"]["name"] = name
        somebody = place.team.channels[0].members or place.members
        sender = somebody[0] if somebody else None
        payload: Json = {
            "type": "conversationUpdate",
            "id": f"f:{uuid.uuid4()}",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": sender.account, "aadObjectId": sender.aad} if sender else {"id": "29:x"},
            "recipient": {"id": self.bot, "name": BOT_NAME},
            "conversation": self.conversation(place),
            "channelData": data,
        }
        if list(added):
            payload["membersAdded"] = list(added)
        if list(removed):
            payload["membersRemoved"] = list(removed)
        return self.post(payload)

    def adds_bot(self, team: Team) -> None:
        """Entente is added to a team."""
        team.has_bot = True
        self.update(team.channels[0], "teamMemberAdded", added=[{"id": self.bot}])

    def upgrades_bot(self, where: Team | Chat) -> Response:
        """The owner of a team, or somebody in a group chat, takes another version of the app."""
        place = where.channels[0] if isinstance(where, Team) else where
        return self._install(place, "add-upgrade")

    def removes_bot(self, team: Team) -> Response:
        """Entente is removed from a team: told as an installation's end and as a member's."""
        team.has_bot = False
        first = self._install(team.channels[0], "remove")
        second = self.update(team.channels[0], "teamMemberRemoved", removed=[{"id": self.bot}])
        return first if first.status != 200 else second

    def _install(self, place: Channel | Chat, action: str) -> Response:
        somebody = place.members[0]
        payload: Json = {
            "type": "installationUpdate",
            "action": action,
            "id": f"f:{uuid.uuid4()}",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": somebody.account, "aadObjectId": somebody.aad},
            "recipient": {"id": self.bot, "name": BOT_NAME},
            "conversation": self.conversation(place),
            "channelData": self.channel_data(place),
        }
        return self.post(payload)

    def joins(self, user: TeamsUser, channel: Channel, *, names_directory: bool = True) -> Response:
        """Somebody joins a channel, and Entente is told; Teams does not always name the id that
        they have in their directory."""
        channel.members.append(user.member)
        added = self._account(user, names_directory=names_directory)
        return self.update(channel, "channelMemberAdded", added=[added])

    def leaves(
        self, user: TeamsUser, channel: Channel, *, names_directory: bool = True
    ) -> Response:
        """Somebody leaves a channel, and Entente is told."""
        channel.members.remove(user.member)
        removed = self._account(user, names_directory=names_directory)
        return self.update(channel, "channelMemberRemoved", removed=[removed])

    def loses_account(self, user: TeamsUser) -> None:
        """Somebody's account is deleted: no list of members has them, and Entente is told nothing,
        but of those channels that Teams itself takes them out of."""
        user.member.is_gone = True
        for team in self.world.teams:
            for channel in team.channels:
                if user.member in channel.members:
                    channel.members.remove(user.member)

    def regains_account(self, user: TeamsUser) -> None:
        """It is there again, and Entente is told nothing of that either."""
        user.member.is_gone = False

    @staticmethod
    def _account(user: TeamsUser, *, names_directory: bool) -> Json:
        named = {"aadObjectId": user.member.aad} if names_directory else {}
        return {"id": user.member.account, **named}

    def archive(self, channel: Channel) -> None:
        """A channel's team is archived, and Entente is not told."""
        channel.team.is_archived = True

    def deletes(self, channel: Channel) -> Response:
        """A channel is deleted."""
        channel.is_gone = True
        return self.update(channel, "channelDeleted", name=channel.name)

    def clears_targeted(self) -> None:
        """A day has passed: what was shown to one person alone in a channel is gone."""
        self.world.messages = [each for each in self.world.messages if each.target is None]

    # Faults

    def limits(self, seconds: int) -> None:
        self.server.faults.append(Fault("fail", 429, seconds, code="TooManyRequests"))

    def fails(self, status: int = 502, code: str = "ServiceError") -> None:
        self.server.faults.append(Fault("fail", status, code=code))

    def redirects(self, address: str) -> None:
        self.server.faults.append(Fault("fail", 307, code="Moved", location=address))

    def refuses_all(self) -> None:
        """Whatever is written fails, until it works again."""
        self.server.refuses_all = True

    def loses(self, *, arrives: bool) -> None:
        self.server.faults.append(Fault("drop", arrives=arrives))

    def hangs(self, *, arrives: bool = False, times: int = 1) -> None:
        self.server.faults += [Fault("hang", arrives=arrives) for _ in range(times)]

    def fails_reading(self) -> None:
        """Whatever is read fails."""
        self.server.fails_reading = True

    def hangs_reading(self) -> None:
        """Whatever is read hangs."""
        self.server.hangs_reading = True

    def count_readings(self) -> int:
        """How often it was asked who is in a channel."""
        return sum(call.path.endswith("/pagedmembers") for call in self.world.calls)

    def works_again(self) -> None:
        """Answer what hangs, and let nothing hang or fail any more."""
        self.server.hangs_reading = self.server.refuses_all = False
        self.server.release()

    def check(self, look: Callable[[], None], what: str) -> None:
        """Object to what Teams would not show."""
        try:
            look()
        except ConnectorError as error:
            self.world.object(f"{what}: {error}")
