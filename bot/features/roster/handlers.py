"""`place`, `role`, `away`, `roster` and the questions it answers."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.core.errors import NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments, TokenKind, fold
from bot.dispatch.messages import say, words
from bot.features.roster.views import render_mine, render_roster
from bot.people import alliances, committees, history, optouts, roles
from bot.people.models import Change, Member


def place(context: Context, arguments: Arguments, members: list[Member]) -> Answer:
    """Place people with the manager's own partner."""
    named = _after(arguments, "in")
    own = context.viewer.partner_name or ""
    if fold(named) in {"nobody", "none"}:
        return _release(context, members)
    if named and named.casefold() != own.casefold():
        partner = alliances.get_partner(context.session, context.viewer.alliance_id, named)
        if partner is None:
            raise NotFound("place.no_partner", name=named[:80], partner=own)
        raise NotAllowed("place.own_only", partner=own, other=partner.name)
    for member in members:
        roles.place(context.session, context.viewer, member)
        record(context, "member.placed", member.id)
    names = ", ".join(member.name for member in members)
    return Answer(view=view(Text(text=say("place.done", person=names, partner=own))))


def _release(context: Context, members: list[Member]) -> Answer:
    """These people belong to no partner any more."""
    for member in members:
        roles.release(context.session, context.viewer, member, now=context.now)
        record(context, "member.released", member.id)
    names = ", ".join(member.name for member in members)
    own = context.viewer.partner_name
    return Answer(view=view(Text(text=say("place.nobody", person=names, partner=own))))


def undo_released(context: Context, change: Change) -> Answer:
    """Take somebody in again, with role and seats."""
    member = context.session.get_one(Member, change.subject_id)
    roles.take_in_again(context.session, context.viewer, member, at=change.at)
    own = context.viewer.partner_name
    return Answer(view=view(Text(text=say("place.taken_in", person=member.name, partner=own))))


def _after(arguments: Arguments, word: str) -> str:
    plain = [t for t in arguments.tokens if t.kind in {TokenKind.WORD, TokenKind.QUOTED}]
    for index, token in enumerate(plain):
        if fold(token.text) == word:
            return " ".join(t.text for t in plain[index + 1 :])
    return ""


def record(
    context: Context, action: str, subject: str, before: dict[str, object] | None = None
) -> None:
    """Note a change of the acting person's."""
    history.record(context.session, context.viewer, action, subject, now=context.now, before=before)


def role(context: Context, arguments: Arguments, members: list[Member]) -> Answer:
    """Make somebody of one's own side a manager, or end that."""
    said = {fold(word) for word in arguments.words}
    key = "role.given"
    for member in members:
        if "manager" in said and not said & {"no", "not", "none", "remove"}:
            roles.give_manager(context.session, context.viewer, member, now=context.now)
            record(context, "role.given", member.id)
        elif said & {"no", "not", "none", "remove", "member"}:
            roles.take_manager(context.session, context.viewer, member, now=context.now)
            record(context, "role.taken", member.id)
            key = "role.taken"
        else:
            raise NotUnderstood("role.which")
    names = ", ".join(member.name for member in members)
    partner = context.viewer.partner_name
    return Answer(view=view(Text(text=say(key, person=names, partner=partner))))


def read_day(context: Context, day: str | None) -> datetime | None:
    """The beginning of a day in the alliance's zone. Raises NotUnderstood."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(context.alliance.zone))
    except ValueError:
        raise NotUnderstood("roster.no_day", day=day) from None


def show_roster(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Everybody's seats; with a committee's name, that one's."""
    if arguments.text:
        wanted = arguments.text.strip("?").strip()
        committee = committees.get_committee(context.session, context.viewer, wanted)
        if committee is not None:
            return Answer(view=render_roster(context, [committee]))
    return Answer(
        view=render_roster(context, committees.get_committees(context.session, context.viewer))
    )


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """The next committees."""
    alliance_id, _, place = event.value.partition(":")
    context.enter(alliance_id)
    found = committees.get_committees(context.session, context.viewer)
    is_number = place.isascii() and place.isdigit() and len(place) < 7
    if not is_number or int(place) >= len(found):
        raise NotFound("alliance.not_yours")
    return Answer(refresh=render_roster(context, found, offset=int(place)))


def show_mine(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`am I a member?`: the asking person's own partner, role and seats."""
    return Answer(view=render_mine(context))


def who_decides(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`who decides X?`: the committees whose remit names it; all of them if none does."""
    wanted = {fold(word) for word in arguments.words if len(word) > 2}
    known = committees.get_committees(context.session, context.viewer)
    fitting = [
        c for c in known if wanted & {fold(word) for word in f"{c.name} {c.decides}".split()}
    ]
    asked = bool(wanted and not fitting)
    return Answer(view=render_roster(context, fitting or known, asked=asked, is_whole=not fitting))


def away(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`away until 2027-04-01`: nothing unasked until then."""
    found = re.search(r"\d{4}-\d\d-\d\d", arguments.text)
    if found is None:
        raise NotUnderstood("away.which")
    until = read_day(context, found.group())
    if until is None or until <= context.now:
        raise NotUnderstood("away.past")
    member_id = context.viewer.member_id
    optouts.opt_out(context.session, member_id, optouts.AWAY, now=context.now, until=until)
    record(context, "member.away", member_id)
    day = say_day(date.fromisoformat(found.group()))
    return Answer(
        view=view(
            Text(text=say("away.done", date=day)),
            actions(
                Button(
                    label=words("away.back"), action="roster.back", value=context.viewer.alliance_id
                )
            ),
        )
    )


def press_back(context: Context, event: ButtonPressed) -> Answer:
    """Back earlier."""
    context.enter(event.value)
    optouts.opt_in(context.session, context.viewer.member_id, optouts.AWAY)
    return Answer(view=view(Text(text=say("away.returned"))))


def undo_away(context: Context, change: Change) -> Answer:
    """They are not away after all."""
    optouts.opt_in(context.session, context.viewer.member_id, optouts.AWAY)
    return Answer(view=view(Text(text=say("away.returned"))))


def undo_placed(context: Context, change: Change) -> Answer:
    """Take back a placement."""
    member = context.session.get_one(Member, change.subject_id)
    roles.unplace(context.session, context.viewer, member)
    return Answer(view=view(Text(text=say("place.undone", person=member.name))))


def undo_role(context: Context, change: Change) -> Answer:
    """Take back a role that was given or ended. One's own role may have been what ended."""
    member = context.session.get_one(Member, change.subject_id)
    if change.action == "role.given" or member.id != context.viewer.member_id:
        context.require(Needs.MANAGER)
    if change.action == "role.given":
        roles.take_manager(context.session, context.viewer, member, now=context.now)
    else:
        roles.give_manager(context.session, context.viewer, member, now=context.now)
    return Answer(view=view(Text(text=say("role.undone", person=member.name))))
