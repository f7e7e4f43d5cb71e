"""`charter`, `charter edit`, `charter history`, the form, and the reminder of one clause."""

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Block, Menu, Note, Option, Quote, Text, actions, view
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.charter.clauses import (
    CLAUSES,
    KIND,
    find_clause,
    get_body,
    get_title,
    make_subject,
    split_committee,
)
from bot.features.charter.views import render_charter, render_clause, render_history
from bot.people import committees, history
from bot.people.models import Change, Committee, Partner
from bot.people.viewer import Viewer
from bot.schedules.cadence import parse_cadence, planned
from bot.schedules.models import Reminder
from bot.statements import versions
from bot.statements.models import Statement, Version

LONGEST = 3000


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The whole charter, or one clause of it; of the alliance, or of the committee named."""
    committee, said = split_committee(context, arguments.text)
    if said:
        return Answer(view=render_clause(context, committee, find_clause(said)))
    return Answer(view=render_charter(context, committee))


def start_edit(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """The form of one clause; without a name, a choice of them."""
    committee, said = split_committee(context, arguments.text)
    where = _where(context, committee)
    if said:
        return Answer(opens=("charter.form", f"{where}/{find_clause(said)}"))
    menu = Menu(
        label=words("charter.choose"),
        action="charter.pick",
        options=tuple(Option(value=f"{where}/{c}", label=get_title(c)) for c in CLAUSES),
    )
    return Answer(view=view(Text(text=say("charter.which")), actions(menu)))


def _where(context: Context, committee: Committee | None) -> str:
    return f"{context.viewer.alliance_id}:{committee.id if committee else ''}"


def press_pick(context: Context, event: ButtonPressed) -> Answer:
    """A clause was chosen from the menu: its form."""
    find(context, event.value)
    return Answer(opens=("charter.form", event.value))


def press_show(context: Context, event: ButtonPressed) -> Answer:
    """A clause was chosen to be read."""
    committee, clause = find(context, event.value)
    return Answer(view=render_clause(context, committee, clause))


def find(context: Context, value: str) -> tuple[Committee | None, str]:
    """The committee and clause that `ALLIANCE:COMMITTEE/CLAUSE` names; the acting person is in
    that alliance from here on. Raises NotFound for anything that is not theirs."""
    place, _, clause = value.rpartition("/")
    alliance_id, _, committee_id = place.partition(":")
    context.enter(alliance_id)
    if clause not in CLAUSES:
        raise NotFound("charter.no_clause", names=", ".join(CLAUSES))
    if not committee_id:
        return None, clause
    found = committees.get_committee_or_raise(context.session, context.viewer, committee_id)
    return found, clause


def open_form(context: Context, value: str) -> Form:
    """The form of one clause, filled with what is in force."""
    committee, clause = find(context, value)
    context.require(Needs.MANAGER)
    present = versions.get_in_force(
        context.session, context.viewer, KIND, subject=make_subject(committee, clause)
    )
    return Form(
        name="charter.form",
        title=words("charter.form_title"),
        submit=words("north_star.submit"),
        context={"clause": value},
        items=(
            Text(
                text=say("charter.form_intro", clause=get_title(clause), body=get_body(committee))
            ),
            TextInput(
                name="text",
                label=get_title(clause),
                value=present.text if present else "",
                hint=words(f"charter.hint_{clause}"),
                multiline=True,
                max_length=LONGEST,
            ),
            Note(text=say("charter.form_note", partner=context.viewer.partner_name)),
        ),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Put the clause in force at the manager's own partner."""
    committee, clause = find(context, event.context.get("clause", ""))
    context.require(Needs.MANAGER)
    wording = str(event.values.get("text") or "").strip()
    if not wording or len(wording) > LONGEST:
        raise NotUnderstood("north_star.length", field="text", most=LONGEST)
    version = versions.put_in_force(
        context.session,
        context.viewer,
        KIND,
        text=wording,
        subject=make_subject(committee, clause),
        now=context.now,
    )
    history.record(context.session, context.viewer, "charter.set", version.id, now=context.now)
    return Answer(
        view=view(
            Text(
                text=say(
                    "charter.saved",
                    clause=get_title(clause),
                    body=get_body(committee),
                    partner=context.viewer.partner_name,
                )
            ),
            Quote(text=wording),
            Text(text=say("charter.saved_next")),
        )
    )


def show_history(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Every version of one clause, and what changed."""
    committee, said = split_committee(context, arguments.text)
    if not said:
        raise NotFound("charter.no_clause", names=", ".join(CLAUSES))
    return Answer(view=render_history(context, committee, find_clause(said)))


def undo_set(context: Context, change: Change) -> Answer:
    """Take the last version of a clause back."""
    version = context.session.get_one(Version, change.subject_id)
    clause = context.session.get_one(Statement, version.statement_id).subject.rpartition("/")[2]
    versions.withdraw(context.session, version)
    return Answer(view=view(Text(text=say("charter.undone", clause=get_title(clause)))))


def _count_turns(reminder: Reminder, at: datetime) -> int:
    """How many of the reminder's moments came before this one, by its cadence alone: the same
    whenever it is asked, however often sending is tried."""
    local = at.astimezone(ZoneInfo(reminder.zone)).replace(tzinfo=None)
    moments = planned(parse_cadence(reminder.cadence), reminder.anchor, reminder.anchor)
    return max(sum(1 for _ in takewhile(lambda moment: moment <= local, moments)) - 1, 0)


def render_reminder(session: Session, reminder: Reminder, at: datetime) -> Sequence[Block] | Skip:
    """The next clause in turn of what is in force at the partner whose reminder it is; the
    internal approvals are nobody's to post."""
    found = versions.get_in_force_at(session, reminder.alliance_id, reminder.partner_id, KIND)
    order = {clause: index for index, clause in enumerate(CLAUSES)}
    subjects = sorted(
        (s for s in found if s.rpartition("/")[2] != "approvals"),
        key=lambda s: (s.rpartition("/")[0], order.get(s.rpartition("/")[2], 99)),
    )
    if not subjects:
        return Skip("no charter in force")
    subject = subjects[_count_turns(reminder, at) % len(subjects)]
    committee_id, _, clause = subject.rpartition("/")
    committee = session.get(Committee, committee_id) if committee_id else None
    partner = session.get_one(Partner, reminder.partner_id)
    lead = say("charter.reminder", clause=get_title(clause), body=get_body(committee))
    return (
        Text(text=lead),
        Quote(text=found[subject].text),
        Note(text=say("north_star.reminder_standing", partner=partner.name)),
    )


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """The alliance's charter on the home view, once a clause of it is written."""
    if not versions.get_subjects(context.session, viewer, KIND):
        return ()
    return render_charter(context, None).blocks
