"""`link`, `unlink`, and what becomes of channels on their platforms."""

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import (
    ChannelChange,
    ChannelChanged,
    CommandInvoked,
    Event,
    MemberJoined,
    MemberLeft,
    PlaceKind,
)
from bot.core.ports import ChannelProfile, MembersProfile
from bot.core.views import Button, Note, Text, actions, view
from bot.core.views import channel as channel_link
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments, TokenKind
from bot.dispatch.messages import Markdown, say, words
from bot.dispatch.places import settle_channels
from bot.features.people.consent import get_pending, make_agree_buttons, say_standings
from bot.features.people.looking import ask_readers
from bot.features.people.silence import fall_silent, tell_silent
from bot.people import alliances, channels, consent, departures, history, identity, readers
from bot.people.models import Change, Channel, ChannelState, Workspace


def start_link(context: Context, event: CommandInvoked, arguments: Arguments) -> Fetch:
    """Ask the platform about the channel: the one named, or the one this was said in."""
    named = _named(context, event, arguments)
    return Fetch(queries=ask_readers(event.workspace, named), then=_link)


def _named(context: Context, event: CommandInvoked, arguments: Arguments) -> str:
    known = channels.get_channels(context.session, context.viewer)
    here = [channel for channel in known if channel.platform == event.platform]
    named = settle_channels(arguments, here).of_kind(TokenKind.CHANNEL)
    if named:
        return named[0]
    if event.place.kind == PlaceKind.CHANNEL and event.place.channel and not arguments.tokens:
        return event.place.channel
    raise NotUnderstood("channels.which")


def _link(context: Context, event: Event, answers: Found, *, is_undo: bool = False) -> Answer:
    context.require(Needs.MANAGER)
    found, members = answers
    if not isinstance(found, ChannelProfile):
        raise NotFound("channels.unreadable")
    if not found.is_member:
        raise Conflict("channels.invite_first", channel=_mention(event, found.channel, found.name))
    if found.is_private and event.place.channel != found.channel:
        # Whoever says it in the channel itself is in it; of others we can't tell.
        raise NotFound("channels.link_there")
    if found.is_archived:
        raise Conflict("channels.archived")
    workspace = identity.save_workspace(context.session, event.platform, event.workspace)
    elsewhere = event.place.channel != found.channel and not found.is_shared
    if elsewhere and not alliances.has_workspace(context.session, context.viewer, workspace.id):
        # A channel that only the other side's people are in is theirs to link.
        raise NotFound("channels.unreadable")
    if not isinstance(members, MembersProfile):
        # Without knowing who reads there, nobody can be asked whether it is all right.
        raise NotFound("channels.unreadable")
    try:
        channel = channels.link(
            context.session,
            context.viewer,
            platform=event.platform,
            workspace_id=workspace.id,
            profile=found,
            partners=readers.find_partners(
                context.session, context.viewer.alliance_id, workspace, found, members.users
            ),
            now=context.now,
        )
    except Conflict as conflict:
        return _show_pending(context, event, conflict)
    consent.withdraw_all(context.session, channel, now=context.now)
    if not is_undo:
        history.record(
            context.session, context.viewer, "channel.linked", channel.id, now=context.now
        )
    return _linked(context, event, channel)


def _show_pending(context: Context, event: Event, conflict: Conflict) -> Answer:
    """Where the channel is linked and waits for the acting person's own side: that they can agree.
    Raises the conflict otherwise."""
    for channel in get_pending(context.session, context.viewer):
        if (channel.platform, channel.external_id) == (event.platform, event.place.channel):
            return _linked(context, event, channel)
    raise conflict


def _linked(context: Context, event: Event, channel: Channel) -> Answer:
    mention = _mention(event, channel.external_id, channel.name)
    if channel.state == ChannelState.PENDING:
        standings = consent.get_standings(context.session, channel)
        return Answer(
            view=view(
                Text(text=say("channels.pending", channel=mention)),
                Text(text=say_standings(standings)),
                *make_agree_buttons(context, [channel]),
            )
        )
    return Answer(
        view=view(
            Text(text=say("channels.linked", channel=mention, alliance=context.alliance.name)),
            actions(
                Button(
                    label=words("remind.set_up"),
                    opens="remind.form",
                    value=f"new:{context.viewer.alliance_id}",
                    style="primary",
                )
            ),
            Note(text=say("channels.linked_note")),
        )
    )


def _mention(event: Event, channel: str, name: str) -> Markdown:
    return Markdown(channel_link(event.platform, channel, name))


