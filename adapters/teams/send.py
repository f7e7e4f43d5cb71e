"""Teams' outbound half: send and read. Nothing here retries: the outbox does.

Teams can't be asked whether a message is there, so what was interrupted is sent again, and marked
as uncertain. Sources:
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference
https://learn.microsoft.com/microsoftteams/platform/agents-in-teams/targeted-messages
"""

import asyncio
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import aiohttp

from adapters.teams.cloud import Cloud
from adapters.teams.directory import CHANNEL, PERSONAL, Conversation, Directory, Person
from adapters.teams.files import download
from adapters.teams.kept import Kept, make_line
from adapters.teams.login import Login
from adapters.teams.members import make_met, make_person, parse_member
from adapters.teams.names import PLATFORM, compact, join_thread
from adapters.teams.refusals import GONE, Limits, Targets
from adapters.teams.render import render_message
from adapters.teams.rest import Json, Rest
from adapters.teams.sdk import Connector
from bot.core.errors import PlatformError, RetryLater, Undeliverable
from bot.core.ports import (
    OTHER_TENANT,
    ChannelProfile,
    ChannelQuery,
    MembersProfile,
    MembersQuery,
    Outgoing,
    Pace,
    Profile,
    Query,
    Receipt,
    ThreadProfile,
    ThreadQuery,
    Unsearchable,
    UserProfile,
    UserQuery,
)
from bot.core.views import View

PACE = Pace(interval=timedelta(seconds=2.01), burst=7)
"""Within 7 messages a second, 8 in two, 60 in thirty and 1,800 an hour in a conversation
(learn.microsoft.com, rate limiting for bots)."""


_ANSWER_BY: ContextVar[float] = ContextVar("_ANSWER_BY", default=math.inf)


@contextmanager
def answering_within(seconds: float) -> Iterator[None]:
    """All that is read within ends by then, however many reads it takes: what cannot be read in
    time counts as passing trouble. Sending is not hurried."""
    token = _ANSWER_BY.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _ANSWER_BY.reset(token)


