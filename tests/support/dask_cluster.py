"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.cluster import dispatch
from pipeline.running.batch import Failure
from pipeline.running.runner import Plan
from pipeline.stages import STAGES
from pipeline.workspace import discovery
from pipeline.workspace.talks import Workspace
from tests.support.helpers import Recorder

PATIENCE = 60.0  # seconds; generous, for a machine that has other things to do
PYTHON = sys.executable


class Told(Recorder):
    """Remembers by talk, too."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[str] = []
        self.done: list[tuple[str, str]] = []

    def finished(self, talk: str, stage: str, seconds: float, cost: float | None = None) -> None:
        self.done.append((talk, stage))

    def ended(self, talk: str, stage: str | None = None, reason: str | None = None) -> None:
        self.ends.append(talk)


def _interruptible() -> None:
    """Tests may run in the background, where an interrupt is ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass
class Processes:
    """Everything that was started, to be killed at the end."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *command: str, log: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{log}.log").open("wb") as file:
            process = subprocess.Popen(
                command,
                stdout=file,
                stderr=file,
                cwd=self.folder,
                env=os.environ | environment,
                preexec_fn=_interruptible,
            )
        self.running.append(process)
        return process

    def scheduler(self, **environment: str) -> tuple[str, subprocess.Popen[bytes]]:
        file = self.folder / "scheduler.json"
        options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file))
        process = self.start(
            PYTHON, "-m", "distributed.cli.dask_scheduler", *options, log="scheduler", **environment
        )
        wait_for(lambda: file.is_file() and file.read_text())  # it is there before it is written
        return str(json.loads(file.read_text())["address"]), process

    def worker(
        self, address: str, name: str, *options: str, under: Sequence[str] = (), **environment: str
    ) -> subprocess.Popen[bytes]:
        usual = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        command = (PYTHON, "-m", "distributed.cli.dask_worker", address, *usual, *options)
        return self.start(*under, *command, log=name, **environment)

    def kill(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


def wait_for(met: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not met():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.01)


def wait_for_workers(address: str, number: int) -> None:
    import distributed

    library: Any = distributed
    with library.Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=PATIENCE)


def run(address: str, place: Workspace, *gpu: str) -> tuple[list[Failure], Told]:
    told = Told()
    sources, _ = discovery.discover([place.inputs], place)
    failures = dispatch.run_all(address, gpu, sources, place, Plan(STAGES), told)
    assert not list((place.root / ".takeaways" / "runs").iterdir())
    assert sorted(told.ends) == [source.name for source in sources]
    return failures, told
