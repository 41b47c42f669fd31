"""The layout of the package: what may know what, where engines are, and that the rules can be broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import ROOT, house


def test_every_module_keeps_the_rules_of_the_house() -> None:
    assert house.faults(ROOT) == []


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A small house in which nothing is amiss."""
    build(tmp_path, "records.py", "import json\n")
    build(tmp_path, "workspace/talks.py", "from pipeline.records import Record\nimport numpy as np\n")
    build(tmp_path, "engines/audio/decoding.py", "def sound():\n    import av\n")
    build(tmp_path, "stages/extract.py", "from pipeline.workspace import talks\n" + "x = 1\n" * 9)
    build(tmp_path, "cli/run.py", "import click\nfrom pipeline.stages.extract import x\n" + "x = 1\n" * 9)
    build(tmp_path, "turns/names.py", "x = 1\n" * 9)
    assert house.faults(tmp_path) == []
    return tmp_path


def build(root: Path, path: str, text: str) -> None:
    file = root / "pipeline" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


BREACHES = {
    "a lower floor": ("turns/names.py", "from pipeline.stages import extract\n", "'turns' is below 'stages'"),
    "a lazy import": ("turns/names.py", "def f():\n    from pipeline.cli.run import x\n", "'turns' is below"),
    "a name in a string": ("turns/names.py", 'x = "pipeline.cli.run"\n', "imports pipeline.cli.run"),
    "an import for types": (
        "workspace/talks.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pipeline.cli.run\n",
        "pipeline/workspace/talks.py:3 imports pipeline.cli.run",
    ),
    "the top": ("records.py", "from pipeline.workspace.talks import x\n", "'records' is below 'workspace'"),
    "neighbours": ("cohort/pages.py", "from pipeline.doctor import x\n", "'cohort' and 'doctor'"),
    "a folder on no floor": ("attic/old.py", "from pipeline.records import x\n", "'attic' is on no floor"),
    "an engine": ("turns/names.py", "def f():\n    import torch\n", "'torch' belongs in engines"),
    "an unknown package": ("turns/names.py", "from pandas import x\n", "'pandas' has no place yet"),
    "a circle": (
        "workspace/layers.py",
        "def f():\n    from pipeline.workspace.facts import x\n",
        "a circle of 2: pipeline/workspace/facts.py:1 imports pipeline.workspace.layers; ",
    ),
    "a name twice": ("engines/names.py", "x = 1\n", "pipeline.engines.names and pipeline.turns.names"),
    "too deep": ("engines/audio/raw/pcm.py", "x = 1\n", "is 3 folders deep"),
    "too full": ("turns/assemble.py", "x = 1\n" * 99, "turns/ holds 108 of"),
    "a relative import": ("turns/names.py", "from . import x\n", "write the whole name"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_each_rule_can_be_broken_and_says_where_and_what_to_do(made: Path, breach: str) -> None:
    path, text, said = BREACHES[breach]
    build(made, "doctor/__init__.py", "x = 1\n")
    build(made, "workspace/facts.py", "from pipeline.workspace.layers import f\n")
    build(made, "workspace/layers.py", "x = 1\n")
    build(made, path, text)
    try:
        found = "\n".join(house.faults(made))
    except AssertionError as error:
        found = str(error)
    assert said in found


def test_a_top_with_many_files_and_a_house_with_too_many_modules_are_told(made: Path) -> None:
    for number in range(house.MOST_MODULES):
        build(made, f"top{number}.py", "\n")
    found = "\n".join(house.faults(made))
    assert f"files at the top, of at most {house.MOST_AT_TOP}" in found
    assert f"modules, of at most {house.MOST_MODULES}. Join" in found
