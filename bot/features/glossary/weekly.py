"""The weekly list: what a manager clears in five minutes. It comes to managers who asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, or_, select

from bot.core.events import ButtonPressed, CommandInvoked
from bot.core.views import Block, Button, Heading, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Coming, Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.glossary import terms, troubled
from bot.features.glossary.forms import NEW
from bot.features.glossary.models import (
    IgnoredWord,
    ListWish,
    Sighting,
    Term,
    TermForm,
    TermStatus,
)
from bot.people.models import Alliance
from bot.people.viewer import Viewer, visible_to
from bot.schedules.rhythm import to_utc

TOPIC: Final = "glossary.weekly"
WINDOW: Final = timedelta(days=14)
"""How far back words are counted."""

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


def render(
    session: Session, viewer: Viewer, *, now: datetime, is_wanted: bool, done: str = ""
) -> View:
    """The list as this manager may see it; `done` says what a button of it just did."""
    found = (
        *troubled.render_waiting(session, viewer),
        *_render_unexplained(session, viewer, now=now),
        *troubled.render(session, viewer, now=now),
    )
    wish = "weekly.stop" if is_wanted else "weekly.start"
    ignored = _count_ignored(session, viewer)
    return view(
        Heading(text=words("weekly.title")),
        Text(text=done) if done else None,
        *(found or (Text(text=say("weekly.empty")),)),
        Note(text=say("weekly.why")),
        actions(
            Button(label=words(wish), action=wish, value=viewer.alliance_id),
            Button(
                label=words("weekly.ignored_words", count=ignored),
                action="weekly.ignored",
                value=viewer.alliance_id,
            )
            if ignored
            else None,
        ),
    )


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


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term weekly`: the list, now."""
    return _answer(context)


def _answer(context: Context) -> Answer:
    return Answer(view=render_now(context))


def render_now(context: Context, done: str = "") -> View:
    """The list as it stands for the acting manager."""
    wish = context.session.get(ListWish, context.viewer.member_id)
    return render(
        context.session, context.viewer, now=context.now, is_wanted=wish is not None, done=done
    )


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
        tell_unasked(
            session,
            wish.alliance_id,
            wish.member_id,
            topic=TOPIC,
            subject=wish.member_id,
            now=now,
            expires_at=now + timedelta(days=3),
        )
    return len(due)


def foresee(_registry: Registry, session: Session, now: datetime) -> list[Coming]:
    """The next lists."""
    wishes = session.exec(select(ListWish).order_by(col(ListWish.next_at)).limit(BATCH)).all()
    what = words("weekly.coming")
    return [Coming(at=wish.next_at, what=what, member_id=wish.member_id) for wish in wishes]


def render_topic(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """The list, at the moment of sending."""
    viewer = terms.find_viewer(session, message.subject)
    if viewer is None or not viewer.is_manager:
        return Skip("no manager any more")
    return render(session, viewer, now=now, is_wanted=True)


def _count_ignored(session: Session, viewer: Viewer) -> int:
    return session.exec(
        select(func.count(col(IgnoredWord.word))).where(
            col(IgnoredWord.alliance_id) == viewer.alliance_id,
            col(IgnoredWord.partner_id) == (viewer.partner_id or ""),
        )
    ).one()
