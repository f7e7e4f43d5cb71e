"""Microsoft's simulator, installed for a run of the tests and never passed on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.simulator.simulator import HERE


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulator, installed for this run at the version that the lock file pins."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail("npm is missing in CI")
        pytest.skip("no npm here, which Microsoft's simulator is installed with")
    folder = tmp_path_factory.mktemp("simulator")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
    done = subprocess.run(["npm", "ci", *quiet], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "node_modules/@microsoft/m365agentsplayground/cli.js"
