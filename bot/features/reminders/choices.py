"""What a reminder is about, where its kind has a choice, and the committees it goes to."""

from collections.abc import Mapping, Sequence

from bot.core.errors import NotFound
from bot.core.events import FormValue
from bot.core.forms import ChoiceInput
from bot.core.views import Option
from bot.dispatch.context import Context
from bot.dispatch.feature import ReminderKind
from bot.dispatch.messages import words
from bot.people import committees
from bot.schedules.reminders import Plan

ANY = "any"
"""The option that stands for no choice: a platform's options want a value."""

Options = tuple[tuple[str, str], ...]


def make_inputs(context: Context, wanted: Plan) -> tuple[ChoiceInput, ...]:
    """The choice that a kind of reminder has, if it has one."""
    kind = context.registry.reminder_kinds.get(wanted.kind)
    known = _get_choices(context, kind)
    if not known:
        return ()
    chosen = get_choice(wanted.options)
    shown = known[:100]
    shown += [option for option in known[100:] if option.value == chosen]
    return (
        ChoiceInput(
            name="choice",
            label=words("remind.choice"),
            options=tuple(Option(value=o.value or ANY, label=o.label) for o in shown[-100:]),
            selected=(chosen or ANY,),
            required=False,
            live=True,
        ),
    )


def _get_choices(context: Context, kind: ReminderKind | None) -> list[Option]:
    if kind is None or kind.choices is None:
        return []
    return list(kind.choices(context.session, context.viewer))


def make_committee_input(context: Context, wanted: Plan) -> tuple[ChoiceInput, ...]:
    """The committees whose seats may get it directly."""
    known = committees.get_committees(context.session, context.viewer)[:100]
    if not known:
        return ()
    return (
        ChoiceInput(
            name="committees",
            label=words("remind.committees"),
            options=tuple(Option(value=c.id, label=c.name) for c in known),
            selected=tuple(c.id for c in known if c.id in wanted.committees),
            hint=words("remind.committees_hint", partner=context.viewer.partner_name),
            multiple=True,
            required=False,
        ),
    )


def get_choice(options: Options) -> str:
    """What was chosen; empty for nothing."""
    return dict(options).get("choice", "")


def make_options(choice: str) -> Options:
    """The options of a plan with this choice."""
    return (("choice", choice),) if choice else ()


def read_options(kind: ReminderKind | None, values: Mapping[str, FormValue]) -> Options:
    """What a form holds of a kind's choice."""
    chosen = values.get("choice")
    has_choice = kind is not None and kind.choices is not None
    if not has_choice or not isinstance(chosen, str) or chosen == ANY:
        return ()
    return make_options(chosen)


def check(context: Context, wanted: Plan) -> None:
    """Raise NotFound for a choice that is none of those there are, and for committees that the
    viewer does not know of."""
    chosen = get_choice(wanted.options)
    kind = context.registry.reminder_kinds.get(wanted.kind)
    if chosen and chosen not in {option.value for option in _get_choices(context, kind)}:
        raise NotFound("remind.choice_unknown", field="choice")
    for committee_id in wanted.committees:
        committees.get_committee_or_raise(context.session, context.viewer, committee_id)


def get_bodies(context: Context) -> Sequence[tuple[str, str]]:
    """The committees that a line can name, by id and name, the longest names first."""
    known = committees.get_committees(context.session, context.viewer)
    return sorted(((c.id, c.name) for c in known), key=lambda body: -len(body[1]))
