"""Files in the playground: sent to Entente directly, and read like anywhere else."""

import base64

from tests.adapters.local.served import Served

CHARTER = b"# Charter\n\n## Scope\n\nPhase 2 only.\n\n## Escalation\n\nThe co-chairs talk first.\n"


def share(served: Served, at: str, name: str, content: bytes, text: str = "") -> int:
    encoded = base64.b64encode(content).decode()
    body = {"person": "U-ANA", "at": at, "name": name, "content": encoded, "text": text}
    answer = served.post("/share", body)
    served.settle()
    return answer.status


def test_a_file_is_read_and_shown_for_correction(served: Served) -> None:
    assert share(served, "dm", "charter.md", CHARTER) == 200
    shown = served.last("U-ANA", "D-U-ANA")
    assert shown.view is not None
    said = shown.view.plain_text()
    assert "Scope, from “Scope”" in said
    assert "When we disagree, from “Escalation”" in said
    served.press("U-ANA", shown.id, "Put 2 clauses in force")
    served.settle()
    again = served.last("U-ANA", "D-U-ANA")
    assert again.view is not None
    assert "2 clauses in the charter of the alliance" in again.view.plain_text()


def test_files_go_to_entente_alone_and_must_be_whole(served: Served) -> None:
    assert share(served, "C-STEERING", "charter.md", CHARTER) == 400
    assert share(served, "dm", "charter.md", b"") == 400
    body = {"person": "U-ANA", "at": "dm", "name": "x.md", "content": "no base64!"}
    assert served.post("/share", body).status == 400
    assert share(served, "dm", "charter.pdf", b"%PDF") == 200
    refused = served.last("U-ANA", "D-U-ANA")
    assert refused.view is not None
    assert "I don't know what to do with" in refused.view.plain_text()
