"""Entente comes to a workspace and goes: what stops, what goes on elsewhere, and who is told."""

import structlog

from bot.core.events import AppInstalled, AppRemoved, Event
from bot.core.views import Note, Text, view
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say
from bot.dispatch.notices import tell_unasked
from bot.people import departures, installations
from bot.people.departures import GRACE, Affected
from bot.people.models import Workspace

log = structlog.get_logger(__name__)


def hear_removal(context: Context, event: Event) -> None:
    """Entente was removed from a workspace: its token is gone at once, and the others are told."""
    workspace = _drop(context, event) if isinstance(event, AppRemoved) else None
    if workspace is None:
        return
    log.info("removed from a workspace", workspace=workspace.external_id)
    for affected in departures.leave(context.session, workspace, now=context.now):
        _tell_of_removal(context, affected)


def _drop(context: Context, event: AppRemoved) -> Workspace | None:
    """The workspace that is without Entente now; None if another installation is there still, or
    it was installed anew since."""
    session = context.session
    workspace = installations.get_workspace(session, event.platform, event.workspace)
    if installations.get(session, event.platform, event.installation) is not None:
        return installations.remove(session, event.platform, event.installation, at=event.at)
    if workspace is None or workspace.bot_user is None:
        return None
    # Without rows of its own it is the one workspace whose token stands in the settings.
    return None if installations.has_any(session, event.platform) else workspace


def _tell_of_removal(context: Context, affected: Affected) -> None:
    day = say_date(context.now + GRACE, affected.alliance.zone)
    name = affected.partner.name
    blocks = [Text(text=say("workspace.left", partner=name, day=day))]
    if affected.taken_over:
        names = [f"#{channel}" for channel in affected.taken_over]
        blocks.append(Text(text=say("workspace.left_channels", channels=names)))
    _tell(context, affected, blocks)


def _tell(context: Context, affected: Affected, blocks: list[Text]) -> None:
    note = Note(text=say("workspace.left_note", alliance=affected.alliance.name))
    for member_id in affected.managers:
        tell_unasked(
            context.session,
            affected.alliance.id,
            member_id,
            view=view(*blocks, note),
            now=context.now,
        )


def hear_installation(context: Context, event: Event) -> None:
    """Entente is in a workspace. If it is back, everything is taken up again."""
    workspace = installations.get_workspace(context.session, event.platform, event.workspace)
    if workspace is None or not (isinstance(event, AppInstalled) and event.is_back):
        return
    for affected in departures.come_back(context.session, workspace):
        text = say("workspace.back", partner=affected.partner.name)
        _tell(context, affected, [Text(text=text)])
