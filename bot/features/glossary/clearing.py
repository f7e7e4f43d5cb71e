"""The buttons of the weekly list: each row that somebody dealt with is gone from it at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from bot.core.errors import NotAllowed, NotFound
from bot.core.events import ButtonPressed, FormSubmitted
from bot.core.forms import Form, PeopleInput
from bot.core.views import Button, Menu, Option, Text, actions, view
from bot.delivery.outbox import Deliver, get_member_address
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.features.glossary import changing, standing, terms
from bot.features.glossary.forms import NEW, enter_term, split_value
from bot.features.glossary.models import IgnoredWord
from bot.features.glossary.records import note
from bot.features.glossary.terms import Entry
from bot.features.glossary.troubled import make_subject
from bot.features.glossary.weekly import render_now
from bot.people import history, optouts
from bot.people.models import Account, Change, Member, MemberAccount

NOT_NOW: Final = timedelta(days=28)
"""How long a term that a manager put aside stays away from their list."""

MOST_IGNORED: Final = 100


def press_ignore(context: Context, event: ButtonPressed) -> Answer:
    """The manager's side needs no explanation of this word."""
    word = split_value(context, event.value)[:20]
    context.require(Needs.MANAGER)
    key = _make_key(context, word)
    if context.session.get(IgnoredWord, key) is None:
        context.session.add(
            IgnoredWord(
                alliance_id=key[0],
                partner_id=key[1],
                word=word,
                member_id=context.viewer.member_id,
            )
        )
        context.session.flush()
        standing.bump_terms(context.session, context.viewer.alliance_id)
        history.record(context.session, context.viewer, "word.ignored", word, now=context.now)
    return Answer(refresh=render_now(context, say("weekly.ignored", word=word)))


def _make_key(context: Context, word: str) -> tuple[str, str, str]:
    return context.viewer.alliance_id, terms.require_partner(context.viewer), word


def _restore(context: Context, word: str) -> None:
    found = context.session.get(IgnoredWord, _make_key(context, word))
    if found is None:
        raise NotFound("undo.nothing")
    context.session.delete(found)
    context.session.flush()
    standing.bump_terms(context.session, context.viewer.alliance_id)


def undo_ignored(context: Context, change: Change) -> Answer:
    """A word comes up again."""
    _restore(context, change.subject_id)
    return Answer(view=view(Text(text=say("weekly.restored", word=change.subject_id))))


def press_ignored(context: Context, event: ButtonPressed) -> Answer:
    """The words that the manager's side ignores, each to be brought back."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    found = context.session.exec(
        select(IgnoredWord.word)
        .where(
            col(IgnoredWord.alliance_id) == context.viewer.alliance_id,
            col(IgnoredWord.partner_id) == terms.require_partner(context.viewer),
        )
        .order_by(col(IgnoredWord.word))
    ).all()
    options = tuple(
        Option(value=f"{context.viewer.alliance_id}:{word}", label=word)
        for word in found[:MOST_IGNORED]
    )
    menu = Menu(label=words("weekly.restore"), action="weekly.restore", options=options)
    return Answer(
        view=view(
            Text(text=say("weekly.ignored_list", names=", ".join(found))),
            actions(menu) if options else None,
        )
    )


def press_restore(context: Context, event: ButtonPressed) -> Answer:
    """One of them comes up again."""
    word = split_value(context, event.value)[:20]
    context.require(Needs.MANAGER)
    _restore(context, word)
    return Answer(view=view(Text(text=say("weekly.restored", word=word))))


# Rows about terms


def _enter(context: Context, event: ButtonPressed) -> Entry:
    entry = enter_term(context, event.value)
    context.require(Needs.MANAGER)
    return entry


def press_later(context: Context, event: ButtonPressed) -> Answer:
    """The term stays away from this manager's list for a while."""
    entry = _enter(context, event)
    until = context.now + NOT_NOW
    optouts.opt_out(
        context.session,
        context.viewer.member_id,
        make_subject(entry.term.id),
        now=context.now,
        until=until,
    )
    return Answer(refresh=render_now(context, say("weekly.put_off", name=entry.term.name)))


def press_anew(context: Context, event: ButtonPressed) -> Answer:
    """People are told about the term again: what they dismissed so far counts no more."""
    entry = _enter(context, event)
    standing.begin_anew(context.session, [entry.term])
    standing.touch(context.session, entry.term)
    return Answer(refresh=render_now(context, say("weekly.told_anew", name=entry.term.name)))


def press_reviewed(context: Context, event: ButtonPressed) -> Answer:
    """Somebody looked at the term: the next time is in a year. Raises NotAllowed."""
    entry = _enter(context, event)
    if not changing.may_rewrite(context.viewer, entry.term):
        raise NotAllowed("term.not_yours", name=entry.term.name)
    before = note(entry, context.viewer.partner_id)
    entry.term.review_on = context.now.date() + relativedelta(years=1)
    standing.touch(context.session, entry.term)
    history.record(
        context.session,
        context.viewer,
        "term.edited",
        entry.term.id,
        now=context.now,
        before=before,
        after=note(entry, context.viewer.partner_id),
    )
    date = say_day(entry.term.review_on)
    done = say("weekly.reviewed_now", name=entry.term.name, date=date)
    return Answer(refresh=render_now(context, done))


# Asking people of one's own side


def open_ask(context: Context, value: str) -> Form:
    """Whom of one's own side to ask."""
    word = split_value(context, value)
    context.require(Needs.MANAGER)
    return Form(
        name="weekly.ask",
        title=words("weekly.ask"),
        submit=words("weekly.ask_submit"),
        context={"value": value[:260]},
        items=(
            Text(text=say("weekly.ask_intro", word=word)),
            PeopleInput(name="people", label=words("weekly.ask_whom")),
        ),
    )


def submit_ask(context: Context, event: FormSubmitted) -> Answer:
    """Ask people of one's own side what a word means."""
    word = split_value(context, event.context.get("value", ""))
    context.require(Needs.MANAGER)
    chosen = event.values.get("people")
    users = chosen if isinstance(chosen, tuple) else (chosen or "",)
    members = find_members(
        context.session, context.event.platform, users, partner_id=context.viewer.partner_id
    )
    if not members:
        raise NotFound("weekly.ask_nobody", field="people")
    for member_id in members:
        address = get_member_address(context.session, member_id)
        if address is None:
            continue
        button = Button(
            label=words("term.define_it"),
            opens="term.form",
            value=f"{NEW}{context.viewer.alliance_id}:{word}",
            style="primary",
        )
        said = say("weekly.asks", person=context.viewer.member_name, word=word)
        deliver = Deliver(
            to=address,
            view=view(Text(text=said), actions(button)),
            alliance_id=context.viewer.alliance_id,
        )
        context.deliver(deliver)
    return Answer(view=view(Text(text=say("weekly.asked", word=word))))


def find_members(
    session: Session, platform: str, users: Sequence[str], *, partner_id: str | None
) -> Sequence[str]:
    """The members of one partner among these users of a platform."""
    return session.exec(
        select(Member.id)
        .join(MemberAccount, col(MemberAccount.member_id) == col(Member.id))
        .join(Account, col(Account.id) == col(MemberAccount.account_id))
        .where(
            col(Account.platform) == platform,
            col(Account.external_id).in_(users),
            col(Member.partner_id) == (partner_id or ""),
            col(Member.left_at).is_(None),
        )
    ).all()
