"""What people see of the roster."""

from collections.abc import Sequence

from bot.core.views import Block, Button, Heading, Note, Table, Text, View, actions, view
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.messages import say, words
from bot.features.roster.rules import render_rule
from bot.people import committees
from bot.people.models import Committee, Member, Partner, Seat
from bot.people.viewer import Viewer

MOST_ROWS = 60


PAGE = 8
"""Committees in one answer."""


def render_roster(
    context: Context,
    found: Sequence[Committee],
    *,
    asked: bool = False,
    is_whole: bool = True,
    offset: int = 0,
) -> View:
    """Committees with what they decide, how, when they meet, and who sits there for whom; from the
    `offset`th on. `is_whole`: these are all there are, so that one can go on to the next."""
    if not found:
        return view(Text(text=say("roster.empty")), Note(text=say("roster.empty_note")))
    blocks: list[Block] = []
    if asked:
        blocks.append(Text(text=say("roster.nobody_named")))
    for committee in found[offset : offset + PAGE]:
        blocks += _committee(context, committee)
    rest = len(found) - offset - PAGE
    if rest > 0:
        blocks.append(Note(text=say("roster.more", count=rest)))
        value = f"{context.viewer.alliance_id}:{offset + PAGE}"
        button = actions(Button(label=words("roster.next_page"), action="roster.page", value=value))
        blocks += [button] if button and is_whole else []
    return View(blocks=tuple(blocks))


def _committee(context: Context, committee: Committee) -> list[Block]:
    blocks: list[Block] = [Heading(text=committee.name)]
    lines = [
        say("roster.decides", what=committee.decides) if committee.decides else "",
        say("roster.rule", how=committee.rule) if committee.rule else "",
        say("roster.meets", when=say_moment(committee.meets_at, context.zone))
        if committee.meets_at and committee.meets_at > context.now
        else "",
    ]
    if any(lines):
        blocks.append(Text(text="\n\n".join(line for line in lines if line)))
    blocks += render_rule(context, committee)
    as_of = context.viewer.left_at or context.now
    seats = committees.get_seats(context.session, committee, now=as_of)
    blocks.append(_seats(context, seats) if seats else Text(text=say("roster.no_seats")))
    if context.viewer.is_manager:
        button = actions(
            Button(label=words("roster.change"), opens="committee.form", value=committee.id)
        )
        blocks += [button] if button else []
    return blocks


def _seats(context: Context, seats: Sequence[tuple[Seat, Member, Partner]]) -> Table:
    rows = tuple(
        (partner.name, member.name, words(f"seat.kind_{seat.kind}"), _deputy(context, seat))
        for seat, member, partner in seats[:MOST_ROWS]
    )
    columns = ("roster.partner", "roster.person", "roster.seat", "roster.deputy")
    return Table(columns=tuple(words(key) for key in columns), rows=rows)


def _deputy(context: Context, seat: Seat) -> str:
    if seat.deputy_id is None:
        return words("roster.no_deputy")
    return context.session.get_one(Member, seat.deputy_id).name


def render_mine(context: Context) -> View:
    """The viewer's own partner, role and seats."""
    viewer = context.viewer
    blocks: list[Block] = [Text(text=_say_self(viewer, context.alliance.name))]
    lines = []
    for committee in committees.get_committees(context.session, viewer):
        for seat, member, _ in committees.get_seats(context.session, committee, now=context.now):
            if member.id == viewer.member_id:
                kind = words(f"seat.kind_{seat.kind}")
                lines.append(say("roster.my_seat", committee=committee.name, kind=kind))
            elif seat.deputy_id == viewer.member_id:
                lines.append(say("roster.my_deputy", committee=committee.name, person=member.name))
    text = "\n".join(f"- {line}" for line in lines) or say("roster.no_seat_of_mine")
    blocks.append(Text(text=text))
    return View(blocks=tuple(blocks))


def _say_self(viewer: Viewer, alliance: str) -> str:
    if viewer.partner_name is None:
        return say("roster.me_unplaced", alliance=alliance)
    key = "roster.me_manager" if viewer.is_manager else "roster.me"
    return say(key, partner=viewer.partner_name, alliance=alliance)
