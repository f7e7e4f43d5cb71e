"""`charter`, `charters`, `charter edit`, `charter history`, and the form of one clause."""

from collections.abc import Sequence
from datetime import date

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted, FormValue
from bot.core.forms import DateInput, Form
from bot.core.views import Block, Menu, Note, Option, Quote, Text, actions, view
from bot.dispatch import holding, wordings
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.charter import pieces
from bot.features.charter.clauses import (
    CLAUSES,
    KIND,
    PRIVATE,
    find_clause,
    get_body,
    get_title,
    make_subject,
    split_committee,
)
from bot.features.charter.drafts import LONGEST
from bot.features.charter.views import (
    render_all,
    render_charter,
    render_clause,
    render_history,
)
from bot.people import committees, history
from bot.people.models import Change, Committee
from bot.people.viewer import Viewer
from bot.statements import versions
from bot.statements.models import Statement, Version


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
    present = _get_start(context, committee, clause)
    text = present.text if present else ""
    return Form(
        name="charter.form",
        title=words("charter.form_title"),
        submit=words("north_star.submit"),
        context={"clause": value},
        items=(
            Text(
                text=say("charter.form_intro", clause=get_title(clause), body=get_body(committee))
            ),
            *pieces.make_inputs(
                text,
                label=get_title(clause),
                hint=words(f"charter.hint_{clause}"),
                spare=2000 < len(text) < 5000,
            ),
            DateInput(
                name="review_on",
                label=words("north_star.review_label"),
                value=_say_review(present.review_on if present else None),
                hint=words("charter.review_hint"),
                required=False,
            ),
            Note(text=say("charter.form_note", partner=context.viewer.partner_name)),
        ),
    )


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Put the clause in force at the manager's own partner."""
    committee, clause = find(context, event.context.get("clause", ""))
    context.require(Needs.MANAGER)
    present = _get_start(context, committee, clause)
    wording = pieces.join(event.values, present.text if present else "")
    if not wording or len(wording) > LONGEST:
        raise NotUnderstood("charter.length", field="text", most=LONGEST)
    version = versions.put_in_force(
        context.session,
        context.viewer,
        KIND,
        text=wording,
        subject=make_subject(committee, clause),
        review_on=_read_review(context, event.values.get("review_on")),
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
            *wordings.render_saved(context.session, context.viewer, version, KIND),
            *holding.render_held(context, KIND),
            Text(text=say("charter.saved_own" if clause == PRIVATE else "charter.saved_next")),
            actions(wordings.make_propose(version)) if clause != PRIVATE else None,
        )
    )


def _get_start(context: Context, committee: Committee | None, clause: str) -> Version | None:
    subject = make_subject(committee, clause)
    return wordings.get_wordings(context.session, context.viewer, KIND, subject=subject).start


def _say_review(review_on: date | None) -> str:
    return review_on.isoformat() if review_on else ""


def _read_review(context: Context, value: FormValue) -> date | None:
    if not value:
        return None
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        raise NotUnderstood("north_star.review_past", field="review_on") from None
    if found <= context.now.date():
        raise NotUnderstood("north_star.review_past", field="review_on")
    return found


def show_all(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """Every body with a charter, and which of its clauses are written."""
    return Answer(view=render_all(context, page=0))


def press_page(context: Context, event: ButtonPressed) -> Answer:
    """Another page of the charters."""
    alliance_id, _, page = event.value.partition(":")
    context.enter(alliance_id)
    is_number = page.isascii() and page.isdigit() and len(page) < 5
    return Answer(refresh=render_all(context, page=int(page) if is_number else 0))


def press_browse(context: Context, event: ButtonPressed) -> Answer:
    """One body's charter."""
    alliance_id, _, committee_id = event.value.partition(":")
    context.enter(alliance_id)
    if not committee_id:
        return Answer(view=render_charter(context, None))
    found = committees.get_committee_or_raise(context.session, context.viewer, committee_id)
    return Answer(view=render_charter(context, found))


def press_history(context: Context, event: ButtonPressed) -> Answer:
    """A clause's earlier versions."""
    committee, clause = find(context, event.value)
    return Answer(view=render_history(context, committee, clause))


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


def render_home(context: Context, viewer: Viewer) -> Sequence[Block]:
    """The alliance's charter on the home view, once a clause of it is written."""
    if not versions.get_subjects(context.session, viewer, KIND):
        return ()
    return render_charter(context, None).blocks
