"""`brief me for a call with PARTNER`: one page on the people and what is open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.core.documents import Document, Section
from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Actions, Block, Button, Heading, Note, Table, Text, View, actions
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_moment
from bot.dispatch.feature import Registry
from bot.dispatch.grammar import Arguments, fold
from bot.dispatch.messages import say, words
from bot.features.briefing.handlers import make_link_view
from bot.people import alliances, committees
from bot.people.models import Alliance, Member, Partner
from bot.people.viewer import Viewer

KIND = "call"
LATELY = timedelta(days=14)
MOST_PEOPLE = 20
STAR, LANGUAGE = "north_star.heading", "glossary"


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The page, for the partner that the words name."""
    viewer = context.viewer
    others = _others(context.session, viewer)
    partner = _find(others, arguments.text)
    if partner is None:
        names = ", ".join(each.name for each in others) or "–"
        raise NotFound("briefing.call_which", names=names)
    sections = make_sections(context.registry, context.session, viewer, partner, context.now)
    blocks: list[Block] = [Heading(text=words("briefing.call_title", partner=partner.name))]
    for section in sections:
        blocks += [Heading(text=section.title), *section.blocks]
    row = actions(
        Button(
            label=words("briefing.document"),
            action="briefing.call",
            value=f"{viewer.alliance_id}:{partner.id}",
        )
    )
    return Answer(view=View(blocks=(*blocks, *((row,) if row else ()))))


def _others(session: Session, viewer: Viewer) -> Sequence[Partner]:
    found = alliances.get_partners(session, viewer.alliance_id)
    return [partner for partner in found if partner.id != viewer.partner_id]


def _find(others: Sequence[Partner], said: str) -> Partner | None:
    text = " ".join(fold(word) for word in said.split())
    named = [p for p in others if " ".join(fold(w) for w in p.name.split()) in text]
    if named:
        return max(named, key=lambda partner: len(partner.name))
    return others[0] if len(others) == 1 and "with" not in text.split() else None


def make_sections(
    registry: Registry, session: Session, viewer: Viewer, partner: Partner, now: datetime
) -> Sequence[Section]:
    """People, what we set out to do, where we sit together, what is open, and the words that the
    partners use differently: each as the viewer may see it."""
    star = next((s for s in registry.briefing if s.title == STAR), None)
    language = registry.steps.get(LANGUAGE)
    parts = (
        ("briefing.call_people", _people(session, viewer, partner, now=now)),
        ("briefing.call_star", star.render(session, viewer, now) if star else ()),
        ("briefing.call_meetings", _meetings(session, viewer, partner, now=now)),
        ("briefing.call_news", _news(registry, session, viewer, now=now)),
        ("briefing.call_words", language.render(session, viewer, now) if language else ()),
    )
    return [
        Section(title=words(key), blocks=tuple(b for b in blocks if not isinstance(b, Actions)))
        for key, blocks in parts
        if blocks
    ]


def _people(
    session: Session, viewer: Viewer, partner: Partner, *, now: datetime
) -> Sequence[Block]:
    members = session.exec(
        select(Member)
        .where(col(Member.partner_id) == partner.id, col(Member.left_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    ).all()
    if not members:
        return (Text(text=say("briefing.call_nobody", partner=partner.name)),)
    managers = alliances.get_manager_ids(session, viewer.alliance_id)
    seats: dict[str, list[str]] = {}
    for committee in committees.get_committees(session, viewer):
        for seat, member, _ in committees.get_seats(session, committee, now=now):
            kind = words(f"seat.kind_{seat.kind}")
            seats.setdefault(member.id, []).append(f"{committee.name} ({kind})")
    rows = [(member.name, ", ".join(_parts_of(member, managers, seats))) for member in members]
    rows.sort(key=lambda row: row[1] == words("briefing.call_member"))
    columns = (words("roster.person"), words("roster.seat"))
    more = len(rows) - MOST_PEOPLE
    note = (Note(text=say("status.more", count=more)),) if more > 0 else ()
    return (Table(columns=columns, rows=tuple(rows[:MOST_PEOPLE])), *note)


def _parts_of(member: Member, managers: set[str], seats: dict[str, list[str]]) -> Sequence[str]:
    role = [words("briefing.call_role")] if member.id in managers else []
    return [*role, *seats.get(member.id, [])] or [words("briefing.call_member")]


def _meetings(
    session: Session, viewer: Viewer, partner: Partner, *, now: datetime
) -> Sequence[Block]:
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    lines = []
    for committee in committees.get_committees(session, viewer):
        seats = committees.get_seats(session, committee, now=now)
        if {partner.id, viewer.partner_id} <= {seat.partner_id for seat, _, _ in seats}:
            upcoming = (
                committee.meets_at if committee.meets_at and committee.meets_at > now else None
            )
            lines.append(
                say(
                    "briefing.call_meets", committee=committee.name, when=say_moment(upcoming, zone)
                )
                if upcoming
                else say("briefing.call_no_date", committee=committee.name)
            )
    return (Text(text="\n".join(f"- {line}" for line in lines)),) if lines else ()


def _news(
    registry: Registry, session: Session, viewer: Viewer, *, now: datetime
) -> Sequence[Block]:
    since = now - LATELY
    return [b for part in registry.digest for b in part.render(session, viewer, since, now)]


def press_document(context: Context, event: ButtonPressed) -> Answer:
    """The page as a document, by a private link."""
    alliance_id, _, partner_id = event.value.partition(":")
    viewer = context.enter(alliance_id)
    if partner_id not in {partner.id for partner in _others(context.session, viewer)}:
        raise NotFound("briefing.part_gone")
    return Answer(view=make_link_view(context, viewer, KIND, subject=partner_id))


def render_document(
    registry: Registry, session: Session, viewer: Viewer, subject: str, now: datetime
) -> Document:
    """The page as a document. Raises NotFound for a partner that is none any more."""
    partner = next((p for p in _others(session, viewer) if p.id == subject), None)
    if partner is None:
        raise NotFound("briefing.part_gone")
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    as_of = say(
        "briefing.as_of",
        when=say_moment(now, zone),
        person=viewer.member_name,
        partner=viewer.partner_name or words("briefing.unplaced"),
    )
    return Document(
        title=words("briefing.call_title", partner=partner.name),
        notes=(as_of,),
        sections=tuple(make_sections(registry, session, viewer, partner, now)),
        closing=say("briefing.closing", person=viewer.member_name),
    )
