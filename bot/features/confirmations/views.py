"""What people see of a request for confirmation."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

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
    view,
)
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Registry
from bot.dispatch.messages import Markdown, say, words
from bot.dispatch.standings import (
    join_names,
    name_voices,
    say_differences,
    say_standing,
)
from bot.features.confirmations.found import Found, get_author, get_title
from bot.people.models import Alliance, RuleKind
from bot.statements.models import Statement, Version, VersionState, VoiceKind
from bot.statements.proposals import get_voices
from bot.statements.versions import can_read, get_differences, get_versions
from bot.statements.waiting import Open, get_open, get_waiting, look_at

SHOWN = 10
"""Requests that one list shows."""


def render_wording(registry: Registry, session: Session, version: Version) -> tuple[Block, ...]:
    """The whole wording of a version."""
    statement = session.get_one(Statement, version.statement_id)
    kind = registry.statements.get(statement.kind)
    if kind is not None and kind.render is not None:
        return tuple(kind.render(session, version))
    return (Quote(text=version.text),)


def render_request(
    registry: Registry,
    session: Session,
    version: Version,
    statement: Statement,
    *,
    person: str,
    partner_id: str,
    partner: str,
    zone: str,
) -> View:
    """The question to one person: the wording, what changed, until when, and the four answers."""
    title = get_title(registry, session, statement)
    author, side = get_author(session, version)
    changes = _changes_since_voice(session, version, statement, partner_id)
    lead = "confirm.asks" if changes is None else "confirm.asks_again"
    confirmed = [v for v in get_voices(session, version) if v.kind == VoiceKind.CONFIRMED]
    return view(
        Text(text=say(lead, person=person, title=title, partner=partner)),
        *render_wording(registry, session, version),
        Text(text=say("confirm.changed", changes=changes)) if changes else None,
        Text(text=say("confirm.opens")) if version.widens else None,
        Note(
            text=" ".join(
                (
                    say(
                        "confirm.by",
                        person=author.name,
                        partner=side.name,
                        until=say_until(version, zone),
                    ),
                    *(
                        [say("confirm.read_by", names=name_voices(session, version))]
                        if confirmed
                        else []
                    ),
                    say("confirm.record"),
                    say("confirm.why", partner=partner),
                )
            )
        ),
        make_answers(version, partner),
        summary=words("confirm.asks", person=person, title=title, partner=partner),
    )


def make_answers(version: Version, partner: str) -> Actions | None:
    """The four answers."""
    return actions(
        Button(
            label=words("confirm.yes", partner=partner)[:75],
            action="confirmations.confirm",
            value=version.id,
            style="primary",
        ),
        Button(label=words("confirm.suggest"), opens="confirmations.suggest", value=version.id),
        Button(label=words("confirm.object"), opens="confirmations.object", value=version.id),
        Button(label=words("confirm.ask"), opens="confirmations.ask", value=version.id),
    )


def say_until(version: Version, zone: str) -> str:
    """Until when it waits, and what silence then means."""
    if version.answer_by is None:
        return ""
    key = "silence" if version.rule_kind == RuleKind.SILENCE else "lapse"
    return words(f"confirm.until_{key}", date=say_date(version.answer_by, zone))


def _changes_since_voice(
    session: Session, version: Version, statement: Statement, partner_id: str
) -> Markdown | None:
    """What changed since the wording that this partner confirmed last, if it did."""
    for earlier in get_versions(session, statement):
        if earlier.number >= version.number:
            continue
        said = {v.partner_id for v in get_voices(session, earlier) if v.kind == "confirmed"}
        if partner_id in said:
            return say_differences(get_differences(earlier.text, version.text))
    return None


def render_list(context: Context) -> View:
    """What waits for the viewer, what they put forward, and what waits for their side."""
    blocks = make_list(context)
    return View(blocks=blocks) if blocks else view(Text(text=say("confirm.nothing")))


def make_list(context: Context) -> tuple[Block, ...]:
    """The same as blocks: none if nothing waits."""
    found = get_open(context.session, context.viewer.alliance_id, now=context.now)
    return (
        *render_waiting(context, [one for one in found if one.may_answer(context.viewer)]),
        *_render_others(context),
        *_render_mine(context, found),
        *_render_own(context, found),
    )


def _render_others(context: Context) -> list[Block]:
    """What waits for the viewer that is no wording, as its feature shows it."""
    sections = context.registry.waiting
    return [block for section in sections for block in section.render(context, context.viewer)]


def render_page(context: Context, offset: int) -> View:
    """What waits for the viewer, from there on."""
    waiting = get_waiting(context.session, context.viewer, now=context.now)
    blocks = render_waiting(context, waiting, offset)
    return View(blocks=tuple(blocks)) if blocks else render_list(context)


def render_waiting(context: Context, found: Sequence[Open], offset: int = 0) -> list[Block]:
    """Each request with its first words and its buttons, a page of them; one button for all of
    these."""
    shown = found[offset : offset + SHOWN]
    if not shown:
        return []
    partner = context.viewer.partner_name or ""
    blocks: list[Block] = [Heading(text=words("confirm.heading"))]
    titles = [_get_title(context, one) for one in shown]
    for one, title in zip(shown, titles, strict=True):
        blocks.append(Text(text=say("confirm.line", title=title, text=shorten(one.version.text))))
        buttons = actions(
            Button(
                label=words("confirm.yes", partner=partner)[:75],
                action="confirmations.all",
                value=one.version.id,
            ),
            Button(label=words("confirm.read"), action="confirmations.read", value=one.version.id),
            make_elsewhere(one.version) if context.viewer.is_manager else None,
        )
        blocks += [buttons] if buttons else []
    if len(titles) > 1:
        every = actions(
            Button(
                label=words("confirm.all", count=len(titles), partner=partner)[:75],
                action="confirmations.all",
                value=",".join(one.version.id for one in shown),
                confirm=Confirm(
                    title=words("confirm.all_title"),
                    text=words("confirm.all_text", partner=partner, titles=titles)[:280],
                    yes=words("confirm.all_yes"),
                    no=words("confirm.no"),
                ),
            )
        )
        blocks += [every] if every else []
    left = len(found) - offset - len(shown)
    return [*blocks, *_lead_on(context, offset + len(shown), left)] if left else blocks


def _lead_on(context: Context, offset: int, left: int) -> list[Block]:
    value = f"{context.viewer.alliance_id}|{offset}"
    button = Button(label=words("confirm.page"), action="confirmations.page", value=value)
    further = actions(button)
    return [Text(text=say("confirm.more", count=left)), *([further] if further else [])]


def _get_title(context: Context, one: Open) -> str:
    return get_title(context.registry, context.session, one.statement)


def make_elsewhere(version: Version) -> Button:
    """Records what one's own side said in a meeting or by e-mail."""
    return Button(
        label=words("confirm.elsewhere"), opens="confirmations.elsewhere", value=version.id
    )


