"""Tracks from YAML: what is a track, and what is refused in words."""

import pytest

from bot.core.errors import NotUnderstood
from bot.dispatch.messages import words
from bot.features.catalogue import make_registry
from bot.features.onboarding.tracks import (
    MOST_STEPS,
    TrackKind,
    TrackStep,
    check_steps,
    get_starter,
    parse_steps,
    write_steps,
)


@pytest.mark.parametrize("kind", list(TrackKind))
def test_a_starter_is_a_track_that_survives_being_written_and_read(kind: TrackKind) -> None:
    steps = get_starter(kind)
    assert all(step.title for step in steps)
    assert check_steps(steps) == steps
    assert parse_steps(write_steps(steps)) == steps


def test_steps_are_put_in_the_order_of_their_days() -> None:
    steps = parse_steps("- {name: b, day: 5, text: later}\n- {name: a, day: 1, parts: roster}")
    assert [step.name for step in steps] == ["a", "b"]
    assert steps[0] == TrackStep(name="a", day=1, parts=("roster",))


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("- [", "yaml_broken"),
        ("!!python/object/apply:os.system ['true']", "yaml_broken"),
        ("just words", "yaml_list"),
        ("[]", "yaml_list"),
        ("- x", "step_keys"),
        ("- {name: a, text: b, colour: red}", "step_keys"),
        ("- {name: a, text: b, day: soon}", "step_keys"),
        ("- {name: a, text: b, day: true}", "step_keys"),
        ("- {name: a, text: b, day: -1}", "step_day"),
        ("- {name: a, text: b, day: 91}", "step_day"),
        ("- {name: a, text: b}\n- {name: a, text: c}", "step_name"),
        ("- {name: question, text: b}", "step_name"),
        ("- {name: 'a b', text: b}", "step_name"),
        ("- {name: a}", "step_empty"),
        ("- {name: a, text: b, role: king}", "step_role"),
        (f"- {{name: a, text: '{'x' * 2501}'}}", "step_long"),
        ("- {text: x}\n" * (MOST_STEPS + 1), "yaml_list"),
        ("x" * 20_001, "yaml_long"),
        ("- &a {name: a, text: b}\n- *a", "yaml_anchors"),
        ("- &a [x, x]\n- &b [*a, *a, *a, *a]\n- [*b, *b, *b, *b]", "yaml_anchors"),
        ("- {name: a, text: {b: c}}", "step_nested"),
        ("- {name: a, title: [b], text: c}", "step_nested"),
        ("- {name: a, parts: {b: c}}", "step_nested"),
        ("- {name: a, parts: [[b]]}", "step_nested"),
        ('- {name: a, text: "\\0"}', "step_control"),
        ('- {name: a, text: b, title: "\\ud800"}', "step_control"),
        ("[" * 5_000, "yaml_broken"),
    ],
)
def test_what_is_no_track_is_refused_in_words(raw: str, key: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        parse_steps(raw)
    assert refused.value.key == f"onboarding.{key}"
    assert words(refused.value.key, **refused.value.values)


@pytest.mark.parametrize("kind", list(TrackKind))
def test_what_a_starter_shows_is_there_to_be_shown(kind: TrackKind) -> None:
    named = {part for step in get_starter(kind) for part in step.parts}
    assert named - set(make_registry().steps) == set()
