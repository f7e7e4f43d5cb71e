"""A whole track as YAML."""

from collections.abc import Sequence

from bot.core.errors import NotUnderstood
from bot.core.events import FormSubmitted
from bot.core.forms import Form, TextInput
from bot.core.views import Note, Text
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.messages import say, words
from bot.features.onboarding.editing import enter, get_committee_names, get_steps, save
from bot.features.onboarding.tracks import TrackStep, parse_steps, write_steps

MOST_IN_FORM = 3000
"""Characters of one input; a longer track is changed step by step."""


def open_yaml(context: Context, value: str) -> Form:
    """The whole track as text."""
    kind, _ = enter(context, value)
    raw = write_steps(get_steps(context, kind))
    fits = len(raw) <= MOST_IN_FORM
    return Form(
        name="onboarding.yaml",
        title=words("onboarding.yaml_title"),
        submit=words("north_star.submit"),
        context={"track": value},
        items=(
            Text(text=say("onboarding.yaml_intro" if fits else "onboarding.yaml_too_long")),
            TextInput(
                name="yaml",
                label=words("onboarding.yaml_label"),
                value=raw if fits else "",
                multiline=True,
                max_length=MOST_IN_FORM,
            ),
            Note(text=say("onboarding.parts_known", names=", ".join(context.registry.steps))),
        ),
    )


def submit_yaml(context: Context, event: FormSubmitted) -> Answer:
    """Read the text, and keep it as a new version."""
    kind, _ = enter(context, event.context.get("track", ""))
    steps = parse_steps(str(event.values.get("yaml") or ""))
    _check_known(context, get_steps(context, kind), steps)
    return save(context, kind, steps)


def _check_known(
    context: Context, present: Sequence[TrackStep], steps: Sequence[TrackStep]
) -> None:
    """Raise NotUnderstood for parts and committees that are not here, nor named already."""
    parts = {*context.registry.steps, *(part for step in present for part in step.parts)}
    bodies = {name.casefold() for name in get_committee_names(context)}
    bodies |= {"", *(step.committee.casefold() for step in present)}
    for place, step in enumerate(steps, 1):
        unknown = [part for part in step.parts if part not in parts]
        if unknown:
            names = ", ".join(context.registry.steps)
            raise NotUnderstood(
                "onboarding.step_part", field="yaml", number=place, part=unknown[0], names=names
            )
        if step.committee.casefold() not in bodies:
            raise NotUnderstood(
                "onboarding.step_committee", field="yaml", number=place, name=step.committee
            )
