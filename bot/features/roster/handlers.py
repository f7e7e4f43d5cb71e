"""`place`, `role`, `seat`, `deputy`, `roster` and the questions it answers."""

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date, say_day
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments, TokenKind, fold
from bot.dispatch.messages import say, words
from bot.features.roster.views import render_mine, render_roster
from bot.people import alliances, committees, history, optouts, roles
from bot.people.models import Change, Committee, Member, Seat, SeatKind

KINDS = {
    "member": SeatKind.MEMBER,
    "co-chair": SeatKind.CO_CHAIR,
    "cochair": SeatKind.CO_CHAIR,
    "chair": SeatKind.CO_CHAIR,
    "observer": SeatKind.OBSERVER,
}
_ON = re.compile(
    r"\bon\s+(?P<name>.+?)"
    r"(?:\s+as\s+(?P<kind>[\w-]+))?"
    r"(?:\s+from\s+(?P<since>\d{4}-\d\d-\d\d))?"
    r"(?:\s+until\s+(?P<until>\d{4}-\d\d-\d\d))?\s*$",
    re.IGNORECASE | re.DOTALL,
)


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
        _record(context, "member.placed", member.id)
    names = ", ".join(member.name for member in members)
    return Answer(view=view(Text(text=say("place.done", person=names, partner=own))))


def _release(context: Context, members: list[Member]) -> Answer:
    """These people belong to no partner any more."""
    for member in members:
        roles.release(context.session, context.viewer, member, now=context.now)
        _record(context, "member.released", member.id)
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


def _record(
    context: Context, action: str, subject: str, before: dict[str, object] | None = None
) -> None:
    history.record(context.session, context.viewer, action, subject, now=context.now, before=before)


def role(context: Context, arguments: Arguments, members: list[Member]) -> Answer:
    """Make somebody of one's own side a manager, or end that."""
    said = {fold(word) for word in arguments.words}
    key = "role.given"
    for member in members:
        if "manager" in said and not said & {"no", "not", "none", "remove"}:
            roles.give_manager(context.session, context.viewer, member, now=context.now)
            _record(context, "role.given", member.id)
        elif said & {"no", "not", "none", "remove", "member"}:
            roles.take_manager(context.session, context.viewer, member, now=context.now)
            _record(context, "role.taken", member.id)
            key = "role.taken"
        else:
            raise NotUnderstood("role.which")
    names = ", ".join(member.name for member in members)
    partner = context.viewer.partner_name
    return Answer(view=view(Text(text=say(key, person=names, partner=partner))))


def seat(context: Context, arguments: Arguments, members: list[Member]) -> Answer:
    """Seat somebody of one's own side on a committee; an unknown one is offered to be made."""
    text = re.sub(r"<@[^>]+>", "", arguments.text)
    found = _ON.search(f" {text}")
    if found is None:
        raise NotUnderstood("seat.which")
    for member in members:
        roles.check_own(context.viewer, member)
    name = found["name"].strip().strip('"“”')
    committee = committees.get_committee(context.session, context.viewer, name)
    if committee is None:
        return _offer_committee(context, name)
    if (found["kind"] or "").casefold() in {"none", "nobody"}:
        return _leave(context, committee, members)
    for member in members:
        taken = committees.seat(
            context.session,
            context.viewer,
            committee,
            member,
            kind=_kind(found["kind"]),
            since=_moment(context, found["since"]) or context.now,
            until=_moment(context, found["until"]),
        )
        _record(context, "seat.given", taken.id)
    return Answer(view=view(Text(text=_say_seated(context, committee, members, taken))))


def _say_seated(context: Context, committee: Committee, members: list[Member], taken: Seat) -> str:
    zone = context.alliance.zone
    values = {
        "person": ", ".join(member.name for member in members),
        "committee": committee.name,
        "partner": context.viewer.partner_name,
        "kind": words(f"seat.kind_{taken.kind}"),
        "since": say_date(taken.since, zone),
        "until": say_date(taken.until, zone) if taken.until else "",
    }
    if taken.since > context.now:
        return say("seat.done_between" if taken.until else "seat.done_from", **values)
    return say("seat.done_until" if taken.until else "seat.done", **values)


