"""The threat model claims nothing that no test shows."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path("tests/autograder")
SHOWN = re.compile(r"\[([\w/]+\.py)::(\w+)\]")
CLAIMS = ("What must hold", "The judge is outside", "Limits and deadlines", "The machine", "No silent way around")
CLAIMS += ("The pages",)


def sections(root: Path) -> dict[str, str]:
    text = (root / "docs" / "threat_model.md").read_text(encoding="utf-8")
    return dict(part.split("\n", 1) for part in text.split("\n## ")[1:])


def test_every_test_that_it_names_is_there(root: Path) -> None:
    named = SHOWN.findall((root / "docs" / "threat_model.md").read_text(encoding="utf-8"))
    assert len(named) > 20
    for file, test in named:
        source = (root / TESTS / file).read_text(encoding="utf-8")
        assert f"def {test}(" in source, f"{file} has no {test}"


def test_every_claim_names_one(root: Path) -> None:
    found = sections(root)
    for title in CLAIMS:
        claims = re.split(r"\n(?=- |\d\. )", found[title])[1:]
        assert claims, title
        for claim in claims:
            assert SHOWN.search(claim), f"{title}: {claim}"
