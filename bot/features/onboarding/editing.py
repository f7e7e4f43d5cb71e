"""Tracks in managers' hands: step by step in a form, or all at once as YAML."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select

from bot.core.errors import Conflict, NotFound, NotUnderstood
from bot.core.events import ButtonPressed, CommandInvoked
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
    QUESTION,
    TrackKind,
    TrackStep,
    check_steps,
    ensure_track,
    get_starter,
    get_track,
    read_steps,
    save_track,
    say_title,
)
from bot.people import committees, history
from bot.people.models import Change


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
    return Answer(view=render_track(context, enter(context, event.value)[0]))


def enter(context: Context, value: str) -> tuple[TrackKind, str]:
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


def get_committee_names(context: Context) -> list[str]:
    """The committees that a note can be for."""
    found = committees.get_committees(context.session, context.viewer)
    return [committee.name for committee in found]


def render_track(context: Context, kind: TrackKind, *, note: str = "") -> View:
    """A track's steps, with the ways to change it."""
    steps = get_steps(context, kind)
    value = f"{context.viewer.alliance_id}:{kind}"
    columns = ("onboarding.day", "onboarding.step", "onboarding.brings")
    options = (
        *(Option(value=f"{value}:{step.name}", label=say_title(step)[:75]) for step in steps),
        Option(value=f"{value}:", label=words("onboarding.add_step")),
    )
    blocks: list[Block] = [Text(text=note)] if note else []
    blocks += [
        Heading(text=words(f"onboarding.kind_{kind}")),
        Text(text=say(f"onboarding.about_{kind}", partner=context.viewer.partner_name)),
        Table(
            columns=tuple(words(key) for key in columns),
            rows=tuple(
                (str(step.day), say_title(step), _say_parts(context, step)) for step in steps
            ),
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


def _say_parts(context: Context, step: TrackStep) -> str:
    known = [
        words(context.registry.steps[part].title)
        for part in step.parts
        if part in context.registry.steps
    ]
    own = [words("onboarding.own_text")] if step.text else []
    asks = [words("onboarding.asks_read")] if step.acknowledge else []
    only = [words("onboarding.only_committee", name=step.committee)] if step.committee else []
    only += [words("onboarding.only_managers")] if step.role else []
    return ", ".join([*known, *own, *asks, *only]) or words("onboarding.nothing_yet")


def press_pick(context: Context, event: ButtonPressed) -> Answer:
    """A step was chosen: its form."""
    enter(context, event.value)
    return Answer(opens=("onboarding.step", event.value))


def save(
    context: Context,
    kind: TrackKind,
    steps: Sequence[TrackStep],
    fields: Mapping[str, str] | None = None,
) -> Answer:
    """Keep the steps as a new version. Raises NotUnderstood for what is no track; `fields`: the
    inputs that complaints are about, by their keys."""
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
    kind, _ = enter(context, event.value)
    ensure_track(
        context.session,
        context.viewer.alliance_id,
        context.viewer.partner_id or "",
        kind,
        now=context.now,
    )
    return save(context, kind, get_starter(kind))