def _kind(said: str | None) -> SeatKind:
    kind = KINDS.get((said or "member").casefold())
    if kind is None:
        raise NotUnderstood("seat.kind_unknown", kind=(said or "")[:40])
    return kind


def _moment(context: Context, day: str | None) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(context.alliance.zone))
    except ValueError:
        raise NotUnderstood("roster.no_day", day=day) from None


def _offer_committee(context: Context, name: str) -> Answer:
    if not name.isprintable() or len(name) > 80:
        raise NotUnderstood("setup.name_long", most=80)
    known = committees.get_committees(context.session, context.viewer)
    return Answer(
        view=view(
            Text(
                text=say(
                    "seat.no_committee",
                    committee=name,
                    names=", ".join(c.name for c in known) or words("roster.none_yet"),
                )
            ),
            actions(
                Button(
                    label=words("seat.create", committee=name)[:75],
                    opens="committee.form",
                    value=f"new:{context.viewer.alliance_id}:{name}",
                    style="primary",
                )
            ),
        )
    )


def _leave(context: Context, committee: Committee, members: list[Member]) -> Answer:
    for member in members:
        present = committees.get_seat(context.session, committee, member, now=context.now)
        until = present.until.isoformat() if present and present.until else None
        left = committees.leave_seat(
            context.session, context.viewer, committee, member, now=context.now
        )
        _record(context, "seat.left", left.id, {"until": until})
    names = ", ".join(member.name for member in members)
    return Answer(view=view(Text(text=say("seat.left", person=names, committee=committee.name))))


def deputy(context: Context, arguments: Arguments, members: list[Member]) -> Answer:
    """`deputy @stand-in for @member on COMMITTEE`."""
    found = _ON.search(f" {re.sub(r'<@[^>]+>', '', arguments.text)}")
    if len(members) != 2 or found is None:
        raise NotUnderstood("seat.deputy_usage")
    stand_in, member = members
    name = found["name"].strip()
    committee = committees.get_committee(context.session, context.viewer, name)
    if committee is None:
        known = committees.get_committees(context.session, context.viewer)
        raise NotFound("roster.no_committee", names=", ".join(c.name for c in known))
    present = committees.get_seat(context.session, committee, member, now=context.now)
    before = present.deputy_id if present else None
    taken = committees.set_deputy(
        context.session, context.viewer, committee, member, stand_in, now=context.now
    )
    _record(context, "seat.deputy", taken.id, {"deputy": before})
    return Answer(
        view=view(
            Text(
                text=say(
                    "seat.deputy_done",
                    deputy=stand_in.name,
                    person=member.name,
                    committee=committee.name,
                )
            )
        )
    )


def undo_deputy(context: Context, change: Change) -> Answer:
    """Whoever stood in before does so again, if they can still; else nobody."""
    taken = context.session.get_one(Seat, change.subject_id)
    member = context.session.get_one(Member, taken.member_id)
    roles.check_own(context.viewer, member)
    before = context.session.get(Member, str(change.before.get("deputy") or ""))
    is_own = before is not None and before.partner_id == context.viewer.partner_id
    taken.deputy_id = before.id if before is not None and is_own else None
    context.session.add(taken)
    return Answer(view=view(Text(text=say("seat.undone", person=member.name))))


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
    until = _moment(context, found.group())
    if until is None or until <= context.now:
        raise NotUnderstood("away.past")
    member_id = context.viewer.member_id
    optouts.opt_out(context.session, member_id, optouts.AWAY, now=context.now, until=until)
    _record(context, "member.away", member_id)
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


def undo_seat(context: Context, change: Change) -> Answer:
    """Take back a seat that was given or ended."""
    taken = context.session.get_one(Seat, change.subject_id)
    member = context.session.get_one(Member, taken.member_id)
    roles.check_own(context.viewer, member)
    if change.action == "seat.given":
        context.session.delete(taken)
    elif taken.until is None:
        raise Conflict("undo.changed_since")
    else:
        until = change.before.get("until")
        taken.until = datetime.fromisoformat(str(until)) if until else None
        context.session.add(taken)
    return Answer(view=view(Text(text=say("seat.undone", person=member.name))))
