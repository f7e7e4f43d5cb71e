"""Channels of alliances: linking, silence while pending, and what a channel's readers may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, case, not_, or_, text, update
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound
from bot.core.ports import ChannelProfile
from bot.db.bulk import dump_rows, rows_sql, sql
from bot.db.revisions import bump
from bot.people.models import Alliance, AudienceKind, Channel, ChannelState, Partner
from bot.people.viewer import Viewer, visible_to

CHANNELS_SCOPE = "channels"


def get_channel(session: Session, platform: str, external_id: str) -> Channel | None:
    """The channel with a platform's id, whatever its alliance and state."""
    return session.exec(
        select(Channel).where(
            col(Channel.platform) == platform, col(Channel.external_id) == external_id
        )
    ).first()


def get_channels(session: Session, viewer: Viewer, *, most: int | None = None) -> list[Channel]:
    """The alliance's channels that the viewer may know of, by name; the first `most` of them."""
    return list(
        session.exec(
            select(Channel)
            .where(visible_to(viewer, Channel), col(Channel.state) != ChannelState.UNLINKED)
            .order_by(col(Channel.name), col(Channel.id))
            .limit(most)
        )
    )


def find_channels(session: Session, viewer: Viewer, ids: Collection[str]) -> list[Channel]:
    """Those of the channels with these ids, ours or the platforms', that the viewer may know of and
    that are not unlinked."""
    return list(
        session.exec(
            select(Channel).where(
                visible_to(viewer, Channel),
                col(Channel.state) != ChannelState.UNLINKED,
                or_(col(Channel.id).in_(ids), col(Channel.external_id).in_(ids)),
            )
        )
    )


def get_channel_or_raise(session: Session, viewer: Viewer, channel_id: str) -> Channel:
    """A channel of the viewer's alliance by our id. Raises NotFound, also if it's another's."""
    channel = session.exec(
        select(Channel).where(visible_to(viewer, Channel), col(Channel.id) == channel_id)
    ).first()
    if channel is None:
        raise NotFound("channels.not_found")
    return channel


def link(
    session: Session,
    viewer: Viewer,
    *,
    platform: str,
    workspace_id: str,
    profile: ChannelProfile,
    partners: Collection[str] = (),
    now: datetime,
) -> Channel:
    """Link a channel to the viewer's alliance; pending if people of others are in it. `partners`:
    those whose people are known to read it.

    Raises Conflict if it is linked to another alliance, or to this one already.
    """
    readers = {*partners, viewer.partner_id or ""}
    is_shared = profile.is_shared or len(readers) > 1
    channel = get_channel(session, platform, profile.channel)
    if channel is not None and channel.state != ChannelState.UNLINKED:
        if channel.alliance_id != viewer.alliance_id and not _is_over(session, channel):
            raise Conflict("channels.linked_elsewhere")
        # One whose sharing changed waits for somebody to say `link` once more.
        told_again = not is_shared or _differs(channel, profile, readers)
        is_mine = channel.alliance_id == viewer.alliance_id
        if is_mine and (channel.state == ChannelState.LINKED or not told_again):
            raise Conflict("channels.linked_already")
    if channel is None:
        channel = Channel(
            alliance_id=viewer.alliance_id,
            workspace_id=workspace_id,
            platform=platform,
            external_id=profile.channel,
            name=profile.name[:120],
            state=ChannelState.PENDING,
            linked_at=now,
        )
    channel.alliance_id = viewer.alliance_id
    channel.name = profile.name[:120]
    channel.within = profile.within[:120] if profile.within else None
    channel.linked_at = now
    channel.trouble = None
    note_readers(channel, profile, readers)
    channel.state = ChannelState.PENDING
    set_shared(session, channel, is_shared=is_shared, partner_id=viewer.partner_id)
    return channel


def note_readers(channel: Channel, profile: ChannelProfile, partners: Collection[str]) -> None:
    """Keep whose people read a channel: the workspaces connected to it, and those partners of whom
    people are known to be there."""
    channel.workspaces = sorted(profile.workspaces) if profile.is_shared else []
    # Where the platform doesn't say who is connected, those whom we know are not all.
    is_told = channel.workspaces or not profile.is_shared
    channel.partners = sorted(partners) if is_told else []
    channel.is_doubted = False


