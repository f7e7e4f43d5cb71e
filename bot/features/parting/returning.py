"""Taking a parting back: at once by `undo`, later by a button, within the grace period.

An ended alliance any of its managers may take up again: nothing was written meanwhile. A partner
that left would see what the others wrote without it, so one of their managers has to agree.
"""

from collections.abc import Sequence

from bot.core.errors import Conflict, NotAllowed, NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Block, Button, Note, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.features.parting.telling import make_back_button, tell_managers
from bot.people import alliances, history, partings
from bot.people.models import Change, Member, Parting, Partner
from bot.people.viewer import Viewer
from bot.schedules import reminders


def _find(context: Context, parting_id: str) -> Parting:
    """A parting of an alliance that the acting person is in; told alike whether there is none."""
    context.find(Parting, parting_id)
    return partings.get_open_or_raise(context.session, parting_id, now=context.now)


def press_back(context: Context, event: ButtonPressed) -> Answer:
    """A manager goes on with an ended alliance, or asks for their partner to come back."""
    parting = _find(context, event.value)
    viewer = context.viewer
    is_own = parting.partner_id in {None, viewer.partner_id}
    if not is_own or not partings.is_keeper(context.session, viewer):
        raise NotAllowed("parting.managers_only")
    if parting.partner_id is None:
        if viewer.left_at is not None:
            raise NotAllowed("parting.managers_only")
        return _take_back(context, parting, "parting.goes_on")
    if viewer.has_ended:
        raise Conflict("parting.ended_first")
    return _ask(context, parting)


def _ask(context: Context, parting: Parting) -> Answer:
    if parting.asked_at is not None:
        raise Conflict("parting.asked_already")
    parting.asked_at = context.now
    context.session.add(parting)
    values = {
        "person": context.viewer.member_name,
        "partner": context.viewer.partner_name,
        "alliance": context.alliance.name,
        "date": say_date(parting.until, context.zone),
    }
    content = view(
        Text(text=say("parting.wants_back", **values)),
        actions(
            Button(
                label=words("parting.admit", **values)[:75],
                action="parting.admit",
                value=parting.id,
                style="primary",
            )
        ),
        Note(text=say("parting.why", alliance=context.alliance.name)),
    )
    for member_id in sorted(alliances.get_manager_ids(context.session, parting.alliance_id)):
        address = get_member_address(context.session, member_id)
        if address is not None:
            context.deliver(Deliver(to=address, view=content, alliance_id=parting.alliance_id))
    return Answer(view=view(Text(text=say("parting.asked", **values))))


def press_admit(context: Context, event: ButtonPressed) -> Answer:
    """A manager of a partner that stayed lets one come back that asked for it."""
    parting = _find(context, event.value)
    context.require(Needs.MANAGER)
    if parting.partner_id is None or parting.asked_at is None:
        raise NotFound("parting.too_late")
    return _take_back(context, parting, "parting.is_back")


def undo_parting(context: Context, change: Change) -> Answer:
    """Within ten minutes, whoever did it takes it back alone."""
    parting = partings.get_open_or_raise(context.session, change.subject_id, now=context.now)
    if not partings.is_keeper(context.session, context.viewer):
        raise NotAllowed("parting.managers_only")
    key = "parting.goes_on" if parting.partner_id is None else "parting.is_back"
    return _take_back(context, parting, key, at_once=True)


def _take_back(context: Context, parting: Parting, key: str, *, at_once: bool = False) -> Answer:
    session = context.session
    partings.take_back(session, parting, now=context.now, at_once=at_once)
    reminders.resume_all(session, parting.kept.get("reminders", []), now=context.now)
    reminders.rewind_all(session, parting.alliance_id, now=context.now)
    context.look_again()
    if not at_once:
        history.record(session, context.viewer, "parting.taken_back", parting.id, now=context.now)
    partner = session.get(Partner, parting.partner_id) if parting.partner_id else None
    values = {
        "alliance": context.alliance.name,
        "person": context.viewer.member_name,
        "partner": partner.name if partner else "",
    }
    tell_managers(context, view(Text(text=say(f"{key}_told", **values))), parting)
    return Answer(view=view(Text(text=say(key, **values))))


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """For whoever may only read by now: since when, why, and the way back while there is one."""
    parting = partings.get_parting(context.session, viewer) if viewer.is_former else None
    if parting is None:
        return ()
    person = context.session.get_one(Member, parting.member_id).name
    values = {
        "alliance": context.alliance.name,
        "partner": viewer.partner_name,
        "person": person,
        "date": say_date(parting.at, context.zone),
        "until": say_date(parting.until, context.zone),
    }
    key = "parting.home_ended" if parting.partner_id is None else "parting.home_left"
    blocks: list[Block] = [Text(text=say(key, **values))]
    is_open = parting.until > context.now and partings.is_keeper(context.session, viewer)
    if is_open:
        blocks.append(Note(text=say("parting.home_back", **values)))
        button = make_back_button(parting)
        blocks += [button] if button else []
    return blocks
