"""What people see of a charter."""

from datetime import datetime

from sqlmodel import Session

from bot.core.views import (
    Actions,
    Block,
    Button,
    Heading,
    Menu,
    Note,
    Option,
    Quote,
    Text,
    View,
    actions,
    escape,
    view,
)
from bot.dispatch import wordings
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_standing
from bot.dispatch.wordings import Wordings
from bot.features.charter.clauses import CLAUSES, KIND, PRIVATE, get_body, get_title, make_subject
from bot.people import committees
from bot.people.models import Alliance, Committee
from bot.people.viewer import Viewer
from bot.statements import versions
from bot.statements.models import Statement, Version


def render_charter(context: Context, committee: Committee | None) -> View:
    """Which clauses are written, each with its first words, and a choice of one to read."""
    found = versions.get_subjects(context.session, context.viewer, KIND)
    proposed = versions.get_subjects_proposed(context.session, context.viewer, KIND)
    written = [c for c in CLAUSES if make_subject(committee, c) in found]
    waiting = [c for c in CLAUSES if make_subject(committee, c) in proposed]
    missing = [c for c in CLAUSES if c not in {*written, *waiting}]
    heading = words("charter.heading", body=get_body(committee))
    blocks: list[Block] = [Heading(text=heading)]
    if written:
        lines = [
            say(
                "charter.line",
                clause=get_title(c),
                text=_shorten(found[make_subject(committee, c)].text),
            )
            for c in written
        ]
        blocks.append(Text(text="\n".join(f"- {line}" for line in lines)))
    if waiting:
        names = ", ".join(get_title(c) for c in waiting)
        blocks.append(Note(text=say("charter.waiting", names=names)))
    if missing:
        names = ", ".join(get_title(c) for c in missing)
        blocks.append(Note(text=say("charter.missing", names=names)))
    return View(
        blocks=(*blocks, *_menus(context, committee, [c for c in CLAUSES if c not in missing]))
    )


PAGE = 15
"""Bodies on one page: with their clauses' names each takes a few lines."""


def render_all(context: Context, *, page: int) -> View:
    """Which bodies have a charter and which of its clauses are written, some on each page."""
    found = versions.get_subjects(context.session, context.viewer, KIND)
    bodies: list[Committee | None] = [
        None,
        *committees.get_committees(context.session, context.viewer),
    ]
    last = (len(bodies) - 1) // PAGE
    page = min(page, last)
    blocks: list[Block] = [Heading(text=words("charter.all"))]
    for committee in bodies[page * PAGE : (page + 1) * PAGE]:
        blocks += _render_body(context, committee, found)
    blocks.append(Note(text=say("charter.page", number=page + 1, count=last + 1)))
    place = context.viewer.alliance_id
    turn = actions(
        Button(label=words("charter.back"), action="charter.page", value=f"{place}:{page - 1}")
        if page
        else None,
        Button(label=words("charter.next"), action="charter.page", value=f"{place}:{page + 1}")
        if page < last
        else None,
    )
    return View(blocks=(*blocks, *([turn] if turn else [])))


def _render_body(
    context: Context, committee: Committee | None, found: dict[str, Version]
) -> list[Block]:
    written = [c for c in CLAUSES if make_subject(committee, c) in found]
    text = say(
        "charter.body_line",
        body=get_body(committee),
        number=len(written),
        most=len(CLAUSES),
        names=", ".join(get_title(c) for c in written) or words("charter.nothing_yet"),
    )
    place = f"{context.viewer.alliance_id}:{committee.id if committee else ''}"
    look = actions(Button(label=words("charter.look"), action="charter.browse", value=place))
    return [Text(text=text), *([look] if look and written else [])]


def _heading(committee: Committee | None, clause: str) -> Heading:
    title = get_title(clause)
    return Heading(text=words("charter.clause_of", clause=title, body=get_body(committee)))


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}…"


def _value(context: Context, committee: Committee | None, clause: str) -> str:
    return f"{context.viewer.alliance_id}:{committee.id if committee else ''}/{clause}"


