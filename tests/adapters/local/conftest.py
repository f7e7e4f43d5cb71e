"""The playground for one test, with a clock that stands still."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.cli.demo import DATABASE
from tests.adapters.local.served import Served


@pytest.fixture
def served(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    shutil.copy(sqlite_template, tmp_path / DATABASE)
    with Served(tmp_path) as running:
        yield running
