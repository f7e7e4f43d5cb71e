"""What a version counts for, in words: the same for every kind of statement."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from bot.dispatch.dates import say_date, say_day
from bot.dispatch.messages import Markdown, say, words
from bot.people.models import Member, Partner
from bot.statements import waiting
from bot.statements.models import Basis, Statement, Version, VersionState, Voice, VoiceKind
from bot.statements.proposals import get_voices
from bot.statements.versions import Difference

_WAITED_FOR = (VersionState.PROPOSED, VersionState.LAPSED)
"""The states that say for whom a version waits, or waited in vain."""


def say_standing(session: Session, version: Version, *, zone: str, now: datetime) -> str:
    """Who put it forward or in force, who confirmed it and when, and for whom it waits."""
    partner = session.get_one(Partner, version.partner_id)
    person = session.get_one(Member, version.member_id)
    key, moment = version.state, version.created_at
    if version.state == VersionState.CONFIRMED:
        moment = version.settled_at or version.created_at
        key = "confirmed_silence" if version.rule_kind == "silence" else "confirmed"
    text = say(
        f"standing.{key}",
        partner=partner.name,
        person=person.name,
        date=say_date(moment, zone),
        names=name_voices(session, version, objected=version.state == VersionState.OBJECTED),
        waiting=name_waiting(session, version, now=now) if version.state in _WAITED_FOR else "",
    )
    if version.state == VersionState.CONFIRMED and version.basis in {
        Basis.ESCALATION,
        Basis.FINAL_SAY,
    }:
        text = f"{text} {say(f'standing.{version.basis}')}"
    return text


def say_differences(differences: Sequence[Difference]) -> Markdown:
    """Changed passages in words, so that no colour is needed to read them."""
    parts = [
        say(
            "differences.replaced"
            if each.removed and each.added
            else "differences.removed"
            if each.removed
            else "differences.added",
            removed=each.removed[:200],
            added=each.added[:200],
        )
        for each in differences[:8]
    ]
    return Markdown(" ".join(parts) or say("differences.none"))


def say_shortly(session: Session, version: Version, *, zone: str) -> str:
    """The same in a few words, under what a channel reads."""
    if version.state == VersionState.CONFIRMED:
        date = say_date(version.settled_at or version.created_at, zone)
        return say("standing.confirmed", names=name_voices(session, version), date=date)
    partner = session.get_one(Partner, version.partner_id)
    return say("standing.reminder", partner=partner.name)


def name_voices(session: Session, version: Version, *, objected: bool = False) -> str:
    """The partners that confirmed (or objected), each with how, if it was said elsewhere."""
    kind = VoiceKind.OBJECTED if objected else VoiceKind.CONFIRMED
    names = [_name(session, v) for v in get_voices(session, version) if v.kind == kind]
    return join_names(names)


def join_names(names: Collection[str]) -> str:
    """Names in a row; in words if there are none."""
    return ", ".join(names) or words("standing.nobody")


def _name(session: Session, voice: Voice) -> str:
    partner = session.get_one(Partner, voice.partner_id)
    if not voice.given_in or voice.given_on is None:
        return partner.name
    how = words(f"standing.how_{voice.given_in}")
    return words("standing.elsewhere", partner=partner.name, how=how, date=say_day(voice.given_on))


def name_waiting(session: Session, version: Version, *, now: datetime) -> str:
    """The partners that have not answered."""
    statement = session.get_one(Statement, version.statement_id)
    found = waiting.look_at(session, version, statement, now=now)
    return join_names([side.name for side in found.waiting])
