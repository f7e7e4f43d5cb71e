"""`seat` and `deputy`: who sits on a committee for the manager's side, and who stands in."""

import re
from datetime import datetime

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.views import Button, Text, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.roster.handlers import read_day, record
from bot.people import committees, roles
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
            since=read_day(context, found["since"]) or context.now,
            until=read_day(context, found["until"]),
        )
        record(context, "seat.given", taken.id)
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
        record(context, "seat.left", left.id, {"until": until})
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
    record(context, "seat.deputy", taken.id, {"deputy": before})
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
