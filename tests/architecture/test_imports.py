"""The house rules on imports that a reader would otherwise have to take on trust."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("bot", "adapters", "jobs")

PLATFORM_SDKS = frozenset({"slack_sdk", "slack_bolt", "botbuilder", "botframework", "aiohttp"})
WEB_FRAMEWORKS = frozenset({"starlette", "uvicorn", "typer"})


def sources(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Every module a source names in an import, those within functions and TYPE_CHECKING too."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def importers(package: str, *folders: str) -> list[str]:
    return [
        path
        for path, tree in sources(*folders)
        if any(name == package or name.startswith(f"{package}.") for name in imported(tree))
    ]


def test_apscheduler_ticks_in_the_worker_alone() -> None:
    assert importers("apscheduler", *SHIPPED) == ["jobs/worker.py"]


@pytest.mark.parametrize("package", ["botbuilder", "botframework", "msrest"])
def test_bot_frameworks_library_is_known_to_one_module_alone(package: str) -> None:
    assert importers(package, *SHIPPED) == ["adapters/teams/sdk.py"]


@pytest.mark.parametrize("package", sorted(PLATFORM_SDKS | WEB_FRAMEWORKS))
def test_the_core_and_the_jobs_know_no_platform_and_no_web_framework(package: str) -> None:
    assert importers(package, "bot", "jobs") == []


def test_the_core_and_the_jobs_know_no_adapter() -> None:
    assert importers("adapters", "bot", "jobs") == []


def test_what_is_made_for_tests_stays_with_tests() -> None:
    shipped = [
        path
        for package in ("bot.testing", "tests")
        for path in importers(package, *SHIPPED)
        if not path.startswith("bot/testing/")
    ]
    assert shipped == []


def test_relative_imports_are_not_used() -> None:
    """One spelling for every module, so that the rules above see them all."""
    relative = [
        path
        for path, tree in sources(*SHIPPED)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level > 0
    ]
    assert relative == []


@pytest.mark.parametrize("module", ["adapters.cli.main", "adapters.bootstrap"])
def test_botbuilder_is_not_imported_when_only_slack_is_configured(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "{'botbuilder', 'botframework', 'msal'}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


LATE = {
    "adapters.cli.main": {"sqlalchemy", "pydantic", "alembic", "slack_sdk", "starlette"},
    "bot.features.catalogue": {"docx", "openpyxl", "numpy", "icalendar", "psycopg", "jsonschema"},
    "adapters.settings": {"bot.features", "bot.dispatch", "slack_sdk"},
}
"""What each of these leaves for when it is needed."""


@pytest.mark.parametrize("module", LATE)
def test_what_takes_long_to_import_is_imported_where_it_is_used(module: str) -> None:
    program = f"import sys, {module}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {name for name in LATE[module] if name in loaded} == set()
