"""The committee form: its name, what it decides and how, and when it meets next."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.core.errors import Conflict, NotUnderstood
from bot.core.events import FormChanged, FormSubmitted
from bot.core.forms import DateInput, Form, TextInput, TimeInput
from bot.core.views import Button, Note, Text, View, actions, view
from bot.delivery.lanes import Claimed
from bot.delivery.postman import Skip
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs, Registry
from bot.dispatch.messages import say, words
from bot.dispatch.notices import differs, get_change, say_who, tell_other_managers
from bot.features.roster.rules import (
    make_inputs,
    read_rule,
    read_rule_loosely,
    set_rule,
)
from bot.people import committees, history
from bot.people.committees import Rule
from bot.people.models import Alliance, Change, Committee

NEW = "new:"
TOPIC = "committee_changed"


def open_form(context: Context, value: str) -> Form:
    """`value`: a committee's id, or `new:`, an alliance's id, and a name."""
    if value.startswith(NEW):
        alliance_id, _, name = value.removeprefix(NEW).partition(":")
        context.enter(alliance_id)
        context.require(Needs.MANAGER)
        return _make(context, None, name=name)
    committee = find(context, value)
    return _make(context, committee, name=committee.name)


def find(context: Context, committee_id: str) -> Committee:
    """A committee that the acting manager may change; they act in its alliance from here on."""
    context.find(Committee, committee_id, "roster.no_committee", names="")
    context.require(Needs.MANAGER)
    return committees.get_committee_or_raise(context.session, context.viewer, committee_id)


def _make(
    context: Context, committee: Committee | None, *, name: str, rule: Rule | None = None
) -> Form:
    meets = None
    if committee is not None and committee.meets_at is not None:
        meets = committee.meets_at.astimezone(ZoneInfo(context.alliance.zone))
    return Form(
        name="committee.form",
        title=words("committee.title"),
        submit=words("setup.save"),
        context={
            "alliance": context.viewer.alliance_id,
            "committee": committee.id if committee else "",
        },
        items=(
            TextInput(name="name", label=words("committee.name"), value=name[:80], max_length=80),
            TextInput(
                name="decides",
                label=words("committee.decides"),
                value=committee.decides if committee else "",
                hint=words("committee.decides_hint"),
                multiline=True,
                required=False,
                max_length=600,
            ),
            TextInput(
                name="rule",
                label=words("committee.rule"),
                value=committee.rule if committee else "",
                hint=words("committee.rule_hint"),
                multiline=True,
                required=False,
                max_length=600,
            ),
            *make_inputs(context, rule or _present_rule(committee)),
            DateInput(
                name="meets_on",
                label=words("committee.meets_on"),
                value=f"{meets:%Y-%m-%d}" if meets else "",
                required=False,
            ),
            TimeInput(
                name="meets_at",
                label=words("committee.meets_at"),
                value=f"{meets:%H:%M}" if meets else "",
                required=False,
            ),
        ),
    )


def _present_rule(committee: Committee | None) -> Rule:
    return committees.get_wanted_rule(committee) if committee else Rule()


def change_form(context: Context, event: FormChanged) -> Form:
    """The form with what the chosen rule asks for."""
    committee_id = event.context.get("committee", "")
    committee = find(context, committee_id) if committee_id else None
    if committee is None:
        context.enter(event.context.get("alliance", ""))
        context.require(Needs.MANAGER)
    rule = read_rule_loosely(event.values, _present_rule(committee))
    return _make(context, committee, name=str(event.values.get("name") or ""), rule=rule)


def submit_form(context: Context, event: FormSubmitted) -> Answer:
    """Make the committee, or change it; everybody in the alliance may know of it."""
    values = {name: str(value or "").strip() for name, value in event.values.items()}
    committee_id = event.context.get("committee", "")
    if committee_id:
        committee = find(context, committee_id)
    else:
        context.enter(event.context.get("alliance", ""))
        context.require(Needs.MANAGER)
        committee = _add(context, values.get("name", ""))
    _check_name(context, committee, values.get("name", ""))
    before = dump(committee) if committee_id else {}
    committee.name = " ".join(values["name"].split())
    committee.decides, committee.rule = values.get("decides", ""), values.get("rule", "")
    committee.meets_at = _meets_at(context, values)
    committee.changed_at = context.now
    context.session.add(committee)
    set_rule(context, committee, read_rule(event.values, _present_rule(committee)))
    change = history.record(
        context.session,
        context.viewer,
        "committee.changed" if committee_id else "committee.added",
        committee.id,
        now=context.now,
        before=before,
    )
    tell_other_managers(context, change, TOPIC, about=committee)
    return Answer(view=view(Text(text=say("committee.saved", committee=committee.name))))


def dump(committee: Committee) -> dict[str, object]:
    """What an undo needs."""
    return {
        "name": committee.name,
        "decides": committee.decides,
        "rule": committee.rule,
        "rule_kind": committee.rule_kind,
        "rule_count": committee.rule_count,
        "rule_days": committee.rule_days,
        "rule_agreed": list(committee.rule_agreed),
        "meets_at": committee.meets_at.isoformat() if committee.meets_at else None,
    }


def render_notice(
    _registry: Registry, session: Session, message: Claimed, now: datetime
) -> View | Skip:
    """What another manager hears of a committee that was set up or changed."""
    change = get_change(session, message)
    if isinstance(change, Skip):
        return change
    committee = session.get(Committee, change.subject_id)
    if committee is None:
        return Skip("committee is gone")
    values = say_who(session, change) | {"committee": committee.name}
    if change.action == "committee.added":
        text = say("committee.told_added", **values)
    else:
        changed = [n for n in differs(change.before, dump(committee)) if n != "rule_agreed"]
        if not changed:
            return Skip("as before")
        what = ", ".join(dict.fromkeys(words(f"committee.part_{name}") for name in changed))
        text = say("committee.told_changed", what=what, **values)
    alliance = session.get_one(Alliance, change.alliance_id)
    return view(
        Text(text=text),
        actions(Button(label=words("committee.look"), opens="committee.form", value=committee.id)),
        Note(text=say("changed.why", alliance=alliance.name)),
    )


def undo_change(context: Context, change: Change) -> Answer:
    """Put a committee back as it was."""
    committee = committees.get_committee_or_raise(
        context.session, context.viewer, change.subject_id
    )
    before = change.before
    committee.name = str(before["name"])
    committee.decides, committee.rule = str(before["decides"]), str(before["rule"])
    _undo_rule(committee, before)
    meets_at = before["meets_at"]
    committee.meets_at = datetime.fromisoformat(str(meets_at)) if meets_at else None
    committee.changed_at = context.now
    context.session.add(committee)
    return Answer(view=view(Text(text=say("committee.undone", committee=committee.name))))


def _undo_rule(committee: Committee, before: dict[str, object]) -> None:
    """A rule comes back with those who had agreed to it then, and with nobody else."""
    if "rule_kind" not in before:
        return
    agreed = before["rule_agreed"]
    committee.rule_kind = str(before["rule_kind"])
    committee.rule_count = int(str(before["rule_count"]))
    committee.rule_days = int(str(before["rule_days"]))
    committee.rule_agreed = [str(one) for one in agreed] if isinstance(agreed, list) else []


def _add(context: Context, name: str) -> Committee:
    _check_words(name)
    if committees.get_committee(context.session, context.viewer, name) is not None:
        raise Conflict("committee.exists", field="name", committee=name)
    return committees.add_committee(context.session, context.viewer, name, now=context.now)


def _check_words(name: str) -> None:
    if not name.strip() or not name.isprintable():
        raise NotUnderstood("setup.name_missing", field="name")
    if len(name) > 80:
        raise NotUnderstood("setup.name_long", field="name", most=80)


def _check_name(context: Context, committee: Committee, name: str) -> None:
    _check_words(name)
    other = committees.get_committee(context.session, context.viewer, name)
    if other is not None and other.id != committee.id:
        raise Conflict("committee.exists", field="name", committee=name)


def _meets_at(context: Context, values: dict[str, str]) -> datetime | None:
    if not values.get("meets_on"):
        return None
    try:
        day = date.fromisoformat(values["meets_on"])
        at = time.fromisoformat(values.get("meets_at") or "09:00")
    except ValueError:
        raise NotUnderstood("setup.time_missing", field="meets_on") from None
    return datetime.combine(day, at, ZoneInfo(context.alliance.zone))
