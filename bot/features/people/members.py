"""`members`: who is in the alliance, partner by partner, page by page."""

from collections.abc import Sequence

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Block, Button, Heading, Menu, Option, Text, View, actions
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.people import alliances, listing
from bot.people.listing import Named
from bot.people.models import Partner

FIRST, PAGE, PARAGRAPH = 20, 100, 20
"""Names of each partner at first, on a page of one partner, and in one paragraph."""

UNPLACED = "unplaced"


def show_members(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The first people of each partner; those nobody has placed are their managers' to see."""
    viewer = context.viewer
    found: dict[str, list[Named]] = {}
    for named in listing.get_first_members(context.session, viewer.alliance_id, most=FIRST):
        found.setdefault(named.partner_id or UNPLACED, []).append(named)
    blocks: list[Block] = [Text(text=say("members.intro", alliance=context.alliance.name))]
    longer: list[Option] = []
    for identifier, label in _get_sides(context):
        people = found.get(identifier, [])
        if not people and identifier == UNPLACED:
            continue
        blocks += [Heading(text=label), Text(text=_say_names(people))]
        if people and people[0].total > len(people):
            value = f"{viewer.alliance_id}:{identifier}:0"
            hint = words("members.all_of", partner=label, count=people[0].total)
            longer.append(Option(value=value, label=hint[:75]))
    menu = Menu(label=words("members.see_all"), action="members.page", options=tuple(longer))
    more = actions(menu) if longer else None
    return Answer(view=View(blocks=(*blocks, *([more] if more else []))))


def _get_sides(context: Context) -> list[tuple[str, str]]:
    """Whose people the viewer may list, by id and name: of a partner that left only its own."""
    viewer = context.viewer
    if viewer.left_at is not None:
        return [(viewer.partner_id or "", viewer.partner_name or "")]
    partners: Sequence[Partner] = alliances.get_partners(context.session, viewer.alliance_id)
    sides = [(partner.id, partner.name) for partner in partners]
    return [*sides, (UNPLACED, words("members.unplaced"))] if viewer.is_manager else sides


def _say_names(people: Sequence[Named]) -> str:
    names = [words("members.manager", person=p.name) if p.is_manager else p.name for p in people]
    if not names:
        return say("members.list", names=words("members.none"))
    if people[0].total > len(people):
        rest = people[0].total - len(people)
        return say("members.more", names=", ".join(names), count=rest)
    return say("members.list", names=", ".join(names))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """A page of one partner's people."""
    alliance_id, _, rest = event.value.partition(":")
    identifier, _, place = rest.partition(":")
    context.enter(alliance_id)
    label = dict(_get_sides(context)).get(identifier)
    if label is None or not (place.isascii() and place.isdigit() and len(place) < 7):
        raise NotFound("alliance.not_yours")
    offset = int(place)
    people = listing.get_members_page(
        context.session,
        alliance_id,
        None if identifier == UNPLACED else identifier,
        offset=offset,
        most=PAGE,
    )
    if not people:
        raise NotFound("members.no_page")
    return Answer(refresh=_render_page(f"{alliance_id}:{identifier}", label, people, offset))


def _render_page(where: str, label: str, people: Sequence[Named], offset: int) -> View:
    last, total = offset + len(people), people[0].total
    heading = words("members.page", partner=label, first=offset + 1, last=last, total=total)
    names = [words("members.manager", person=p.name) if p.is_manager else p.name for p in people]
    paragraphs = tuple(
        Text(text=say("members.list", names=", ".join(names[i : i + PARAGRAPH])))
        for i in range(0, len(names), PARAGRAPH)
    )
    buttons = actions(
        Button(
            label=words("members.earlier"),
            action="members.page",
            value=f"{where}:{max(offset - PAGE, 0)}",
        )
        if offset > 0
        else None,
        Button(label=words("members.later"), action="members.page", value=f"{where}:{last}")
        if last < total
        else None,
    )
    return View(blocks=(Heading(text=heading), *paragraphs, *([buttons] if buttons else [])))
