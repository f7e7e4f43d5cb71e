"""`join`: the other side's first manager accepts, fills in their own half, and may be turned out
again."""

from typing import Any

from bot.core.errors import NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Button, Confirm, Note, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.people import own_account
from bot.features.people.consent import get_pending, make_agree_buttons
from bot.features.people.invite import check_told_apart
from bot.features.people.setup import country_input, read_countries, read_name
from bot.people import alliances, departments, history, invitations, own_accounts, revocations
from bot.people.models import Alliance, Change, Member, Partner, Workspace
from bot.people.viewer import Viewer
from bot.schedules import reminders

MOST_COLLEAGUES = 30
"""Names that are listed to two departments."""


def join(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """With the right code: the form of one's own half. A wrong one is counted, so the answer is
    no error: that would take the count back."""
    code = arguments.text
    if not code:
        raise NotUnderstood("invite.no_code")
    found = invitations.get_invitation(context.session, context.account, code, now=context.now)
    if found is None:
        return Answer(view=view(Text(text=say("invite.wrong_code"))))
    if own_accounts.is_own(found):
        return own_account.join(context, found)
    invitations.check_counterpart(context.session, found, context.account)
    return Answer(opens=("join.form", found.id))


def open_form(context: Context, value: str) -> Form:
    """What joining means, and the other side's own half."""
    invitation = invitations.get_open(context.session, value, now=context.now)
    invitations.check_counterpart(context.session, invitation, context.account)
    partner = context.session.get_one(Partner, invitation.partner_id)
    channel = context.channel
    if invitation.account_id is None and channel is not None:
        # Nobody has said the code: it is the button in the channel, which others see too.
        check_told_apart(context, channel, partner)
    inviter = context.session.get_one(Member, invitation.member_id)
    own = context.session.get_one(Partner, inviter.partner_id)
    alliance = context.session.get_one(Alliance, invitation.alliance_id)
    return Form(
        name="join.form",
        title=words("invite.form_title"),
        submit=words("invite.form_submit"),
        context={"invitation": invitation.id},
        items=(
            Text(
                text=say(
                    "invite.form_intro",
                    person=inviter.name,
                    own=own.name,
                    partner=partner.name,
                    alliance=alliance.name,
                )
            ),
            TextInput(
                name="name",
                label=words("setup.own_partner"),
                value=partner.name,
                hint=words("setup.own_partner_hint"),
                max_length=80,
            ),
            country_input(""),
            Note(text=say("invite.form_note")),
        ),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Join, and tell the managers who are there already."""
    invitation = invitations.get_open(
        context.session, event.context.get("invitation", ""), now=context.now
    )
    values = {name: str(value or "").strip() for name, value in event.values.items()}
    viewer = invitations.accept(
        context.session,
        invitation,
        context.account,
        name=read_name(values, "name"),
        countries=read_countries(values),
        now=context.now,
    )
    context.account.current_alliance_id = viewer.alliance_id
    context.session.add(context.account)
    context.look_again()
    context.enter(viewer.alliance_id)
    history.record(
        context.session, viewer, "partner.joined", viewer.partner_id or "", now=context.now
    )
    reminders.rewind_all(context.session, viewer.alliance_id, now=context.now)
    inviter = context.session.get_one(Member, invitation.member_id)
    _tell_others(context, viewer, inviting=inviter.partner_id)
    return Answer(
        view=view(
            Text(
                text=say(
                    "invite.joined", alliance=context.alliance.name, partner=viewer.partner_name
                )
            ),
            _say_colleagues(context, viewer, "invite.colleagues_theirs"),
            *make_agree_buttons(context, get_pending(context.session, viewer)),
            Note(text=say("invite.joined_note")),
        )
    )


def _say_colleagues(context: Context, viewer: Viewer, key: str) -> Text | None:
    """Of two departments: who was met before the second joined, and counts for the first."""
    partner = context.session.get_one(Partner, viewer.partner_id)
    names = departments.get_colleagues(context.session, partner, most=MOST_COLLEAGUES)
    if not names:
        return None
    return Text(text=say(key, partner=partner.name, names=", ".join(names)))


def _tell_others(context: Context, viewer: Viewer, *, inviting: str | None) -> None:
    """The managers there before; those of the same workspace hear whose people are whose. The
    inviting side hears it at once: it waits for this, and for a day it can turn them out again."""
    session, alliance_id = context.session, viewer.alliance_id
    managers = alliances.get_manager_ids(session, alliance_id) - {viewer.member_id}
    neighbours = set(departments.get_departments(session, alliance_id)) - {viewer.partner_id}
    for member_id in sorted(managers):
        side = session.get_one(Member, member_id).partner_id
        blocks = (
            Text(text=_say_joined(context, viewer)),
            _say_colleagues(context, viewer, "invite.colleagues_yours")
            if side in neighbours
            else None,
        )
        if side != inviting:
            told = view(*blocks)
            tell_unasked(session, alliance_id, member_id, view=told, now=context.now)
            continue
        address = get_member_address(session, member_id)
        if address is not None:
            content = view(*blocks, actions(_make_revoke(viewer)))
            context.deliver(Deliver(to=address, view=content, alliance_id=alliance_id))


def _say_joined(context: Context, viewer: Viewer) -> str:
    return say(
        "invite.they_joined",
        person=viewer.member_name,
        partner=viewer.partner_name,
        alliance=context.alliance.name,
        home=_name_home(context),
    )


def _make_revoke(viewer: Viewer) -> Button:
    return Button(
        label=words("invite.not_them"),
        action="invite.revoke",
        value=viewer.partner_id or "",
        confirm=Confirm(
            title=words("invite.revoke_title"),
            text=words("invite.revoke_text"),
            yes=words("invite.revoke_yes"),
            no=words("invite.post_no"),
        ),
    )


def _name_home(context: Context) -> str:
    """Where the acting account is from, as far as the platform tells."""
    account = context.account
    home = context.session.get(Workspace, account.workspace_id) if account.workspace_id else None
    if home is None:
        return words("invite.home_unknown")
    key = "invite.home_guest" if account.is_guest else "invite.home"
    return words(key, workspace=home.name or home.external_id)


def press_revoke(context: Context, event: ButtonPressed) -> Answer:
    """The wrong person joined: within a day, whoever invited them can close the door again."""
    partner = context.find(Partner, event.value)
    context.require(Needs.MANAGER)
    name = partner.name
    kept = revocations.revoke(context.session, context.viewer, partner, now=context.now)
    paused = reminders.pause_all(context.session, partner.id, now=context.now)
    reminders.rewind_all(context.session, partner.alliance_id, now=context.now)
    history.record(
        context.session,
        context.viewer,
        "partner.revoked",
        partner.id,
        now=context.now,
        before={**kept, "reminders": paused},
    )
    return Answer(view=view(Text(text=say("invite.revoked", partner=name))))


def undo_revoked(context: Context, change: Change) -> Answer:
    """It was the right counterpart after all. Raises Conflict if their place was touched since."""
    before: dict[str, Any] = change.before
    partner = context.session.get_one(Partner, change.subject_id)
    revocations.readmit(context.session, partner, before)
    reminders.resume_all(context.session, before["reminders"], now=context.now)
    reminders.rewind_all(context.session, partner.alliance_id, now=context.now)
    return Answer(view=view(Text(text=say("invite.readmitted", partner=partner.name))))
