"""The form in which a decision is captured: how it looks, and how it is read."""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from sqlmodel import Session, col, select

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import FormChanged, FormValue
from bot.core.forms import ChoiceInput, DateInput, Form, PeopleInput, TextInput
from bot.core.views import Block, Note, Option
from bot.dispatch.context import Context
from bot.dispatch.grounds import check_basis, render_grounds
from bot.dispatch.messages import say, words
from bot.features.decisions import line, log
from bot.features.decisions.capture import LONGEST_MINUTED, LONGEST_WHAT, LONGEST_WHY, Draft
from bot.features.decisions.models import TaskKind, Weight
from bot.features.decisions.start import Start, find_source, load
from bot.features.decisions.surroundings import NORTH_STAR, Surroundings, look_around
from bot.features.decisions.tasks import NewTask
from bot.people import committees
from bot.people.identity import find_members
from bot.people.models import AudienceKind, Committee, Member
from bot.statements import versions
from bot.statements.grounds import CHARTER, get_grounds
from bot.statements.models import Basis

K = TypeVar("K", Weight, AudienceKind, Basis)

NAME = "decisions.capture"
NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    """What a form says and asks on top. `unread`: the thread could be read up to so many messages
    only (0: all of it), and what was decided may stand in the rest; the others: what turned up when
    the form was sent off."""

    unread: int = 0
    notices: tuple[str, ...] = ()
    first: tuple[Member, ...] = ()


def open_form(context: Context, value: str) -> Form:
    """The form for a start; reading only."""
    start = load(value)
    context.enter(start.alliance)
    return begin_form(context, start, look_around(context, start))


def begin_form(
    context: Context,
    start: Start,
    around: Surroundings,
    more: Mapping[str, FormValue] | None = None,
    *,
    unread: int = 0,
) -> Form:
    """The form with what a start knows, and `more`; `unread` as in `Extra`."""
    values = {**_prefill(start, around), **(more or {})}
    return _make_form(context, start, around, values, Extra(unread=unread))


def _prefill(start: Start, around: Surroundings) -> dict[str, FormValue]:
    is_shared = around.audience in {None, AudienceKind.ALLIANCE}
    values: dict[str, FormValue] = {
        "what": start.what,
        "why": start.why,
        "committee": start.committee,
        "weight": Weight.ASKED if start.committee else Weight.NOTED,
        "basis": Basis.CONSENSUS,
        "audience": AudienceKind.ALLIANCE if is_shared else AudienceKind.PARTNER,
    }
    former = around.former
    if former is not None:
        values |= {
            "what": start.what or former.what,
            "committee": former.committee,
            "weight": Weight.NOTED if former.weight == Weight.NOTED else Weight.ASKED,
            "basis": former.basis or Basis.CONSENSUS,
            "audience": former.audience,
        }
    return values


def make_form(context: Context, start: Start, event: FormChanged, extra: Extra) -> Form:
    """The form once more, with what was filled in."""
    said = event.context.get("unread", "")
    unread = int(said) if re.fullmatch("[0-9]{1,6}", said) else 0
    around = look_around(context, start)
    return _make_form(context, start, around, event.values, replace(extra, unread=unread))


def change_form(context: Context, event: FormChanged) -> Form:
    """The form for another body, which decides in its own way."""
    start = get_start(event)
    context.enter(start.alliance)
    return make_form(context, start, event, _read_extra(context, event, start))


def _read_extra(context: Context, event: FormChanged, start: Start) -> Extra:
    """What the form said and asked on top before it changed."""
    wanted = [one for one in event.context.get("first", "").split(",") if one]
    if not (start.told and wanted):
        return Extra()
    first = context.session.exec(
        select(Member)
        .where(col(Member.id).in_(wanted), col(Member.alliance_id) == context.viewer.alliance_id)
        .order_by(col(Member.name), col(Member.id))
    ).all()
    return say_one_sided(context, first)


def say_one_sided(context: Context, first: Sequence[Member]) -> Extra:
    """That people of one side alone have spoken; and whom of the others one could ask first."""
    notice = say("decisions.form_one_sided", partner=context.viewer.partner_name)
    return Extra(notices=(notice,), first=tuple(first))


def _make_form(
    context: Context,
    start: Start,
    around: Surroundings,
    values: Mapping[str, FormValue],
    extra: Extra,
) -> Form:
    known = ",".join(str(each.number) for each in around.captured)
    start = replace(start, what="", why="", known=known)
    return Form(
        name=NAME,
        title=words("decisions.form_title"),
        submit=words("decisions.form_submit"),
        context={
            "start": start.dump(),
            "first": ",".join(member.id for member in extra.first),
            "unread": str(extra.unread),
        },
        items=(
            *_say_unread(extra),
            *(Note(text=text) for text in extra.notices),
            *_say_context(start, around),
            *_make_first(extra),
            *_make_essentials(context, around, values),
            *_make_rest(around, values),
        ),
    )


def _say_unread(extra: Extra) -> tuple[Note, ...]:
    if not extra.unread:
        return ()
    return (Note(text=say("decisions.form_partial", count=extra.unread)),)


