"""The wordings of one thing side by side: what counts, what waits for the partners, what one's own
side has for itself, and what stood before; the same for every kind of statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from bot.core.views import Block, Button, Note, Quote, Text
from bot.dispatch.dates import say_date
from bot.dispatch.messages import say, words
from bot.dispatch.standings import say_differences
from bot.people.models import Member, Partner
from bot.people.viewer import Viewer
from bot.statements import versions
from bot.statements.models import Statement, Version, VersionState

SHOWN = 10
"""Versions in a history: the last ones are what people look for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wordings:
    """What counts for a viewer, what waits for the partners, and what the viewer's own side has in
    force; each may be missing, and the first and the last may be the same."""

    counts: Version | None
    waiting: Version | None
    own: Version | None

    @property
    def shown(self) -> Version | None:
        """What is read first: what counts, or what is to count."""
        return self.counts or self.waiting

    @property
    def start(self) -> Version | None:
        """What a change begins with: one's own words, where there are any."""
        return self.own or self.counts


def get_wordings(session: Session, viewer: Viewer, kind: str, *, subject: str = "") -> Wordings:
    """The wordings that the viewer may see."""
    return Wordings(
        counts=versions.get_in_force(session, viewer, kind, subject=subject),
        waiting=versions.get_proposed(session, viewer, kind, subject=subject),
        own=versions.get_own(session, viewer, kind, subject=subject),
    )


def render_others(viewer: Viewer, found: Wordings) -> list[Block]:
    """That another wording waits, and what one's own side has for itself, beside what counts."""
    blocks: list[Block] = []
    if found.counts is None:
        return blocks
    if found.waiting is not None:
        is_same = found.waiting.text == found.counts.text
        blocks.append(Text(text=say("wordings.waits_same" if is_same else "wordings.waits")))
    if found.own is not None and found.own.id != found.counts.id:
        partner = viewer.partner_name
        blocks.append(Text(text=say("wordings.own", partner=partner)))
        blocks.append(Quote(text=found.own.text))
    return blocks


def make_propose(version: Version) -> Button:
    """Asks the partners to confirm what is in force at one of them."""
    return Button(
        label=words("confirm.propose_button"), opens="confirmations.propose", value=version.id
    )


def make_next(viewer: Viewer, found: Wordings) -> Button | None:
    """What can be done for a wording to count: read the one that waits, or ask the partners."""
    if found.waiting is not None:
        return Button(
            label=words("confirm.read"), action="confirmations.read", value=found.waiting.id
        )
    return make_propose(found.own) if found.own is not None and viewer.is_manager else None


def render_saved(session: Session, viewer: Viewer, version: Version, kind: str) -> list[Block]:
    """After a wording was put in force at one side: that the one confirmed goes on counting."""
    statement = session.get_one(Statement, version.statement_id)
    counts = versions.get_in_force(session, viewer, kind, subject=statement.subject)
    if counts is None or counts.state != VersionState.CONFIRMED:
        return []
    return [Text(text=say("wordings.confirmed_stays"))]


def render_history(session: Session, found: Sequence[Version], *, zone: str) -> list[Block]:
    """Versions, given newest first, each with what changed against the one before."""
    blocks: list[Block] = []
    for index, version in enumerate(found[:SHOWN]):
        older = next(
            (v for v in found[index + 1 :] if v.statement_id == version.statement_id), None
        )
        blocks.append(Text(text=_say_version(session, version, zone=zone)))
        blocks.append(Quote(text=version.text))
        if older is not None and version.state != VersionState.WITHDRAWN:
            differences = versions.get_differences(older.text, version.text)
            blocks.append(Note(text=say_differences(differences)))
    if len(found) > SHOWN:
        blocks.append(Note(text=say("wordings.older", count=len(found) - SHOWN)))
    return blocks


def _say_version(session: Session, version: Version, *, zone: str) -> str:
    return say(
        f"wordings.version_{version.state}",
        number=version.number,
        date=say_date(version.created_at, zone),
        person=session.get_one(Member, version.member_id).name,
        partner=session.get_one(Partner, version.partner_id).name,
    )
