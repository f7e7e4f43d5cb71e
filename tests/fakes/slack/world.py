"""The world: everything that Slack holds, with one lock around it all."""

import itertools
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from .records import (
    Call,
    Channel,
    Code,
    Installation,
    Member,
    Message,
    ResponseUrl,
    Team,
    Trigger,
    View,
)


class World:
    """All state of the fake; take `lock` to look at or change more than one thing."""

    def __init__(self) -> None:
        self.lock = threading.Condition(threading.RLock())
        self.version = 0
        self.clock_offset = 0.0
        self.app_id = "A0ENTENTE01"
        self.verification_token = "verification-token"
        self.teams: dict[str, Team] = {}
        self.members: dict[str, Member] = {}
        self.channels: dict[str, Channel] = {}
        self.installations: dict[str, Installation] = {}
        self.messages: list[Message] = []
        self.views: dict[str, View] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.client_id = "1111.2222"
        self.client_secret = "client-secret"
        self.rotates_tokens = False
        self.tells_every_installation = False
        self.oauth_codes: dict[str, Code] = {}
        self.former_tokens: dict[str, tuple[Installation, float | None]] = {}
        self.calls: list[Call] = []
        self.files: dict[str, Any] = {}
        self.strict_errors: list[str] = []
        self.on_post: list[Callable[[Message], None]] = []
        self.history_ration: tuple[int, int] | None = None
        self.history_calls: dict[tuple[str, str], list[float]] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def now(self) -> float:
        """Seconds since the epoch, by the fake's clock."""
        return time.time() + self.clock_offset

    def changed(self) -> None:
        """Wake everybody who waits for something to happen."""
        with self.lock:
            self.version += 1
            self.lock.notify_all()

    def object(self, blame: str) -> None:
        """Remember what a well-behaved client would not have done."""
        with self.lock:
            self.strict_errors.append(blame)

    def new_id(self, prefix: str, name: str = "") -> str:
        """An id in Slack's form, with a little of the name in it for the reader."""
        readable = re.sub(r"[^A-Z0-9]", "", name.upper())[:5]
        with self.lock:
            head = f"{prefix}0{readable}"
            return head + str(next(self._numbers)).zfill(11 - len(head))

    def new_ts(self) -> str:
        """A message timestamp: unique and growing, as within one channel of Slack's."""
        with self.lock:
            self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_secret(self) -> str:
        """An unguessable word for URLs and trigger ids."""
        return secrets.token_hex(12)

    def installation_of(self, team: Team) -> Installation | None:
        """The live installation of a team."""
        live = [i for i in self.installations.values() if not i.revoked]
        own = (i for i in live if i.team is team)
        wide = (i for i in live if i.is_organisation and i.enterprise == team.enterprise)
        return next(own, None) or next(wide, None)

    def replace_token(self, installation: Installation, token: str, ends_at: float | None) -> None:
        """Give an installation another token, in its place among all."""
        installation.token, installation.ends_at = token, ends_at
        every = list(self.installations.values())
        self.installations = {each.token: each for each in every}

    def first_installation(self) -> Installation:
        """The installing workspace: the first team."""
        return next(iter(self.installations.values()))

    def bots_in(self, channel: Channel) -> Iterator[Installation]:
        """The installations whose bot is in a channel, first installed first."""
        return (
            i for i in self.installations.values() if i.bot.id in channel.members and not i.revoked
        )

    def dm(self, member: Member, installation: Installation) -> Channel:
        """The DM of a person with a bot, made on demand."""
        with self.lock:
            people = [member.id, installation.bot.id]
            for channel in self.channels.values():
                if channel.is_im and channel.members == people:
                    return channel
            channel = Channel(
                self.new_id("D", member.name),
                "directmessage",
                installation.team,
                people,
                kind="im",
                peer=member.id,
                created=int(self.now()),
            )
            if member.team is not installation.team:
                channel.shared_with.append(member.team)
            self.channels[channel.id] = channel
            return channel

    def share_a_channel(self, member: Member, installation: Installation) -> bool:
        """Whether a person is in a channel that the installation's team can see."""
        return any(
            member.id in c.members and installation.team in (c.team, *c.shared_with)
            for c in self.channels.values()
            if not c.is_im
        )

    def message_at(self, channel: Channel, ts: str) -> Message | None:
        """The message at a timestamp, ephemeral ones left out."""
        return next(
            (
                m
                for m in reversed(self.messages)
                if m.channel is channel and m.ts == ts and not (m.ephemeral_to or m.deleted)
            ),
            None,
        )

    def open_views(self, user: str) -> list[View]:
        """The stack of modals in front of a user, the visible one last."""
        return [v for v in self.views.values() if v.user == user and v.is_open]
