"""What happens to a workspace from outside: faults, and what admins and Slack itself do to it."""

from collections.abc import Callable
from typing import Any

from . import payloads
from .courier import Courier
from .faults import Fault, Faults, Gate
from .records import Call, Channel, Delivery, Installation, Json, Member, Response, Team
from .world import World


class Disturbances:
    """Ordered faults and administrative changes; a part of FakeSlack."""

    world: World
    faults: Faults
    _courier: Courier

    def fails(
        self,
        method: str,
        *,
        status: int | None = None,
        error: str | None = None,
        retry_after: int | None = None,
        times: int | None = 1,
        channel: Channel | None = None,
    ) -> None:
        """Refuse the next `times` calls (None: all): 429, 5xx, or an error in Slack's words."""
        name = channel.id if channel else None
        fault = Fault(
            method, "fail", times, name, status=status, error=error, retry_after=retry_after
        )
        self.faults.add(fault)

    def hangs(
        self,
        method: str,
        *,
        recorded: bool = False,
        times: int | None = 1,
        channel: Channel | None = None,
    ) -> Gate:
        """Take the next calls and answer only when the gate is released.

        With `recorded` the call is carried out first; otherwise upon release, if the client is
        still there.
        """
        name = channel.id if channel else None
        return self.faults.add(Fault(method, "hang", times, name, recorded)).gate

    def fails_reading(self) -> None:
        """Whatever asks about a channel fails."""
        self.fails("conversations.info", error="internal_error", times=None)

    def hangs_reading(self) -> None:
        """Whatever asks who is in a channel waits."""
        self.hangs("conversations.members", times=None)

    def drops(
        self,
        method: str,
        *,
        recorded: bool = True,
        times: int | None = 1,
        channel: Channel | None = None,
    ) -> Gate:
        """Close the connection of the next calls without an answer, carried out or not."""
        name = channel.id if channel else None
        return self.faults.add(Fault(method, "drop", times, name, recorded)).gate

    def refuses_all(self) -> None:
        """Whatever is posted fails, until it works again."""
        self.fails("chat.postMessage", status=503, times=None)

    def works_again(self, method: str | None = None) -> None:
        """End the faults of a method, or all."""
        self.faults.clear(method)

    def on_call(self, method: str, callback: Callable[[Call], object]) -> None:
        """Run something in the server after each call of a method, before its answer goes out."""
        self.faults.on_call(method, callback)

    def rations_history(self, per_minute: int = 1, messages: int = 15) -> None:
        """Treat the app as a commercial one outside the Marketplace."""
        self.world.history_ration = (per_minute, messages)

    def advance(self, seconds: float) -> None:
        """Put the fake's clock forward: triggers, response_urls and rations grow old."""
        self.world.clock_offset += seconds

    def archive(self, channel: Channel, *, notify: bool = False) -> None:
        """Archive a channel."""
        channel.is_archived = True
        self._announce({"type": "channel_archive"}, channel, notify=notify)

    def remove_bot(
        self, channel: Channel, *, team: Team | None = None, notify: bool = False
    ) -> None:
        """Throw the bot out of a channel."""
        installation = self._installation(team)
        channel.members.remove(installation.bot.id)
        channel.removed_bots.add(installation.bot.id)
        self._announce({"type": "channel_left"}, channel, notify=notify, through=installation)

    def rename(self, channel: Channel, name: str, *, notify: bool = True) -> None:
        """Give a channel another name."""
        channel.name = name
        shown: Json = {"id": channel.id, "name": name, "created": channel.created}
        self._announce({"type": "channel_rename", "channel": shown}, channel, notify=notify)

    def share(
        self, channel: Channel, team: Team, *, changes_id: bool = False
    ) -> list[Response | None]:
        """Connect another organisation to a channel, whose id may change thereby."""
        channel.shared_with.append(team)
        answers = []
        if changes_id:
            old, channel.id = channel.id, self.world.new_id("C", channel.name)
            self.world.channels[channel.id] = self.world.channels.pop(old)
            ids = {"old_channel_id": old, "new_channel_id": channel.id}
            answers.append(self._announce({"type": "channel_id_changed", **ids}, channel))
        event: Json = {"type": "channel_shared", "connected_team_id": team.id}
        return [*answers, self._announce(event, channel)]

    def unshare(self, channel: Channel, team: Team) -> Response | None:
        """End the connection of another organisation, whose people are gone with it."""
        channel.shared_with.remove(team)
        members = self.world.members
        channel.members = [m for m in channel.members if members[m].team is not team]
        ended: Json = {
            "type": "channel_unshared",
            "previously_connected_team_id": team.id,
            "is_ext_shared": channel.is_ext_shared,
        }
        return self._announce(ended, channel)

    def deactivate(self, member: Member, *, active: bool = False) -> list[Response]:
        """Switch an account off, or on again: every installation of its workspace is told."""
        member.deleted = not active
        return self.changes(member)

    def arrives(self, member: Member) -> list[Response]:
        """Tell that somebody is new in their workspace."""
        self.world.changed()
        installation = self.world.installation_of(member.team) or self.world.first_installation()
        user: Json = {"id": member.id, "team_id": member.team.id, "name": member.handle}
        event: Json = {"type": "team_join", "user": user, "event_ts": self.world.new_ts()}
        return self._courier.deliver_all([payloads.event_delivery(self.world, installation, event)])

    def changes(self, member: Member) -> list[Response]:
        """Tell that something about a person changed: a status, a name, …"""
        self.world.changed()
        installation = self.world.installation_of(member.team) or self.world.first_installation()
        user: Json = {
            "id": member.id,
            "team_id": member.team.id,
            "name": member.handle,
            "deleted": member.deleted,
            "is_bot": member.is_bot,
            "profile": {"real_name": member.name, "status_text": "in a meeting"},
        }
        event: Json = {
            "type": "user_change",
            "user": user,
            "cache_ts": 1_700_000_000,
            "event_ts": self.world.new_ts(),
        }
        return self._courier.deliver_all([payloads.event_delivery(self.world, installation, event)])

    def revoke_token(self, team: Team | None = None) -> None:
        """Make a team's bot token invalid without telling the bot."""
        self._installation(team).revoked = True
        self.world.changed()

    def uninstall(self, team: Team | None = None, *, revoked_first: bool = True) -> list[Response]:
        """Take the app out of a workspace: both events at once, or one after the other."""
        deliveries = self.uninstall_silently(team, revoked_first=revoked_first)
        return self._courier.deliver_all(deliveries)

    def uninstall_silently(
        self, team: Team | None = None, *, revoked_first: bool = True
    ) -> list[Delivery]:
        """The same, the events not yet sent."""
        installation = self._installation(team)
        installation.revoked = True
        tokens = {"oauth": [], "bot": [installation.bot.id]}
        events: list[Json] = [{"type": "tokens_revoked", "tokens": tokens}]
        events.insert(len(events) if revoked_first else 0, {"type": "app_uninstalled"})
        return [payloads.event_delivery(self.world, installation, e) for e in events]

    def delivers(self, delivery: Delivery) -> Response:
        """Send what was held back."""
        return self._courier.deliver(delivery)

    def _installation(self, team: Team | None) -> Installation:
        found = self.world.installation_of(team) if team else self.world.first_installation()
        if found is None:
            raise ValueError(f"the app is not installed in {team}")
        return found

    def _announce(
        self,
        event: Json,
        channel: Channel,
        *,
        notify: bool = True,
        through: Installation | None = None,
    ) -> Response | None:
        """Send an event about a channel to a bot that is in it, if that is wished."""
        self.world.changed()
        told = [through] if through else list(self.world.bots_in(channel))
        if not notify or not told:
            return None
        if not self.world.tells_every_installation:
            told = told[:1]
        # Of a changed id both are told, and no other name for the channel.
        place = {} if "old_channel_id" in event else {"channel": channel.id}
        full: dict[str, Any] = {**place, **event, "event_ts": self.world.new_ts()}
        deliveries = [
            payloads.event_delivery(self.world, each, full, channel=channel) for each in told
        ]
        return self._courier.deliver_all(deliveries)[0]