def _say_context(start: Start, around: Surroundings) -> tuple[Block, ...]:
    notes = [say("decisions.form_note")]
    if start.channel:
        notes.append(say("decisions.form_posted"))
    former = around.former
    if former is not None:
        name = log.say_number(former.number)
        is_plan = former.weight == Weight.PLANNED
        key = "decisions.form_decided" if is_plan else "decisions.form_replaces"
        notes.append(say(key, name=name, what=former.what[:150]))
    notes += [
        say("decisions.form_captured", name=log.say_number(each.number), what=each.what[:150])
        for each in around.captured
    ]
    return (Note(text=" ".join(notes)),)


def _make_first(extra: Extra) -> tuple[ChoiceInput, ...]:
    if not extra.first:
        return ()
    options = [Option(value=NOW, label=words("decisions.first_now"))]
    options += [
        Option(value=member.id, label=words("decisions.first_ask", person=member.name)[:75])
        for member in extra.first[:20]
    ]
    label = words("decisions.label_first")
    return (ChoiceInput(name="first", label=label, options=tuple(options), selected=(NOW,)),)


def _make_essentials(
    context: Context, around: Surroundings, values: Mapping[str, FormValue]
) -> tuple[TextInput | ChoiceInput, ...]:
    return (
        _text("what", values, most=LONGEST_WHAT, required=True),
        _text("why", values, most=LONGEST_WHY),
        _choice("weight", values, [(w, words(f"decisions.weight_{w}")) for w in _WEIGHTS]),
        *_make_bodies(around, values),
        _make_basis(around, values),
        _choice("audience", values, _get_audiences(context)),
    )


_WEIGHTS = (Weight.NOTED, Weight.ASKED)


def _text(
    name: str, values: Mapping[str, FormValue], *, most: int, required: bool = False
) -> TextInput:
    return TextInput(
        name=name,
        label=words(f"decisions.label_{name}"),
        hint=words(f"decisions.hint_{name}"),
        value=str(values.get(name) or "")[:most],
        multiline=True,
        required=required,
        max_length=most,
    )


def _choice(
    name: str,
    values: Mapping[str, FormValue],
    options: Sequence[tuple[str, str]],
    *,
    required: bool = True,
) -> ChoiceInput:
    chosen = str(values.get(name) or "")
    known = chosen in {value for value, _ in options}
    return ChoiceInput(
        name=name,
        label=words(f"decisions.label_{name}"),
        options=tuple(Option(value=value, label=label[:75]) for value, label in options),
        selected=(chosen,) if known else (),
        required=required,
    )


def _make_bodies(around: Surroundings, values: Mapping[str, FormValue]) -> tuple[ChoiceInput, ...]:
    if not around.bodies:
        return ()
    options = list(around.bodies.items())[:99]
    choice = _choice("committee", values, options, required=False)
    return (choice.model_copy(update={"live": True}),)


def _make_basis(around: Surroundings, values: Mapping[str, FormValue]) -> ChoiceInput:
    chosen = str(values.get("committee") or "")
    return render_grounds(
        around.get_grounds(chosen),
        label=words("decisions.label_basis"),
        body=around.bodies.get(chosen),
        wanted=str(values.get("basis") or ""),
        required=False,
    )


def _get_audiences(context: Context) -> list[tuple[str, str]]:
    partner = context.viewer.partner_name or ""
    return [
        (AudienceKind.ALLIANCE, words("decisions.audience_alliance")),
        (AudienceKind.PARTNER, words("decisions.audience_partner", partner=partner)),
        (AudienceKind.COMMITTEE, words("decisions.audience_committee")),
    ]


def _make_rest(
    around: Surroundings, values: Mapping[str, FormValue]
) -> tuple[TextInput | ChoiceInput | DateInput | PeopleInput, ...]:
    informed = values.get("inform")
    serves = _get_serves(around.held, around.bodies)
    return (
        _text("alternatives", values, most=LONGEST_WHY),
        *([_choice("serves", values, serves, required=False)] if serves else []),
        _text("approvals", values, most=1000),
        _text("actions", values, most=1000),
        PeopleInput(
            name="inform",
            label=words("decisions.label_inform"),
            selected=tuple(informed) if isinstance(informed, tuple) else (),
            required=False,
        ),
        _text("minuted", values, most=LONGEST_MINUTED),
        DateInput(
            name="review_on",
            label=words("decisions.label_review_on"),
            hint=words("decisions.hint_review_on"),
            value=str(values.get("review_on") or ""),
            required=False,
        ),
    )


def _get_serves(
    held: AbstractSet[tuple[str, str]], bodies: Mapping[str, str]
) -> list[tuple[str, str]]:
    """What it can serve: the North Star, and charters' clauses that the viewer may see."""
    options = []
    if (NORTH_STAR, "") in held:
        options.append((NORTH_STAR, words("decisions.serves_north_star")))
    for subject in sorted(subject for kind, subject in held if kind == CHARTER):
        place, _, clause = subject.rpartition("/")
        options.append((f"charter:{subject}"[:80], _say_clause(clause, bodies.get(place))))
    return options[:99]


