"""What people see of decisions: one of them, and lists."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.core.views import (
    Actions,
    Block,
    Button,
    Confirm,
    Heading,
    Note,
    Quote,
    Text,
    View,
    actions,
)
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date, say_day
from bot.dispatch.messages import Markdown, say, words
from bot.dispatch.places import mark_elsewhere
from bot.dispatch.standings import say_standing
from bot.features.decisions import log, moving, tasks
from bot.features.decisions.forms import NAME, say_serves
from bot.features.decisions.log import Entry, State
from bot.features.decisions.models import Decision, Task, TaskState, Weight
from bot.features.decisions.search import Found, Match
from bot.features.decisions.start import Start
from bot.people.models import AudienceKind, Channel, Committee, Member, Partner
from bot.people.viewer import Viewer


def make_show(decision: Decision) -> Button:
    """Shows a decision in full."""
    label = words("decisions.show", name=log.say_number(decision.number))
    return Button(label=label, action="decisions.show", value=decision.id)


def name_partner(session: Session, partner_id: str) -> str:
    """A partner's name."""
    return session.get_one(Partner, partner_id).name


def say_state(session: Session, entry: Entry) -> str:
    """What it counts for, in words."""
    is_taken = entry.state == State.SUPERSEDED and entry.decision.weight == Weight.PLANNED
    return words(
        f"decisions.state_{'decided' if is_taken else entry.state}",
        partner=name_partner(session, entry.decision.partner_id),
        by=log.say_number(entry.replaced_by) if entry.replaced_by else "–",
        date=say_day(entry.decision.planned_on) if entry.decision.planned_on else "–",
    )


def render_entry(context: Context, entry: Entry) -> View:
    """One decision in full: what, why, its standing, what it still needs, and its history."""
    session, decision = context.session, entry.decision
    blocks: list[Block] = [
        Heading(text=f"{entry.name} · {say_state(session, entry)}"[:150]),
        *render_wording(decision),
        Note(text=_say_origin(context, entry)),
    ]
    if entry.version is not None and entry.state in {State.PROPOSED, State.CONFIRMED}:
        standing = say_standing(session, entry.version, zone=context.zone, now=context.now)
        blocks.append(Text(text=standing))
    blocks += render_details(context, decision)
    blocks += render_tasks(context, decision)
    if came := moving.say_history(session, context.viewer, decision):
        blocks.append(Text(text=came))
    blocks.append(Note(text=_say_history(context, decision)))
    return View(blocks=(*blocks, *_make_buttons(context, entry)), summary=decision.what[:150])


def render_wording(decision: Decision) -> tuple[Block, ...]:
    """What was decided, and why."""
    if not decision.why:
        return (Quote(text=decision.what),)
    return (
        Quote(text=decision.what),
        Text(text=say("decisions.because")),
        Quote(text=decision.why),
    )


def _say_origin(context: Context, entry: Entry) -> str:
    decision, session = entry.decision, context.session
    committee = session.get(Committee, decision.committee_id) if decision.committee_id else None
    return say(
        "decisions.origin_body" if committee else "decisions.origin",
        person=session.get_one(Member, decision.member_id).name,
        partner=name_partner(session, decision.partner_id),
        date=say_date(decision.created_at, context.zone),
        body=committee.name if committee else "",
        audience=words(f"decisions.seen_{decision.audience_kind}"),
    )


def render_details(context: Context, decision: Decision) -> list[Block]:
    """What was said beside the wording: one line each."""
    lines = [
        ("alternatives", decision.alternatives),
        ("serves", say_serves(context.session, decision.serves) if decision.serves else ""),
        ("inform", ", ".join(name_informed(context.session, decision))),
        ("minuted", decision.minuted),
        ("review", say_day(decision.review_on) if decision.review_on else ""),
        ("replaces", _name(context, decision.supersedes_id)),
    ]
    said = [say(f"decisions.detail_{key}", text=text[:600]) for key, text in lines if text]
    return [Text(text="\n".join(f"- {line}" for line in said))] if said else []


