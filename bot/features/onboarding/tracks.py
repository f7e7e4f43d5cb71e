"""Tracks: lists of steps, read from YAML or a form, checked, and kept in versions."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml
from sqlmodel import Session, col, select

from bot.core.errors import NotUnderstood
from bot.core.views import plain
from bot.dispatch.messages import get_keys, words
from bot.features.onboarding.models import Track
from bot.people.viewer import Viewer

MOST_STEPS = 20
MOST_DAYS = 90
LONGEST_TEXT = 2500
LONGEST_YAML = 20_000
QUESTION = "question"
"""The one question at the end of a member's track: a step as any other, which no track lists."""


class TrackKind(StrEnum):
    """Whom a track is for."""

    MEMBER = "member"
    COMMITTEE = "committee"
    MANAGER = "manager"
    CATCH_UP = "catch_up"
    BACK = "back"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackStep:
    """One message of a track. `day` counts from the first message; `parts` are steps that
    features contribute, `text` is the manager's own Markdown; `committee` or `role` restricts it
    to those who sit there, or have it."""

    name: str
    day: int = 0
    title: str = ""
    parts: tuple[str, ...] = ()
    text: str = ""
    acknowledge: bool = False
    committee: str = ""
    role: str = ""


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What nobody can read, and databases refuse."""

_KEYS = frozenset(TrackStep.__dataclass_fields__)


def parse_steps(raw: str) -> tuple[TrackStep, ...]:
    """The steps in a YAML list. Raises NotUnderstood, naming the step at fault."""
    if len(raw) > LONGEST_YAML:
        raise NotUnderstood("onboarding.yaml_long", field="yaml", most=LONGEST_YAML)
    try:
        # An alias can stand for a thousand others: a few lines would fill the memory.
        if any(getattr(event, "anchor", None) for event in yaml.parse(raw, Loader=yaml.SafeLoader)):
            raise NotUnderstood("onboarding.yaml_anchors", field="yaml")
        found = yaml.safe_load(raw)
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError):
        raise NotUnderstood("onboarding.yaml_broken", field="yaml") from None
    if not isinstance(found, list) or not 0 < len(found) <= MOST_STEPS:
        raise NotUnderstood("onboarding.yaml_list", field="yaml", most=MOST_STEPS)
    steps = tuple(_parse_step(each, place) for place, each in enumerate(found, 1))
    return check_steps(steps)


def _parse_step(found: Any, place: int) -> TrackStep:
    if not isinstance(found, Mapping) or not set(map(str, found)) <= _KEYS:
        raise NotUnderstood("onboarding.step_keys", field="yaml", number=place)
    parts = found.get("parts") or ()
    day = found.get("day", 0)
    if isinstance(day, bool) or not isinstance(day, int):
        raise NotUnderstood("onboarding.step_keys", field="yaml", number=place)
    named = parts if isinstance(parts, list | tuple) else (parts,)
    for value in (*named, *(found.get(key) for key in _KEYS - {"parts"})):
        if isinstance(value, Mapping | list | set | bytes):
            raise NotUnderstood("onboarding.step_nested", field="yaml", number=place)
    return TrackStep(
        name=str(found.get("name") or f"step_{place}").strip(),
        day=day,
        title=str(found.get("title") or "").strip(),
        parts=tuple(str(part).strip() for part in named),
        text=str(found.get("text") or "").strip(),
        acknowledge=found.get("acknowledge") is True,
        committee=str(found.get("committee") or "").strip(),
        role=str(found.get("role") or "").strip(),
    )


def check_steps(steps: Sequence[TrackStep]) -> tuple[TrackStep, ...]:
    """The steps in the order of their days. Raises NotUnderstood for what can't be a track."""
    names: set[str] = set()
    for place, step in enumerate(steps, 1):
        if not _is_name(step.name) or step.name in names or step.name == QUESTION:
            raise NotUnderstood("onboarding.step_name", field="yaml", number=place)
        names.add(step.name)
        if not 0 <= step.day <= MOST_DAYS:
            raise NotUnderstood("onboarding.step_day", field="yaml", number=place, most=MOST_DAYS)
        if len(step.text) > LONGEST_TEXT or len(step.title) > 120:
            raise NotUnderstood(
                "onboarding.step_long", field="yaml", number=place, most=LONGEST_TEXT
            )
        if _CONTROL.search("".join((step.title, step.text, step.committee, *step.parts))):
            raise NotUnderstood("onboarding.step_control", field="yaml", number=place)
        if not step.text and not step.parts:
            raise NotUnderstood("onboarding.step_empty", field="yaml", number=place)
        if step.role not in {"", "manager"}:
            raise NotUnderstood("onboarding.step_role", field="yaml", number=place)
    return tuple(sorted(steps, key=lambda step: step.day))


