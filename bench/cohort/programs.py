"""Programs to measure: `takeaways` in a process of its own, and a Dask cluster of worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Wall seconds, processor seconds and peak resident size in MB of a process."""

    seconds: float
    processor: float
    peak: float


def takeaways(workspace: Path, *arguments: str) -> Cost:
    """Run the program in a workspace. Raises SystemExit if it fails."""
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-c", "from pipeline.cli.main import main; main()", *arguments],
        cwd=workspace,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert process.stderr
    errors = process.stderr.read().decode()
    _, code, usage = os.wait4(process.pid, 0)
    if code:
        raise SystemExit(f"takeaways {' '.join(arguments)} failed:\n{errors[-2000:]}")
    seconds = time.monotonic() - started
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[str]:
    """The address of a Dask scheduler with that many worker processes of one thread each."""
    import distributed

    folder.mkdir(parents=True, exist_ok=True)
    scheduler_file = folder / "scheduler.json"
    scheduler_file.unlink(missing_ok=True)
    processes: list[subprocess.Popen[bytes]] = []

    def start(*command: str) -> None:
        with (folder / f"{len(processes)}.log").open("wb") as log:
            processes.append(subprocess.Popen([sys.executable, "-m", *command], stdout=log, stderr=log))

    try:
        local = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        start("distributed.cli.dask_scheduler", *local, "--scheduler-file", str(scheduler_file))
        for _ in range(workers):
            start(
                *("distributed.cli.dask_worker", "--scheduler-file", str(scheduler_file)),
                *("--nthreads", "1", "--no-nanny", "--no-dashboard"),
            )
        while not scheduler_file.is_file():
            time.sleep(0.05)
        with distributed.Client(scheduler_file=str(scheduler_file), set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
            address: str = client.scheduler.address
        yield address
    finally:
        for process in processes:
            process.kill()
            process.wait()
