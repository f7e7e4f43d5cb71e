"""What the managers of an alliance hear of a parting."""

from bot.core.views import Actions, Button, Note, View, actions
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.people import partings
from bot.people.models import Parting


def make_back_button(parting: Parting) -> Actions | None:
    """Takes the parting back, or asks for it."""
    key = "parting.go_on" if parting.partner_id is None else "parting.come_back"
    return actions(Button(label=words(key), action="parting.back", value=parting.id))


def tell_managers(context: Context, told: View, parting: Parting) -> None:
    """Every manager of every partner but the acting one hears of it, asked or not: with the button
    that takes it back, where it is theirs to press."""
    for manager in partings.get_managers(context.session, parting.alliance_id):
        address = get_member_address(context.session, manager.id)
        if manager.id == context.viewer.member_id or address is None:
            continue
        may_take_back = parting.partner_id is None or manager.partner_id == parting.partner_id
        is_open = parting.taken_back_at is None
        buttons = make_back_button(parting) if may_take_back and is_open else None
        why = Note(text=say("parting.why", alliance=context.alliance.name))
        content = View(blocks=tuple(b for b in (*told.blocks, buttons, why) if b is not None))
        context.deliver(Deliver(to=address, view=content, alliance_id=parting.alliance_id))
