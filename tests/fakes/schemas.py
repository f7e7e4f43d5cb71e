"""The platforms' own schemas, where the shared test data is at hand."""

import json
import os
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def read_schema(name: str) -> dict[str, Any] | None:
    """A schema, or None without the data. In CI a fake that checks less must not pass for one that
    found nothing: FileNotFoundError."""
    path = Path(os.environ.get("ENTENTE_SHARED_DATA") or DATA) / "schemas" / name
    if path.is_file():
        schema: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return schema
    if os.environ.get("CI"):
        raise FileNotFoundError(
            f"the shared test data is missing {name}, so the fakes would check less: set "
            "ENTENTE_SHARED_DATA, or take CI away"
        )
    return None
