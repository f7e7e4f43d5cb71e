"""One note of a track in a form."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.errors import NotFound, NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import Note, Option
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.onboarding.editing import enter, get_committee_names, get_steps, save
from bot.features.onboarding.tracks import LONGEST_TEXT, TrackStep

IN_FORM = {
    "onboarding.step_day": "day",
    "onboarding.step_long": "text",
    "onboarding.step_empty": "text",
    "onboarding.step_control": "text",
    "onboarding.same": "title",
}
"""The input of one note's form that each complaint is about."""


def open_step(context: Context, value: str) -> Form:
    """One step in a form; a new one if none is named."""
    kind, name = enter(context, value)
    steps = get_steps(context, kind)
    step = next((s for s in steps if s.name == name), None)
    if name and step is None:
        raise NotFound("onboarding.step_gone")
    present = step or TrackStep(name="", day=max((s.day for s in steps), default=0))
    parts = tuple(
        Option(value=part.name, label=words(part.title)[:75])
        for part in context.registry.steps.values()
    )
    chosen = tuple(part for part in present.parts if part in context.registry.steps)
    return Form(
        name="onboarding.step",
        title=words("onboarding.step_form"),
        submit=words("north_star.submit"),
        context={"step": value},
        items=(
            TextInput(
                name="title",
                label=words("onboarding.title_label"),
                value=present.title,
                max_length=120,
            ),
            TextInput(
                name="day",
                label=words("onboarding.day_label"),
                value=str(present.day),
                hint=words("onboarding.day_hint"),
                max_length=2,
            ),
            ChoiceInput(
                name="parts",
                label=words("onboarding.parts_label"),
                options=parts,
                selected=chosen,
                multiple=True,
                required=False,
            ),
            TextInput(
                name="text",
                label=words("onboarding.text_label"),
                value=present.text,
                hint=words("onboarding.text_hint"),
                multiline=True,
                required=False,
                max_length=LONGEST_TEXT,
            ),
            *_make_audience(context, present),
            ChoiceInput(
                name="read",
                label=words("onboarding.read_label"),
                options=(
                    Option(value="yes", label=words("onboarding.yes")),
                    Option(value="no", label=words("onboarding.no")),
                ),
                selected=("yes" if present.acknowledge else "no",),
            ),
            ChoiceInput(
                name="keep",
                label=words("onboarding.keep_label"),
                options=(
                    Option(value="keep", label=words("onboarding.keep")),
                    Option(value="remove", label=words("onboarding.remove")),
                ),
                selected=("keep",),
            ),
            Note(text=say("onboarding.track_note")),
        ),
    )


EVERYONE = "all"


def _make_audience(context: Context, step: TrackStep) -> tuple[ChoiceInput, ChoiceInput]:
    """Who gets a note: those on one committee, or who manage; by default everybody."""
    names = get_committee_names(context)
    if step.committee and step.committee.casefold() not in {name.casefold() for name in names}:
        names.append(step.committee)  # it was closed, or renamed: the note keeps what it said
    chosen = next((n for n in names if n.casefold() == step.committee.casefold()), EVERYONE)
    everyone = Option(value=EVERYONE, label=words("onboarding.for_everyone"))
    return (
        ChoiceInput(
            name="committee",
            label=words("onboarding.committee_label"),
            options=(everyone, *(Option(value=n, label=n[:75]) for n in names[:99])),
            selected=(chosen,),
        ),
        ChoiceInput(
            name="role",
            label=words("onboarding.role_label"),
            options=(everyone, Option(value="manager", label=words("onboarding.for_managers"))),
            selected=(step.role or EVERYONE,),
        ),
    )


def _read_audience(context: Context, present: TrackStep | None, said: object) -> str:
    """The committee that was chosen. Raises NotUnderstood for one that is not here."""
    name = str(said or EVERYONE)
    known = set(get_committee_names(context))
    if name == EVERYONE:
        return ""
    if name not in known and (present is None or name != present.committee):
        raise NotUnderstood("onboarding.choose_one", field="committee")
    return name


def submit_step(context: Context, event: FormSubmitted) -> Answer:
    """Change one step, add it or take it out: a new version of the track."""
    kind, name = enter(context, event.context.get("step", ""))
    steps = list(get_steps(context, kind))
    values = event.values
    present = next((step for step in steps if step.name == name), None)
    if name and present is None:
        raise NotFound("onboarding.step_gone")
    rest = [step for step in steps if step.name != name]
    if values.get("keep") == "remove":
        if present is None or not rest:
            raise NotUnderstood("onboarding.last_step", field="keep")
        return save(context, kind, rest, IN_FORM)
    day = str(values.get("day") or "")
    if not day.isascii() or not day.isdigit():
        raise NotUnderstood("onboarding.day_hint", field="day")
    parts = values.get("parts") or ()
    # What a feature contributes that this installation does not know is kept as it is.
    unknown = [p for p in (present.parts if present else ()) if p not in context.registry.steps]
    step = replace(
        present or TrackStep(name=_new_name(steps)),
        title=str(values.get("title") or "").strip(),
        day=int(day),
        parts=(*(parts if isinstance(parts, tuple) else (str(parts),)), *unknown),
        text=str(values.get("text") or "").strip(),
        acknowledge=values.get("read") == "yes",
        committee=_read_audience(context, present, values.get("committee")),
        role="manager" if values.get("role") == "manager" else "",
    )
    changed = [step if s.name == name else s for s in steps] if present else [*steps, step]
    return save(context, kind, changed, IN_FORM)


def _new_name(steps: Sequence[TrackStep]) -> str:
    taken = {step.name for step in steps}
    return next(name for n in range(1, 100) if (name := f"own_{n}") not in taken)