def _differs(channel: Channel, profile: ChannelProfile, partners: Collection[str]) -> bool:
    """Whether others read it than were known."""
    if profile.is_shared:
        return set(channel.workspaces) != set(profile.workspaces)
    return set(channel.partners) != set(partners)


def set_shared(
    session: Session, channel: Channel, *, is_shared: bool, partner_id: str | None = None
) -> None:
    """Note whether people of another organisation are in the channel: then Entente is silent
    there until every partner's manager consents, and its audience is the alliance.

    A channel that stops being shared stays with the partner `partner_id`; without one it stays
    pending, since nobody said whose it is.
    """
    channel.is_shared = is_shared
    if is_shared:
        if channel.state != ChannelState.UNLINKED:
            channel.state = ChannelState.PENDING
        channel.audience_kind, channel.audience_id = AudienceKind.ALLIANCE, None
    elif partner_id is not None:
        channel.state = ChannelState.LINKED
        channel.audience_kind, channel.audience_id = AudienceKind.PARTNER, partner_id
    _save(session, channel)


def set_state(session: Session, channel: Channel, state: ChannelState) -> None:
    """Put a channel into a state; other processes notice within two seconds."""
    channel.state = state
    _save(session, channel)


def rename(session: Session, channel: Channel, name: str) -> None:
    """Keep a channel's new name."""
    channel.name = name[:120]
    _save(session, channel)


def rename_team(session: Session, channel: Channel, name: str) -> None:
    """Keep the new name of the team that a channel is one of."""
    channel.within = name[:120]
    _save(session, channel)


def set_trouble(session: Session, channel: Channel, trouble: str | None) -> None:
    """Note why Entente cannot post there (the platform's word for it), or that it can again."""
    channel.trouble = trouble
    _save(session, channel)


def note_trouble(session: Session, platform: str, troubles: Mapping[str, str]) -> None:
    """Keep what went wrong when sending to channels (by the platform's ids)."""
    for channel in session.exec(
        select(Channel).where(
            col(Channel.platform) == platform, col(Channel.external_id).in_(troubles)
        )
    ):
        channel.trouble = troubles[channel.external_id][:80]
        session.add(channel)
    session.flush()


def note_heard(session: Session, platform: str, heard: Iterable[str], *, now: datetime) -> None:
    """In these channels (by the platform's ids) Entente hears more than what mentions it."""
    session.execute(
        update(Channel)
        .where(col(Channel.platform) == platform, col(Channel.external_id).in_(list(heard)))
        .values(heard_at=now)
    )


def note_unheard(session: Session, channel: Channel) -> None:
    """Whether Entente hears more there than what mentions it is to be seen anew."""
    channel.heard_at = None
    _save(session, channel)


def get_heard_ids(session: Session, platform: str) -> frozenset[str]:
    """The platform's ids of the channels in which Entente hears more than what mentions it."""
    return frozenset(
        session.exec(
            select(Channel.external_id).where(
                col(Channel.platform) == platform, col(Channel.heard_at).is_not(None)
            )
        )
    )


def note_well(session: Session, platform: str, channels: Sequence[str]) -> None:
    """What was wrong with these channels (by the platform's ids) is over."""
    session.connection().execute(
        sql(
            "UPDATE channels SET trouble = NULL WHERE trouble IS NOT NULL AND platform = :platform "
            f"AND external_id IN (SELECT id FROM {rows_sql(session, {'id': 'text'})})"
        ),
        {
            "platform": platform,
            "rows": dump_rows(session, ({"id": channel} for channel in channels)),
        },
    )


_IS_OVER = or_(
    col(Alliance.ended_at).is_not(None),
    and_(
        col(Channel.audience_kind) == AudienceKind.PARTNER,
        col(Channel.audience_id).in_(
            select(Partner.id).where(col(Partner.left_at).is_not(None)).scalar_subquery()
        ),
    ),
)
"""Whether a channel's alliance has ended, or its partner has left."""