def _menus(context: Context, committee: Committee | None, readable: list[str]) -> tuple[Block, ...]:
    read = [Option(value=_value(context, committee, c), label=get_title(c)) for c in readable]
    change = [Option(value=_value(context, committee, c), label=get_title(c)) for c in CLAUSES]
    menus = actions(
        Menu(label=words("charter.read"), action="charter.show", options=tuple(read))
        if read
        else None,
        Menu(label=words("charter.choose"), action="charter.pick", options=tuple(change))
        if context.viewer.is_manager
        else None,
    )
    return (menus,) if menus else ()


def render_clause(context: Context, committee: Committee | None, clause: str) -> View:
    """One clause in full, who confirmed it or put it in force where, and since when; whether
    another wording waits for the partners, or the viewer's side has one of its own."""
    viewer = context.viewer
    found = wordings.get_wordings(
        context.session, viewer, KIND, subject=make_subject(committee, clause)
    )
    version = found.shown
    body: list[Block] = [Text(text=say("charter.not_written"))]
    if version is not None:
        body = [Quote(text=version.text), Note(text=_standing(context, version))]
        body += wordings.render_others(viewer, found)
    buttons = _make_buttons(context, found, _value(context, committee, clause), clause)
    return view(_heading(committee, clause), *body, buttons)


def _make_buttons(context: Context, found: Wordings, value: str, clause: str) -> Actions | None:
    change = Button(
        label=words("north_star.change" if found.shown else "charter.write"),
        opens="charter.form",
        value=value,
    )
    past = Button(label=words("wordings.history_button"), action="charter.history", value=value)
    version = found.shown
    return actions(
        change if context.viewer.is_manager else None,
        past if version and (version.number > 1 or found.own != version) else None,
        wordings.make_next(context.viewer, found) if clause != PRIVATE else None,
    )


def is_private(_session: Session, statement: Statement) -> bool:
    """The internal approvals: each partner's own, for good."""
    return statement.subject.rpartition("/")[2] == PRIVATE


def get_committee_id(statement: Statement) -> str | None:
    """Whose charter the clause is in, if it is a committee's."""
    return statement.subject.rpartition("/")[0] or None


def say_title(session: Session, statement: Statement) -> str:
    """Which clause of whose charter, in plain words."""
    committee_id, _, clause = statement.subject.rpartition("/")
    committee = session.get(Committee, committee_id) if committee_id else None
    return words("charter.title", clause=get_title(clause), body=get_body(committee))


def render_conflict(session: Session, viewer: Viewer, committee_id: str | None) -> list[Block]:
    """How a body agreed to deal with disagreement: its own clause, else the alliance's."""
    found = versions.get_subjects(session, viewer, KIND)
    for subject in (f"{committee_id or ''}/conflict", "/conflict"):
        if subject in found:
            title = Text(text=f"**{say('charter.clause_conflict')}**")
            return [title, Quote(text=found[subject].text)]
    return []


def render_briefing(session: Session, viewer: Viewer, now: datetime) -> list[Block]:
    """Every clause that counts for the viewer and how it stands, body by body."""
    zone = session.get_one(Alliance, viewer.alliance_id).zone
    found = versions.get_subjects(session, viewer, KIND)
    blocks: list[Block] = []
    for committee in (None, *committees.get_committees(session, viewer)):
        own = [c for c in CLAUSES if make_subject(committee, c) in found]
        if own:
            blocks.append(Heading(text=words("charter.heading", body=get_body(committee))))
        for clause in own:
            version = found[make_subject(committee, clause)]
            title = escape(get_title(clause))
            standing = say_standing(session, version, zone=zone, now=now)
            blocks.append(Text(text=f"**{title}**"))
            blocks += [Quote(text=version.text), Note(text=standing)]
    return blocks


def _standing(context: Context, version: Version) -> str:
    return say_standing(context.session, version, zone=context.zone, now=context.now)


def render_history(context: Context, committee: Committee | None, clause: str) -> View:
    """Every version of a clause, newest first, each with what changed."""
    subject = make_subject(committee, clause)
    found = versions.get_history(context.session, context.viewer, KIND, subject=subject)
    heading = _heading(committee, clause)
    if not found:
        return View(blocks=(heading, Text(text=say("charter.not_written"))))
    shown = wordings.render_history(context.session, found, zone=context.zone)
    return View(blocks=(heading, *shown))
