"""What a benchmark found: a table of figures, and ratios with their aims; printed, and written
between markers into docs/benchmarks.md."""

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A figure with an aim: at least so much, or at most."""

    what: str
    value: float
    aim: float
    at_most: bool = False
    unit: str = "×"

    @property
    def is_met(self) -> bool:
        """Whether the aim is reached."""
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def row(self) -> tuple[str, str, str, str]:
        """The cells of a table."""
        sign = "≤" if self.at_most else "≥"
        found, aim = f"{_say(self.value)} {self.unit}", f"{sign} {_say(self.aim)} {self.unit}"
        return self.what, found, aim, "yes" if self.is_met else "**no**"


@dataclass(slots=True, kw_only=True)
class Report:
    """One benchmark's outcome."""

    name: str
    title: str
    how: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)

    def to_markdown(self) -> str:
        """The section of the page."""
        aims = _table(("Ratio", "Found", "Aim", "Met"), [ratio.row() for ratio in self.ratios])
        parts = [f"### {self.title}", self.how, _table(self.columns, self.rows), aims, _machine()]
        return "\n\n".join(parts)


def _say(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _machine() -> str:
    cores = os.cpu_count()
    day = datetime.now(UTC).date().isoformat()
    return f"*{day}; {cores} cores, {platform.system()}, Python {platform.python_version()}.*"


def write(report: Report, page: Path = PAGE) -> None:
    """Put the section in place of its former one, or at the end of the page."""
    begin, end = f"<!-- results:{report.name} -->", f"<!-- /results:{report.name} -->"
    section = f"{begin}\n{report.to_markdown()}\n{end}"
    text = page.read_text()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    if pattern.search(text):
        text = pattern.sub(lambda _: section, text)
    else:
        text = text.rstrip() + "\n\n" + section + "\n"
    page.write_text(text)
