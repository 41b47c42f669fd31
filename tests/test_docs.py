"""Documentation that is made from tests is what it would be made into now, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.inputs_page import PAGE, page

PAGES = [
    ROOT / "README.md",
    PAGE,
    *sorted((ROOT / "pipeline").rglob("*.md")),
    *sorted(ROOT.glob("bench/**/*.md")),
]


def test_the_page_about_inputs_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.support.inputs_page"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(path: Path) -> None:
    """Links to files of the repository, and Python files that are named with their folder."""
    text = path.read_text("utf-8")
    linked = [path.parent / link for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)]
    named = [ROOT / name for name in re.findall(r"\b(?:pipeline|tests|bench)/[\w/]+\.(?:py|md|json)\b", text)]
    assert [str(target) for target in (*linked, *named) if not target.exists()] == []
