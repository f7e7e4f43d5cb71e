"""What a process writes to its log when something breaks."""

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.process import ROOT

PROGRAM = """
import logging
import structlog
from adapters.cli.logs import configure

configure("info")
try:
    secret = "hush"
    {}["missing"]
except KeyError:
    {}("it broke")
"""


@pytest.mark.parametrize(
    "log",
    ['logging.getLogger("a.library").exception', "structlog.get_logger().exception"],
    ids=["a library", "ours"],
)
def test_what_breaks_is_logged_with_where_it_broke_and_without_what_was_known_there(
    log: str,
) -> None:
    program = PROGRAM.replace("{}(", f"{log}(")
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (line,) = ended.stderr.splitlines()
    said: dict[str, Any] = json.loads(line)
    assert (said["event"], said["level"]) == ("it broke", "error")
    assert "exc_info" not in said
    (raised,) = said["exception"]
    assert raised["exc_type"] == "KeyError"
    assert [frame["lineno"] for frame in raised["frames"]] == [9]
    assert "hush" not in line
