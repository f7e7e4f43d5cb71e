"""`invite` and `join`: the other side's first manager comes in, by a code or a button."""

from datetime import datetime

from sqlmodel import Session

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Actions, Button, Confirm, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, get_channel_address, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import Markdown, say, words
from bot.features.people import own_account
from bot.features.people.consent import get_pending, make_agree_buttons
from bot.features.people.setup import country_input, read_countries, read_name
from bot.people import alliances, channels, consent, history, invitations, own_accounts
from bot.people.models import Alliance, Change, Channel, Invitation, Member, Partner, Workspace
from bot.people.viewer import Viewer
from bot.schedules import reminders


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """A code for the partner named, or for the only one that has not joined."""
    wanted = arguments.text.strip('"“”').strip()
    if wanted.casefold() == "me":
        return own_account.start(context)
    waiting = [
        p
        for p in alliances.get_partners(context.session, context.viewer.alliance_id)
        if p.joined_at is None
    ]
    if not waiting:
        raise Conflict("invite.all_joined")
    named = [p for p in waiting if p.name.casefold() == wanted.casefold()] if wanted else waiting
    if len(named) != 1:
        names = ", ".join(p.name for p in waiting)
        raise NotUnderstood("invite.which", names=names)
    code = invitations.invite(context.session, context.viewer, named[0], now=context.now)
    history.record(context.session, context.viewer, "partner.invited", named[0].id, now=context.now)
    return Answer(view=_render_code(context, named[0], code))


def undo_invited(context: Context, change: Change) -> Answer:
    """The code just given out works no more."""
    partner = context.session.get_one(Partner, change.subject_id)
    invitations.withdraw(context.session, context.viewer, partner.id)
    return Answer(view=view(Text(text=say("invite.undone", partner=partner.name))))


def _render_code(context: Context, partner: Partner, code: str) -> View:
    until = context.now + invitations.LASTS
    return view(
        Text(
            text=say(
                "invite.code",
                partner=partner.name,
                code=Markdown(f"`{code}`"),
                command=Markdown(f"`@Entente join {code}`"),
                date=say_date(until, context.zone),
            )
        ),
        _channel_buttons(context, partner),
        actions(_department_button(context, partner)),
        Note(text=say("invite.code_note", partner=partner.name)),
    )


def _department_button(context: Context, partner: Partner) -> Button:
    invitation = invitations.get_latest(context.session, partner)
    return Button(
        label=words("invite.department"),
        action="invite.department",
        value=invitation.id,
        confirm=Confirm(
            title=words("invite.department_title", partner=partner.name)[:100],
            text=words("invite.department_text", partner=partner.name)[:300],
            yes=words("invite.department_yes"),
            no=words("invite.post_no"),
        ),
    )


def press_department(context: Context, event: ButtonPressed) -> Answer:
    """Whoever is invited is a department in the inviter's own workspace."""
    found = context.find(Invitation, event.value)
    context.require(Needs.MANAGER)
    invitation = invitations.get_open(context.session, event.value, now=context.now)
    invitations.share_workspace(context.session, context.viewer, invitation)
    history.record(
        context.session,
        context.viewer,
        "partner.made_department",
        found.partner_id,
        now=context.now,
    )
    text = say("invite.department_done", partner=invitation.name)
    return Answer(view=view(Text(text=text)))


def _channel_buttons(context: Context, partner: Partner) -> Actions | None:
    shared = [c for c in channels.get_channels(context.session, context.viewer) if c.is_shared]
    return actions(*(_channel_button(context, partner, channel) for channel in shared[:5]))


def _channel_button(context: Context, partner: Partner, channel: Channel) -> Button:
    values = _post_values(context.viewer, context.alliance, partner)
    return Button(
        label=words("invite.in_channel", channel=channel.name)[:75],
        action="invite.post",
        value=f"{partner.id}:{channel.id}",
        confirm=Confirm(
            title=words("invite.post_title", channel=channel.name)[:100],
            text=words("invite.post", **values)[:300],
            yes=words("invite.post_yes"),
            no=words("invite.post_no"),
        ),
    )