def _is_over(session: Session, channel: Channel) -> bool:
    found = session.exec(
        select(Channel.id)
        .join(Alliance, col(Alliance.id) == col(Channel.alliance_id))
        .where(col(Channel.id) == channel.id, _IS_OVER)
    ).first()
    return found is not None


class Standing(NamedTuple):
    """A channel as it stands at the moment: its state (unlinked, if its alliance has ended or its
    partner has left), its alliance, and what is wrong with posting there, by the platform's word
    for it."""

    state: str
    alliance_id: str
    trouble: str | None


_STANDINGS = (
    select(
        Channel.external_id,
        case((_IS_OVER, ChannelState.UNLINKED), else_=Channel.state),
        Channel.alliance_id,
        Channel.trouble,
    )
    .join(Alliance, col(Alliance.id) == col(Channel.alliance_id))
    .where(
        col(Channel.platform) == bindparam("platform"),
        col(Channel.external_id).in_(bindparam("channels", expanding=True)),
    )
)


def get_standings(
    session: Session, addresses: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], Standing]:
    """How channels stand, by platform and its id for them: asked before every post. A channel that
    is in no alliance is left out."""
    found: dict[tuple[str, str], Standing] = {}
    by_platform: dict[str, set[str]] = {}
    for platform, channel in addresses:
        by_platform.setdefault(platform, set()).add(channel)
    for platform, channels in by_platform.items():
        values = {"platform": platform, "channels": sorted(channels)}
        for channel, *standing in session.connection().execute(_STANDINGS, values):
            found[platform, channel] = Standing(*standing)
    return found


def _save(session: Session, channel: Channel) -> None:
    session.add(channel)
    session.flush()
    bump(session, CHANNELS_SCOPE)


def get_linked_ids(session: Session, platform: str) -> frozenset[str]:
    """The platform's ids of the channels in which Entente listens."""
    return frozenset(
        session.exec(
            select(Channel.external_id)
            .join(Alliance, col(Alliance.id) == col(Channel.alliance_id))
            .where(
                col(Channel.platform) == platform,
                col(Channel.state) == ChannelState.LINKED,
                not_(_IS_OVER),
            )
        )
    )


def get_known_ids(session: Session, platform: str) -> frozenset[str]:
    """The platform's ids of all channels of alliances, silent and unlinked ones too: what becomes
    of them must be known if somebody links them again."""
    return frozenset(
        session.exec(select(Channel.external_id).where(col(Channel.platform) == platform))
    )


def move(session: Session, channel: Channel, external_id: str) -> None:
    """Follow a channel to its new id: what waits for it goes there too."""
    if get_channel(session, channel.platform, external_id) is not None:
        # Somebody linked it under its new id before this was heard: that one is the channel.
        set_state(session, channel, ChannelState.UNLINKED)
        return
    old, new = (f"{channel.platform}:{each}" for each in (channel.external_id, external_id))
    values = {"new": new, "channel": external_id, "old": old}
    # Lanes first, then channels: in the order in which sending locks them too.
    if session.execute(text("SELECT id FROM lanes WHERE key = :new"), values).first():
        # Something was said there already. The two lanes become one, the older.
        for statement in _JOIN_LANES:
            session.execute(text(statement), values)
    session.execute(
        text("UPDATE lanes SET key = :new, channel = :channel WHERE key = :old"), values
    )
    channel.external_id = external_id
    _save(session, channel)


_JOIN_LANES = (
    "UPDATE deliveries SET lane_id = (SELECT id FROM lanes WHERE key = :old) "
    "WHERE lane_id = (SELECT id FROM lanes WHERE key = :new) "
    "AND EXISTS (SELECT 1 FROM lanes WHERE key = :old)",
    "UPDATE reminder_targets SET lane_id = (SELECT id FROM lanes WHERE key = :old) "
    "WHERE lane_id = (SELECT id FROM lanes WHERE key = :new) "
    "AND EXISTS (SELECT 1 FROM lanes WHERE key = :old)",
    "UPDATE lanes SET next_at = (SELECT n.next_at FROM lanes n WHERE n.key = :new) "
    "WHERE key = :old AND next_at IS NULL",
    "DELETE FROM lanes WHERE key = :new AND EXISTS (SELECT 1 FROM lanes o WHERE o.key = :old)",
)