def say_serves(session: Session, serves: str) -> str:
    """What a decision serves, in words."""
    if serves == NORTH_STAR:
        return words("decisions.serves_north_star")
    place, _, clause = serves.removeprefix("charter:").rpartition("/")
    committee = session.get(Committee, place) if place else None
    return _say_clause(clause, committee.name if committee else None)


def _say_clause(clause: str, body: str | None) -> str:
    return words(
        "decisions.serves_clause",
        clause=clause.replace("_", " "),
        body=body or words("decisions.body_alliance"),
    )


# Reading what was filled in


def get_start(event: FormChanged) -> Start:
    """Where the form came from."""
    return load(event.context.get("start", ""))


def read_draft(context: Context, event: FormChanged, start: Start, *, permalink: str = "") -> Draft:
    """The decision as it was filled in. Raises NotUnderstood or NotFound, with the field."""
    values = event.values
    session, viewer = context.session, context.viewer
    chosen = str(values.get("committee") or "")
    committee = committees.get_committee_or_raise(session, viewer, chosen) if chosen else None
    former = log.get_decision_or_raise(session, viewer, start.replaces) if start.replaces else None
    serves = str(values.get("serves") or "")
    return Draft(
        what=_get(values, "what"),
        why=_get(values, "why"),
        alternatives=_get(values, "alternatives"),
        weight=_one_of(Weight, values, "weight"),
        basis=_read_basis(context, values, committee),
        committee=committee,
        audience=_one_of(AudienceKind, values, "audience"),
        serves=serves if serves and serves in _get_served(context) else "",
        inform=_get_members(context, get_named(event)),
        minuted=_get(values, "minuted"),
        review_on=read_day(values, "review_on"),
        approvals=_read_tasks(context, values, "approvals", TaskKind.APPROVAL),
        actions=_read_tasks(context, values, "actions", TaskKind.ACTION),
        supersedes=former,
        source=find_source(context, start, permalink=permalink),
    )


def _get_served(context: Context) -> set[str]:
    held = versions.get_held(context.session, context.viewer, (NORTH_STAR, CHARTER))
    return {serves for serves, _ in _get_serves(held, {})}


def _get(values: Mapping[str, FormValue], name: str) -> str:
    return str(values.get(name) or "").strip()


def _one_of(kinds: type[K], values: Mapping[str, FormValue], name: str) -> K:
    try:
        return kinds(str(values.get(name) or ""))
    except ValueError:
        raise NotUnderstood("decisions.choose", field=name) from None


def _read_basis(
    context: Context, values: Mapping[str, FormValue], committee: Committee | None
) -> Basis:
    grounds = get_grounds(context.session, context.viewer, committee)
    return check_basis(grounds, values, body=committee.name if committee else None)


def read_day(values: Mapping[str, FormValue], name: str) -> date | None:
    """A day, or none. Raises NotUnderstood."""
    said = str(values.get(name) or "")
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise NotUnderstood("decisions.past", field=name) from None


def _read_tasks(
    context: Context, values: Mapping[str, FormValue], name: str, kind: TaskKind
) -> tuple[NewTask, ...]:
    found = []
    for said in line.read_tasks(_get(values, name), field=name):
        owner = _find_owner(context, said.owner, field=name, kind=kind)
        found.append(
            NewTask(
                kind=kind,
                what=said.what,
                owner_id=owner.id,
                partner_id=owner.partner_id or "",
                due_on=said.due_on,
            )
        )
    return tuple(found)


def _find_owner(context: Context, name: str, *, field: str, kind: TaskKind) -> Member:
    """A member by name; nobody named: the acting person. Approvals are of one's own partner."""
    viewer = context.viewer
    if not name:
        return context.session.get_one(Member, viewer.member_id)
    wanted = name.casefold()
    people = [
        member
        for member in context.session.exec(
            select(Member).where(
                col(Member.alliance_id) == viewer.alliance_id,
                col(Member.left_at).is_(None),
                col(Member.partner_id).is_not(None),
            )
        )
        if member.name.casefold() == wanted or member.name.casefold().split()[:1] == [wanted]
    ]
    if kind == TaskKind.APPROVAL:
        people = [member for member in people if member.partner_id == viewer.partner_id]
    if len(people) != 1:
        key = "decisions.owner_unknown" if not people else "decisions.owner_several"
        raise NotFound(key, field=field, name=name[:60])
    return people[0]


def get_named(event: FormChanged) -> tuple[str, ...]:
    """The platform's ids of those who need to know."""
    users = event.values.get("inform")
    return tuple(dict.fromkeys(users if isinstance(users, tuple) else (users,) if users else ()))


def _get_members(context: Context, wanted: Sequence[str]) -> tuple[str, ...]:
    """The members behind the platform's ids; people who are not in the alliance are left out."""
    found = find_members(
        context.session,
        context.viewer.alliance_id,
        platform=context.event.platform,
        users=wanted,
    )
    return tuple(member.id for member in found.values())
