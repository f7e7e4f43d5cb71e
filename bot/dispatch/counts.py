"""How many events, of which kind, with what outcome, in what time."""

from dataclasses import dataclass, field

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


@dataclass(slots=True)
class Counts:
    """Events by kind and outcome, and how long they took, since the process started."""

    by_outcome: dict[tuple[str, str], int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, kind: str, outcome: str, seconds: float) -> None:
        """Count one event."""
        key = (kind, outcome)
        self.by_outcome[key] = self.by_outcome.get(key, 0) + 1
        self.seconds += seconds
        place = next((i for i, edge in enumerate(BUCKETS) if seconds <= edge), len(BUCKETS))
        self.buckets[place] += 1
