"""Builders: an alliance with a manager, its channels and people, and events from any of them."""

from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from bot.core.events import Actor, CommandInvoked, Event, Place, PlaceKind, Via
from bot.core.ids import new_id
from bot.core.ports import ChannelProfile, UserProfile
from bot.core.views import Text, View, view
from bot.people import alliances, channels, identity
from bot.people.alliances import NewAlliance
from bot.people.models import Channel, Member
from bot.people.viewer import Viewer

E = TypeVar("E", bound=Event)


def make_view(words: str) -> View:
    """A message of one paragraph."""
    return view(Text(text=words))


def make_alliance(
    session: Session,
    *,
    platform: str,
    workspace: str,
    user: str,
    now: datetime,
    name: str = "Acme–Borealis",
    person: str = "Ana",
    zone: str = "Europe/Berlin",
) -> Viewer:
    """An alliance of Acme and Borealis, founded by a person who manages it for Acme."""
    profile = UserProfile(user=user, workspace=workspace, name=person, zone=zone)
    founder = identity.save_account(session, platform, profile, now=now)
    new = NewAlliance(
        name=name,
        own_partner="Acme",
        other_partners=("Borealis",),
        zone=zone,
        hours_start="09:00",
        hours_end="17:00",
    )
    return alliances.create(session, new, founder=founder, now=now)


def link_channel(
    session: Session,
    viewer: Viewer,
    *,
    platform: str,
    workspace: str,
    channel: str,
    name: str,
    now: datetime,
    is_shared: bool = False,
) -> Channel:
    """A channel of the viewer's alliance; pending if it is shared."""
    home = identity.save_workspace(session, platform, workspace)
    profile = ChannelProfile(channel=channel, name=name, is_shared=is_shared, is_member=True)
    return channels.link(
        session, viewer, platform=platform, workspace_id=home.id, profile=profile, now=now
    )


def add_member(
    session: Session,
    viewer: Viewer,
    *,
    platform: str,
    workspace: str,
    user: str,
    person: str,
    now: datetime,
    zone: str = "Europe/Berlin",
) -> Member:
    """A person of the viewer's alliance, at home in a workspace."""
    profile = UserProfile(user=user, workspace=workspace, name=person, zone=zone)
    account = identity.save_account(session, platform, profile, now=now)
    return identity.ensure_member(session, viewer.alliance_id, account, now=now)


def make_event(kind: type[E], *, user: str, workspace: str, platform: str, **values: Any) -> E:
    """An event of any kind: a fresh key, in a direct message unless `channel` is named."""
    channel = values.pop("channel", None)
    place = Place(kind=PlaceKind.CHANNEL if channel else PlaceKind.DIRECT, channel=channel)
    given: dict[str, Any] = {"key": new_id(), "place": place, **values}
    actor = Actor(user=user, workspace=workspace)
    return kind(platform=platform, workspace=workspace, actor=actor, **given)


def make_command(
    text: str, *, user: str, workspace: str, platform: str, via: Via = Via.DIRECT, **values: Any
) -> CommandInvoked:
    """Words that a person says to Entente."""
    return make_event(
        CommandInvoked,
        user=user,
        workspace=workspace,
        platform=platform,
        text=text,
        via=via,
        **values,
    )
