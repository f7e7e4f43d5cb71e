"""Tracks in managers' hands: step by step in a form, or all at once as YAML."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked, FormSubmitted
from bot.core.forms import ChoiceInput, Form, TextInput
from bot.core.views import (
    Block,
    Button,
    Heading,
    Menu,
    Note,
    Option,
    Table,
    Text,
    View,
    actions,
)
from bot.dispatch.answers import Answer
from bot.dispatch.context import Context
from bot.dispatch.feature import Needs
from bot.dispatch.grammar import Arguments
from bot.dispatch.messages import say, words
from bot.features.onboarding.models import Track
from bot.features.onboarding.tracks import (
    LONGEST_TEXT,
    QUESTION,
    TrackKind,
    TrackStep,
    check_steps,
    ensure_track,
    get_starter,
    get_track,
    parse_steps,
    read_steps,
    save_track,
    write_steps,
)
from bot.people import history
from bot.people.models import Change

MOST_IN_FORM = 3000
"""Characters of one input; a longer track is changed step by step."""


def show(context: Context, event: CommandInvoked, arguments: Arguments) -> Answer:
    """`onboarding track committee`: a track's steps; without a kind, those of new members."""
    context.require(Needs.MANAGER)
    said = "_".join(arguments.text.casefold().replace("-", " ").split()) or TrackKind.MEMBER
    if said not in list(TrackKind):
        names = ", ".join(kind.replace("_", " ") for kind in TrackKind)
        raise NotUnderstood("onboarding.which_track", names=names)
    return Answer(view=render_track(context, TrackKind(said)))


def press_track(context: Context, event: ButtonPressed) -> Answer:
    """The same, from the menu."""
    return Answer(view=render_track(context, _enter(context, event.value)[0]))


def _enter(context: Context, value: str) -> tuple[TrackKind, str]:
    """The kind and step that `ALLIANCE:KIND[:STEP]` names; the acting person manages there."""
    alliance_id, _, rest = value.partition(":")
    kind, _, name = rest.partition(":")
    context.enter(alliance_id)
    context.require(Needs.MANAGER)
    if kind not in list(TrackKind):
        raise NotFound("onboarding.not_yours")
    return TrackKind(kind), name


def get_steps(context: Context, kind: TrackKind) -> Sequence[TrackStep]:
    """The steps of the manager's own partner; the starter's as long as nobody changed it."""
    track = get_track(context.session, context.viewer.partner_id or "", kind)
    steps = read_steps(track) if track else get_starter(kind)
    return [step for step in steps if step.name != QUESTION]


def render_track(context: Context, kind: TrackKind, *, note: str = "") -> View:
    """A track's steps, with the ways to change it."""
    steps = get_steps(context, kind)
    value = f"{context.viewer.alliance_id}:{kind}"
    columns = ("onboarding.day", "onboarding.step", "onboarding.brings")
    options = (
        *(Option(value=f"{value}:{step.name}", label=_name(step)[:75]) for step in steps),
        Option(value=f"{value}:", label=words("onboarding.add_step")),
    )
    blocks: list[Block] = [Text(text=note)] if note else []
    blocks += [
        Heading(text=words(f"onboarding.kind_{kind}")),
        Text(text=say(f"onboarding.about_{kind}", partner=context.viewer.partner_name)),
        Table(
            columns=tuple(words(key) for key in columns),
            rows=tuple((str(step.day), _name(step), _say_parts(context, step)) for step in steps),
        ),
    ]
    row = actions(
        Menu(label=words("onboarding.change_step"), action="onboarding.pick_step", options=options),
        Button(label=words("onboarding.as_yaml"), opens="onboarding.yaml", value=value),
        Button(label=words("onboarding.to_starter"), action="onboarding.starter", value=value)
        if list(get_starter(kind)) != list(steps)
        else None,
    )
    blocks += [*((row,) if row else ()), Note(text=say("onboarding.track_note"))]
    return View(blocks=tuple(blocks))


def _name(step: TrackStep) -> str:
    return step.title or step.name


