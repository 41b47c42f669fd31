"""A workspace to run talks in, and a reporter that remembers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.main import main
from pipeline.engines import Block
from pipeline.engines.audio import speech_blocks
from pipeline.engines.audio.decoding import Samples, Sound
from pipeline.running.runner import Plan, run_talk
from pipeline.stages import STAGES
from pipeline.workspace import discovery, talks
from pipeline.workspace.talks import Talk, Workspace
from tests.support import OPTECH

PANEL = OPTECH / "2023-12-07.md"
Call = Callable[..., tuple[int, str, str]]  # the program with these arguments: exit code, output, errors


class Recorder:
    """Remembers which stages ran and what they warned of."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.reasons: dict[str, Sequence[str]] = {}
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def started(self, talk: str, stage: str, reasons: Sequence[str]) -> None:
        self.reasons[stage] = reasons

    def progress(self, talk: str, stage: str, reached: float, total: float | None) -> None:
        pass

    def noted(self, talk: str, stage: str, message: str) -> None:
        self.notes.append(message)

    def warned(self, talk: str, stage: str, message: str) -> None:
        self.warnings.append(message)

    def planned(self, talks: Sequence[str]) -> None:
        pass

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self.ran.append(stage)

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        pass


def panel(root: Path, name: str = "panel", lines: int = 60) -> Workspace:
    """A workspace with the opening of a real panel as its one talk."""
    workspace = Workspace(root)
    workspace.inputs.mkdir(parents=True, exist_ok=True)
    text = "\n".join(PANEL.read_text("utf-8").splitlines()[:lines])
    (workspace.inputs / f"{name}.md").write_text(text, "utf-8")
    return workspace


def run(
    workspace: Workspace,
    name: str = "panel.md",
    force: bool = False,
    only: str | None = None,
    sets: tuple[Mapping[str, Any], ...] = (),
    recorder: Recorder | None = None,
) -> Recorder:
    """Run one talk of the workspace and say what ran."""
    stages = tuple(stage for stage in STAGES if only in (None, stage.name))
    recorder = recorder or Recorder()
    ((source,), _) = discovery.discover([workspace.inputs / name], workspace)
    run_talk(source, workspace, Plan(stages, force, sets), recorder)
    return recorder


def call_program(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """Exit code, standard output and errors of `takeaways ARGUMENTS`, called in the workspace."""
    monkeypatch.chdir(workspace.root)
    monkeypatch.setattr(sys, "argv", ["takeaways", *arguments])
    code = 0
    try:
        main()
    except SystemExit as exit:
        code = int(exit.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def sound_of(recording: Path) -> Iterator[Samples]:
    """A recording's samples, as the program listens to them."""
    return speech_blocks.levelled(Sound(recording))


def blocks_of(recording: Path, seconds: float = 300.0) -> Iterator[Block]:
    """A recording's blocks, as the transcriber gets them."""
    return speech_blocks.blocks(sound_of(recording), seconds)


def load(workspace: Workspace, name: str = "panel.md") -> Talk:
    ((source,), _) = discovery.discover([workspace.inputs / name], workspace)
    return talks.load(source, workspace)


def contents(root: Path) -> dict[str, bytes]:
    """Every output file: artifacts by their data, the others by their bytes."""
    by_name = {}
    for path in sorted(path for path in (root / "outputs").rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".json":
            content = json.dumps(json.loads(content)["data"]).encode()
        by_name[path.relative_to(root).as_posix()] = content
    return by_name


def temporaries(root: Path) -> list[Path]:
    return [path for path in root.rglob("*.tmp") if path.is_file()]
