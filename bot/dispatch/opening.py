"""Opening to the whole alliance what a committee keeps to itself: each partner seated there has to
agree, as to any wording. What would be open is shown first."""

from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.people.models import Committee
from bot.statements.models import Statement, Version, VersionState
from bot.statements.sides import get_sides

ACTION = "sharing.open"
"""The button that asks the committee; its value is the confirmed version's id."""


def preview(context: Context, statement: Statement, *, missing: str) -> View:
    """What would be open to all, and the button that asks the committee. Raises NotAllowed for
    whoever does not sit there, NotFound where nothing is confirmed."""
    committee = check_seated(context, statement)
    version = _get_confirmed(context.session, statement)
    kind = context.registry.statements[statement.kind]
    name = kind.title(context.session, statement)
    if version is None:
        raise NotFound(
            missing, partner=context.viewer.partner_name, name=name, committee=committee.name
        )
    shown = kind.render(context.session, version) if kind.render else (Quote(text=version.text),)
    return view(
        Text(text=say("sharing.open_preview", what=name, committee=committee.name)),
        *shown,
        actions(
            Button(
                label=words("sharing.open_ask", committee=committee.name)[:75],
                action=ACTION,
                value=version.id,
                style="primary",
            )
        ),
        Note(text=say("sharing.open_nothing_yet")),
    )


def check_seated(context: Context, statement: Statement) -> Committee:
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
