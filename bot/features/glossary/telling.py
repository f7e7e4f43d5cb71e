"""What others hear of a change to a term: that something waits for them, or is open again."""

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from bot.core.views import Button, Note, Quote, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.models import Delivery, DeliveryState
from bot.delivery.postman import Skip
from bot.dispatch.context import Context
from bot.dispatch.feature import Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import get_change, say_who, tell_other_managers, tell_unasked
from bot.features.glossary.models import Term, TermMeaning, TermStatus
from bot.features.glossary.terms import Entry
from bot.people import alliances
from bot.people.history import UNDO_WINDOW
from bot.people.models import AudienceKind, Change

REOPENED: Final = "glossary.reopened"
WITHDRAWN: Final = "glossary.withdrawn"
IMPORTED: Final = "glossary.imported"


def tell_reopened(context: Context, change: Change, entry: Entry) -> None:
    """Tell the other managers if a change contests what the partners had agreed on."""
    was_agreed = change.before.get("status") == TermStatus.AGREED
    if was_agreed and entry.term.status == TermStatus.CONTESTED:
        tell_other_managers(context, change, REOPENED, about=entry.term)


def render_reopened(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """Which term, by whom, and what had been agreed."""
    found = _find_term(session, message, TermStatus.CONTESTED)
    if isinstance(found, Skip):
        return found
    change, term = found
    said = say("term.reopened", name=term.name, **say_who(session, change))
    reason = str(change.after.get("reason") or "")
    return view(
        Text(text=said),
        Quote(text=reason) if reason else None,
        Text(text=say("term.reopened_agreed")),
        Quote(text=term.agreed_text),
        actions(
            Button(label=words("term.agree"), opens="term.agree", value=term.id),
            Button(label=words("weekly.look"), action="term.pick", value=term.id),
        ),
        Note(text=say("term.reopened_why")),
    )


def tell_withdrawn(context: Context, change: Change, dispute: Change, entry: Entry) -> None:
    """Tell those who heard of a dispute that it was taken back, and what was agreed on stands."""
    heard = context.session.exec(
        select(Delivery.id).where(
            col(Delivery.topic) == REOPENED,
            col(Delivery.subject) == dispute.id,
            col(Delivery.state) == DeliveryState.SENT,
        )
    ).first()
    if heard is not None and entry.term.status == TermStatus.AGREED:
        tell_other_managers(context, change, WITHDRAWN, about=entry.term)


def render_withdrawn(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """Which term, by whom, and what stands."""
    found = _find_term(session, message, TermStatus.AGREED)
    if isinstance(found, Skip):
        return found
    change, term = found
    return view(
        Text(text=say("term.withdrawn", name=term.name, **say_who(session, change))),
        Quote(text=term.agreed_text),
        Note(text=say("term.reopened_why")),
    )


def _find_term(
    session: Session, message: Claimed, status: TermStatus
) -> tuple[Change, Term] | Skip:
    """What a queued notice is about, if that was not taken back and is still so."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    term = session.get(Term, change.subject_id)
    if term is None or term.status != status:
        return Skip(f"no longer {status}")
    return change, term


def tell_proposed(context: Context, entry: Entry) -> None:
    """Tell a member's own managers that a meaning waits for them, with the rest of their day: who
    writes a glossary proposes many."""
    viewer = context.viewer
    own = entry.meaning_of(viewer.partner_id)
    if viewer.is_manager or own is None or own.confirmed_by_id is not None:
        return
    said = say(
        "term.proposed_to_you",
        person=viewer.member_name,
        partner=viewer.partner_name,
        name=entry.term.name,
    )
    content = view(
        Text(text=said),
        Quote(text=own.text),
        actions(
            Button(
                label=words("term.confirm", partner=viewer.partner_name)[:75],
                action="term.confirm",
                value=entry.term.id,
                style="primary",
            ),
            Button(label=words("weekly.look"), action="term.pick", value=entry.term.id),
        ),
    )
    for member_id in alliances.get_managers(context.session, own.partner_id):
        tell_unasked(context.session, viewer.alliance_id, member_id, view=content, now=context.now)


def tell_imported(session: Session, change: Change, *, now: datetime) -> None:
    """Tell the other partners' managers what an import laid before them, once it can't be taken
    back any more: meanings said to be theirs, and agreed terms that it contests."""
    reopened = change.after.get("reopened")
    partners = alliances.get_partners(session, change.alliance_id)
    for partner_id in (each.id for each in partners if each.id != change.partner_id):
        if not reopened and not count_waiting(session, change.subject_id, partner_id):
            continue
        for member_id in alliances.get_managers(session, partner_id):
            tell_unasked(
                session,
                change.alliance_id,
                member_id,
                topic=IMPORTED,
                subject=f"{change.id}:{partner_id}",
                now=now,
                wait=UNDO_WINDOW,
            )


def count_waiting(session: Session, import_id: str, partner_id: str) -> int:
    """How many meanings of an import wait for a partner's managers, who can read them."""
    return session.exec(
        select(func.count(col(TermMeaning.id))).where(
            col(TermMeaning.import_id) == import_id,
            col(TermMeaning.partner_id) == partner_id,
            col(TermMeaning.confirmed_by_id).is_(None),
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
        )
    ).one()


def render_imported(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """How much there is to do, and where."""
    change_id, _, partner_id = message.subject.partition(":")
    change = session.get(Change, change_id)
    if change is None or change.undone_at is not None:
        return Skip("taken back")
    waiting = count_waiting(session, change.subject_id, partner_id)
    reopened = _name_contested(session, change.after.get("reopened"))
    if not waiting and not reopened:
        return Skip("nothing waits any more")
    who = say_who(session, change)
    return view(
        Text(text=say("terms_file.brought", **who)),
        Text(text=say("terms_file.waiting", count=waiting)) if waiting else None,
        Text(text=say("terms_file.reopened", names=", ".join(reopened))) if reopened else None,
        actions(
            Button(
                label=words("term.waiting_list"),
                action="term.list",
                value=f"{change.alliance_id}:waiting",
            )
            if waiting
            else None,
            Button(
                label=words("term.contested_list"),
                action="term.list",
                value=f"{change.alliance_id}:{TermStatus.CONTESTED}",
            ),
        ),
        Note(text=say("term.reopened_why")),
    )


def _name_contested(session: Session, ids: object) -> list[str]:
    chosen = [str(each) for each in ids] if isinstance(ids, list) else []
    return list(
        session.exec(
            select(Term.name)
            .where(
                col(Term.id).in_(chosen[:20]),
                col(Term.status) == TermStatus.CONTESTED,
                col(Term.audience_kind) == AudienceKind.ALLIANCE,
            )
            .order_by(col(Term.key))
        )
    )
