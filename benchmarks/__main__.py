"""`python -m benchmarks [NAME …]`: run the benchmarks and write what they found."""

import sys
from collections.abc import Callable
from importlib import import_module

from benchmarks.report import Report, write

NAMES = (
    "turned_away",
    "handled",
    "authorising",
    "installs",
    "forms",
    "firing",
    "outbox",
    "startup",
    "decisions",
    "hearing",
    "playground",
    "teams",
    "onboarding",
    "spotting",
    "checked",
)


def main(names: list[str]) -> int:
    """Run these, or all."""
    unknown = set(names) - set(NAMES)
    if unknown:
        print(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}.")
        return 2
    for name in names or NAMES:
        run: Callable[[], Report] = import_module(f"benchmarks.{name}").run
        report = run()
        print(report.to_markdown(), end="\n\n", flush=True)
        write(report)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
