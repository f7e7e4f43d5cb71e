"""What the sample's partners agreed on (their North Star, charter clauses, words, decisions):
proposed by one side and confirmed by the other, as the cast would have done it in the weeks before.

Nobody is told of what is long over; what still waits for an answer is asked now.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, update
from sqlmodel import col, select

from adapters.local.loading import Loading
from bot.core.records import items_of
from bot.delivery.models import Delivery, Lane
from bot.features.decisions import capture, log
from bot.features.decisions.capture import Draft
from bot.features.decisions.models import Weight
from bot.features.glossary import agreeing, changing, terms
from bot.features.glossary.changing import Wording
from bot.features.glossary.models import FormKind
from bot.people import committees
from bot.people.models import Committee
from bot.people.viewer import Viewer
from bot.statements import proposals, voices
from bot.statements.models import Request, Statement, Version
from bot.statements.sides import get_sides

WORDS_AGO: Final = timedelta(days=28)
_FIRST_AGO: Final = timedelta(days=21)
_EACH: Final = timedelta(days=7)
_ANSWERS_AFTER: Final = timedelta(hours=26)


def put_statement(
    loading: Loading, kind: str, item: Mapping[str, Any], *, committee: Committee, subject: str = ""
) -> None:
    """A wording that the committee's co-chairs confirmed for both partners."""
    at = loading.now - WORDS_AGO
    author = loading.viewers[_get_elector(loading, committee, item["partner"], at=at)]
    text = item["versions"][-1]["text"].strip()
    version = proposals.propose(
        loading.session, author, kind, text=text, subject=subject, committee=committee, now=at
    )
    _confirm(loading, version, list(loading.managers), at=at + _ANSWERS_AFTER)


def _get_elector(
    loading: Loading, committee: Committee | None, partner: str, *, at: datetime
) -> str:
    """The name of who speaks for a partner in a committee, or as its manager."""
    alliance_id = loading.managers[partner].alliance_id
    body = committee.id if committee else None
    sides = get_sides(loading.session, alliance_id, body, now=at)
    return next(side.electors[0].name for side in sides if side.name == partner)


def put_term(loading: Loading, item: Mapping[str, Any]) -> None:
    """What each partner means, or what both agreed on."""
    at = loading.now - WORDS_AGO
    for said in items_of(item.get("meanings", [])):
        _mean(loading, loading.managers[said["partner"]], item, said["text"], at=at)
    if "agreed" in item:
        first = next(iter(loading.managers.values()))
        meaning = item["agreed"].strip()
        entry = _mean(loading, first, item, meaning, at=at)
        version = agreeing.propose(loading.session, first, [(entry.term, meaning)], now=at)
        _confirm(loading, version, list(loading.managers), at=at + _ANSWERS_AFTER)


def _mean(
    loading: Loading, viewer: Viewer, item: Mapping[str, Any], meaning: str, *, at: datetime
) -> terms.Entry:
    spelled_out = item.get("spelled_out", [])
    wording = Wording(
        name=item["term"],
        meaning=meaning.strip(),
        forms={FormKind.SPELLED_OUT: spelled_out} if spelled_out else {},
        is_shared=True,
    )
    return changing.add(loading.session, viewer, wording, now=at)


def put_decision(loading: Loading, item: Mapping[str, Any]) -> None:
    """A decision that both partners confirmed, or one that waits for the other."""
    session, partner = loading.session, item["partner"]
    manager, is_open = loading.managers[partner], item["state"] != "confirmed"
    committee = committees.get_committee(session, manager, item["committee"])
    number = log.get_book(session, manager.alliance_id).last_number
    at = loading.now if is_open else loading.now - _FIRST_AGO + number * _EACH
    author = _get_elector(loading, committee, partner, at=at)
    draft = Draft(
        what=item["what"].strip(),
        why=item["why"].strip(),
        alternatives=item["alternatives"].strip(),
        weight=Weight.ASKED,
        committee=committee,
    )
    saved = capture.save(session, loading.viewers[author], draft, now=at)
    if saved.entry.version is not None and not is_open:
        _confirm(loading, saved.entry.version, list(loading.managers), at=at + _ANSWERS_AFTER)


def _confirm(loading: Loading, version: Version, partners: list[str], *, at: datetime) -> None:
    """The partners that have not answered yet say yes; nobody is written to about it."""
    session = loading.session
    statement = session.get_one(Statement, version.statement_id)
    answered = {voice.partner_id for voice in proposals.get_voices(session, version)}
    for side in proposals.get_version_sides(session, version, statement, now=at):
        if side.name in partners and side.partner_id not in answered:
            viewer = loading.viewers[side.electors[0].name]
            voices.confirm(session, viewer, version, statement, now=at)
    settled = loading.registry.statements[statement.kind].settled
    if settled is not None:
        settled(loading.registry, session, version, at)
    _keep_quiet(loading, version)


def _keep_quiet(loading: Loading, version: Version) -> None:
    """Take back what was queued about a version."""
    session = loading.session
    asked = session.exec(select(Request.id).where(col(Request.version_id) == version.id)).all()
    session.execute(delete(Delivery).where(col(Delivery.subject).in_([version.id, *asked])))
    kept = select(Delivery.lane_id)
    session.execute(update(Lane).where(col(Lane.id).not_in(kept)).values(next_at=None))
