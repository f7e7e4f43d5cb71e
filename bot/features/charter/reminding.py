"""The reminder of one clause: the next in turn, or one by name; of every body, or of one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.views import Block, Button, Note, Option, Quote, Text, actions
from bot.delivery.postman import Skip
from bot.dispatch.grammar import fold
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_shortly
from bot.features.charter.clauses import CLAUSES, KIND, PRIVATE, get_body, get_title
from bot.people import committees
from bot.people.models import Committee
from bot.people.viewer import Viewer
from bot.schedules.cadence import parse_cadence, planned
from bot.schedules.models import Reminder
from bot.statements import versions
from bot.statements.models import Version, VersionState

NAMED = tuple(clause for clause in CLAUSES if clause != PRIVATE)

SHOWN = 700
"""Characters of a clause that a reminder brings: what people read in ten seconds."""


def get_choices(session: Session, viewer: Viewer) -> Sequence[Option]:
    """What a reminder can be about: `COMMITTEE/CLAUSE`, each half empty for all or for the
    alliance's own."""
    known = {c.id: c for c in committees.get_committees(session, viewer)}
    found = {
        *versions.get_in_force_at(session, viewer.alliance_id, viewer.partner_id or "", KIND),
        *_get_confirmed(session, viewer),
    }
    options = [Option(value="", label=words("charter.every_clause"))]
    bodies = sorted(
        {s.rpartition("/")[0] for s in found} & {"", *known},
        key=lambda body: (body != "", known[body].name if body else ""),
    )
    for body in bodies:
        name = get_body(known.get(body))
        turn = Option(value=f"{body}/*", label=words("charter.turn_of", body=name)[:75])
        options.append(turn)
        options += [
            Option(
                value=f"{body}/{clause}",
                label=words("charter.clause_of", clause=get_title(clause), body=name)[:75],
            )
            for clause in NAMED
            if f"{body}/{clause}" in found
        ]
    return options


def _get_confirmed(session: Session, viewer: Viewer) -> set[str]:
    """What the partners confirmed that the viewer may see, a committee's own matters included."""
    found = versions.get_subjects(session, viewer, KIND)
    return {s for s, version in found.items() if version.state == VersionState.CONFIRMED}


def read_choice(session: Session, viewer: Viewer, said: Sequence[str]) -> tuple[str, int]:
    """The choice that these words begin with, and how many of them name it: `JSC scope`, `scope`,
    `JSC`. Nothing of the kind: every clause in turn."""
    folded = [fold(word) for word in said]
    body, used = _read_body(session, viewer, folded)
    clause, more = _read_clause(folded[used:])
    if clause:
        return f"{body}/{clause}", used + more
    return (f"{body}/*", used) if used else ("", 0)


def _read_body(session: Session, viewer: Viewer, said: Sequence[str]) -> tuple[str, int]:
    known = committees.get_committees(session, viewer)
    for committee in sorted(known, key=lambda c: -len(c.name)):
        name = [fold(word) for word in committee.name.split()]
        if name and list(said[: len(name)]) == name:
            return committee.id, len(name)
    return "", 0


def _read_clause(said: Sequence[str]) -> tuple[str, int]:
    for clause in NAMED:
        title = [fold(word) for word in get_title(clause).split()]
        for name in (title, [clause]):
            if list(said[: len(name)]) == name:
                return clause, len(name)
    return "", 0


def describe(session: Session, choice: str) -> str:
    """What a choice is about, in words; nothing for every clause in turn."""
    body, _, clause = choice.rpartition("/")
    committee = session.get(Committee, body) if body else None
    if clause in NAMED:
        return words("charter.clause_of", clause=get_title(clause), body=get_body(committee))
    return words("charter.turn_of", body=get_body(committee)) if clause else ""


def _count_turns(reminder: Reminder, at: datetime) -> int:
    """How many of the reminder's moments came before this one, by its cadence alone: the same
    whenever it is asked, however often sending is tried."""
    local = at.astimezone(ZoneInfo(reminder.zone)).replace(tzinfo=None)
    moments = planned(parse_cadence(reminder.cadence), reminder.anchor, reminder.anchor)
    return max(sum(1 for _ in takewhile(lambda moment: moment <= local, moments)) - 1, 0)


def render(
    session: Session, reminder: Reminder, at: datetime, closed_to: str | None = None
) -> Sequence[Block] | Skip:
    """The clause named, or the next in turn, of what is in force at the partner whose reminder it
    is; with `closed_to`, of what only that committee's members may see, too. The internal approvals
    are nobody's to post."""
    found = versions.get_in_force_at(
        session, reminder.alliance_id, reminder.partner_id, KIND, committee_id=closed_to
    )
    return _render_turn(session, reminder, at, found)


def render_open(
    session: Session, reminder: Reminder, at: datetime, own_until: datetime
) -> Sequence[Block] | Skip:
    """The same for other partners to read: of that partner's own clauses those written by then."""
    found = versions.get_in_force_at(
        session, reminder.alliance_id, reminder.partner_id, KIND, own_until=own_until
    )
    return _render_turn(session, reminder, at, found)


def _render_turn(
    session: Session, reminder: Reminder, at: datetime, found: dict[str, Version]
) -> Sequence[Block] | Skip:
    subjects = _choose(found, reminder.options.get("choice", ""))
    if not subjects:
        return Skip("no charter in force")
    subject = subjects[_count_turns(reminder, at) % len(subjects)]
    committee_id, _, clause = subject.rpartition("/")
    committee = session.get(Committee, committee_id) if committee_id else None
    text = found[subject].text
    whole = Button(
        label=words("charter.read_whole"),
        action="charter.show",
        value=f"{reminder.alliance_id}:{subject}",
    )
    row = actions(whole) if len(text) > SHOWN else None
    return (
        Text(text=say("charter.reminder", clause=get_title(clause), body=get_body(committee))),
        Quote(text=_cut(text)),
        *([row] if row else []),
        Note(text=say_shortly(session, found[subject], zone=reminder.zone)),
    )


def _choose(found: dict[str, Version], choice: str) -> list[str]:
    """The subjects that a reminder goes through, in the order of bodies and clauses."""
    order = {clause: index for index, clause in enumerate(CLAUSES)}
    body, _, clause = choice.rpartition("/")
    return sorted(
        (
            subject
            for subject in found
            if subject.rpartition("/")[2] in NAMED
            and (not choice or subject.rpartition("/")[0] == body)
            and (not choice or clause in {"*", subject.rpartition("/")[2]})
        ),
        key=lambda s: (s.rpartition("/")[0], order[s.rpartition("/")[2]]),
    )


def _cut(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    end = max(text.rfind(mark, 0, SHOWN) for mark in ("\n", ". ", " "))
    return f"{text[: end if end > SHOWN // 2 else SHOWN].rstrip()} …"