def unlink(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Stop in a channel; its reminders stop there too. Can be undone."""
    named = _named(context, event, arguments)
    channel = channels.get_channel(context.session, event.platform, named)
    if channel is None or not channels.find_channels(context.session, context.viewer, [channel.id]):
        raise NotFound("channels.not_linked")
    before: dict[str, object] = {"state": channel.state}
    channels.set_state(context.session, channel, ChannelState.UNLINKED)
    consent.withdraw_all(context.session, channel, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "channel.unlinked",
        channel.id,
        now=context.now,
        before=before,
    )
    mention = _mention(event, channel.external_id, channel.name)
    return Answer(view=view(Text(text=say("channels.unlinked", channel=mention))))


def undo_link(context: Context, change: Change) -> Answer:
    """Unlink what was just linked."""
    channel = channels.get_channel_or_raise(context.session, context.viewer, change.subject_id)
    channels.set_state(context.session, channel, ChannelState.UNLINKED)
    return Answer(view=view(Text(text=say("channels.undone_link", channel=f"#{channel.name}"))))


def undo_unlink(context: Context, change: Change) -> Fetch:
    """Link what was just unlinked, as it is now: people of others may be there by this time."""
    channel = channels.get_channel_or_raise(context.session, context.viewer, change.subject_id)
    change_id = change.id
    workspace = context.session.get_one(Workspace, channel.workspace_id)

    def link_again(context: Context, event: Event, found: Found) -> Answer:
        answer = _link(context, event, found, is_undo=True)
        context.session.get_one(Change, change_id).undone_at = context.now
        return answer

    queries = ask_readers(workspace.external_id, channel.external_id)
    return Fetch(queries=queries, then=link_again)


def hear_channel(context: Context, event: Event) -> None:
    """Keep up with what happens to a linked channel."""
    if not isinstance(event, ChannelChanged) or event.place.channel is None:
        return
    channel = channels.get_channel(context.session, event.platform, event.place.channel)
    if channel is None:
        return
    if event.change == ChannelChange.RENAMED:
        channels.rename(context.session, channel, event.value or channel.name)
    elif event.change == ChannelChange.TEAM_RENAMED and event.value:
        channels.rename_team(context.session, channel, event.value)
    elif event.change in {ChannelChange.ARCHIVED, ChannelChange.DELETED}:
        channels.set_trouble(context.session, channel, "is_archived")
    elif event.change == ChannelChange.INSTALLED_ANEW:
        channels.note_unheard(context.session, channel)
    elif event.change == ChannelChange.UNARCHIVED:
        channels.set_trouble(context.session, channel, None)
    elif event.change in {ChannelChange.SHARED, ChannelChange.UNSHARED}:
        _ask_anew(context, channel)
    elif event.change == ChannelChange.MOVED and event.value:
        # Ids change when sharing begins or ends, and that may be told before, after, or not at all.
        channels.move(context.session, channel, event.value)
        _ask_anew(context, channel)


def _ask_anew(context: Context, channel: Channel) -> None:
    """Who is there now is not told: silent, until every partner agrees or somebody links anew."""
    was_heard = channel.state == ChannelState.LINKED
    channel.workspaces, channel.partners = [], []
    channels.set_shared(context.session, channel, is_shared=True)
    consent.withdraw_all(context.session, channel, now=context.now)
    if was_heard:
        tell_silent(context.session, channel, context.deliver)


def hear_member(context: Context, event: Event) -> None:
    """Whoever joins a linked channel is a member; Entente itself notes whether it may post."""
    channel = context.channel
    if channel is None or not isinstance(event, MemberJoined | MemberLeft):
        return
    if not event.is_self:
        _hear_person(context, channel, event)
    elif isinstance(event, MemberJoined):
        _arrive(context, channel, event)
    else:
        _depart(context, channel, event)


def _hear_person(context: Context, channel: Channel, event: MemberJoined | MemberLeft) -> None:
    """With the first of another partner's people the channel is that partner's to agree to; with
    the first of an organisation that no partner is known to be, nobody's yet."""
    if isinstance(event, MemberLeft) or channel.state == ChannelState.UNLINKED:
        return
    newcomer = context.who.get_viewer(channel.alliance_id)
    if newcomer is not None and newcomer.partner_id is not None:
        if newcomer.left_at is None and channel.state == ChannelState.LINKED:
            fall_silent(context.session, channel, {newcomer.partner_id}, context.deliver)
    elif context.who.account_id and readers.is_strange(context.session, channel, context.account):
        _let_in(context, channel)


def _let_in(context: Context, channel: Channel) -> None:
    """One more organisation is there: no yes was given to its reading along. Where those before it
    are known, it can still be told which of them is meant."""
    known = set(channel.workspaces) if channel.state == ChannelState.PENDING else set()
    _ask_anew(context, channel)
    if known:
        home = context.session.get_one(Workspace, context.account.workspace_id)
        channel.workspaces = sorted({*known, home.external_id})


def _get_own(context: Context, event: MemberJoined | MemberLeft) -> Workspace | None:
    return identity.get_bot_home(
        context.session, event.platform, event.actor.user, heard_in=event.workspace
    )


def _arrive(context: Context, channel: Channel, event: MemberJoined) -> None:
    """Entente came into a channel, or one more installation of it."""
    home = context.session.get_one(Workspace, channel.workspace_id)
    own = _get_own(context, event)
    if own is not None and (channel.trouble is not None or home.bot_user is None):
        departures.settle(context.session, channel, own)
    channels.note_unheard(context.session, channel)
    channels.set_trouble(context.session, channel, None)


def _depart(context: Context, channel: Channel, event: MemberLeft) -> None:
    """Entente left a channel: another partner's installation in it goes on, if there is one."""
    own = _get_own(context, event)
    if own is not None and own.id != channel.workspace_id:
        return
    heir = departures.find_heir(context.session, channel)
    if heir is not None:
        departures.settle(context.session, channel, heir)
    channels.note_unheard(context.session, channel)
    channels.set_trouble(context.session, channel, None if heir else "not_in_channel")
