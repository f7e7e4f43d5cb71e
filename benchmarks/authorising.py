"""3. What it costs to ask anew, for each event, who may do and see what."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from statistics import median

from sqlalchemy import event
from sqlmodel import Session, col, select

from benchmarks import databases
from benchmarks.load import measure
from benchmarks.report import Ratio, Report
from benchmarks.seed import LINKED, World
from benchmarks.serve_entente import entente
from benchmarks.stub_slack import USER, stub_slack
from bot.db.engine import Database
from bot.people.models import AudienceKind
from bot.people.presence import get_presence
from bot.people.viewer import Viewer, visible_to
from bot.statements.models import Statement

ROUNDS = 5
REPEATS = 400
STATEMENTS = 500

NOW = datetime.now(UTC)


def run() -> Report:
    """Measure."""
    report = Report(
        name="authorising",
        title="Authorising, and filtering by audience",
        how="A handled event (signed, over HTTP, one committed row; one connection, so that "
        "nothing waits) against what of it goes into finding out who acts, in which alliance, as "
        f"what, and into the audience in the condition of a read of {STATEMENTS} statements (the "
        "same read with the alliance alone in its condition is taken off). On SQLite; medians of "
        "five rounds.",
        columns=("What", "Milliseconds", "Queries"),
    )
    handled, asking, filtering, queries = _measure()
    report.rows += [
        ("A handled event", f"{handled:.3f}", ""),
        ("Who acts, as what", f"{asking:.3f}", str(queries)),
        ("The audience in a read's condition", f"{filtering:.3f}", "none of its own"),
    ]
    report.ratios += [
        Ratio(
            what="Authorising and filtering / a handled event",
            value=(asking + filtering) / handled,
            aim=0.1,
            at_most=True,
        ),
        Ratio(what="Queries for it", value=queries, aim=1, at_most=True, unit=""),
    ]
    return report


def _measure() -> tuple[float, float, float, int]:
    with ExitStack() as stack:
        slack = stack.enter_context(stub_slack())
        address = stack.enter_context(databases.sqlite())
        database = Database(address)
        world = World(database)
        with database.write() as session:
            session.add_all(_statement(world, n) for n in range(STATEMENTS))
        viewer = _get_viewer(database)
        asking = median(_time(database, _ask) for _ in range(ROUNDS))
        plain = _read(viewer, filtered=False)
        full = _read(viewer, filtered=True)
        pairs = [(_time(database, full), _time(database, plain)) for _ in range(ROUNDS)]
        filtering = max(median(a - b for a, b in pairs), 0.0)
        queries = _count(database)
        database.close()
        port = stack.enter_context(entente(address, slack, handlers=1))
        handled = median(measure(port, connections=1, count=1_000).p50 for _ in range(ROUNDS))
        return handled, asking, filtering, queries


def _statement(world: World, number: int) -> Statement:
    return Statement(
        alliance_id=world.alliance,
        partner_id=world.partner,
        kind="bench",
        subject=str(number),
        created_at=world.moment,
        audience_kind=AudienceKind.PARTNER if number % 2 else AudienceKind.ALLIANCE,
        audience_id=world.partner if number % 4 == 1 else None,
    )


def _ask(session: Session) -> object:
    return get_presence(session, platform="slack", user=USER, channel=LINKED, now=NOW)


def _get_viewer(database: Database) -> Viewer:
    with database.read() as session:
        who = get_presence(session, platform="slack", user=USER, channel=LINKED, now=NOW)
    assert who is not None
    return who.viewers[0]


def _read(viewer: Viewer, *, filtered: bool) -> Callable[[Session], object]:
    mine = col(Statement.alliance_id) == viewer.alliance_id
    condition = visible_to(viewer, Statement) if filtered else mine
    chosen = select(Statement.id).where(condition).order_by(col(Statement.id)).limit(20)
    return lambda session: session.exec(chosen).all()


def _time(database: Database, work: Callable[[Session], object]) -> float:
    """Milliseconds, the median of many in one transaction."""
    found = []
    with database.read() as session:
        for _ in range(REPEATS):
            started = time.perf_counter()
            work(session)
            found.append((time.perf_counter() - started) * 1000)
    return median(found)


def _count(database: Database) -> int:
    """How many statements the database gets for it."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.read() as session:
        _ask(session)
    event.remove(database.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if "SELECT" in statement])
