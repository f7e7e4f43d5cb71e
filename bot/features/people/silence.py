"""A channel falls silent: somebody reads it whose side has not agreed. Its managers are told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.core.ports import ChannelQuery, Query
from bot.core.views import Text, actions, view
from bot.delivery.outbox import Deliver, enqueue
from bot.dispatch.answers import Found
from bot.dispatch.feature import Errand, Registry
from bot.dispatch.messages import say
from bot.dispatch.notices import get_manager_addresses
from bot.features.people.consent import make_agree_button
from bot.features.people.looking import ask_readers, find_readers
from bot.people import channels, readers
from bot.people.consent import get_standings
from bot.people.models import AudienceKind, Channel, ChannelState, Workspace

BATCH = 20
"""Channels that are looked at together."""

Send = Callable[[Deliver], object]


def fall_silent(session: Session, channel: Channel, partners: set[str], send: Send) -> None:
    """Be silent in a channel if people of these partners read it and that was not known; then all
    sides are asked."""
    new = {each for each in partners if not readers.are_known(session, channel, each)}
    if not new:
        return
    own = channel.audience_id if channel.audience_kind == AudienceKind.PARTNER else None
    channel.partners = sorted({*channel.partners, *new} | ({own} if own else set()))
    channels.set_shared(session, channel, is_shared=True)
    tell_silent(session, channel, send)


def tell_silent(session: Session, channel: Channel, send: Send) -> None:
    """The managers whose yes is missing hear that a channel is silent, and why."""
    waiting = {s.partner_id for s in get_standings(session, channel) if s.is_open and s.partner_id}
    text = say("consent.silent", channel=f"#{channel.name}")
    content = view(Text(text=text), actions(make_agree_button(channel)))
    for address in get_manager_addresses(session, channel.alliance_id, waiting):
        send(Deliver(to=address, view=content, alliance_id=channel.alliance_id))


def _ask(_registry: Registry, session: Session, now: datetime) -> Sequence[tuple[str, Query]]:
    asked: list[tuple[str, Query]] = []
    for channel in readers.get_doubted(session, most=BATCH):
        workspace = session.get_one(Workspace, channel.workspace_id)
        queries = ask_readers(workspace.external_id, channel.external_id)
        asked += [(channel.platform, query) for query in queries]
        # Asked once: where nobody can look, nothing can be posted either.
        channel.is_doubted = False
        session.add(channel)
    return asked


def _store(
    _registry: Registry,
    session: Session,
    asked: Sequence[tuple[str, Query]],
    found: Found,
    now: datetime,
) -> bool:
    for number, (platform, query) in enumerate(asked):
        if not isinstance(query, ChannelQuery):
            continue
        channel = channels.get_channel(session, platform, query.channel)
        if channel is not None:
            _compare(session, channel, found[number : number + 2], now=now)
    return len(asked) == 2 * BATCH


def _compare(session: Session, channel: Channel, found: Found, *, now: datetime) -> None:
    seen = find_readers(session, channel, found)
    if seen is None or channel.state != ChannelState.LINKED:
        return
    fall_silent(session, channel, seen[1], lambda deliver: enqueue(session, deliver, now=now))


LOOK = Errand(name="channel_readers", every=timedelta(minutes=1), ask=_ask, store=_store)
"""People have found their partner, and may have been in a channel before that."""
