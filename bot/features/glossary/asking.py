"""Asking people what a term means to them, and telling the managers what came out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, exists, or_
from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Button, Heading, Menu, Note, Option, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.dates import say_date
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_unasked
from bot.features.glossary import terms, understanding
from bot.features.glossary.forms import enter_term
from bot.features.glossary.models import Check, CheckAsked, Term, TermStatus
from bot.features.glossary.terms import Entry
from bot.features.glossary.understanding import OTHER, Result
from bot.features.glossary.views import make_options
from bot.people import alliances, optouts
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer, visible_to

RESULT: Final = "glossary.result"
BATCH: Final = 20


def start(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`term check TERM`: ask a small sample of each partner, by direct message. Of several senses
    one is to be chosen first."""
    name = arguments.text.strip().strip('"“”?')
    found = [e for e in terms.find(context.session, context.viewer, name) if _may_be_asked(e)]
    if not found:
        raise NotFound("meaning.no_term", name=name[:80])
    if len(found) > 1:
        menu = Menu(
            label=words("meaning.which"), action="meaning.start", options=make_options(found)
        )
        said = say("meaning.senses", name=found[0].term.name, count=len(found))
        return Answer(view=view(Text(text=said), actions(menu)))
    return _start(context, found[0].term)


def press_start(context: Context, event: ButtonPressed) -> Answer:
    """One of several senses was chosen."""
    entry = enter_term(context, event.value)
    context.require(Needs.MANAGER)
    if not _may_be_asked(entry):
        raise NotFound("meaning.no_term", name=entry.term.name[:80])
    return _start(context, entry.term)


def _may_be_asked(entry: Entry) -> bool:
    return (
        entry.term.status != TermStatus.RETIRED
        and entry.term.audience_kind == AudienceKind.ALLIANCE
        and any(m.audience_kind == AudienceKind.ALLIANCE for m in entry.meanings)
    )


def _start(context: Context, term: Term) -> Answer:
    if understanding.get_open(context.session, term.id, now=context.now) is not None:
        raise Conflict("meaning.running", name=term.name)
    viewer = context.viewer
    check, chosen = understanding.begin(
        context.session, term, member_id=viewer.member_id, now=context.now
    )
    if not chosen:
        raise Conflict("meaning.too_few", name=term.name, least=understanding.FEWEST)
    send_questions(context.session, check, term, chosen, person=viewer.member_name, now=context.now)
    said = say("meaning.started", name=term.name, count=len(chosen))
    date = say_date(check.closes_at, context.zone)
    note = say("meaning.started_note", date=date, least=understanding.FEWEST)
    return Answer(view=view(Text(text=said), Note(text=note)))


def send_questions(
    session: Session,
    check: Check,
    term: Term,
    chosen: Sequence[str],
    *,
    person: str,
    now: datetime,
) -> None:
    """Ask each of these, in their working hours, among what comes unasked."""
    for member_id in chosen:
        tell_unasked(
            session,
            term.alliance_id,
            member_id,
            view=_render_question(check, term, person),
            now=now,
            expires_at=check.closes_at,
        )


def _render_question(check: Check, term: Term, person: str) -> View:
    return view(
        Text(text=say("meaning.question", name=term.name)),
        actions(
            Button(
                label=words("meaning.answer"),
                opens="meaning.form",
                value=check.id,
                style="primary",
            ),
            Button(label=words("meaning.stop"), action="meaning.stop", value=term.alliance_id),
        ),
        Note(text=f"{say('meaning.why_by', person=person)} {say('meaning.why')}"),
    )


def open_form(context: Context, value: str) -> Form:
    """What does it mean here? By choosing, or in one's own words."""
    check, term = _find(context, value)
    member_id = context.viewer.member_id
    choices = understanding.get_choices(context.session, term, check.id, member_id)
    options = tuple(Option(value=name, label=" ".join(text.split())[:75]) for name, text in choices)
    other = Option(value=OTHER, label=words("meaning.other"))
    return Form(
        name="meaning.form",
        title=words("meaning.title"),
        submit=words("meaning.submit"),
        context={"check": check.id},
        items=(
            Text(text=say("meaning.form_intro", name=term.name)),
            TextInput(
                name="words",
                label=words("meaning.own_words"),
                hint=words("meaning.own_words_hint"),
                required=False,
                multiline=True,
                max_length=500,
            ),
            ChoiceInput(
                name="choice",
                label=words("meaning.choice"),
                options=(*options, other),
                required=False,
            ),
        ),
    )


