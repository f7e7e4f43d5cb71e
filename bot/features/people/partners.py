"""Adding a partner to an alliance that has begun, and taking one off that has not joined."""

from datetime import datetime

from sqlmodel import Session

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Button, Confirm, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import get_change, say_who, tell_other_managers
from bot.features.people.setup import read_name
from bot.people import history, partners
from bot.people.models import Alliance, Change, Partner

TOPIC = "partner_list_changed"


def offer(context: Context, name: str, waiting: str) -> View:
    """A partner of that name is none yet: a button that makes it one."""
    name = read_name({"name": name}, "name")
    key = "invite.unknown" if waiting else "invite.unknown_all_joined"
    return view(
        Text(text=say(key, partner=name, names=waiting)),
        actions(
            Button(
                label=words("invite.add", partner=name)[:75],
                action="invite.add",
                value=f"{context.viewer.alliance_id}:{name}",
                confirm=Confirm(
                    title=words("invite.add_title", partner=name)[:100],
                    text=words("invite.add_text", partner=name)[:300],
                    yes=words("invite.add_yes"),
                    no=words("invite.post_no"),
                ),
            )
        ),
    )


def press_add(context: Context, event: ButtonPressed) -> Answer:
    """One more partner; the other managers hear of it."""
    alliance_id, _, said = event.value.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    name = read_name({"name": said}, "name")
    partner = partners.add(context.session, context.viewer, name)
    _note(context, "partner.added", partner)
    return Answer(view=view(Text(text=say("invite.added", partner=name))))


def _note(context: Context, action: str, partner: Partner) -> None:
    change = history.record(
        context.session,
        context.viewer,
        action,
        partner.id,
        now=context.now,
        before={"name": partner.name},
    )
    tell_other_managers(context, change, TOPIC)


def make_remove(partner: Partner) -> Button:
    """Takes a partner off that has not joined."""
    return Button(
        label=words("invite.remove", partner=partner.name)[:75],
        action="invite.remove",
        value=partner.id,
        confirm=Confirm(
            title=words("invite.remove_title", partner=partner.name)[:100],
            text=words("invite.remove_text", partner=partner.name)[:300],
            yes=words("invite.remove_yes"),
            no=words("invite.post_no"),
        ),
    )


def press_remove(context: Context, event: ButtonPressed) -> Answer:
    """A partner that has not joined is none any more."""
    partner = context.find(Partner, event.value)
    context.require(Needs.MANAGER)
    if partner.left_at is not None:
        raise NotFound("alliance.not_yours")
    name = partner.name
    _note(context, "partner.removed", partner)
    partners.remove(context.session, context.viewer, partner)
    return Answer(view=view(Text(text=say("invite.removed", partner=name))))


def undo_added(context: Context, change: Change) -> Answer:
    """The partner just added is none any more."""
    partner = context.session.get(Partner, change.subject_id)
    if partner is None:
        raise NotFound("undo.changed_since")
    partners.remove(context.session, context.viewer, partner)
    return Answer(view=view(Text(text=say("invite.removed", partner=change.before["name"]))))


def undo_removed(context: Context, change: Change) -> Answer:
    """The partner just taken off is one again; its codes are gone."""
    name = str(change.before["name"])
    partners.add(context.session, context.viewer, name)
    return Answer(view=view(Text(text=say("invite.added", partner=name))))


def render_notice(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What another manager hears of it."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    alliance = session.get_one(Alliance, change.alliance_id)
    values = say_who(session, change) | {"alliance": alliance.name}
    key = "invite.added_told" if change.action == "partner.added" else "invite.removed_told"
    return view(
        Text(text=say(key, other=change.before["name"], **values)),
        Note(text=say("changed.why", alliance=alliance.name)),
    )