def _say_parts(context: Context, step: TrackStep) -> str:
    known = [
        words(context.registry.steps[part].title)
        for part in step.parts
        if part in context.registry.steps
    ]
    own = [words("onboarding.own_text")] if step.text else []
    asks = [words("onboarding.asks_read")] if step.acknowledge else []
    return ", ".join([*known, *own, *asks]) or words("onboarding.nothing_yet")


def press_pick(context: Context, event: ButtonPressed) -> Answer:
    """A step was chosen: its form."""
    _enter(context, event.value)
    return Answer(opens=("onboarding.step", event.value))


def open_step(context: Context, value: str) -> Form:
    """One step in a form; a new one if none is named."""
    kind, name = _enter(context, value)
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


def submit_step(context: Context, event: FormSubmitted) -> Answer:
    """Change one step, add it or take it out: a new version of the track."""
    kind, name = _enter(context, event.context.get("step", ""))
    steps = list(get_steps(context, kind))
    values = event.values
    present = next((step for step in steps if step.name == name), None)
    if name and present is None:
        raise NotFound("onboarding.step_gone")
    rest = [step for step in steps if step.name != name]
    if values.get("keep") == "remove":
        if present is None or not rest:
            raise NotUnderstood("onboarding.last_step", field="keep")
        return _save(context, kind, rest, IN_FORM)
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
    )
    changed = [step if s.name == name else s for s in steps] if present else [*steps, step]
    return _save(context, kind, changed, IN_FORM)


def _new_name(steps: Sequence[TrackStep]) -> str:
    taken = {step.name for step in steps}
    return next(name for n in range(1, 100) if (name := f"own_{n}") not in taken)


IN_FORM = {
    "onboarding.step_day": "day",
    "onboarding.step_long": "text",
    "onboarding.step_empty": "text",
    "onboarding.same": "title",
}
"""The input of one note's form that each complaint is about."""


def _save(
    context: Context,
    kind: TrackKind,
    steps: Sequence[TrackStep],
    fields: Mapping[str, str] | None = None,
) -> Answer:
    try:
        checked = check_steps(steps)
        track = save_track(context.session, context.viewer, kind, checked, now=context.now)
    except NotUnderstood as error:
        # What is wrong with the one note in the form stands beside its input.
        field = (fields or {}).get(error.key, error.field)
        raise NotUnderstood(error.key, field=field, **error.values) from None
    history.record(context.session, context.viewer, "onboarding.track", track.id, now=context.now)
    return Answer(view=render_track(context, kind, note=say("onboarding.track_saved")))


def undo_track(context: Context, change: Change) -> Answer:
    """Back to the version before: as a new one, since some may be under way on either."""
    track = context.session.get_one(Track, change.subject_id)
    kind = TrackKind(track.kind)
    found = context.session.exec(
        select(Track)
        .where(
            col(Track.partner_id) == context.viewer.partner_id,
            col(Track.kind) == kind,
            col(Track.number) >= track.number - 1,
        )
        .order_by(col(Track.number))
    ).all()
    if len(found) != 2 or found[1].id != track.id:
        raise Conflict("undo.changed_since")
    steps = [step for step in read_steps(found[0]) if step.name != QUESTION]
    save_track(context.session, context.viewer, kind, steps, now=context.now)
    return Answer(view=render_track(context, kind, note=say("onboarding.track_undone")))


def press_starter(context: Context, event: ButtonPressed) -> Answer:
    """Back to the track that ships."""
    kind, _ = _enter(context, event.value)
    ensure_track(
        context.session,
        context.viewer.alliance_id,
        context.viewer.partner_id or "",
        kind,
        now=context.now,
    )
    return _save(context, kind, get_starter(kind))


def open_yaml(context: Context, value: str) -> Form:
    """The whole track as text."""
    kind, _ = _enter(context, value)
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
    kind, _ = _enter(context, event.context.get("track", ""))
    return _save(context, kind, parse_steps(str(event.values.get("yaml") or "")))
