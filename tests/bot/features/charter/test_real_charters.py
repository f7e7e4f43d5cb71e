"""Real charters, which nobody wrote for us: what stands in them finds its clause."""

from pathlib import Path

import pytest

from bot.features.charter.documents import read_document
from bot.features.charter.matching import assign

EXPECTED = {
    "github+MVG__org-docs__CHARTER.md": {"star", "work", "decides", "norms"},
    "github+MVG__project-docs__GOVERNANCE.md": {"work", "decides", "flow", "norms"},
    "hyperledger+governance__charter.md": {"star", "work", "decides", "norms", "flow"},
    "kubernetes+community__archive__sig-service-catalog__charter.md": {"scope", "work", "flow"},
    "kubernetes+community__archive__wg-lts__charter.md": {"scope", "work", "deliverables"},
    "kubernetes+community__committee-code-of-conduct__charter.md": {"star", "scope", "decides"},
    "kubernetes+community__sig-cloud-provider__charter.md": {"scope", "work"},
    "kubernetes+community__sig-contributor-experience__charter.md": {"scope", "work"},
    "kubernetes+community__sig-k8s-infra__charter.md": {"scope", "work"},
    "kubernetes+community__wg-ai-gateway__charter.md": {"why", "scope", "deliverables", "work"},
    "oasis-open-projects+documentation__templates__governance_md-template.md": {
        "work",
        "decides",
        "flow",
    },
    "opencontainers+tob__CHARTER.md": {"star", "work", "norms", "decides"},
    "openjs-foundation+cross-project-council__CPC-CHARTER.md": {"star", "work", "decides"},
    "openjs-foundation+cross-project-council__PROJECT_CHARTER_TEMPLATE.md": {
        "star",
        "work",
        "decides",
    },
    "openjs-foundation+cross-project-council__governance__GOVERNANCE.md": {
        "work",
        "flow",
        "decides",
    },
}
"""What a reader finds in each, by its headings."""


def test_every_real_charter_is_among_those_that_were_read(data_folder: Path) -> None:
    assert {path.name for path in (data_folder / "charters").glob("*.md")} <= set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_stands_in_a_real_charter_finds_its_clause(data_folder: Path, name: str) -> None:
    sections = read_document((data_folder / "charters" / name).read_bytes(), name)
    clauses = assign(sections)
    assert set(clauses) >= EXPECTED[name]
    placed = [section for section, clause in zip(sections, clauses, strict=True) if clause]
    assert len(placed) * 2 >= len(sections), "most of it is to be sorted by hand"
    assert all(section.text or section.heading for section in placed)
