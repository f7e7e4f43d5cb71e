"""The button that asks a committee whether everybody may read what it keeps to itself."""

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Text, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say
from bot.dispatch.opening import check_seated
from bot.people import history
from bot.people.models import AudienceKind
from bot.statements import proposals
from bot.statements.models import Basis, Statement, Version, VersionState


def press_open(context: Context, event: ButtonPressed) -> Answer:
    """Ask the committee whether everybody may read it."""
    session = context.session
    version = session.get(Version, event.value)
    statement = session.get(Statement, version.statement_id) if version is not None else None
    if version is None or statement is None or statement.audience_kind != AudienceKind.COMMITTEE:
        raise NotFound("alliance.not_yours")
    context.enter(statement.alliance_id)
    context.require(Needs.MANAGER)
    committee = check_seated(context, statement)
    if version.state != VersionState.CONFIRMED:
        raise NotFound("undo.changed_since")
    asked = proposals.propose(
        session,
        context.viewer,
        statement.kind,
        text=version.text,
        subject=statement.subject,
        committee=committee,
        basis=Basis(version.basis),
        review_on=version.review_on,
        widens=True,
        now=context.now,
    )
    history.record(session, context.viewer, "confirmation.asked", asked.id, now=context.now)
    name = context.registry.statements[statement.kind].title(session, statement)
    return Answer(
        view=view(Text(text=say("sharing.open_asked", what=name, committee=committee.name)))
    )
