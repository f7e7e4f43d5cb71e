"""`invite`: a code for the other side's first manager, or a button in a channel that both share."""

from datetime import datetime

from sqlmodel import Session

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Actions, Button, Confirm, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, get_channel_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import Markdown, say, words
from bot.features.people import own_account, partners
from bot.people import alliances, channels, consent, departments, history, invitations
from bot.people.models import Alliance, Change, Channel, Invitation, Member, Partner
from bot.people.viewer import Viewer


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
    known = alliances.get_partner(context.session, context.viewer.alliance_id, wanted)
    names = ", ".join(p.name for p in waiting)
    if wanted and known is None:
        return Answer(view=partners.offer(context, wanted, names))
    if not waiting:
        raise Conflict("invite.all_joined")
    if known is not None and known.joined_at is not None:
        raise Conflict("invite.joined_already", partner=known.name)
    named = [known] if known is not None else waiting
    if len(named) != 1:
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
        actions(_department_button(context, partner), partners.make_remove(partner)),
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
    departments.share_workspace(context.session, context.viewer, invitation)
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
    check_told_apart(context, channel, partner)
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


def check_told_apart(context: Context, channel: Channel, partner: Partner) -> None:
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