def name_informed(session: Session, decision: Decision) -> list[str]:
    """The names of those who need to know."""
    found = session.exec(select(Member).where(col(Member.id).in_(decision.inform)))
    names = {member.id: member.name for member in found}
    return [names[one] for one in decision.inform if one in names]


def _name(context: Context, decision_id: str | None) -> str:
    """The number of another decision, if the viewer may see it."""
    if decision_id is None:
        return ""
    found = log.get_by_ids(context.session, context.viewer, [decision_id])
    return log.say_number(found[0].number) if found else ""


def render_tasks(context: Context, decision: Decision) -> list[Block]:
    """Approvals and actions: one's own side's in full, of other sides only whether any are open."""
    session, viewer = context.session, context.viewer
    lines = [
        say(
            f"decisions.task_{task.kind}_{task.state}",
            what=task.what,
            person=session.get_one(Member, task.owner_id).name,
            date=say_day(task.due_on) if task.due_on else words("decisions.no_date"),
            partner=viewer.partner_name,
        )
        for task in tasks.get_tasks(session, viewer, decision)
    ]
    for partner_id, theirs in tasks.get_others(session, viewer, decision).items():
        lines.append(say_others(session, partner_id, theirs))
    return [Text(text="\n".join(f"- {line}" for line in lines))] if lines else []


def say_others(session: Session, partner_id: str, theirs: Sequence[Task]) -> str:
    """All that others learn of a partner's approvals: open, done, or what its manager chose."""
    partner = name_partner(session, partner_id)
    said = next((task.shown for task in theirs if task.shown), "")
    if said:
        return say("decisions.others_risk", partner=partner, words=said)
    waiting = any(task.state != TaskState.DONE for task in theirs)
    return say("decisions.others_open" if waiting else "decisions.others_done", partner=partner)


def _say_history(context: Context, decision: Decision) -> str:
    steps = log.get_steps(context.session, decision)[-8:]
    said = [
        words(f"decisions.step_{step.state}", date=say_date(step.at, context.zone))
        for step in steps
    ]
    return say("decisions.history", steps=Markdown(" → ".join(said)))


def _make_buttons(context: Context, entry: Entry) -> tuple[Actions, ...]:
    decision, viewer = entry.decision, context.viewer
    mine = viewer.partner_id == decision.partner_id and (
        viewer.is_manager or viewer.member_id == decision.member_id
    )
    may_ask = mine and (viewer.is_manager or decision.audience_kind != AudienceKind.PARTNER)
    over = entry.state in {State.SUPERSEDED, State.WITHDRAWN}
    start = Start(alliance=decision.alliance_id, replaces=decision.id)
    channel = context.session.get(Channel, decision.channel_id) if decision.channel_id else None
    thread = mark_elsewhere(words("decisions.thread"), channel, context.event.platform)
    row = actions(
        Button(label=thread, url=decision.permalink) if decision.permalink else None,
        Button(label=words("decisions.replace"), opens=NAME, value=start.dump())
        if not over and viewer.partner_id and entry.state != State.PLANNED
        else None,
        Button(label=words("decisions.decided"), opens=NAME, value=start.dump(), style="primary")
        if viewer.partner_id and entry.state == State.PLANNED
        else None,
        _make_ask(decision)
        if may_ask and entry.state in {State.DRAFT, State.IN_FORCE, State.LAPSED}
        else None,
        _make_withdraw(decision) if mine and not over and entry.state != State.CONFIRMED else None,
    )
    return (row,) if row else ()


def _make_ask(decision: Decision) -> Button:
    """What only one side could read is shown once more before all can."""
    name = log.say_number(decision.number)
    return Button(
        label=words("decisions.ask_now"),
        action="decisions.ask_now",
        value=decision.id,
        confirm=Confirm(
            title=words("decisions.ask_title", name=name)[:100],
            text=words("decisions.ask_text", what=shorten(decision.what))[:300],
            yes=words("decisions.ask_yes"),
            no=words("confirm.no"),
        )
        if decision.audience_kind == AudienceKind.PARTNER
        else None,
    )