class TeamsPlatform:
    """Writes to whom the directory knows. Without `targets`, or where they are refused, nothing is
    shown to one person within a channel: it goes to their own chat."""

    name = PLATFORM
    pace = PACE

    def __init__(
        self,
        connector: Connector,
        login: Login,
        directory: Directory,
        connect: Callable[[], aiohttp.ClientSession],
        *,
        cloud: Cloud,
        kept: Kept,
        request_timeout: float,
        targets: Targets | None,
    ) -> None:
        self.kept = kept
        self._targets = targets
        self.connector = connector
        self.directory = directory
        self.request_timeout = request_timeout
        self.errors: dict[str, int] = {}
        self._connect = connect
        self._cloud = cloud
        self._limits = Limits()
        self._rest = Rest(login, connect)

    async def send(self, message: Outgoing) -> Receipt:
        """Post once. Raises RetryLater, Uncertain or Undeliverable."""
        until = self._deadline()
        try:
            return await self._send(message, until)
        except PlatformError as error:
            self.errors[error.reason] = self.errors.get(error.reason, 0) + 1
            if not isinstance(error, RetryLater):
                raise
            place = message.channel or message.user or ""
            now = asyncio.get_running_loop().time()
            judged = self._limits.judge(error, tenant=message.workspace, place=place, now=now)
            raise judged from None

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.request_timeout

    def _reading_deadline(self) -> float:
        """Somebody may be waiting for the answer for which this is read."""
        return min(self._deadline(), _ANSWER_BY.get())

    async def _send(self, message: Outgoing, until: float) -> Receipt:
        content = render_message(message.view, is_alone=message.user is not None)
        if message.channel is None or message.channel == message.user:
            return await self._send_direct(message.user or "", content, until)
        conversation = await self._get_conversation(message.channel)
        if message.user is not None:
            return await self._send_private(message, conversation, content, until)
        thread = message.thread if conversation.kind == CHANNEL else None
        sent = await self.connector.post(
            conversation.service_url,
            join_thread(conversation.real_id, thread),
            content,
            until=until,
        )
        return Receipt(channel=message.channel, message=compact(sent) or None)

    async def _get_conversation(self, channel: str) -> Conversation:
        conversation = await self.directory.get_conversation(channel)
        if conversation is None or conversation.kind == PERSONAL:
            raise Undeliverable("channel_not_found")
        self._check_address(conversation.service_url)
        return conversation

    async def _get_person(self, user: str) -> Person:
        person = await self.directory.get_person(user)
        if person is None:
            raise Undeliverable("user_not_found")
        return person

    async def _get_person_in(self, conversation: Conversation, user: str, until: float) -> Person:
        """Somebody of a channel: who is not known (any more) is looked up there."""
        if await self.directory.get_person(user) is None:
            await self._meet(conversation, user, until)
        return await self._get_person(user)

    def _check_address(self, service_url: str) -> None:
        """What is stored was allowed once; what is allowed may be less by now."""
        if not self._cloud.trusts(service_url):
            raise Undeliverable("service_url")

    async def _send_direct(self, user: str, content: Json, until: float) -> Receipt:
        """By the person's chat with Entente; made if there is none, or if it is gone."""
        person = await self._get_person(user)
        if person.direct is not None:
            try:
                return await self._post_direct(person, content, until)
            except Undeliverable as error:
                if error.reason not in GONE:
                    raise
        person = await self._open_direct(person, until)
        return await self._post_direct(person, content, until)

    async def _post_direct(self, person: Person, content: Json, until: float) -> Receipt:
        service_url = person.direct_url or person.service_url
        self._check_address(service_url)
        sent = await self.connector.post(service_url, person.direct or "", content, until=until)
        return Receipt(channel=person.person, message=compact(sent) or None)

    async def _open_direct(self, person: Person, until: float) -> Person:
        """Their chat is in their own tenant, which may be reached elsewhere than where they were
        met. Where Entente is nowhere in it, a refusal says that nothing crosses over: Teams has no
        word of its own for that."""
        tenant = person.home or person.tenant
        address = await self.directory.get_address(tenant)
        service_url = address or person.service_url
        self._check_address(service_url)
        try:
            direct = await self.connector.open_direct(
                service_url,
                bot=await self._get_bot(person),
                account=person.account,
                tenant=tenant,
                until=until,
            )
        except Undeliverable as error:
            if address is None and tenant != person.tenant:
                raise Undeliverable(OTHER_TENANT) from error
            raise
        known = replace(person, direct=direct, direct_url=service_url)
        await self.directory.note_people([known])
        return known

    async def _get_bot(self, person: Person) -> str:
        seen = await self.directory.get_conversation(compact(person.seen_in or ""))
        return seen.bot if seen else ""

    async def _send_private(
        self, message: Outgoing, conversation: Conversation, content: Json, until: float
    ) -> Receipt:
        """To one person within a channel: there if Teams can, else by direct message."""
        user = message.user or ""
        person = await self._get_person_in(conversation, user, until)
        if self._targets is not None and self._targets.may(conversation.tenant):
            try:
                thread = message.thread if conversation.kind == CHANNEL else None
                place = join_thread(conversation.real_id, thread)
                sent = await self._rest.post_to_one(
                    conversation.service_url, place, person.account, content, until=until
                )
                return Receipt(channel=conversation.id, message=compact(sent) or None)
            except Undeliverable as error:
                self._targets.note(conversation.tenant, error)
        try:
            return await self._send_direct(user, content, until)
        except Undeliverable as error:
            if error.reason != OTHER_TENANT or message.is_hint:
                raise
        return await self._let_wait(message, conversation, person, until)

    async def _let_wait(
        self, message: Outgoing, conversation: Conversation, person: Person, until: float
    ) -> Receipt:
        """Behind a button that all in the channel see, and that opens it for this person. What
        somebody has just asked for has a line of its own, the rest one a day and channel."""
        await self._rest.get_member(
            conversation.service_url, conversation.real_id, person.account, until=until
        )
        is_answer = message.is_answer
        kept = self.kept
        line = kept.name_answer() if is_answer else kept.name_day(conversation.id)
        sent = ""
        if not await kept.has(line):
            thread = message.thread if conversation.kind == CHANNEL else None
            sent = await self.connector.post(
                conversation.service_url,
                join_thread(conversation.real_id, thread),
                render_message(make_line(line, is_answer=is_answer)),
                until=until,
            )
        await kept.put(line, person.person, message.view)
        return Receipt(channel=conversation.id, message=compact(sent) or None)

    async def update(self, channel: str, message: str, thread: str | None, view: View) -> None:
        """Put a view in a message's place, for all who see it. Raises PlatformError."""
        content, until = render_message(view), self._deadline()
        person = await self.directory.get_person(channel)
        if person is not None and person.direct:
            service_url, place = person.direct_url or person.service_url, person.direct
        else:
            conversation = await self._get_conversation(channel)
            service_url, place = conversation.service_url, join_thread(conversation.real_id, thread)
        self._check_address(service_url)
        await self.connector.update(service_url, place, message, content, until=until)

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """Teams can't say whether a message is there."""
        raise Unsearchable

    # Reading

    async def fetch(self, query: Query) -> Profile:
        """Read a person or a channel."""
        until = self._reading_deadline()
        if isinstance(query, UserQuery):
            return await self._fetch_user(query, until)
        if isinstance(query, ChannelQuery):
            return await self._fetch_channel(query, until)
        if isinstance(query, MembersQuery):
            return await self._fetch_members(query, until)
        if isinstance(query, ThreadQuery):
            return await self._fetch_thread(query)
        return await download(
            self._connect(), self._cloud, query.file, most=query.most, until=until
        )

    async def _fetch_members(self, query: MembersQuery, until: float) -> MembersProfile:
        """Everybody in a channel; from now on they can be written to."""
        conversation = await self._get_conversation(query.channel)
        members = await self._rest.list_members(
            conversation.service_url, conversation.real_id, until=until
        )
        met = [each for found in members if (each := make_met(found, conversation)) is not None]
        await self.directory.note_people(met)
        users = dict.fromkeys(person.person for person in met)
        return MembersProfile(channel=query.channel, users=tuple(users))

    async def _fetch_thread(self, query: ThreadQuery) -> ThreadProfile:
        """Teams gives bots no thread to read: its address is what there is."""
        conversation = await self._get_conversation(query.channel)
        return ThreadProfile(
            channel=query.channel,
            message=query.message,
            permalink=make_permalink(conversation, query.message, query.thread),
        )

    async def _fetch_user(self, query: UserQuery, until: float) -> UserProfile:
        person = await self._get_person(query.user)
        self._check_address(person.service_url)
        try:
            found = await self._rest.get_member(
                person.service_url, person.seen_in or "", person.account, until=until
            )
        except Undeliverable:
            return await self._fetch_gone(person, until)
        met = make_person(found, person)
        await self.directory.note_people([met])
        return parse_member(found, user=query.user, zone=met.zone, tenant=person.tenant)

    async def _fetch_gone(self, person: Person, until: float) -> UserProfile:
        """Somebody who is no longer where they were met. Their own chat with Entente they can't
        leave: whoever is not even there has no account any more. Raises Undeliverable where there
        is no such chat, since then it can't be told."""
        if person.direct is None:
            raise Undeliverable("user_not_found")
        url = person.direct_url or person.service_url
        self._check_address(url)
        try:
            found = await self._rest.get_member(url, person.direct, person.account, until=until)
        except Undeliverable:
            return UserProfile(
                user=person.person, workspace=person.home, name=person.person, is_active=False
            )
        met = replace(make_person(found, person), seen_in=person.direct)
        await self.directory.note_people([met])
        return parse_member(found, user=person.person, zone=met.zone, tenant=person.tenant)

    async def meet(self, conversation: Conversation, identifier: str) -> str | None:
        """Look somebody up where they are, by an id of Teams'; our id, or None."""
        try:
            person = await self._meet(conversation, identifier, self._reading_deadline())
        except PlatformError:
            return None
        return person.person if person else None

    async def _meet(
        self, conversation: Conversation, identifier: str, until: float
    ) -> Person | None:
        """The same, noted from now on. Raises PlatformError."""
        found = await self._rest.get_member(
            conversation.service_url, conversation.real_id, identifier, until=until
        )
        person = make_met(found, conversation)
        if person is not None:
            await self.directory.note_people([person])
        return person

    async def _fetch_channel(self, query: ChannelQuery, until: float) -> ChannelProfile:
        conversation = await self._get_conversation(query.channel)
        try:
            members = await self._rest.list_members(
                conversation.service_url, conversation.real_id, until=until
            )
        except Undeliverable as error:
            if error.reason not in {"not_in_channel", "channel_not_found"}:
                raise
            if error.reason == "channel_not_found":
                raise
            return ChannelProfile(
                channel=conversation.id,
                name=conversation.name or conversation.id,
                is_shared=False,
                is_member=False,
            )
        kind = await self._read_kind(conversation, until)
        tenants = dict.fromkeys(compact(str(m["tenantId"])) for m in members if m.get("tenantId"))
        others = [tenant for tenant in tenants if tenant != conversation.tenant]
        return ChannelProfile(
            channel=conversation.id,
            name=kind.name,
            is_shared=bool(others),
            is_member=True,
            is_private=kind.is_private,
            within=await self._read_team(conversation, until),
            workspaces=tuple(sorted({conversation.tenant, *others})) if others else (),
        )

    async def _read_kind(self, conversation: Conversation, until: float) -> "_Kind":
        """A channel's name and whether only some of its team are in it."""
        if conversation.kind != CHANNEL or conversation.team is None:
            return _Kind(conversation.name or "group chat", is_private=True)
        for each in await self._rest.list_channels(
            conversation.service_url, conversation.team, until=until
        ):
            if each.get("id") == conversation.real_id:
                # Teams gives a team's first channel no name.
                return _Kind(
                    str(each.get("name") or "General"), is_private=each.get("type") == "private"
                )
        return _Kind(conversation.name or conversation.id, is_private=True)

    async def _read_team(self, conversation: Conversation, until: float) -> str | None:
        """The name of a channel's team; None where Teams doesn't say."""
        if conversation.kind != CHANNEL or conversation.team is None:
            return None
        try:
            return await self._rest.get_team_name(
                conversation.service_url, conversation.team, until=until
            )
        except PlatformError:
            return None

    async def meet_channels(self, conversation: Conversation) -> None:
        """Entente has come into a team, or is back: its standard channels can be written to, though
        nothing has been said there. Into others it is added one by one."""
        try:
            found = await self._rest.list_channels(
                conversation.service_url, conversation.team or "", until=self._reading_deadline()
            )
        except PlatformError:
            return
        for each in found:
            if each.get("id") and (each.get("type") or "standard") == "standard":
                real_id, name = str(each["id"]), each.get("name")
                channel = replace(
                    conversation,
                    id=compact(real_id),
                    real_id=real_id,
                    name=str(name)[:120] if name else None,
                )
                await self.directory.note(channel)

    async def read_kinds(self, conversation: Conversation) -> dict[str, str]:
        """The channels of a team, by our ids: standard, private or shared. None where Teams doesn't
        say."""
        try:
            found = await self._rest.list_channels(
                conversation.service_url, conversation.team or "", until=self._reading_deadline()
            )
        except PlatformError:
            return {}
        return {compact(str(c.get("id"))): str(c.get("type") or "standard") for c in found}


class _Kind:
    """What a team says of a channel."""

    def __init__(self, name: str, *, is_private: bool) -> None:
        self.name = name
        self.is_private = is_private


def make_permalink(conversation: Conversation, message: str, thread: str | None) -> str | None:
    """The address of a message in a channel; chats have none that lead anywhere for others."""
    if conversation.kind != CHANNEL:
        return None
    place = quote(conversation.real_id, safe="")
    asked = {"tenantId": conversation.tenant, "parentMessageId": thread or message}
    if conversation.group:
        asked["groupId"] = conversation.group
    return f"https://teams.microsoft.com/l/message/{place}/{quote(message)}?{urlencode(asked)}"
