"""`same person @other`: two accounts are one person's, once both have said so.

What the other account does counts for the asking one's partner from then on. So both sides'
managers hear of it, and either can part them again.
"""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotAllowed, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Button, Confirm, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments, TokenKind
from bot.dispatch.messages import say, words
from bot.dispatch.notices import get_change, say_who, tell_unasked
from bot.people import accounts, alliances, history, identity
from bot.people.history import UNDO_WINDOW
from bot.people.models import Alliance, Change, Member, Partner
from bot.people.viewer import get_viewers

USAGE = "same person @my-other-account"
TOPIC: Final = "belonging.joined"


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Ask the other account."""
    named = arguments.of_kind(TokenKind.PERSON)
    if len(named) != 1:
        raise NotUnderstood("roster.who", usage=USAGE)
    viewer = context.viewer
    if viewer.partner_id is None:
        raise NotAllowed("belonging.unplaced")
    other = identity.get_account(context.session, event.platform, named[0])
    if other is None or other.is_bot or other.deactivated_at is not None:
        raise NotFound("belonging.not_met")
    if other.id == viewer.account_id:
        raise Conflict("belonging.already")
    made = accounts.claim(context.session, viewer, other, now=context.now)
    values = {
        "person": viewer.member_name,
        "partner": viewer.partner_name,
        "alliance": context.alliance.name,
    }
    yes = Button(
        label=words("belonging.confirm"),
        action="belonging.confirm",
        value=made.id,
        confirm=Confirm(
            title=words("belonging.confirm_title"),
            text=words("belonging.confirm_text", **values)[:300],
            yes=words("belonging.confirm_yes"),
            no=words("parting.no"),
        ),
    )
    no = Button(label=words("belonging.deny"), action="belonging.deny", value=made.id)
    context.tell(other, view(Text(text=say("belonging.claimed", **values)), actions(yes, no)))
    return Answer(view=view(Text(text=say("belonging.asked", **values))))


def press_deny(context: Context, event: ButtonPressed) -> Answer:
    """It is somebody else's account."""
    claimed = accounts.get_claim_or_raise(
        context.session, event.value, context.who.account_id, now=context.now
    )
    claimed.used_at = context.now
    context.session.add(claimed)
    return Answer(view=view(Text(text=say("belonging.denied"))))


def press_confirm(context: Context, event: ButtonPressed) -> Answer:
    """It is the same person: the accounts are one member's from here on."""
    session = context.session
    claimed = accounts.get_claim_or_raise(
        session, event.value, context.who.account_id, now=context.now
    )
    keep = next(
        (
            v
            for v in get_viewers(session, claimed.account_id)
            if v.alliance_id == claimed.alliance_id
        ),
        None,
    )
    if keep is None or keep.partner_id is None or keep.is_former:
        raise NotFound("belonging.no_claim")
    moved = accounts.join_accounts(session, claimed, keep, now=context.now)
    context.look_again()
    viewer = context.enter(claimed.alliance_id)
    change = history.record(
        session, viewer, "account.joined", keep.member_id, now=context.now, before=moved
    )
    _tell_managers(context, change)
    values = {"partner": keep.partner_name, "alliance": context.alliance.name}
    return Answer(
        view=view(
            Text(text=say("belonging.joined", **values)), Note(text=say("belonging.undo_hint"))
        )
    )


def _tell_managers(context: Context, change: Change) -> None:
    """The managers of the sides concerned: a person of theirs acts from another account now."""
    session = context.session
    sides = {change.partner_id, _get_former_side(session, change)}
    managers = alliances.get_manager_ids(session, change.alliance_id)
    for member in session.exec(select(Member).where(col(Member.id).in_(managers))).all():
        if member.partner_id in sides and member.id != change.subject_id:
            tell_unasked(
                session,
                change.alliance_id,
                member.id,
                topic=TOPIC,
                subject=change.id,
                now=context.now,
                wait=UNDO_WINDOW,
            )


def render_joined(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What a manager hears, unless it was taken back."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    alliance = session.get_one(Alliance, change.alliance_id)
    gone = session.get(Member, str(change.before.get("gone") or ""))
    before = session.get(Partner, gone.partner_id) if gone and gone.partner_id else None
    said = say_who(session, change)
    text = say(
        "belonging.managers",
        person=session.get_one(Member, change.subject_id).name,
        other=said["person"],
        partner=said["partner"],
        before=before.name if before else words("status.unplaced"),
        alliance=alliance.name,
    )
    button = Button(label=words("belonging.part"), action="belonging.part", value=change.id)
    why = Note(text=say("parting.why", alliance=alliance.name))
    return view(Text(text=text), actions(button), why)


def press_part(context: Context, event: ButtonPressed) -> Answer:
    """A manager of either side says that they are two people."""
    change = context.session.get(Change, event.value)
    if change is None or change.action != "account.joined":
        raise NotFound("alliance.not_yours")
    context.enter(change.alliance_id)
    context.require(Needs.MANAGER)
    sides = {change.partner_id, _get_former_side(context.session, change)}
    if context.viewer.partner_id not in sides:
        raise NotFound("alliance.not_yours")
    if change.undone_at is not None:
        raise Conflict("undo.changed_since")
    return _part(context, change)


def _get_former_side(session: Session, change: Change) -> str | None:
    gone = session.get(Member, str(change.before.get("gone") or ""))
    return gone.partner_id if gone else None


def undo(context: Context, change: Change) -> Answer:
    """Whoever joined their accounts takes it back."""
    return _part(context, change)


def _part(context: Context, change: Change) -> Answer:
    accounts.part_accounts(context.session, change.before, change.alliance_id)
    change.undone_at = context.now
    context.session.add(change)
    return Answer(view=view(Text(text=say("belonging.parted"))))
