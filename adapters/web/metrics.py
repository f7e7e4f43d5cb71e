"""Metrics for Prometheus, read from plain counters when somebody asks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from bot.core.clock import Clock
from bot.db.bulk import read_moment
from bot.db.engine import Database
from bot.delivery.models import Delivery
from bot.delivery.postman import Postman
from bot.dispatch.counts import BUCKETS
from bot.dispatch.dispatcher import Dispatcher


@dataclass(slots=True, kw_only=True)
class Sources:
    """What the metrics are read from; a process has those that it runs."""

    database: Database
    clock: Clock
    dispatcher: Dispatcher | None = None
    postman: Postman | None = None
    firings: Mapping[str, int] | None = None
    platform_errors: dict[str, dict[str, int]] = field(default_factory=dict)
    doors: dict[str, Callable[[], dict[str, int]]] = field(default_factory=dict)


class EntenteCollector(Collector):
    """All of Entente's metrics. A database that is away leaves its own out."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """The present figures."""
        yield from self._events()
        yield from self._door()
        yield from self._deliveries()
        yield from self._firings()
        yield from self._platform_errors()
        try:
            yield from self._outbox()
        except DBAPIError:
            return

    def _events(self) -> Iterator[Metric]:
        if self._sources.dispatcher is None:
            return
        counts = self._sources.dispatcher.counts
        events = CounterMetricFamily("entente_events", "Events handled", labels=["kind", "outcome"])
        for (kind, outcome), number in counts.by_outcome.items():
            events.add_metric([kind, outcome], number)
        yield events
        total, buckets = 0, []
        for edge, number in zip([*BUCKETS, float("inf")], counts.buckets, strict=True):
            total += number
            buckets.append(("+Inf" if edge == float("inf") else str(edge), float(total)))
        yield HistogramMetricFamily(
            "entente_event_seconds",
            "Time to handle an event",
            buckets=buckets,
            sum_value=counts.seconds,
        )

    def _door(self) -> Iterator[Metric]:
        if not self._sources.doors:
            return
        requests = CounterMetricFamily(
            "entente_requests",
            "Requests from platforms, at the door",
            labels=["platform", "outcome"],
        )
        for platform, read in self._sources.doors.items():
            for outcome, number in read().items():
                requests.add_metric([platform, outcome], number)
        yield requests

    def _deliveries(self) -> Iterator[Metric]:
        if self._sources.postman is None:
            return
        deliveries = CounterMetricFamily(
            "entente_deliveries", "Attempts to send, by what became of them", labels=["outcome"]
        )
        for fate, number in self._sources.postman.counts.by_fate.items():
            deliveries.add_metric([fate], number)
        yield deliveries

    def _firings(self) -> Iterator[Metric]:
        if self._sources.firings is None:
            return
        firings = CounterMetricFamily(
            "entente_firings", "Due moments of reminders, by what became of them", labels=["state"]
        )
        for state, number in self._sources.firings.items():
            firings.add_metric([state], number)
        yield firings

    def _platform_errors(self) -> Iterator[Metric]:
        errors = CounterMetricFamily(
            "entente_platform_errors", "What platforms refused", labels=["platform", "reason"]
        )
        for platform, reasons in self._sources.platform_errors.items():
            for reason, number in reasons.items():
                errors.add_metric([platform, reason], number)
        yield errors

    def _outbox(self) -> Iterator[Metric]:
        with self._sources.database.read() as session:
            depth, oldest = _measure(session, now=self._sources.clock())
        yield GaugeMetricFamily("entente_outbox_depth", "Messages waiting", value=depth)
        yield GaugeMetricFamily(
            "entente_outbox_oldest_seconds",
            "Time since the oldest waiting message was first due",
            value=oldest,
        )


def _measure(session: Session, *, now: datetime) -> tuple[int, float]:
    session.execute(text("SELECT 1"))
    # Each retry moves `not_before` ahead; the first attempt began when the message was due.
    due = func.coalesce(Delivery.started_at, Delivery.not_before)
    depth, oldest = session.exec(
        select(func.count(), func.min(due)).where(col(Delivery.finished_at).is_(None))
    ).one()
    moment = read_moment(oldest)
    age = (now - moment).total_seconds() if moment else 0.0
    return depth, max(age, 0.0)