def _find(context: Context, check_id: str) -> tuple[Check, Term]:
    """A check that is open, of which the acting person was asked. Raises NotFound, Conflict."""
    check = context.find(Check, check_id, "meaning.gone")
    term = terms.get_or_raise(context.session, context.viewer, check.term_id).term
    terms.require_partner(context.viewer)
    if check.is_reported or check.closes_at <= context.now:
        raise Conflict("meaning.closed", name=term.name)
    if context.session.get(CheckAsked, (check.id, context.viewer.member_id)) is None:
        raise NotFound("meaning.gone")
    return check, term


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Count the answer; words are compared with the meanings and then forgotten."""
    check, term = _find(context, event.context.get("check", ""))
    session, viewer = context.session, context.viewer
    choices = understanding.get_choices(session, term, check.id, viewer.member_id)
    own = str(event.values.get("words") or "").strip()
    chosen = str(event.values.get("choice") or "")
    if chosen not in {OTHER, *(name for name, _ in choices)}:
        if not own:
            raise NotUnderstood("meaning.nothing", field="choice")
        chosen = understanding.read_own_words(own, choices)
    is_first = understanding.answer(
        session,
        check,
        member_id=viewer.member_id,
        partner_id=terms.require_partner(viewer),
        choice=chosen,
    )
    if not is_first:
        raise Conflict("meaning.answered_already", field="choice")
    return Answer(view=view(Text(text=say("meaning.thanks", name=term.name))))


def press_stop(context: Context, event: ButtonPressed) -> Answer:
    """Somebody does not want to be asked."""
    context.enter(event.value)
    optouts.opt_out(
        context.session, context.viewer.member_id, understanding.SUBJECT, now=context.now
    )
    return Answer(view=view(Text(text=say("meaning.stopped"))))


# The result


def report_due(registry: Registry, session: Session, now: datetime) -> int:
    """Tell the managers of all partners what the checks found whose time is over, or to which
    everybody who was asked has answered."""
    unanswered = exists().where(
        col(CheckAsked.check_id) == col(Check.id), ~col(CheckAsked.has_answered)
    )
    is_complete = and_(exists().where(col(CheckAsked.check_id) == col(Check.id)), ~unanswered)
    due = session.exec(
        select(Check)
        .where(~col(Check.is_reported), or_(col(Check.closes_at) <= now, is_complete))
        .order_by(col(Check.closes_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for check in due:
        check.is_reported = True
        session.add(check)
        for member_id in sorted(alliances.get_manager_ids(session, check.alliance_id)):
            tell_unasked(
                session,
                check.alliance_id,
                member_id,
                topic=RESULT,
                subject=check.id,
                now=now,
                expires_at=now + timedelta(days=7),
            )
    session.flush()
    return len(due)


def render_result(
    registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What came out, how it is counted, and what to do about it."""
    check = session.get(Check, message.subject)
    term = session.get(Term, check.term_id) if check else None
    if check is None or term is None:
        return Skip("the check is gone")
    result = understanding.get_result(session, check)
    names = terms.get_partner_names(session, check.alliance_id)
    lines = [f"- {line}" for line in say_result(result, names)]
    trend = understanding.get_trend(session, term.id)
    figures = [str(r.between) for _, r in trend if r.between is not None]
    return view(
        Heading(text=words("meaning.result_title", name=term.name)[:150]),
        Text(text="\n".join(lines)),
        Text(text=say("meaning.trend", figures=" → ".join(figures))) if len(figures) > 1 else None,
        Text(text=say("meaning.next")),
        actions(
            Button(label=words("term.agree"), opens="term.agree", value=term.id),
            Button(label=words("weekly.look"), action="term.pick", value=term.id),
        ),
        Note(text=say("meaning.method", least=understanding.FEWEST)),
    )


def say_result(result: Result, names: dict[str, str]) -> list[str]:
    """The figures in words, a line each."""
    lines = [say("meaning.answers", count=result.answers)]
    for partner, value in result.inside.items():
        key = "meaning.few_inside" if value is None else "meaning.inside"
        lines.append(say(key, partner=names.get(partner, ""), value=value or 0))
    if result.between is None:
        lines.append(say("meaning.few_between"))
    else:
        lines.append(say("meaning.between", value=result.between))
    lines += [
        say("meaning.seated", partner=names.get(partner, ""), value=value)
        for partner, value in result.seated.items()
        if value is not None
    ]
    return lines


def get_latest(session: Session, viewer: Viewer) -> tuple[str, int] | None:
    """The last check with a figure between the partners: the term's name, and the figure."""
    rows = session.exec(
        select(Check, Term.name)
        .join(Term, col(Term.id) == col(Check.term_id))
        .where(visible_to(viewer, Term), col(Check.is_reported))
        .order_by(col(Check.asked_at).desc())
        .limit(5)
    ).all()
    for check, name in rows:
        between = understanding.get_result(session, check).between
        if between is not None:
            return name, between
    return None