def _is_name(name: str) -> bool:
    plain = name.replace("_", "").replace("-", "")
    return 0 < len(name) <= 40 and plain.isascii() and plain.isalnum()


def write_steps(steps: Sequence[TrackStep]) -> str:
    """The steps as YAML that `parse_steps` reads; what says nothing is left out."""
    rows = [
        {key: _plain(value) for key, value in asdict(step).items() if key == "day" or value}
        for step in steps
    ]
    return yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=88)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


@lru_cache
def get_starter(kind: TrackKind) -> tuple[TrackStep, ...]:
    """The track that ships, with its texts from the message catalogue."""
    raw = (files(__package__) / "starters" / f"{kind}.yaml").read_text("utf-8")
    return tuple(_with_texts(step) for step in _read(yaml.safe_load(raw)))


def _with_texts(step: TrackStep) -> TrackStep:
    text = f"onboarding.text_{step.name}"
    return TrackStep(
        **{
            **asdict(step),
            "title": words(f"onboarding.title_{step.name}"),
            "text": words(text) if text in get_keys() else "",
        }
    )


def _read(rows: Sequence[Mapping[str, Any]]) -> tuple[TrackStep, ...]:
    known = ({key: value for key, value in row.items() if key in _KEYS} for row in rows)
    return tuple(TrackStep(**{**row, "parts": tuple(row.get("parts", ()))}) for row in known)


def read_steps(track: Track) -> tuple[TrackStep, ...]:
    """A version's steps, with the question at the end of a member's track."""
    steps = _read(track.steps)
    if track.kind != TrackKind.MEMBER:
        return steps
    last = max((step.day for step in steps), default=0)
    return (*steps, TrackStep(name=QUESTION, day=last, title=words("onboarding.title_question")))


def say_title(step: TrackStep) -> str:
    """What a note is called: its title, or how its own text begins."""
    first = step.text.strip().split("\n", 1)[0]
    return step.title or plain(first)[:60] or words("onboarding.untitled")


def get_titles(session: Session, partner_id: str) -> Mapping[str, str]:
    """What a partner's notes are called, as they were last; by their names."""
    found = session.exec(
        select(Track).where(col(Track.partner_id) == partner_id).order_by(col(Track.number))
    ).all()
    titles = {step.name: say_title(step) for track in found for step in read_steps(track)}
    return defaultdict(lambda: words("onboarding.untitled"), titles)


def get_track(session: Session, partner_id: str, kind: str) -> Track | None:
    """The partner's newest version of one kind."""
    return session.exec(
        select(Track)
        .where(col(Track.partner_id) == partner_id, col(Track.kind) == kind)
        .order_by(col(Track.number).desc())
        .limit(1)
    ).first()


def ensure_track(
    session: Session, alliance_id: str, partner_id: str, kind: TrackKind, *, now: datetime
) -> Track:
    """The partner's track of one kind; the starter is kept as its first version."""
    found = get_track(session, partner_id, kind)
    return found or _add(
        session, alliance_id, partner_id, kind, get_starter(kind), number=1, member=None, now=now
    )


def save_track(
    session: Session,
    viewer: Viewer,
    kind: TrackKind,
    steps: Sequence[TrackStep],
    *,
    now: datetime,
) -> Track:
    """A new version of the viewer's own partner's track; who is under way stays on theirs.
    Raises NotUnderstood if nothing changed."""
    partner_id = viewer.partner_id or ""
    present = ensure_track(session, viewer.alliance_id, partner_id, kind, now=now)
    if _read(present.steps) == tuple(steps):
        raise NotUnderstood("onboarding.same", field="yaml")
    return _add(
        session,
        viewer.alliance_id,
        partner_id,
        kind,
        steps,
        number=present.number + 1,
        member=viewer.member_id,
        now=now,
    )


def _add(
    session: Session,
    alliance_id: str,
    partner_id: str,
    kind: TrackKind,
    steps: Sequence[TrackStep],
    *,
    number: int,
    member: str | None,
    now: datetime,
) -> Track:
    track = Track(
        alliance_id=alliance_id,
        partner_id=partner_id,
        member_id=member,
        kind=kind,
        number=number,
        steps=[{key: _plain(value) for key, value in asdict(step).items()} for step in steps],
        created_at=now,
    )
    session.add(track)
    session.flush()
    return track
