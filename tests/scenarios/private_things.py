"""What is one partner's own, Acme's here, and what another side's people could name it by."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from bot.db.table import Table
from bot.people.models import AudienceKind, Committee, Partner
from bot.people.viewer import Viewer, get_viewers
from tests.harness import MONDAY
from tests.scenarios.furnishing import furnish
from tests.scenarios.test_other_alliances import MANIFOLD, Rows, read_rows

SECRETS = (
    "a lantern in every harbour",
    "bring the blue ledger",
    "zephyr-backroom",
    "our board above two million",
    "only wide sails",
    "Quillon Circle",
)
"""Words that stand only in what is Acme's own."""

PRIVATE = (
    "channels",
    "statements",
    "versions",
    "reminders",
    "committees",
    "changes",
    "seats",
    "decisions",
    "decision_tasks",
    "terms",
    "term_meanings",
    "term_imports",
)
"""Tables in which a row can be one partner's own. What one person got (a hint, a newcomer's note)
is in ALONE."""

ON_PRIVATE_THINGS = {
    "charter.form",
    "checks.clarify",
    "decisions.first_words",
    "decisions.reword",
    "decisions.task_date",
    "decisions.task_give",
    "decisions.task_refuse",
    "decisions.task_tell",
    "onboarding.remark",
    "term.agree",
    "term.dispute",
    "term.form",
    "term.retire",
    "terms_file.form",
}
"""Forms that open on what this stage holds, and that the other side must not get at."""

ALONE = ("term_nudges", "onboarding_journeys")
"""Tables whose rows are one person's, here all of Acme's people."""


def furnish_private(session: Session, *, now: datetime) -> None:
    """A committee that is Acme's own, and something of each kind for Acme's people alone."""
    _add_committee(session)
    furnish(
        session,
        _get_ana(session),
        colleague="Tom",
        text="bring the blue ledger",
        audience=AudienceKind.PARTNER,
        now=now,
    )


def _add_committee(session: Session) -> None:
    acme = session.execute(
        select(
            Table.metadata.tables["partners"].c.id, Table.metadata.tables["partners"].c.alliance_id
        ).where(Table.metadata.tables["partners"].c.name == "Acme")
    ).one()
    session.add(
        Committee(
            alliance_id=acme[1],
            name="Quillon Circle",
            created_at=MONDAY,
            audience_kind=AudienceKind.PARTNER,
            audience_id=acme[0],
        )
    )


def _get_ana(session: Session) -> Viewer:
    """Acme's manager as viewer."""
    accounts = Table.metadata.tables["accounts"]
    (account,) = session.execute(select(accounts.c.id).where(accounts.c.name == "Ana")).scalars()
    (ana,) = get_viewers(session, account)
    return ana


def get_acme(session: Session) -> str:
    table = Partner.metadata.tables["partners"]
    chosen = select(table.c.id).where(table.c.name == "Acme")
    return str(session.execute(chosen).scalar_one())


def collect_private(session: Session) -> dict[str, list[str]]:
    """The ids of what is Acme's alone, by table."""
    acme, tables = get_acme(session), Table.metadata.tables
    found: dict[str, list[str]] = {}
    for name in PRIVATE:
        table = tables[name]
        if "audience_id" in table.columns:
            query = select(table.c.id).where(table.c.audience_id == acme)
        elif "partner_id" in table.columns:
            query = select(table.c.id).where(table.c.partner_id == acme)
        else:
            continue
        found[name] = [str(each) for each in session.execute(query).scalars()]
    for name in ALONE:
        found[name] = [str(each) for each in session.execute(select(tables[name].c.id)).scalars()]
    return {name: ids for name, ids in found.items() if ids}


def read_private(session: Session, ids: Mapping[str, Iterable[str]]) -> Rows:
    """All rows of Acme's own things and of whatever points at them, its people and roles; without
    consents, which either side may withdraw."""
    rows = read_rows(
        session, {each for found in ids.values() for each in found} | {get_acme(session)}
    )
    return {name: rows[name] for name in rows if name not in {"opt_outs", "revisions", "consents"}}


def name_private(
    session: Session, ids: Mapping[str, list[str]], notes: Iterable[str], seen: Iterable[str]
) -> list[str]:
    """What could name one of Acme's own things in a button; `seen`: what its own buttons carry."""
    named = [found[0] for found in ids.values()] + [*notes]
    named += [each for table in MANIFOLD for each in ids[table]]
    prefixed = [f"{kind}:{ids[kind + 's'][0]}" for kind in ("statement", "committee", "channel")]
    alliances = Table.metadata.tables["alliances"]
    alliance = session.execute(select(alliances.c.id)).scalar_one()
    clauses = [f"{alliance}:{ids['committees'][0]}/scope"]
    pages = [f"{ids['reminders'][0]}:{n}" for n in (0, 1)]
    return list(dict.fromkeys([*named, *prefixed, *clauses, *pages, *sorted(seen)]))
