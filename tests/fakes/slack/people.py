"""What people do in Slack, as methods of a User; each waits for the bot's answer."""

from collections.abc import Sequence
from urllib.parse import quote

from . import payloads
from .chat import render_message
from .errors import SlackRefuses
from .files import File, render_file
from .hands import Hands
from .records import Channel, Json, Member, Message, Response
from .texts import escape, rich_text


class User(Hands):
    """A person in front of their Slack client, who speaks and acts."""

    # Speaking

    def says(self, channel: Channel, text: str, thread: Message | str | None = None) -> Message:
        """Post a message; `<@BOT>` stands for the bot. The answers are in its `responses`."""
        self._must_be_in(channel)
        text = text.replace("<@BOT>", f"<@{self._through(channel).bot.id}>")
        ts = self.world.new_ts()
        thread_ts = thread.thread_ts or thread.ts if isinstance(thread, Message) else thread
        stored = escape(text)
        blocks = [rich_text(stored, self.world.new_secret()[:5])]
        secret = self.world.new_secret()
        message = Message(
            channel,
            ts,
            self.id,
            stored,
            self.team.id,
            blocks=blocks,
            thread_ts=thread_ts,
            client_msg_id=f"{secret[:8]}-{secret[8:12]}-4000-8000-{secret[12:]}",
        )
        with self.world.lock:
            self.world.messages.append(message)
        self.world.changed()
        message.responses = self._tell(message)
        return message

    def dm(self, text: str, thread: Message | str | None = None) -> Message:
        """Write to the bot in private."""
        return self.says(self.dm_channel, text, thread)

    def shares(
        self, name: str, content: bytes, text: str = "", *, claimed_size: int | None = None
    ) -> Message:
        """Send the bot a file in private, with or without words."""
        return self.shares_all([(name, content)], text, claimed_size=claimed_size)

    def shares_all(
        self, named: Sequence[tuple[str, bytes]], text: str = "", *, claimed_size: int | None = None
    ) -> Message:
        """Send the bot several files in one message."""
        channel = self.dm_channel
        base = self.courier.server.base_url
        files = []
        for name, content in named:
            file = File(self.world.new_id("F"), name, content, self.id, channel, claimed_size)
            file.address = f"{base}/files-pri/{file.id}/{quote(name, safe='')}"
            files.append(file)
        message = Message(channel, self.world.new_ts(), self.id, escape(text), self.team.id)
        with self.world.lock:
            self.world.files.update({file.id: file for file in files})
            self.world.messages.append(message)
        self.world.changed()
        shown = [render_file(file) for file in files]
        message.responses = self._tell(message, subtype="file_share", files=shown)
        return message

    def _tell(self, message: Message, **more: object) -> list[Response]:
        """Send the events of a new message: `message`, and `app_mention` where a bot is named."""
        channel = message.channel
        event = {**payloads.message_event(message, self.member), **more}
        deliveries = self._events(event, channel)
        for installation in self.world.bots_in(channel):
            if f"<@{installation.bot.id}" in message.text and not channel.is_im:
                mention = payloads.mention_event(event)
                deliveries.append(self._event(mention, channel, installation))
        return self.courier.deliver_all(deliveries) if deliveries else []

    def edits(self, message: Message, text: str) -> list[Response]:
        """Change one's own message."""
        before = self._own(message)
        message.text = escape(text)
        message.blocks = [rich_text(message.text, self.world.new_secret()[:5])]
        message.edited = {"user": self.id, "ts": self.world.new_ts()}
        return self._changed(message, before)

    def deletes(self, message: Message) -> list[Response]:
        """Delete one's own message."""
        before = self._own(message)
        message.deleted = True
        return self._changed(message, before)

    def _own(self, message: Message) -> Json:
        if message.user != self.id or message.deleted:
            raise SlackRefuses(f"{self.name} cannot change this message")
        return render_message(message)

    def _changed(self, message: Message, before: Json) -> list[Response]:
        event = payloads.change_event(self.world, message, before)
        return self._send_event(event, message.channel)

    # Reacting, coming and going

    def reacts(self, message: Message, name: str) -> list[Response]:
        """Add an emoji to a message."""
        self._must_see(message)
        users = message.reactions.setdefault(name, [])
        if self.id in users:
            raise SlackRefuses(f"{self.name} has reacted with {name} already")
        users.append(self.id)
        return self._reaction("reaction_added", message, name)

    def removes_reaction(self, message: Message, name: str) -> list[Response]:
        """Take an emoji back."""
        users = message.reactions.get(name, [])
        if self.id not in users:
            raise SlackRefuses(f"{self.name} has not reacted with {name}")
        users.remove(self.id)
        return self._reaction("reaction_removed", message, name)

    def _reaction(self, kind: str, message: Message, name: str) -> list[Response]:
        event = payloads.reaction_event(self.world, kind, self.member, message, name)
        return self._send_event(event, message.channel)

    def joins(self, channel: Channel) -> list[Response]:
        """Become a member of a channel."""
        if self.team not in (channel.team, *channel.shared_with):
            raise SlackRefuses(f"{self.team.name} is not connected to #{channel.name}")
        if self.id in channel.members:
            raise SlackRefuses(f"{self.name} is in #{channel.name} already")
        channel.members.append(self.id)
        return self._membership("member_joined_channel", self.member, channel)

    def leaves(self, channel: Channel) -> list[Response]:
        """Leave a channel."""
        self._must_be_in(channel)
        channel.members.remove(self.id)
        return self._membership("member_left_channel", self.member, channel)

    def invites_bot(self, channel: Channel) -> list[Response]:
        """Bring the bot into a channel."""
        self._must_be_in(channel)
        bot = self._installation().bot
        channel.members.append(bot.id)
        channel.removed_bots.discard(bot.id)
        return self._membership("member_joined_channel", bot, channel)

    def _membership(self, kind: str, member: Member, channel: Channel) -> list[Response]:
        """Tell of a coming or going: the event, and the message that Slack makes of it."""
        event = payloads.membership_event(self.world, kind, member, channel)
        if member.is_bot:
            event["inviter"] = self.id
        told = "channel_join" if kind == "member_joined_channel" else "channel_leave"
        message = payloads.membership_message(self.world, told, member, channel)
        return [*self._send_event(event, channel), *self._send_event(message, channel)]

    def opens_home(self, tab: str = "home") -> Response:
        """Look at the app's home tab (or its messages)."""
        home = self.world.homes.get(self.id)
        event = payloads.home_event(self.world, self.member, self.dm_channel, tab, home)
        return self.courier.deliver(self._event(event, self.dm_channel))
