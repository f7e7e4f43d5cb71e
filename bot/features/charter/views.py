"""What people see of a charter."""

from bot.core.views import Block, Button, Heading, Menu, Note, Option, Quote, Text, View, actions
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say, words
from bot.features.charter.clauses import CLAUSES, KIND, get_body, get_title, make_subject
from bot.people.models import Committee, Member, Partner
from bot.statements import versions
from bot.statements.models import Version


def render_charter(context: Context, committee: Committee | None) -> View:
    """Which clauses are written, each with its first words, and a choice of one to read."""
    found = versions.get_subjects(context.session, context.viewer, KIND)
    written = [c for c in CLAUSES if make_subject(committee, c) in found]
    missing = [c for c in CLAUSES if c not in written]
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
    if missing:
        names = ", ".join(get_title(c) for c in missing)
        blocks.append(Note(text=say("charter.missing", names=names)))
    return View(blocks=(*blocks, *_menus(context, committee, written)))


def _heading(committee: Committee | None, clause: str) -> Heading:
    title = get_title(clause)
    return Heading(text=words("charter.clause_of", clause=title, body=get_body(committee)))


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else f"{line[:117]}…"


def _value(context: Context, committee: Committee | None, clause: str) -> str:
    return f"{context.viewer.alliance_id}:{committee.id if committee else ''}/{clause}"


def _menus(context: Context, committee: Committee | None, written: list[str]) -> tuple[Block, ...]:
    read = [Option(value=_value(context, committee, c), label=get_title(c)) for c in written]
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
    """One clause in full, who put it in force where, and since when."""
    subject = make_subject(committee, clause)
    version = versions.get_in_force(context.session, context.viewer, KIND, subject=subject)
    heading = _heading(committee, clause)
    change = actions(
        Button(
            label=words("north_star.change" if version else "charter.write"),
            opens="charter.form",
            value=_value(context, committee, clause),
        )
        if context.viewer.is_manager
        else None
    )
    body: list[Block] = (
        [Quote(text=version.text), Note(text=_standing(context, version))]
        if version
        else [Text(text=say("charter.not_written"))]
    )
    return View(blocks=(heading, *body, *([change] if change else [])))


def _standing(context: Context, version: Version) -> str:
    return say(
        "north_star.standing",
        partner=context.session.get_one(Partner, version.partner_id).name,
        person=context.session.get_one(Member, version.member_id).name,
        date=say_date(version.created_at, context.zone),
    )


def render_history(context: Context, committee: Committee | None, clause: str) -> View:
    """Every version of a clause, newest first."""
    subject = make_subject(committee, clause)
    found = versions.get_history(context.session, context.viewer, KIND, subject=subject)
    heading = _heading(committee, clause)
    if not found:
        return View(blocks=(heading, Text(text=say("charter.not_written"))))
    blocks: list[Block] = [heading]
    for version in found[:10]:
        blocks.append(
            Text(
                text=say(
                    f"north_star.version_{version.state}",
                    number=version.number,
                    date=say_date(version.created_at, context.zone),
                    person=context.session.get_one(Member, version.member_id).name,
                    partner=context.session.get_one(Partner, version.partner_id).name,
                )
            )
        )
        blocks.append(Quote(text=version.text))
    return View(blocks=tuple(blocks))
