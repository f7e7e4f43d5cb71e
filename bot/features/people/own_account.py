"""`invite me`: another account of one's own, on this platform or another."""

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed
from bot.core.views import Button, Note, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import Markdown, say, words
from bot.people import history, own_accounts
from bot.people.models import Account, Invitation


def start(context: Context) -> Answer:
    """A code to say with the other account."""
    code = own_accounts.make_code(context.session, context.viewer, now=context.now)
    return Answer(
        view=view(
            Text(
                text=say(
                    "invite.me",
                    code=Markdown(f"`{code}`"),
                    command=Markdown(f"`join {code}`"),
                    minutes=int(own_accounts.LASTS.total_seconds() // 60),
                )
            ),
            Note(text=say("invite.me_note", partner=context.viewer.partner_name)),
        )
    )


def join(context: Context, invitation: Invitation) -> Answer:
    """The account that said the code is its maker's; where they were before, they hear of it."""
    before = get_member_address(context.session, invitation.member_id)
    viewer = own_accounts.accept(context.session, invitation, context.account, now=context.now)
    context.account.current_alliance_id = viewer.alliance_id
    context.session.add(context.account)
    context.look_again()
    context.enter(viewer.alliance_id)
    history.record(context.session, viewer, "account.added", viewer.account_id, now=context.now)
    values = {"person": viewer.member_name, "alliance": context.alliance.name}
    if before is not None:
        told = view(
            Text(text=say("invite.me_told", account=context.account.name, **values)),
            actions(
                Button(
                    label=words("invite.not_me"),
                    action="invite.not_me",
                    value=f"{viewer.alliance_id}:{viewer.account_id}",
                    style="danger",
                )
            ),
        )
        context.deliver(Deliver(to=before, view=told, alliance_id=viewer.alliance_id))
    return Answer(view=view(Text(text=say("invite.me_joined", **values))))


def press_not_me(context: Context, event: ButtonPressed) -> Answer:
    """Somebody else said the code: the account is theirs no more."""
    alliance_id, _, account_id = event.value.partition(":")
    viewer = context.enter(alliance_id)
    if context.session.get(Account, account_id) is None:
        raise NotFound("alliance.not_yours")
    own_accounts.drop(context.session, viewer, account_id, now=context.now)
    history.record(context.session, viewer, "account.dropped", account_id, now=context.now)
    return Answer(view=view(Text(text=say("invite.me_dropped"))))
