"""Agreed meanings: put to the partners as statements, many in one go, and what becomes of them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.core.errors import Conflict, NotUnderstood
from bot.core.ids import new_id
from bot.core.views import Block, Fields, Heading, Quote, Text
from bot.dispatch.feature import Registry, StatementKind
from bot.dispatch.messages import say, words
from bot.features.glossary.models import Term, TermMeaning, TermProposal, TermStatus
from bot.features.glossary.standing import refresh_status, touch
from bot.features.glossary.terms import LONGEST_MEANING, STATEMENT, get_partner_names
from bot.people.models import AudienceKind
from bot.people.viewer import Viewer
from bot.statements import proposals
from bot.statements.models import Statement, Version, VersionState

MOST = 20
"""Meanings in one proposal: what a busy person still reads."""


def propose(
    session: Session, viewer: Viewer, wordings: Sequence[tuple[Term, str]], *, now: datetime
) -> Version:
    """Put meanings to the partners' managers; once confirmed, they are the alliance's.

    One statement for each term; several in one go share a statement, so that people confirm once.
    Raises NotUnderstood for too many, Conflict for terms that others can't see, and whatever
    `proposals.propose` raises.
    """
    if not wordings or len(wordings) > MOST:
        raise NotUnderstood("term.too_many", most=MOST)
    for term, _ in wordings:
        if term.audience_kind != AudienceKind.ALLIANCE:
            raise Conflict("term.agree_private", name=term.name)
    is_one = len(wordings) == 1
    labels = [] if is_one else _make_labels([term.name for term, _ in wordings])
    lines = [
        f"{label}: {' '.join(meaning.split())}"
        for label, (_, meaning) in zip(labels, wordings, strict=False)
    ]
    text = wordings[0][1] if is_one else "\n".join(lines)
    subject = wordings[0][0].id if is_one else new_id()
    version = proposals.propose(
        session,
        viewer,
        STATEMENT,
        text=text,
        subject=subject,
        now=now,
        # What the partners agreed on may still be right, whoever disputes it.
        is_again=any(term.status == TermStatus.CONTESTED for term, _ in wordings),
    )
    for number, (term, _) in enumerate(wordings):
        if session.get(TermProposal, (version.statement_id, term.id)) is None:
            label = "" if is_one else labels[number]
            about = TermProposal(statement_id=version.statement_id, term_id=term.id, label=label)
            session.add(about)
        touch(session, term)
    session.flush()
    return version


def _make_labels(names: Sequence[str]) -> list[str]:
    """What stands before each meaning: the name, numbered where several senses share it."""
    seen: Counter[str] = Counter()
    labels = []
    for name in names:
        seen[name] += 1
        labels.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return labels


def get_terms(session: Session, statement_id: str) -> Sequence[Term]:
    """The terms that a statement is about, by name."""
    return session.exec(
        select(Term)
        .join(TermProposal, col(TermProposal.term_id) == col(Term.id))
        .where(col(TermProposal.statement_id) == statement_id)
        .order_by(col(Term.key), col(Term.id))
    ).all()


def split_text(session: Session, version: Version) -> list[tuple[Term, str]]:
    """What a version says about each term; one that a new wording left out is not among them."""
    found = get_terms(session, version.statement_id)
    if len(found) == 1:
        return [(found[0], version.text.strip())]
    labels = _get_labels(session, version.statement_id)
    # A name may hold ": " itself, or begin like another: the longest that fits is meant.
    by_label = sorted(((labels.get(t.id) or t.name, t) for t in found), key=lambda e: -len(e[0]))
    said: dict[str, str] = {}
    for line in version.text.splitlines():
        for label, term in by_label:
            if line.strip().startswith(f"{label}:") and term.id not in said:
                said[term.id] = line.strip().removeprefix(f"{label}:").strip()
                break
    return [(term, said[term.id]) for term in found if said.get(term.id)]


def read_meaning(session: Session, version: Version, term: Term) -> str:
    """What a version says about one term."""
    found = (text for about, text in split_text(session, version) if about.id == term.id)
    return next(found, "")


def _get_labels(session: Session, statement_id: str) -> dict[str, str]:
    rows = session.exec(
        select(TermProposal.term_id, TermProposal.label).where(
            col(TermProposal.statement_id) == statement_id
        )
    ).all()
    return dict(rows)


def settle(registry: Registry, session: Session, version: Version, now: datetime) -> None:
    """Take over what became of a version: confirmed meanings are agreed from now on."""
    if version.state != VersionState.CONFIRMED:
        return
    for term, meaning in split_text(session, version):
        term.agreed_text = meaning[:LONGEST_MEANING]
        term.agreed_at = version.settled_at or now
        term.agreed_version_id = version.id
        term.is_disputed = False
        touch(session, term)
        refresh_status(session, term, now=now)


def get_title(session: Session, statement: Statement) -> str:
    """What a request calls it."""
    found = get_terms(session, statement.id)
    if len(found) == 1:
        return words("term.title", name=found[0].name)
    return words("term.title_many", count=len(found))


def render(session: Session, version: Version) -> Sequence[Block]:
    """The wording, and beside it what each partner means now, as all may read it."""
    blocks: list[Block] = []
    for term, meaning in split_text(session, version):
        blocks += [Heading(text=term.name[:150]), Quote(text=meaning)]
        rows = _shared_meanings(session, term)
        if rows:
            blocks += [Text(text=say("term.so_far")), Fields(items=rows)]
    return blocks or (Quote(text=version.text),)


def _shared_meanings(session: Session, term: Term) -> tuple[tuple[str, str], ...]:
    names = get_partner_names(session, term.alliance_id)
    found = session.exec(
        select(TermMeaning).where(
            col(TermMeaning.term_id) == term.id,
            col(TermMeaning.audience_kind) == AudienceKind.ALLIANCE,
        )
    ).all()
    return tuple(sorted((names.get(m.partner_id, ""), m.text[:300]) for m in found))


def get_proposed_ids(session: Session, term_ids: Sequence[str]) -> set[str]:
    """Those of these terms about which a proposal waits for answers."""
    return set(
        session.exec(
            select(TermProposal.term_id)
            .join(Version, col(Version.statement_id) == col(TermProposal.statement_id))
            .where(
                col(TermProposal.term_id).in_(term_ids),
                col(Version.state) == VersionState.PROPOSED,
            )
        )
    )


def get_open(session: Session, term_id: str) -> Version | None:
    """The proposal about a term that waits for answers, if there is one."""
    return session.exec(
        select(Version)
        .join(TermProposal, col(TermProposal.statement_id) == col(Version.statement_id))
        .where(col(TermProposal.term_id) == term_id, col(Version.state) == VersionState.PROPOSED)
        .order_by(col(Version.created_at).desc())
    ).first()


KIND = StatementKind(name=STATEMENT, title=get_title, render=render, settled=settle)
