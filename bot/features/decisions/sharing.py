"""Showing every partner a decision that one side kept to itself: seen first, by its manager."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Note, Text, actions, view
from bot.dispatch import opening
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.decisions import log
from bot.features.decisions.asking import find
from bot.features.decisions.models import Decision, Task, TaskKind
from bot.features.decisions.views import render_details, render_wording
from bot.people import alliances, history, widening
from bot.people.models import AudienceKind, Change


def preview(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`decisions share D-12`: what others would read, and the button."""
    session, viewer = context.session, context.viewer
    decision = log.get_by_number(session, viewer, arguments.text)
    if decision.audience_kind == AudienceKind.COMMITTEE:
        return _preview_opening(context, decision)
    widening.check_widen(viewer, decision)
    partners = alliances.get_partners(session, viewer.alliance_id)
    others = [partner.name for partner in partners if partner.id != viewer.partner_id]
    names = [task.what for task in _get_actions(session, decision)]
    lead = say(
        "sharing.preview",
        what=log.say_number(decision.number),
        others=others,
        partner=viewer.partner_name,
    )
    return Answer(
        view=view(
            Text(text=lead),
            *render_wording(decision),
            *render_details(context, decision),
            Text(text=say("decisions.share_actions", names=names)) if names else None,
            Text(text=say("decisions.share_kept", partner=viewer.partner_name)),
            actions(
                Button(
                    label=words("sharing.confirm"),
                    action="decisions.share",
                    value=decision.id,
                    style="primary",
                )
            ),
            Note(text=say("sharing.nothing_yet")),
        )
    )


def _preview_opening(context: Context, decision: Decision) -> Answer:
    """What a committee keeps to itself is opened by all who sit there, once they confirmed it."""
    statement = log.get_entry(context.session, decision).statement
    if statement is None or statement.audience_kind != AudienceKind.COMMITTEE:
        raise Conflict("decisions.open_noted", name=log.say_number(decision.number))
    return Answer(view=opening.preview(context, statement, missing="decisions.open_waits"))


def _get_actions(session: Session, decision: Decision) -> Sequence[Task]:
    """What is to be done, as seen by whoever sees the decision; approvals stay with their side."""
    return session.exec(
        select(Task)
        .where(col(Task.decision_id) == decision.id, col(Task.kind) == TaskKind.ACTION)
        .order_by(col(Task.id))
    ).all()


def press_share(context: Context, event: ButtonPressed) -> Answer:
    """Show it to everybody."""
    decision = find(context, event.value)
    context.require(Needs.MANAGER)
    session, viewer = context.session, context.viewer
    for row in (decision, *_get_actions(session, decision)):
        widening.widen(session, viewer, row)
        row.changed_at = context.now
    log.note_changed(session, decision)
    history.record(session, viewer, "decision.widened", decision.id, now=context.now)
    name = log.say_number(decision.number)
    return Answer(refresh=view(Text(text=say("sharing.done", what=name))))


def undo_share(context: Context, change: Change) -> Answer:
    """It is its own side's again."""
    session, viewer = context.session, context.viewer
    decision = find(context, change.subject_id)
    if decision.partner_id != viewer.partner_id or decision.audience_kind != AudienceKind.ALLIANCE:
        raise NotAllowed("sharing.own_only")
    widening.narrow(session, viewer, decision)
    log.note_changed(session, decision)
    for task in _get_actions(session, decision):
        widening.narrow(session, viewer, task)
    return Answer(view=view(Text(text=say("sharing.undone", what=log.say_number(decision.number)))))
