"""The outbound half: Entente writes into the simulated chat."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from adapters.local import cast
from adapters.local.cast import BOT
from adapters.local.hub import Hub
from adapters.local.records import Channel, Person
from adapters.local.world import World
from bot.core.clock import Clock
from bot.core.errors import Undeliverable
from bot.core.ports import (
    TOO_LARGE,
    ChannelProfile,
    ChannelQuery,
    FileContent,
    FileQuery,
    MembersProfile,
    MembersQuery,
    Outgoing,
    Pace,
    Profile,
    Query,
    Receipt,
    ThreadMessage,
    ThreadProfile,
    ThreadQuery,
    Unsearchable,
    UserProfile,
)

PLATFORM = "local"


class LocalPlatform:
    """Sends, finds and reads. Nothing here can be slow or uncertain."""

    name = PLATFORM
    request_timeout = 5.0
    pace = Pace(interval=timedelta())

    def __init__(
        self,
        world: World,
        hub: Hub,
        *,
        clock: Clock,
        on_sent: Callable[[Outgoing], None] = lambda _message: None,
    ) -> None:
        self._world = world
        self._hub = hub
        self._clock = clock
        self._on_sent = on_sent

    async def send(self, message: Outgoing) -> Receipt:
        """Write the message into the chat. Raises Undeliverable."""
        person = self._get_person(message.user) if message.user is not None else None
        if message.channel is not None:
            self._check_channel(message.channel, person)
            channel = message.channel
        elif person is not None:
            channel = person.direct
        else:
            raise Undeliverable("channel_not_found")
        if person is not None and channel == person.direct:
            self._check_direct(person)
        private_to = person.id if person is not None and message.channel is not None else None
        sent = self._world.post(
            channel=channel,
            author=BOT,
            view=message.view,
            thread=message.thread,
            private_to=private_to,
            key=message.key,
            at=self._clock(),
        )
        self._on_sent(message)
        self._hub.publish()
        return Receipt(channel=channel, message=sent)

    def _get_person(self, user: str) -> Person:
        person = self._world.get_person(user)
        if person is None:
            raise Undeliverable("user_not_found")
        if person.is_bot:
            raise Undeliverable("cannot_dm_bot")
        if not self._world.has_account(user):
            raise Undeliverable("account_inactive")
        return person

    def _check_direct(self, person: Person) -> None:
        if not self._world.takes_direct(person.id):
            raise Undeliverable("messages_tab_disabled")

    def _check_channel(self, identifier: str, person: Person | None) -> None:
        if person is not None and identifier == person.direct:
            return
        channel = self._world.get_channel(identifier)
        if channel is None:
            raise Undeliverable("channel_not_found")
        if channel.is_archived:
            raise Undeliverable("is_archived")
        if not self._world.is_member(identifier, BOT):
            raise Undeliverable("not_in_channel")
        if person is not None and not self._world.is_member(identifier, person.id):
            raise Undeliverable("user_not_in_channel")

    async def find(self, message: Outgoing, *, since: datetime) -> Receipt | None:
        """The message by its key. Private and threaded ones can't be looked for, nor any where
        Entente is not: as on other platforms, their history is closed to it."""
        if message.thread is not None or (message.channel and message.user):
            raise Unsearchable
        if message.channel is not None and not self._world.is_member(message.channel, BOT):
            raise Unsearchable
        found = self._world.find_by_key(message.key)
        if found is None or found.at < since:
            return None
        return Receipt(channel=found.channel, message=found.id)

    async def fetch(self, query: Query) -> Profile:
        """Read a person, a channel, who is in it, a thread or a file. Raises Undeliverable."""
        if isinstance(query, ChannelQuery):
            channel = self._world.get_channel(query.channel)
            if channel is None:
                raise Undeliverable("channel_not_found")
            return to_channel_profile(
                channel,
                is_member=self._world.is_member(channel.id, BOT),
                workspaces=[w.id for w in self._world.get_workspaces()],
            )
        if isinstance(query, MembersQuery):
            return self._fetch_members(query)
        if isinstance(query, ThreadQuery):
            return self._fetch_thread(query)
        if isinstance(query, FileQuery):
            return self._fetch_file(query)
        person = self._world.get_person(query.user)
        if person is None:
            raise Undeliverable("user_not_found")
        return to_user_profile(person, is_active=self._world.has_account(person.id))

    def _fetch_file(self, query: FileQuery) -> FileContent:
        found = self._world.files.get(query.file)
        if found is None:
            raise Undeliverable("file_not_found")
        name, content = found
        if len(content) > query.most:
            raise Undeliverable(TOO_LARGE)
        return FileContent(file=query.file, name=name, content=content)

    def _fetch_members(self, query: MembersQuery) -> MembersProfile:
        if self._world.get_channel(query.channel) is None:
            raise Undeliverable("channel_not_found")
        people = (*self._world.get_people(), cast.ENTENTE)
        users = [p.id for p in people if self._world.is_member(query.channel, p.id)]
        return MembersProfile(channel=query.channel, users=tuple(users))

    def _fetch_thread(self, query: ThreadQuery) -> ThreadProfile:
        found = self._world.get_message(query.message)
        if found is None or found.channel != query.channel or found.private_to is not None:
            raise Undeliverable("message_not_found")
        root = found.thread or found.id
        thread = self._world.get_messages(query.channel, viewer="", thread=root)
        return ThreadProfile(
            channel=query.channel,
            message=found.id,
            thread=root if len(thread) > 1 else None,
            permalink=f"/?at={query.channel}&thread={found.id}",
            messages=tuple(
                ThreadMessage(message=said.id, user=said.author, text=said.text)
                for said in thread
                if said.author and said.author != cast.ENTENTE.id
            ),
        )


def to_user_profile(person: Person, *, is_active: bool = True) -> UserProfile:
    """A person as the core knows people."""
    return UserProfile(
        user=person.id,
        workspace=person.workspace,
        name=person.name,
        zone=person.zone,
        is_bot=person.is_bot,
        is_active=is_active,
    )


def to_channel_profile(
    channel: Channel, *, is_member: bool, workspaces: Sequence[str] = ()
) -> ChannelProfile:
    """A channel as the core knows channels; of `workspaces` all are in it if it is shared."""
    return ChannelProfile(
        channel=channel.id,
        name=channel.name,
        is_shared=channel.is_shared,
        is_member=is_member,
        is_archived=channel.is_archived,
        workspaces=tuple(workspaces) if channel.is_shared else (),
    )
