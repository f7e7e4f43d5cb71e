"""7. 20,000 members compared with who is in the channel, and 10,000 people's next steps due at one
moment, taken up once they arrived and planned anew, against bare SQL of the same rows."""

import time
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from benchmarks import databases
from benchmarks.report import Ratio, Report
from bot.core.ids import new_id
from bot.db.bulk import bind_moment, dump_rows, is_sqlite, rows_sql
from bot.db.engine import Database
from bot.delivery.models import Lane
from bot.dispatch.feature import Registry
from bot.features.onboarding import attendance, planning, sending
from bot.features.onboarding.models import Attendance, Journey, Looked
from bot.features.onboarding.tracks import TrackKind, ensure_track
from bot.people.models import Account, Channel, Member, MemberAccount
from bot.people.viewer import Viewer
from bot.testing.world import link_channel, make_alliance
from jobs.worker import PAUSE

IN_CHANNEL, DUE = 20_000, 10_000
NEW, GONE = 200, 200
ROUNDS = 3
AIM = 3.0
ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo", "Australia/Sydney")
_REGISTRY = Registry(())


def run() -> Report:
    """Measure."""
    report = Report(
        name="onboarding",
        title="Newcomers: 20,000 members compared, 10,000 steps due at one moment",
        how=f"A channel of {IN_CHANNEL:,} of whom {NEW} are new and {GONE} have gone, compared as "
        "the daily errand does (new ones kept, those who left found and their journeys looked at), "
        "against bare `INSERT … ON CONFLICT` and `DELETE … NOT IN` of the same list. "
        f"{DUE:,} people in five zones, each with a step due: batches as the worker runs them (one "
        "a person, deliveries linked, lanes woken, pauses for other writers) against one "
        "transaction that writes the same rows: two bare `INSERT … SELECT` (steps, deliveries) and "
        "two bare `UPDATE` (lanes, journeys). Then all have arrived: that is taken up, "
        "and each person's next step and its moment are worked out, against the bare `UPDATE` "
        "statements of the same rows (steps and journeys from the deliveries; step and moment from "
        "a list made of a `SELECT` of the same people). Medians of three rounds in turn. Memory is "
        "Python's peak (tracemalloc) in a round of its own.",
        columns=("Database", "What", "Seconds", "Rows a second", "Peak memory"),
    )
    for name, make in databases.BY_NAME.items():
        _measure(report, name, make)
    return report