def _post_values(viewer: Viewer, alliance: Alliance, partner: Partner) -> dict[str, str]:
    return {
        "person": viewer.member_name,
        "own": viewer.partner_name or "",
        "partner": partner.name,
        "alliance": alliance.name,
    }


def press_post(context: Context, event: ButtonPressed) -> Answer:
    """Post the invitation in a shared channel, as a manager asked after seeing it."""
    partner_id, _, channel_id = event.value.partition(":")
    partner = context.find(Partner, partner_id)
    context.require(Needs.MANAGER)
    channel = channels.get_channel_or_raise(context.session, context.viewer, channel_id)
    _check_told_apart(context, channel, partner)
    invitations.invite(context.session, context.viewer, partner, now=context.now)
    invitation = invitations.get_latest(context.session, partner)
    history.record(context.session, context.viewer, "partner.invited", partner.id, now=context.now)
    address = get_channel_address(context.session, channel)
    context.deliver(
        Deliver(
            to=address,
            topic="invitation",
            subject=invitation.id,
            alliance_id=context.viewer.alliance_id,
        )
    )
    return Answer(view=view(Text(text=say("invite.posted", channel=f"#{channel.name}"))))


def _check_told_apart(context: Context, channel: Channel, partner: Partner) -> None:
    """Raise Conflict where several strange organisations could press the button."""
    if not consent.is_told_apart(context.session, channel):
        raise Conflict("invite.not_told_apart", channel=f"#{channel.name}", partner=partner.name)


def render_post(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The invitation as the shared channel reads it."""
    invitation = session.get(Invitation, message.subject)
    if invitation is None or invitation.used_at is not None:
        return Skip("invitation used")
    partner = session.get_one(Partner, invitation.partner_id)
    member = session.get_one(Member, invitation.member_id)
    own = session.get_one(Partner, member.partner_id)
    alliance = session.get_one(Alliance, invitation.alliance_id)
    text = say(
        "invite.post",
        person=member.name,
        own=own.name,
        partner=partner.name,
        alliance=alliance.name,
    )
    label = words("invite.accept", partner=partner.name)[:75]
    return view(
        Text(text=text),
        actions(Button(label=label, opens="join.form", value=invitation.id, style="primary")),
        Note(text=say("invite.post_note")),
    )


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
        _check_told_apart(context, channel, partner)
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
    _tell_others(context, viewer)
    return Answer(
        view=view(
            Text(
                text=say(
                    "invite.joined", alliance=context.alliance.name, partner=viewer.partner_name
                )
            ),
            *make_agree_buttons(context, get_pending(context.session, viewer)),
            Note(text=say("invite.joined_note")),
        )
    )


def _tell_others(context: Context, viewer: Viewer) -> None:
    managers = alliances.get_manager_ids(context.session, viewer.alliance_id)
    for member_id in sorted(managers - {viewer.member_id}):
        address = get_member_address(context.session, member_id)
        if address is None:
            continue
        text = say(
            "invite.they_joined",
            person=viewer.member_name,
            partner=viewer.partner_name,
            alliance=context.alliance.name,
            home=_name_home(context),
        )
        button = Button(
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
        context.deliver(
            Deliver(
                to=address,
                view=view(Text(text=text), actions(button)),
                alliance_id=viewer.alliance_id,
            )
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
    invitations.revoke(context.session, context.viewer, partner, now=context.now)
    reminders.pause_all(context.session, partner.id, now=context.now)
    reminders.rewind_all(context.session, partner.alliance_id, now=context.now)
    history.record(context.session, context.viewer, "partner.revoked", partner.id, now=context.now)
    return Answer(view=view(Text(text=say("invite.revoked", partner=partner.name))))
