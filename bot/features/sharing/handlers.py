"""`north star share`, `charter share`, `share`: a preview with a button, and its undo."""

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.dispatch import opening
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments, TokenKind
from bot.dispatch.messages import say, words
from bot.dispatch.places import settle_channels
from bot.features.sharing import things
from bot.features.sharing.things import Thing
from bot.people import alliances, channels, committees, history, widening
from bot.people.models import AudienceKind, Change, Channel
from bot.people.viewer import Viewer
from bot.schedules.models import Reminder
from bot.statements.models import Statement
from bot.statements.versions import get_joint


def preview_star(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The partner's own North Star, as everybody would read it."""
    return _preview_statement(context, "north_star", "", missing="sharing.no_star")


def preview_charter(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """One clause of the partner's own charter, as everybody would read it."""
    return _preview_statement(context, "charter", arguments.text, missing="sharing.no_clause")


def _preview_statement(context: Context, name: str, said: str, *, missing: str) -> Answer:
    kind = context.registry.statements[name]
    subject = kind.read_subject(context, said) if kind.read_subject else ""
    viewer = context.viewer
    joint = get_joint(context.session, viewer.alliance_id, name, subject=subject)
    if joint is not None and joint.audience_kind == AudienceKind.COMMITTEE:
        return Answer(view=opening.preview(context, joint, missing=missing))
    statement = _get_own(context.session, viewer, name, subject)
    if statement is None:
        raise NotFound(missing, partner=viewer.partner_name)
    return Answer(view=_preview(context, Thing("statement", statement)))


def _get_own(session: Session, viewer: Viewer, kind: str, subject: str) -> Statement | None:
    return session.exec(
        select(Statement).where(
            col(Statement.alliance_id) == viewer.alliance_id,
            col(Statement.partner_id) == viewer.partner_id,
            col(Statement.kind) == kind,
            col(Statement.subject) == subject,
        )
    ).first()


def preview_place(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """A channel, or a committee by its name."""
    mine = channels.get_channels(context.session, context.viewer)
    named = settle_channels(arguments, mine).of_kind(TokenKind.CHANNEL)
    if named:
        channel = next((c for c in mine if c.external_id == named[0]), None)
        if channel is None:
            raise NotFound("channels.not_found")
        return Answer(view=_preview(context, Thing("channel", channel)))
    said = arguments.text.strip('"“”? ')
    committee = committees.get_committee(context.session, context.viewer, said)
    if committee is None:
        raise NotUnderstood("sharing.which")
    return Answer(view=_preview(context, Thing("committee", committee)))


def _preview(context: Context, thing: Thing) -> View:
    """What would be shown, to whom, and the button. Raises as `check_widen`."""
    session, viewer = context.session, context.viewer
    _check(context, thing)
    widening.check_widen(viewer, thing.row)
    name, wording = (
        things.get_name(context.registry, session, thing),
        things.get_wording(session, thing),
    )
    partners = alliances.get_partners(session, viewer.alliance_id)
    others = [p.name for p in partners if p.id != viewer.partner_id]
    values = {"what": name, "others": ", ".join(others), "partner": viewer.partner_name}
    return view(
        Text(text=say("sharing.preview", **values)),
        Quote(text=wording) if wording else None,
        _consequences(session, thing),
        actions(
            Button(
                label=words("sharing.confirm"),
                action="sharing.confirm",
                value=thing.value,
                style="primary",
            )
        ),
        Note(text=say("sharing.nothing_yet")),
    )


def _consequences(session: Session, thing: Thing) -> Text | None:
    if isinstance(thing.row, Channel):
        count = len(things.get_reminders(session, thing.row))
        return Text(text=say("sharing.channel", count=count))
    earlier = things.count_versions(session, thing) - 1
    return Text(text=say("sharing.earlier", count=earlier)) if earlier > 0 else None


def _check(context: Context, thing: Thing) -> None:
    if things.is_private_for_good(context.registry, context.session, thing):
        raise NotAllowed("sharing.approvals")
    committee = things.get_keeper(context.session, thing)
    if committee is not None:
        raise NotAllowed("sharing.closed", committee=committee.name)
    if isinstance(thing.row, Statement) and not things.get_wording(context.session, thing):
        raise Conflict("sharing.nothing_in_force")


def press_confirm(context: Context, event: ButtonPressed) -> Answer:
    """Show it to everybody."""
    thing = _find(context, event.value)
    _check(context, thing)
    widening.widen(context.session, context.viewer, thing.row)
    along = things.note_shared(context.session, thing, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "audience.widened",
        thing.row.id,  # type: ignore[attr-defined]
        now=context.now,
        before={"thing": thing.value, "reminders": along},
    )
    name = things.get_name(context.registry, context.session, thing)
    return Answer(view=view(Text(text=say("sharing.done", what=name))))


def _find(context: Context, value: str) -> Thing:
    """The thing that a button names, if the acting manager may see it; they act in its alliance
    from here on. What they may not see is told like what is not there."""
    thing = things.get_thing(context.session, value)
    if thing is None:
        raise NotFound("alliance.not_yours")
    context.enter(thing.row.alliance_id)  # type: ignore[attr-defined]
    context.require(Needs.MANAGER)
    if not things.can_see(context.session, context.viewer, thing):
        raise NotFound("alliance.not_yours")
    return thing


def undo(context: Context, change: Change) -> Answer:
    """It is the partner's own again, with the reminders that went along."""
    thing = things.get_thing(context.session, str(change.before.get("thing", "")))
    if thing is None:
        raise NotFound("undo.changed_since")
    if change.partner_id != context.viewer.partner_id:
        raise NotAllowed("sharing.own_only")
    widening.narrow(context.session, context.viewer, thing.row)
    things.note_shared(context.session, thing, now=None)
    along = change.before.get("reminders")
    for reminder_id in along if isinstance(along, list) else []:
        reminder = context.session.get(Reminder, str(reminder_id))
        if reminder is not None and reminder.audience_kind == AudienceKind.ALLIANCE:
            widening.narrow(context.session, context.viewer, reminder)
    name = things.get_name(context.registry, context.session, thing)
    return Answer(view=view(Text(text=say("sharing.undone", what=name))))
