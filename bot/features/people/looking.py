"""Asking a platform what a channel is and who is in it, to tell whose people read it."""

from sqlmodel import Session

from bot.core.ports import ChannelProfile, ChannelQuery, MembersProfile, MembersQuery, Query
from bot.dispatch.answers import Found
from bot.people import readers
from bot.people.models import Channel, Workspace


def ask_readers(workspace: str, channel: str) -> tuple[Query, Query]:
    """The two questions, by the platform's ids."""
    return (
        ChannelQuery(workspace=workspace, channel=channel),
        MembersQuery(workspace=workspace, channel=channel),
    )


def find_readers(
    session: Session, channel: Channel, found: Found
) -> tuple[ChannelProfile, set[str]] | None:
    """What the two answers say of a channel: its profile, and the partners whose people read it.
    None if one of them is missing."""
    profile, members = found
    if not isinstance(profile, ChannelProfile) or not isinstance(members, MembersProfile):
        return None
    workspace = session.get_one(Workspace, channel.workspace_id)
    partners = readers.find_partners(
        session, channel.alliance_id, workspace, profile, members.users
    )
    return profile, partners