def _make_withdraw(decision: Decision) -> Button:
    name = log.say_number(decision.number)
    return Button(
        label=words("decisions.withdraw"),
        action="decisions.withdraw",
        value=decision.id,
        confirm=Confirm(
            title=words("decisions.withdraw_title", name=name)[:100],
            text=words("decisions.withdraw_text"),
            yes=words("decisions.withdraw"),
            no=words("confirm.no"),
        ),
    )


def render_lines(session: Session, entries: Sequence[Entry], *, zone: str) -> list[Block]:
    """One line each: number, what, standing and date; with a button to read it."""
    blocks: list[Block] = []
    for entry in entries:
        blocks.append(Text(text=say_line(session, entry, zone=zone)))
        row = actions(make_show(entry.decision))
        blocks += [row] if row else []
    return blocks


def say_line(session: Session, entry: Entry, *, zone: str) -> str:
    """`D-12: Use the Basel site (confirmed, 3 March 2027)`."""
    return say(
        "decisions.line",
        name=entry.name,
        what=shorten(entry.decision.what),
        state=say_state(session, entry),
        date=say_date(entry.decision.created_at, zone),
    )


def shorten(text: str) -> str:
    """The first words."""
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}…"


def render_list(
    context: Context, which: str, entries: Sequence[Entry], *, offset: int, more: bool
) -> View:
    """One page of a list, with buttons to the pages around it."""
    committee = context.session.get(Committee, which)
    title = words(f"decisions.list_{which}") if committee is None else committee.name
    blocks: list[Block] = [Heading(text=title)]
    if not entries:
        key = "decisions.none_yet" if which == "recent" else "decisions.none_here"
        blocks.append(Text(text=say(key)))
    blocks += render_lines(context.session, entries, zone=context.zone)
    alliance = context.viewer.alliance_id
    pages = _make_pages(f"{alliance}|{which}|", offset, more=more)
    write = actions(
        Button(label=words("decisions.write"), opens=NAME, value=Start(alliance=alliance).dump())
    )
    return View(blocks=(*blocks, *pages, *([write] if write else [])))


def _make_pages(prefix: str, offset: int, *, more: bool) -> tuple[Actions, ...]:
    row = actions(
        Button(
            label=words("decisions.newer"),
            action="decisions.page",
            value=f"{prefix}{max(offset - log.PAGE, 0)}",
        )
        if offset
        else None,
        Button(
            label=words("decisions.older"),
            action="decisions.page",
            value=f"{prefix}{offset + log.PAGE}",
        )
        if more
        else None,
    )
    return (row,) if row else ()


def render_found(context: Context, said: str, found: Found, *, offset: int) -> View:
    """One page of what a search found."""
    ids = found.ids[offset : offset + log.PAGE]
    decisions = log.get_by_ids(context.session, context.viewer, ids)
    if not decisions:
        return View(blocks=(Text(text=say("decisions.found_none", words=said[:100])),))
    lead = {
        Match.ALL: say("decisions.found", count=len(found.ids), words=said[:100]),
        Match.ANY: say("decisions.found_any", words=said[:100]),
        Match.NEAR: say("decisions.found_near", words=said[:100], near=" ".join(found.words)),
    }[found.match]
    entries = log.get_entries(context.session, decisions)
    prefix = f"{context.viewer.alliance_id}|search:{said[:300]}|"
    pages = _make_pages(prefix, offset, more=len(found.ids) > offset + log.PAGE)
    lines = render_lines(context.session, entries, zone=context.zone)
    return View(blocks=(Text(text=lead), *lines, *pages))


def get_own_lines(session: Session, viewer: Viewer) -> list[str]:
    """What the viewer is to do: one line each."""
    return [
        say(
            f"decisions.own_{task.kind}",
            name=log.say_number(decision.number),
            what=task.what,
            date=say_day(task.due_on) if task.due_on else words("decisions.no_date"),
        )
        for task, decision in tasks.get_open_of(session, viewer)
    ]