def _measure(report: Report, name: str, make: Callable[[], AbstractContextManager[str]]) -> None:
    with make() as address:
        database = Database(address)
        crowd = Crowd(database)
        compared, plain = [], []
        for _ in range(ROUNDS):
            plain.append(crowd.compare_bare())
            crowd.reset_attendance()
            compared.append(crowd.compare())
            crowd.reset_attendance()
        fired, bare = [], []
        settled, settled_bare = [], []
        planned, planned_bare = [], []
        for _ in range(ROUNDS):
            bare.append(crowd.fire_bare())
            crowd.rewind()
            crowd.fire()
            crowd.arrive()
            settled_bare.append(crowd.settle_bare())
            planned_bare.append(crowd.plan_bare())
            crowd.rewind()
            fired.append(crowd.fire())
            crowd.arrive()
            settled.append(crowd.settle())
            planned.append(crowd.plan())
            crowd.rewind()
        peaks = [_peak(crowd.fire, crowd.rewind), _peak(crowd.compare, crowd.reset_attendance)]
        small = _peak(lambda: crowd.fire(only=DUE // 10), crowd.rewind)
        crowd.thin_out(IN_CHANNEL // 10)
        few = _peak(crowd.compare, crowd.reset_attendance)
        database.close()
    whole = [sum(three) for three in zip(fired, settled, planned, strict=True)]
    whole_bare = [sum(three) for three in zip(bare, settled_bare, planned_bare, strict=True)]
    report.rows += [
        (name, "Compared by Entente", *_row(median(compared), IN_CHANNEL), _mb(peaks[1])),
        (name, f"The same, {IN_CHANNEL // 10:,} in the channel", "", "", _mb(few)),
        (name, "Compared by bare SQL", *_row(median(plain), IN_CHANNEL), ""),
        (name, "Fired by Entente", *_row(median(fired), DUE), _mb(peaks[0])),
        (name, f"The same, {DUE // 10:,} due", "", "", _mb(small)),
        (name, "Fired by bare SQL", *_row(median(bare), DUE), ""),
        (name, "What became of them taken up", *_row(median(settled), DUE), ""),
        (name, "The same by bare SQL", *_row(median(settled_bare), DUE), ""),
        (name, "Next steps worked out", *_row(median(planned), DUE), ""),
        (name, "The same rows by bare SQL", *_row(median(planned_bare), DUE), ""),
    ]
    report.ratios += [
        Ratio(
            what=f"{name}: comparison, seconds, Entente / bare SQL",
            value=median(compared) / median(plain),
            aim=AIM,
            at_most=True,
        ),
        Ratio(
            what=f"{name}: steps due, seconds, Entente / bare SQL",
            value=median(fired) / median(bare),
            aim=AIM,
            at_most=True,
        ),
        Ratio(
            what=f"{name}: due, taken up and planned anew, seconds, Entente / bare SQL",
            value=median(whole) / median(whole_bare),
            aim=AIM,
            at_most=True,
        ),
        Ratio(
            what=f"{name}: memory, 20,000 compared / 2,000 compared",
            value=peaks[1] / few,
            aim=1.5,
            at_most=True,
        ),
        Ratio(
            what=f"{name}: memory, 10,000 due / 1,000 due",
            value=peaks[0] / small,
            aim=1.5,
            at_most=True,
        ),
    ]


def _row(seconds: float, rows: int) -> tuple[str, str]:
    return f"{seconds:.3f}", f"{rows / seconds:,.0f}"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _peak(work: Callable[[], object], after: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    after()
    return peak


class Crowd:
    """An alliance with one channel that everybody is in, and a journey for half of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.people = [f"U{number:06}" for number in range(IN_CHANNEL)]
        self.present = self.people[GONE:] + [f"UNEW{number:04}" for number in range(NEW)]
        with database.write() as session:
            viewer = make_alliance(
                session, platform="fake", workspace="W1", user="UANA", now=self.now
            )
            channel = link_channel(
                session,
                viewer,
                platform="fake",
                workspace="W1",
                channel="C1",
                name="all",
                now=self.now,
            )
            self.channel_id = channel.id
            self._fill(session, viewer)
        self._settle()

    def _fill(self, session: Session, viewer: Viewer) -> None:
        home = session.execute(text("SELECT id FROM workspaces")).scalar_one()
        track = ensure_track(
            session, viewer.alliance_id, viewer.partner_id or "", TrackKind.MEMBER, now=self.now
        )
        members = {person: new_id() for person in self.people}
        accounts = {person: new_id() for person in self.people}
        before = self.now - timedelta(days=1)
        self._insert(
            session,
            Account,
            (
                {
                    "id": accounts[p],
                    "workspace_id": home,
                    "platform": "fake",
                    "external_id": p,
                    "name": p,
                    "zone": ZONES[n % len(ZONES)],
                    "is_guest": False,
                    "is_bot": False,
                    "checked_at": self.now,
                }
                for n, p in enumerate(self.people)
            ),
        )
        self._insert(
            session,
            Member,
            (
                {
                    "id": members[p],
                    "alliance_id": viewer.alliance_id,
                    "partner_id": viewer.partner_id,
                    "name": p,
                    "joined_at": before,
                }
                for p in self.people
            ),
        )
        self._insert(
            session,
            MemberAccount,
            ({"member_id": members[p], "account_id": accounts[p]} for p in self.people),
        )
        self._insert(
            session,
            Attendance,
            (
                {
                    "channel_id": self.channel_id,
                    "person": p,
                    "since": before,
                    "was_before": False,
                    "is_checked": True,
                }
                for p in self.people
            ),
        )
        session.add(Looked(channel_id=self.channel_id, asked_at=before, compared_at=before))
        self._insert(
            session,
            Lane,
            (
                {"id": n, "key": f"fake:@{p}", "platform": "fake", "workspace": "W1", "person": p}
                for n, p in enumerate(self.people[:DUE], 1)
            ),
        )
        self._insert(
            session,
            Journey,
            (
                {
                    "id": new_id(),
                    "alliance_id": viewer.alliance_id,
                    "member_id": members[p],
                    "track_id": track.id,
                    "kind": "member",
                    "cause": "join",
                    "state": "active",
                    "edition": 0,
                    "step": "charter",
                    "is_open": False,
                    "lane_id": n,
                    "created_at": before,
                    "begun_at": before,
                    "next_at": self.now,
                }
                for n, p in enumerate(self.people[:DUE], 1)
            ),
        )

    @staticmethod
    def _insert(session: Session, table: Any, rows: Any) -> None:
        session.execute(insert(table.__table__), list(rows))

    def _settle(self) -> None:
        with self.database.engine.connect() as connection:
            if self.database.is_sqlite:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                return
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            for name in ("onboarding_attendance", "onboarding_journeys", "onboarding_steps"):
                plain.exec_driver_sql(f"VACUUM ANALYZE {name}")
            for name in ("deliveries", "lanes", "accounts", "member_accounts", "members"):
                plain.exec_driver_sql(f"VACUUM ANALYZE {name}")

    # -- comparing ---------------------------------------------------------------------------------

    def compare(self) -> float:
        """As the errand stores what the platform said."""
        begun = time.perf_counter()
        with self.database.write() as session:
            channel = session.get_one(Channel, self.channel_id)
            attendance.compare(session, channel, self.present, now=self.now)
        return time.perf_counter() - begun

    def thin_out(self, count: int) -> None:
        """So many are in the channel from now on, with as many new and gone as before."""
        with self.database.write() as session:
            session.execute(
                text("DELETE FROM onboarding_attendance WHERE person >= :first"),
                {"first": self.people[count]},
            )
        self.present = [*self.people[GONE:count], *self.present[-NEW:]]
        self._settle()

    def compare_bare(self) -> float:
        """The same rows, bare."""
        begun = time.perf_counter()
        with self.database.write() as session:
            rows = dump_rows(session, ({"person": person} for person in self.present))
            source = rows_sql(session, {"person": "text"})
            values = {
                "rows": rows,
                "channel": self.channel_id,
                "now": bind_moment(session, self.now),
            }
            session.connection().execute(
                text(
                    "INSERT INTO onboarding_attendance (channel_id, person, since, was_before, "
                    "is_checked) SELECT :channel, v.person, :now, false, false "
                    f"FROM {source} WHERE true ON CONFLICT DO NOTHING"
                ),
                values,
            )
            session.connection().execute(
                text(
                    "DELETE FROM onboarding_attendance WHERE channel_id = :channel "
                    f"AND person NOT IN (SELECT person FROM {source})"
                ),
                values,
            )
        return time.perf_counter() - begun

    def reset_attendance(self) -> None:
        """As before the comparison; and that it did what it should."""
        with self.database.write() as session:
            found = session.execute(text("SELECT count(*) FROM onboarding_attendance"))
            if found.scalar_one() != len(self.present):
                raise AssertionError("the comparison missed somebody")
            session.execute(text("DELETE FROM onboarding_attendance WHERE person LIKE 'UNEW%'"))
            session.execute(
                text("UPDATE onboarding_journeys SET state = 'active', next_at = :now "),
                {"now": bind_moment(session, self.now)},
            )
            self._insert(
                session,
                Attendance,
                (
                    {
                        "channel_id": self.channel_id,
                        "person": person,
                        "since": self.now,
                        "was_before": False,
                        "is_checked": True,
                    }
                    for person in self.people[:GONE]
                ),
            )
        self._settle()

    # -- firing ------------------------------------------------------------------------------------

    def fire(self, only: int = DUE) -> float:
        """As the worker does."""
        if only < DUE:
            with self.database.write() as session:
                session.execute(
                    text("UPDATE onboarding_journeys SET next_at = NULL WHERE lane_id > :most"),
                    {"most": only},
                )
        begun = time.perf_counter()
        done = 0
        while True:
            with self.database.write() as session:
                batch = sending.fire(_REGISTRY, session, self.now)
            done += batch
            if batch == 0:
                break
            time.sleep(PAUSE if self.database.is_sqlite else 0)
        spent = time.perf_counter() - begun
        self._check(only)
        return spent

    def fire_bare(self) -> float:
        """The same rows, bare."""
        begun = time.perf_counter()
        with self.database.write() as session:
            values = {"now": bind_moment(session, self.now)}
            moment = ":now" if is_sqlite(session) else "CAST(:now AS timestamptz)"
            session.connection().execute(
                text(
                    "INSERT INTO onboarding_steps (journey_id, alliance_id, member_id, edition, "
                    "step, state, lane_id, queued_at) SELECT id, alliance_id, member_id, edition, "
                    f"step, 'queued', lane_id, {moment} FROM onboarding_journeys "
                    "WHERE next_at <= :now"
                ),
                values,
            )
            session.connection().execute(
                text(
                    "INSERT INTO deliveries (lane_id, alliance_id, state, topic, subject, unasked, "
                    "set_aside, uncertain, attempts, created_at, not_before) SELECT lane_id, "
                    "alliance_id, 'queued', 'onboarding', CAST(id AS varchar), true, false, false, "
                    f"0, {moment}, {moment} FROM onboarding_steps ORDER BY id"
                ),
                values,
            )
            session.connection().execute(
                text(
                    "UPDATE lanes SET next_at = :now WHERE id IN "
                    "(SELECT lane_id FROM onboarding_journeys WHERE next_at <= :now)"
                ),
                values,
            )
            session.connection().execute(
                text("UPDATE onboarding_journeys SET next_at = NULL WHERE next_at <= :now"), values
            )
        spent = time.perf_counter() - begun
        self._check(DUE)
        return spent

    def _check(self, wanted: int) -> None:
        with self.database.read() as session:
            for table in ("onboarding_steps", "deliveries"):
                found = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
                if found != wanted:
                    raise AssertionError(f"{found} {table}")

    def rewind(self) -> None:
        """All as it was before the moment."""
        with self.database.write() as session:
            session.execute(text("DELETE FROM deliveries"))
            session.execute(text("DELETE FROM onboarding_steps"))
            session.execute(text("UPDATE lanes SET next_at = NULL"))
            session.execute(
                text(
                    "UPDATE onboarding_journeys SET step = 'charter', next_at = :now, "
                    "is_open = false, last_at = NULL"
                ),
                {"now": bind_moment(session, self.now)},
            )
        self._settle()

    # -- what became of them, and what comes next --------------------------------------------------

    def arrive(self) -> None:
        """All that was queued has been sent."""
        with self.database.write() as session:
            session.execute(
                text("UPDATE deliveries SET state = 'sent', finished_at = :now"),
                {"now": bind_moment(session, self.now)},
            )
        self._settle()

    def settle(self) -> float:
        """What became of all of them, as the worker takes it up."""
        return self._work(sending.settle)

    def settle_bare(self) -> float:
        """The same rows, bare."""
        begun = time.perf_counter()
        with self.database.write() as session:
            session.execute(
                text(
                    "UPDATE onboarding_steps SET state = 'sent', sent_at = d.finished_at "
                    "FROM deliveries d WHERE d.id = onboarding_steps.delivery_id"
                )
            )
            session.execute(
                text(
                    "UPDATE onboarding_journeys SET last_at = s.sent_at, is_open = true, "
                    "next_at = NULL FROM onboarding_steps s "
                    "WHERE s.journey_id = onboarding_journeys.id"
                )
            )
        spent = time.perf_counter() - begun
        self._settle()
        return spent

    def plan(self) -> float:
        """The next step of all of them, as the worker works it out."""
        planning.plan_step.cache_clear()
        return self._work(planning.plan_open)

    def plan_bare(self) -> float:
        """The same rows, bare, with one moment for all."""
        columns = {"id": "text", "step": "text", "next_at": "moment"}
        begun = time.perf_counter()
        with self.database.write() as session:
            rows = session.execute(
                text(
                    "SELECT j.id, a.zone, s.step FROM onboarding_journeys j "
                    "JOIN member_accounts b ON b.member_id = j.member_id "
                    "JOIN accounts a ON a.id = b.account_id "
                    "JOIN onboarding_steps s ON s.member_id = j.member_id WHERE j.is_open"
                )
            ).all()
            planned = ({"id": row.id, "step": "language", "next_at": self.now} for row in rows)
            session.execute(
                text(
                    "UPDATE onboarding_journeys SET step = v.step, next_at = v.next_at, "
                    f"is_open = false FROM {rows_sql(session, columns)} "
                    "WHERE onboarding_journeys.id = v.id"
                ),
                {"rows": dump_rows(session, planned)},
            )
        return time.perf_counter() - begun

    def _work(self, run: Callable[[Registry, Session, datetime], int]) -> float:
        begun = time.perf_counter()
        while True:
            with self.database.write() as session:
                if run(_REGISTRY, session, self.now) == 0:
                    break
        spent = time.perf_counter() - begun
        self._settle()
        return spent
