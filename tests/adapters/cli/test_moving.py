"""`entente export`, `import` and `schema`, as an operator types them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.cli import demo

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from adapters.cli.main import main; main()"]


def _entente(database: Path, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [*COMMAND, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{database}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_an_alliance_moves_from_one_installation_to_another(tmp_path: Path) -> None:
    old, new, file = tmp_path / "old" / demo.DATABASE, tmp_path / "new.db", tmp_path / "a.yaml"
    built = demo.build(old.parent)
    built.playground.database.close()
    built.playground.world.close()
    said = _entente(old, "export", "Acme–Borealis", str(file))
    assert "It holds what each partner keeps to itself" in said
    assert "The database is empty" in _entente(new, "import", str(file), code=1)
    _entente(new, "db", "upgrade")
    said = _entente(new, "import", str(file))
    assert "Acme–Borealis is here now." in said
    assert "Charter: 10 clauses wait for Acme's manager." in said
    assert said.count("its manager says to Entente: join ") == 2
    assert "Nothing in the file is new." in _entente(new, "import", str(file))
    file.write_text(file.read_text().replace("entente: 1", "entente: 9"))
    said = _entente(new, "import", str(file), code=1)
    assert said.strip() == f"{file}, line 1: entente: expected 1"
    assert "There is no alliance Cobalt" in _entente(
        new, "export", "Cobalt", str(tmp_path / "b.yaml"), code=1
    )


def test_the_schema_is_json(tmp_path: Path) -> None:
    assert json.loads(_entente(tmp_path / "none.db", "schema"))["type"] == "object"
