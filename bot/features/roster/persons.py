"""From the person somebody mentioned to a member of the alliance."""

from collections.abc import Callable

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import CommandInvoked
from bot.core.ports import UserProfile, UserQuery
from bot.dispatch.answers import Answer, Fetch, Found
from bot.dispatch.context import Context
from bot.dispatch.feature import Command, Needs, Result
from bot.dispatch.grammar import Arguments, TokenKind, match_phrase
from bot.people import identity
from bot.people.models import Member

Handle = Callable[[Context, Arguments, list[Member]], Answer]


def about_people(phrase: str, handle: Handle, *, help_key: str, usage: str) -> Command:
    """A manager's command that names people with @; those not met yet are looked up first."""

    def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Result:
        users = arguments.of_kind(TokenKind.PERSON)
        if not users:
            raise NotUnderstood("roster.who", usage=usage)
        unknown = [user for user in users if get_member(context, user) is None]
        if unknown:
            queries = tuple(UserQuery(workspace=event.workspace, user=user) for user in unknown)
            return Fetch(queries=queries, then=then)
        return run(context, arguments)

    def then(context: Context, event: CommandInvoked, found: Found) -> Answer:
        context.require(Needs.MANAGER)
        for profile in found:
            _meet(context, profile)
        matched = match_phrase(event.text, [phrase])
        return run(context, matched[1] if matched else Arguments())

    def run(context: Context, arguments: Arguments) -> Answer:
        users = arguments.of_kind(TokenKind.PERSON)
        members = [get_member(context, user) for user in users]
        if any(member is None for member in members):
            raise NotFound("members.not_found")
        return handle(context, arguments, [member for member in members if member is not None])

    return Command(phrase=phrase, handle=start, help=help_key, usage=usage, needs=Needs.MANAGER)


def _meet(context: Context, profile: object) -> None:
    if not isinstance(profile, UserProfile) or profile.is_bot:
        raise NotFound("members.not_found")
    account = identity.save_account(
        context.session, context.event.platform, profile, now=context.now
    )
    identity.ensure_member(context.session, context.viewer.alliance_id, account, now=context.now)


def get_member(context: Context, user: str) -> Member | None:
    """The present member of the viewer's alliance with this id on the platform."""
    return identity.find_member(
        context.session,
        context.viewer.alliance_id,
        platform=context.event.platform,
        user=user,
    )
