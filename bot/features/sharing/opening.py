"""Opening to the whole alliance what a committee keeps to itself: each partner seated there has to
agree, as to any wording."""

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.people import history
from bot.people.models import AudienceKind, Committee
from bot.statements import proposals
from bot.statements.models import Statement, Version, VersionState
from bot.statements.sides import get_sides


def preview(context: Context, statement: Statement, *, missing: str) -> View:
    """What would be open to all, and the button that asks the committee. Raises NotAllowed for
    whoever does not sit there, NotFound where nothing is confirmed."""
    committee = _check(context, statement)
    version = _get_confirmed(context.session, statement)
    if version is None:
        raise NotFound(missing, partner=context.viewer.partner_name)
    name = context.registry.statements[statement.kind].title(context.session, statement)
    return view(
        Text(text=say("sharing.open_preview", what=name, committee=committee.name)),
        Quote(text=version.text),
        actions(
            Button(
                label=words("sharing.open_ask", committee=committee.name)[:75],
                action="sharing.open",
                value=version.id,
                style="primary",
            )
        ),
        Note(text=say("sharing.open_nothing_yet")),
    )


def _check(context: Context, statement: Statement) -> Committee:
    """The committee whose own it is. Raises NotAllowed unless the acting person sits there."""
    session, viewer = context.session, context.viewer
    committee = session.get_one(Committee, statement.audience_id)
    sides = get_sides(session, viewer.alliance_id, committee.id, now=context.now)
    if not any(side.has(viewer.member_id) for side in sides):
        raise NotAllowed("sharing.closed", committee=committee.name)
    return committee


def _get_confirmed(session: Session, statement: Statement) -> Version | None:
    return session.exec(
        select(Version).where(
            col(Version.statement_id) == statement.id, col(Version.state) == VersionState.CONFIRMED
        )
    ).first()


def press_open(context: Context, event: ButtonPressed) -> Answer:
    """Ask the committee whether everybody may read it."""
    session = context.session
    version = session.get(Version, event.value)
    statement = session.get(Statement, version.statement_id) if version is not None else None
    if version is None or statement is None or statement.audience_kind != AudienceKind.COMMITTEE:
        raise NotFound("alliance.not_yours")
    context.enter(statement.alliance_id)
    context.require(Needs.MANAGER)
    committee = _check(context, statement)
    if version.state != VersionState.CONFIRMED:
        raise NotFound("undo.changed_since")
    asked = proposals.propose(
        session,
        context.viewer,
        statement.kind,
        text=version.text,
        subject=statement.subject,
        committee=committee,
        review_on=version.review_on,
        widens=True,
        now=context.now,
    )
    history.record(session, context.viewer, "confirmation.asked", asked.id, now=context.now)
    name = context.registry.statements[statement.kind].title(session, statement)
    return Answer(
        view=view(Text(text=say("sharing.open_asked", what=name, committee=committee.name)))
    )