def shorten(text: str) -> str:
    """The first words of a wording."""
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}…"


def _render_mine(context: Context, found: Sequence[Open]) -> list[Block]:
    mine = [one for one in found if one.version.member_id == context.viewer.member_id][:SHOWN]
    if not mine:
        return []
    blocks: list[Block] = [Text(text=say("confirm.mine"))]
    for one in mine:
        line = say(
            "confirm.mine_line",
            title=_get_title(context, one),
            names=name_voices(context.session, one.version),
            waiting=join_names([side.name for side in one.waiting]),
        )
        buttons = actions(
            Button(label=words("confirm.read"), action="confirmations.read", value=one.version.id),
            make_withdraw(one.version),
        )
        blocks += [Text(text=line), *([buttons] if buttons else [])]
    return blocks


def make_withdraw(version: Version) -> Button:
    """Takes an open proposal back, after one question."""
    return Button(
        label=words("confirm.withdraw"),
        action="confirmations.withdraw",
        value=version.id,
        confirm=Confirm(
            title=words("confirm.withdraw_title"),
            text=words("confirm.withdraw_text"),
            yes=words("confirm.withdraw"),
            no=words("confirm.no"),
        ),
    )


def _render_own(context: Context, found: Sequence[Open]) -> list[Block]:
    """A manager sees what others of their side are still to answer, and can record an answer given
    elsewhere."""
    viewer = context.viewer
    if not viewer.is_manager:
        return []
    own = [
        one
        for one in found
        if viewer.partner_id in {side.partner_id for side in one.waiting}
        and not one.may_answer(viewer)
        and can_read(context.session, viewer, one.statement)
    ][:SHOWN]
    if not own:
        return []
    blocks: list[Block] = [Text(text=say("confirm.own", partner=viewer.partner_name))]
    for one in own:
        label = words("confirm.read_short", title=_get_title(context, one))[:75]
        buttons = actions(
            Button(label=label, action="confirmations.read", value=one.version.id),
            make_elsewhere(one.version),
        )
        blocks += [buttons] if buttons else []
    return blocks


def render_version(context: Context, found: Found) -> View:
    """One version in full, with its standing, and the answers if it waits for the viewer."""
    standing = look_at(context.session, found.version, found.statement, now=context.now)
    if found.version.state == VersionState.PROPOSED and standing.may_answer(context.viewer):
        return render_request(
            context.registry,
            context.session,
            found.version,
            found.statement,
            person=context.viewer.member_name,
            partner_id=context.viewer.partner_id or "",
            partner=context.viewer.partner_name or "",
            zone=context.zone,
        )
    return view(
        Heading(text=found.title),
        *render_wording(context.registry, context.session, found.version),
        Note(text=say_standing(context.session, found.version, zone=context.zone, now=context.now)),
    )


def render_settled(
    registry: Registry, session: Session, version: Version, *, now: datetime
) -> View:
    """What became of it, to those whom it concerned."""
    statement = session.get_one(Statement, version.statement_id)
    alliance = session.get_one(Alliance, statement.alliance_id)
    title = get_title(registry, session, statement)
    return view(
        Text(text=say(f"confirm.settled_{version.state}", title=title)),
        *render_wording(registry, session, version),
        Note(
            text=" ".join(
                (
                    say_standing(session, version, zone=alliance.zone, now=now),
                    say("confirm.settled_why"),
                )
            )
        ),
        summary=words(f"confirm.settled_{version.state}", title=title),
    )


def render_outcome(registry: Registry, session: Session, version: Version) -> View:
    """That something was settled, to whoever was told that it waits but may not read it."""
    statement = session.get_one(Statement, version.statement_id)
    key = f"confirm.settled_{version.state}"
    title = get_title(registry, session, statement)
    return view(
        Text(text=say(key, title=title)),
        Note(text=say("confirm.settled_why_empty")),
        summary=words(key, title=title),
    )


def is_told(version: Version) -> bool:
    """Whether what became of a version is still news when it is sent."""
    return version.state in {
        VersionState.CONFIRMED,
        VersionState.OBJECTED,
        VersionState.LAPSED,
        VersionState.WITHDRAWN,
    }
