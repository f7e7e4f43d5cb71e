"""The weekly list: what a manager clears in five minutes. It comes to managers who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from bot.core.errors import NotFound
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import Form, PeopleInput
from bot.core.views import Block, Button, Heading, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.outbox import Deliver, enqueue, get_member_address
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_day
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.glossary import agreeing, standing, terms
from bot.features.glossary.checks import is_crying_wolf
from bot.features.glossary.forms import NEW, split_value
from bot.features.glossary.models import (
    IgnoredWord,
    ListWish,
    Sighting,
    Term,
    TermForm,
    TermStatus,
)
from bot.people.models import Account, Alliance, Member, MemberAccount
from bot.people.viewer import Viewer, visible_to
from bot.schedules.rhythm import to_utc

TOPIC: Final = "glossary.weekly"
WINDOW: Final = timedelta(days=14)
"""How far back words are counted."""

STALE: Final = timedelta(days=14)
"""A contested term without a proposal for so long has made no progress."""

SHOWN: Final = 8
AT: Final = time(9, 0)
BATCH: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """An acronym that nobody has defined: by how many partners, on how many days, how often."""

    word: str
    partners: int
    days: int
    count: int


def get_unexplained(session: Session, viewer: Viewer, *, now: datetime) -> list[Unexplained]:
    """The undefined acronyms that the viewer's partner may know of, the most shared first: all that
    stood where everybody reads, and what its own people wrote among themselves."""
    rows = session.exec(
        select(
            Sighting.word,
            func.count(func.distinct(col(Sighting.partner_id))),
            func.count(func.distinct(col(Sighting.day))),
            func.sum(Sighting.count),
        )
        .where(
            col(Sighting.alliance_id) == viewer.alliance_id,
            col(Sighting.day) > (now - WINDOW).date(),
            or_(
                col(Sighting.is_shared).is_(True),
                col(Sighting.partner_id) == (viewer.partner_id or ""),
            ),
            col(Sighting.word).not_in(
                select(IgnoredWord.word).where(
                    col(IgnoredWord.alliance_id) == viewer.alliance_id,
                    col(IgnoredWord.partner_id) == (viewer.partner_id or ""),
                )
            ),
        )
        .group_by(col(Sighting.word))
    ).all()
    found = [
        Unexplained(word=word, partners=partners, days=days, count=int(count))
        for word, partners, days, count in rows
        if int(count) > 1
    ]
    found.sort(key=lambda each: (-each.partners, -each.days, -each.count, each.word))
    known = _get_known(session, viewer, [each.word for each in found])
    return [each for each in found if terms.make_key(each.word) not in known]


def _get_known(session: Session, viewer: Viewer, found: Sequence[str]) -> set[str]:
    """Which of these have been explained meanwhile."""
    keys = [terms.make_key(word) for word in found]
    return set(
        session.exec(
            select(TermForm.key)
            .join(Term, col(Term.id) == col(TermForm.term_id))
            .where(
                visible_to(viewer, Term),
                col(TermForm.key).in_(keys),
                col(Term.status) != TermStatus.RETIRED,
            )
        )
    )


def render(session: Session, viewer: Viewer, *, now: datetime, is_wanted: bool) -> View:
    """The list as this manager may see it."""
    blocks: list[Block] = [Heading(text=words("weekly.title"))]
    blocks += _render_unexplained(session, viewer, now=now)
    blocks += _render_terms(session, viewer, now=now)
    if len(blocks) == 1:
        blocks.append(Text(text=say("weekly.empty")))
    wish = "weekly.stop" if is_wanted else "weekly.start"
    button = Button(label=words(wish), action=wish, value=viewer.alliance_id)
    last = actions(button)
    blocks.append(Note(text=say("weekly.why")))
    return View(blocks=(*blocks, *((last,) if last else ())))


def _render_unexplained(session: Session, viewer: Viewer, *, now: datetime) -> list[Block]:
    found = get_unexplained(session, viewer, now=now)
    if not found:
        return []
    blocks: list[Block] = [Text(text=say("weekly.unexplained"))]
    for each in found[:SHOWN]:
        value = f"{viewer.alliance_id}:{each.word}"
        seen = say("weekly.seen", word=each.word, partners=each.partners, days=each.days)
        buttons = actions(
            Button(label=words("weekly.define"), opens="term.form", value=f"{NEW}{value}"),
            Button(label=words("weekly.ignore"), action="weekly.ignore", value=value),
            Button(label=words("weekly.ask"), opens="weekly.ask", value=value),
        )
        blocks += [Text(text=seen), *((buttons,) if buttons else ())]
    if len(found) > SHOWN:
        blocks.append(Note(text=say("weekly.more", count=len(found) - SHOWN)))
    return blocks


def _render_terms(session: Session, viewer: Viewer, *, now: datetime) -> list[Block]:
    """Terms that cry wolf, that nobody settles, and that are due to be looked at."""
    soon = (now + timedelta(days=7)).date()
    found = session.exec(
        select(Term).where(
            visible_to(viewer, Term),
            col(Term.status) != TermStatus.RETIRED,
            or_(
                col(Term.dismissed) > 0,
                col(Term.contested_at) < now - STALE,
                col(Term.review_on) <= soon,
            ),
        )
    ).all()
    blocks: list[Block] = []
    for term in sorted(found, key=lambda t: t.key):
        if len(blocks) >= 2 * SHOWN:
            break
        line = _say_trouble(session, term, now=now, soon=soon)
        if line:
            agree = term.status == TermStatus.CONTESTED
            buttons = actions(
                Button(label=words("term.agree"), opens="term.agree", value=term.id)
                if agree
                else None,
                Button(label=words("weekly.look"), action="term.pick", value=term.id),
            )
            blocks += [Text(text=line), *((buttons,) if buttons else ())]
    return [Text(text=say("weekly.terms")), *blocks] if blocks else []


def _say_trouble(session: Session, term: Term, *, now: datetime, soon: date) -> str:
    if is_crying_wolf(term.shown, term.dismissed):
        return say("weekly.wolf", name=term.name, shown=term.shown, dismissed=term.dismissed)
    is_old = term.contested_at is not None and term.contested_at < now - STALE
    if term.status == TermStatus.CONTESTED and is_old and term.contested_at is not None:
        if agreeing.get_open(session, term.id) is None:
            return say("weekly.stale", name=term.name, count=(now - term.contested_at).days)
        return ""
    if term.review_on is not None and term.review_on <= soon:
        return say("weekly.review", name=term.name, date=say_day(term.review_on))
    return ""


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term weekly`: the list, now."""
    return _answer(context)


