"""How a committee decides: choosing it in the committee form, and the other sides' yes to it."""

from collections.abc import Mapping

from bot.core.errors import Conflict
from bot.core.events import ButtonPressed, FormValue
from bot.core.forms import ChoiceInput
from bot.core.views import Block, Button, Note, Option, Text, View, actions, view
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.messages import say, words
from bot.dispatch.notices import tell_managers_of
from bot.people import alliances, committees, history
from bot.people.committees import Rule
from bot.people.models import Change, Committee, RuleKind

DAYS = (2, 3, 5, 10, 15)
"""Working days that can be chosen for objections."""


def make_inputs(context: Context, rule: Rule) -> tuple[ChoiceInput, ...]:
    """What the form asks about a rule: its kind, and what that kind needs."""
    kind = ChoiceInput(
        name="rule_kind",
        label=words("committee.rule_kind"),
        options=tuple(
            Option(value=k.value, label=words(f"committee.rule_kind_{k.value}")) for k in RuleKind
        ),
        selected=(rule.kind.value,),
        hint=words("committee.rule_kind_hint"),
        live=True,
    )
    if rule.kind == RuleKind.COUNT:
        partners = len(alliances.get_partners(context.session, context.viewer.alliance_id))
        offered = tuple(range(1, max(partners, 2) + 1))
        label = words("committee.rule_count")
        return kind, _numbers("rule_count", label, offered, rule.count or 2)
    if rule.kind == RuleKind.SILENCE:
        return kind, _numbers("rule_days", words("committee.rule_days"), DAYS, rule.days or 5)
    return (kind,)


def _numbers(name: str, label: str, offered: tuple[int, ...], chosen: int) -> ChoiceInput:
    return ChoiceInput(
        name=name,
        label=label,
        options=tuple(Option(value=str(n), label=str(n)) for n in sorted({*offered, chosen})),
        selected=(str(chosen),),
    )


def read_rule(values: Mapping[str, FormValue], present: Rule) -> Rule:
    """The rule that was chosen, or the present one where the form did not ask. Raises
    NotUnderstood, with the field at fault."""
    kind = values.get("rule_kind")
    if not isinstance(kind, str) or not kind:
        return present
    return committees.make_rule(
        kind, count=_read_number(values, "rule_count"), days=_read_number(values, "rule_days")
    )


def read_rule_loosely(values: Mapping[str, FormValue], present: Rule) -> Rule:
    """The kind chosen so far, while the form is open."""
    kind = values.get("rule_kind")
    return Rule(kind=RuleKind(kind)) if kind in set(RuleKind) else present


def _read_number(values: Mapping[str, FormValue], name: str) -> int:
    said = str(values.get(name) or "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0


def say_rule(rule: Rule) -> str:
    """The rule in words, plain text."""
    return words(f"committee.says_{rule.kind}", number=rule.count or rule.days)


def render_rule(context: Context, committee: Committee) -> list[Block]:
    """How confirmations of a committee go, and whose yes to that is missing."""
    counts = say("roster.confirms", how=say_rule(committees.get_rule(context.session, committee)))
    blocks: list[Block] = [Text(text=counts)]
    waiting = committees.get_waited_for(context.session, committee)
    if not waiting:
        return blocks
    wanted = say_rule(committees.get_wanted_rule(committee))
    names = ", ".join(partner.name for partner in waiting)
    blocks.append(Note(text=say("roster.rule_waits", how=wanted, partners=names)))
    viewer = context.viewer
    if viewer.is_manager and viewer.partner_id in {partner.id for partner in waiting}:
        button = actions(_make_button(committee, viewer.partner_name or ""))
        blocks += [button] if button else []
    return blocks


def _make_button(committee: Committee, partner: str) -> Button:
    # The rule travels along: a yes is to the rule that was read, not to one that came since.
    rule = committees.get_wanted_rule(committee)
    return Button(
        label=words("roster.rule_agree", partner=partner)[:75],
        action="roster.agree",
        value=f"{committee.id}:{rule.kind}:{rule.count}:{rule.days}",
    )


def set_rule(context: Context, committee: Committee, rule: Rule) -> None:
    """Write a rule and tell the managers whose yes it takes. A form that was saved with the rule
    unchanged says nothing about it: that yes is a button of its own."""
    if rule != committees.get_wanted_rule(committee):
        committees.set_rule(context.session, context.viewer, committee, rule)
        _tell_waiting(context, committee)


def _tell_waiting(context: Context, committee: Committee) -> None:
    for partner in committees.get_waited_for(context.session, committee):
        content = _render_question(context, committee, partner.name)
        tell_managers_of(context, committee.alliance_id, {partner.id}, content)


def _render_question(context: Context, committee: Committee, partner: str) -> View:
    text = say(
        "roster.rule_asked",
        person=context.viewer.member_name,
        partner=context.viewer.partner_name,
        committee=committee.name,
        how=say_rule(committees.get_wanted_rule(committee)),
    )
    return view(
        Text(text=text),
        actions(_make_button(committee, partner)),
        Note(text=say("roster.rule_asked_why")),
    )


def press_agree(context: Context, event: ButtonPressed) -> Answer:
    """A manager's yes, for their partner, to a rule that makes confirmations easier."""
    committee_id, _, said = event.value.partition(":")
    context.find(Committee, committee_id, "roster.no_committee", names="")
    context.require(Needs.MANAGER)
    found = committees.get_committee_or_raise(context.session, context.viewer, committee_id)
    rule = committees.get_wanted_rule(found)
    if said != f"{rule.kind}:{rule.count}:{rule.days}":
        raise Conflict("roster.rule_changed", committee=found.name)
    committees.set_rule(context.session, context.viewer, found, rule)
    history.record(
        context.session, context.viewer, "committee.rule_agreed", found.id, now=context.now
    )
    return Answer(view=view(Text(text=_say_agreed(context, found, rule))))


def _say_agreed(context: Context, committee: Committee, rule: Rule) -> str:
    waiting = committees.get_waited_for(context.session, committee)
    if waiting:
        names = ", ".join(partner.name for partner in waiting)
        return say("roster.rule_agreed_wait", committee=committee.name, partners=names)
    return say("roster.rule_agreed", committee=committee.name, how=say_rule(rule))


def undo_agree(context: Context, change: Change) -> Answer:
    """Take a side's yes to a rule back."""
    committee = committees.get_committee_or_raise(
        context.session, context.viewer, change.subject_id
    )
    own = context.viewer.partner_id
    committee.rule_agreed = [one for one in committee.rule_agreed if one != own]
    context.session.add(committee)
    return Answer(view=view(Text(text=say("committee.undone", committee=committee.name))))