def _answer(context: Context) -> Answer:
    wish = context.session.get(ListWish, context.viewer.member_id)
    shown = render(context.session, context.viewer, now=context.now, is_wanted=wish is not None)
    return Answer(view=shown)


def press_start(context: Context, event: ButtonPressed) -> Answer:
    """A manager wants the list every Monday."""
    context.enter(event.value)
    context.require(Needs.MANAGER)
    viewer = context.viewer
    if context.session.get(ListWish, viewer.member_id) is None:
        moment = get_next_monday(context.now, context.alliance.zone)
        context.session.add(
            ListWish(member_id=viewer.member_id, alliance_id=viewer.alliance_id, next_at=moment)
        )
    return Answer(view=view(Text(text=say("weekly.started"))))


def press_stop(context: Context, event: ButtonPressed) -> Answer:
    """No list any more."""
    context.enter(event.value)
    wish = context.session.get(ListWish, context.viewer.member_id)
    if wish is not None:
        context.session.delete(wish)
    return Answer(view=view(Text(text=say("weekly.stopped"))))


def get_next_monday(now: datetime, zone: str) -> datetime:
    """The next Monday, nine o'clock in the zone."""
    day = now.astimezone(ZoneInfo(zone)).date()
    monday = day + timedelta(days=7 - day.weekday())
    return to_utc(datetime.combine(monday, AT), zone)


def send_due(registry: Registry, session: Session, now: datetime) -> int:
    """Send the lists that are due; those who are no managers any more get none."""
    due = session.exec(
        select(ListWish)
        .where(col(ListWish.next_at) <= now)
        .order_by(col(ListWish.next_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for wish in due:
        alliance = session.get_one(Alliance, wish.alliance_id)
        wish.next_at = get_next_monday(now, alliance.zone)
        session.add(wish)
        address = get_member_address(session, wish.member_id)
        if address is not None:
            deliver = Deliver(
                to=address,
                topic=TOPIC,
                subject=wish.member_id,
                alliance_id=wish.alliance_id,
                unasked=True,
                expires_at=now + timedelta(days=3),
            )
            enqueue(session, deliver, now=now)
    return len(due)


def render_topic(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The list, at the moment of sending."""
    viewer = terms.find_viewer(session, message.subject)
    if viewer is None or not viewer.is_manager:
        return Skip("no manager any more")
    return render(session, viewer, now=now, is_wanted=True)


# The buttons of a row


def press_ignore(context: Context, event: ButtonPressed) -> Answer:
    """The manager's side needs no explanation of this word."""
    word = split_value(context, event.value)[:20]
    context.require(Needs.MANAGER)
    partner_id = terms.require_partner(context.viewer)
    key = (context.viewer.alliance_id, partner_id, word)
    if context.session.get(IgnoredWord, key) is None:
        context.session.add(
            IgnoredWord(
                alliance_id=context.viewer.alliance_id,
                partner_id=partner_id,
                word=word,
                member_id=context.viewer.member_id,
            )
        )
        context.session.flush()
        standing.bump_terms(context.session, context.viewer.alliance_id)
    return Answer(view=view(Text(text=say("weekly.ignored", word=word))))


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
